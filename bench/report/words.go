package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// verdict says in one line what the gradient looked like at the start and what
// came of the contender: "VANISHING, first-layer delta 1.2e-7 of the last
// (factor 0.23 a layer); stuck at the constant predictor's loss in 5 of 5
// seeds".
func verdict(t Task, c Contender) string {
	var parts []string
	if g := gradientWords(c.Start); g != "" {
		parts = append(parts, g)
	}
	if left := c.Health.start(firstStep); !math.IsNaN(left) {
		parts = append(parts, fmt.Sprintf("%s of the gradient left at the first step of a sequence", formatValue(left)))
	}
	parts = append(parts, outcome(t, c))
	if c.Start != nil && c.End != nil && c.Start.Verdict != c.End.Verdict {
		parts = append(parts, fmt.Sprintf("%s at the end%s", c.End.Verdict, agreement(c.End)))
	}
	if c.BelowRandom {
		parts = append(parts, "does not beat random search")
	}
	return strings.Join(parts, "; ")
}

// gradientWords describes the gradient; empty if it was not measured.
func gradientWords(g *Gradient) string {
	if g == nil {
		return ""
	}
	var why string
	switch {
	case g.Layers < 2:
	case g.Ratio == 0:
		why = ", no delta reaches the first layer"
	case !(g.Ratio < math.MaxFloat64): // what Judge reports of deltas that overflowed
		why = ", deltas are not finite"
	case g.Verdict == probe.Healthy:
		why = fmt.Sprintf(" (factor %s a layer)", formatValue(float64(g.Factor)))
	default:
		why = fmt.Sprintf(", first-layer delta %s of the last (factor %s a layer)", formatValue(float64(g.Ratio)), formatValue(float64(g.Factor)))
	}
	return string(g.Verdict) + agreement(g) + why
}

// agreement is empty if all seeds agree.
func agreement(g *Gradient) string {
	if g.Agree == g.Seeds {
		return ""
	}
	return fmt.Sprintf(" in %d of %d seeds", g.Agree, g.Seeds)
}

// outcome says what came of a contender.
func outcome(t Task, c Contender) string {
	if c.Rank == 0 {
		return noOutcome(c)
	}
	var parts []string
	switch {
	case t.Goal.Target == nil:
	case c.Solved == c.Runs:
		parts = append(parts, fmt.Sprintf("reaches the target at work %s (%d of %d)", formatWork(float64(c.ERT.Value)), c.Solved, c.Runs))
	case c.Solved > 0:
		parts = append(parts, fmt.Sprintf("reaches the target in %d of %d seeds, expected work %s", c.Solved, c.Runs, formatWork(float64(c.ERT.Value))))
	case c.Stuck < c.Runs:
		parts = append(parts, fmt.Sprintf("never reaches the target within work %s", formatWork(float64(c.Spent)/float64(c.Runs))))
	}
	// All seeds that end at the constant predictor's loss have learned nothing;
	// a loss that is only never better than that may be anything above it.
	constant := float64(t.Constant.Loss)
	atConstant := c.Stuck == c.Runs && math.Abs(float64(c.Loss)-constant) <= stuckWithin*constant
	switch {
	case atConstant:
		parts = append(parts, fmt.Sprintf("stuck at the constant predictor's loss in %d of %d seeds", c.Stuck, c.Runs))
	case c.Stuck > 0:
		parts = append(parts, fmt.Sprintf("no better than the constant predictor in %d of %d seeds", c.Stuck, c.Runs))
	}
	if c.Solved < c.Runs && !atConstant {
		parts = append(parts, fmt.Sprintf("test %s %s", t.Goal.Metric.Name, withUnit(float64(c.Value.Value), t.Goal.Metric)))
	}
	return strings.Join(parts, ", ")
}

// noOutcome says why there is nothing to rank.
func noOutcome(c Contender) string {
	var parts []string
	for _, s := range c.Statuses {
		parts = append(parts, fmt.Sprintf("%s in %d", s.Status, s.Runs))
	}
	return "no score: " + strings.Join(parts, ", ")
}

func withUnit(v float64, m bench.Metric) string {
	if m.Unit == "" {
		return formatValue(v)
	}
	return formatValue(v) + " " + m.Unit
}

// join writes "a, b and c".
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
