package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/joust-bench/joust/network/probe"
)

// answer says who won on what, by how much, and how sure that is.
func answer(s Summary) []Paragraph {
	if s.Done == 0 {
		return []Paragraph{{"There is nothing to compare yet.", fmt.Sprintf("None of %s has a result.", formatCount(s.Planned, "planned trial"))}}
	}
	var list []Paragraph
	if len(s.Tasks) > 1 {
		if a := across(s.Tasks); a != "" {
			list = append(list, Paragraph{Lead: a})
		}
	}
	for _, t := range s.Tasks {
		list = append(list, taskAnswer(t))
	}
	return list
}

// across counts the tasks won.
func across(tasks []Task) string {
	var names []string
	wins := make(map[string]int)
	for _, t := range tasks {
		for _, c := range t.Contenders {
			if c.Rank != 1 {
				break
			}
			if wins[c.Label] == 0 {
				names = append(names, c.Label)
			}
			wins[c.Label]++
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.SortStableFunc(names, func(a, b string) int { return wins[b] - wins[a] })
	most := names[:1]
	for _, n := range names[1:] {
		if wins[n] == wins[names[0]] {
			most = append(most, n)
		}
	}
	verb := "wins"
	if len(most) > 1 {
		verb = "each win"
	}
	if len(most) > 3 {
		return fmt.Sprintf("No contender stands out: %d of them win %d of %d tasks each.", len(most), wins[names[0]], len(tasks))
	}
	return fmt.Sprintf("%s %s %d of %d tasks.", join(most), verb, wins[names[0]], len(tasks))
}

// taskAnswer is the paragraph about one task.
func taskAnswer(t Task) Paragraph {
	var first, last []Contender // those with rank 1, and all the others with a rank
	for _, c := range t.Contenders {
		switch {
		case c.Rank == 1:
			first = append(first, c)
		case c.Rank > 1:
			last = append(last, c)
		}
	}
	if len(first) == 0 {
		return Paragraph{fmt.Sprintf("On %s no trial ended with a score.", t.Label), "The list of failures says why."}
	}
	var sentences []string
	switch {
	case len(first) > 1:
	case len(last) > 0:
		sentences = append(sentences, marginSentence(t, first[0], last[0]))
	default:
		sentences = append(sentences, "It ran alone: nothing to compare it with.")
	}
	sentences = append(sentences, stuckSentence(t), belowSentence(t))
	sentences = slices.DeleteFunc(sentences, func(s string) bool { return s == "" })
	return Paragraph{winnerSentence(t, first), strings.Join(sentences, " ")}
}

// winnerSentence says who is first and with what.
func winnerSentence(t Task, first []Contender) string {
	names := make([]string, len(first))
	for i, c := range first {
		names[i] = c.Label
	}
	w, m := first[0], t.Goal.Metric
	verb := "wins"
	switch {
	case len(first) > 3:
		return fmt.Sprintf("On %s %d contenders tie for the first place: %s.", t.Label, len(first), achievement(t, w))
	case len(first) > 1:
		verb = "tie"
	case t.Goal.Target != nil && w.Solved == 0:
		return fmt.Sprintf("On %s no contender reaches %s %s. The best at equal work (%s) is %s, with a validation %s of %s.",
			t.Label, m.Name, formatExact(*t.Goal.Target), formatWork(float64(t.EqualWork)), w.Label, m.Name, withUnit(float64(w.AtEqualWork), m))
	case w.Yardstick:
		return fmt.Sprintf("On %s nothing beats random search (%s): %s.", t.Label, w.Label, achievement(t, w))
	}
	return fmt.Sprintf("On %s %s %s: %s.", t.Label, join(names), verb, achievement(t, w))
}

// achievement says what the best of a task managed.
func achievement(t Task, c Contender) string {
	m := t.Goal.Metric
	switch {
	case t.Goal.Target == nil:
		return fmt.Sprintf("test %s %s%s over %s", m.Name, withUnit(float64(c.Value.Value), m), interval(c.Value, formatValue), formatCount(c.Runs, "seed"))
	case c.Solved == 0:
		return fmt.Sprintf("no seed reaches %s %s, and validation %s at equal work is %s",
			m.Name, formatExact(*t.Goal.Target), m.Name, withUnit(float64(c.AtEqualWork), m))
	}
	return fmt.Sprintf("%s %s is reached in %d of %s, at an expected work of %s%s",
		m.Name, formatExact(*t.Goal.Target), c.Solved, formatCount(c.Runs, "seed"), formatWork(float64(c.ERT.Value)), interval(c.ERT, formatWork))
}

// interval is the interval of an estimate in parentheses, with a space before
// it; empty if there is none.
func interval(e Estimate, format func(float64) string) string {
	if math.IsNaN(float64(e.Lo)) {
		return ""
	}
	return fmt.Sprintf(" (95 %% interval %s to %s)", format(float64(e.Lo)), format(float64(e.Hi)))
}

// marginSentence compares the winner with the runner-up.
func marginSentence(t Task, w, second Contender) string {
	m := t.Goal.Metric
	var by string
	switch {
	case t.Goal.Target == nil:
		by = fmt.Sprintf("The runner-up, %s, has %s, %s %s",
			second.Label, withUnit(float64(second.Value.Value), m), formatValue(math.Abs(float64(w.Value.Value-second.Value.Value))), map[bool]string{true: "less", false: "more"}[m.Higher])
	case w.Solved == 0:
		by = fmt.Sprintf("The runner-up, %s, has %s", second.Label, withUnit(float64(second.AtEqualWork), m))
	case second.Solved == 0:
		by = "No other contender reaches it in any seed; the next is " + second.Label
	case w.SolvedShare.Value != second.SolvedShare.Value:
		by = fmt.Sprintf("The runner-up, %s, gets there in %d of %d, at an expected work of %s",
			second.Label, second.Solved, second.Runs, formatWork(float64(second.ERT.Value)))
	default:
		by = fmt.Sprintf("The runner-up, %s, needs %s, %s times as much",
			second.Label, formatWork(float64(second.ERT.Value)), formatTimes(float64(second.ERT.Value/w.ERT.Value)))
	}
	return by + "; " + certainty(w, second) + "."
}

// significant is the P value below which a difference is called one.
const significant = .05

// certainty says how sure the order of winner and runner-up is.
func certainty(w, second Contender) string {
	v := second.VsWinner
	if v == nil || w.Runs < minRuns || second.Runs < minRuns {
		return fmt.Sprintf("with %d against %s no significance is claimed", w.Runs, formatCount(second.Runs, "run"))
	}
	s := fmt.Sprintf("a run of the winner is the better one with probability %s (Mann-Whitney on %s, p %s, %d against %d runs)",
		formatPercent(float64(v.Improvement)), v.Basis, formatP(float64(v.P)), w.Runs, second.Runs)
	if v.P > significant {
		s += ", so the order of these two may be chance"
	}
	return s
}

// stuckSentence names the contenders that learned nothing because the gradient
// that they live on vanished: the reason for the whole exercise.
func stuckSentence(t Task) string {
	var names []string
	var ratios []float64
	for _, c := range t.Contenders {
		if c.UsesGrad && c.Start != nil && c.Start.Verdict == probe.Vanishing && c.Stuck == c.Runs {
			names = append(names, c.Label)
			ratios = append(ratios, float64(c.Start.Ratio))
		}
	}
	if len(names) == 0 {
		return ""
	}
	where := formatValue(slices.Min(ratios))
	if hi := formatValue(slices.Max(ratios)); hi != where {
		where += " to " + hi
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	who := join(names)
	if len(names) > 4 {
		who = fmt.Sprintf("%d contenders", len(names))
	}
	return fmt.Sprintf("%s %s stuck at the constant predictor's loss in every seed: the gradient vanishes (first-layer delta %s of the last).", who, verb, where)
}

// belowSentence counts the contenders that do not beat random search.
func belowSentence(t Task) string {
	var names []string
	for _, c := range t.Contenders {
		if c.BelowRandom {
			names = append(names, c.Label)
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0] + " does not beat random search at equal work."
	case n <= 4:
		return fmt.Sprintf("%s do not beat random search at equal work.", join(names))
	default:
		return fmt.Sprintf("%d contenders do not beat random search at equal work.", n)
	}
}

// stabilitySentence says whether the ranking depends on what a gradient costs.
func stabilitySentence(t Task, gradCost Number) string {
	var parts []string
	for _, s := range t.Stability {
		what := "the winner is the same"
		if !s.SameWinner {
			what = "the winner is " + s.Winner
		}
		switch {
		case s.Moved == 0:
			what += " and no rank changes"
		default:
			what += fmt.Sprintf(", %s elsewhere (Kendall's tau %s)", formatCount(s.Moved, "contender"), formatValue(float64(s.Tau)))
		}
		parts = append(parts, fmt.Sprintf("at %s %s", formatExact(float64(s.GradCost)), what))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: charged %s forward passes for a loss and gradient; %s.", t.Label, formatExact(float64(gradCost)), strings.Join(parts, "; "))
}
