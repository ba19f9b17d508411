package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
)

// A standing is what contenders are ranked by. With a target: the share of
// runs that reached it, then the expected work to it, then the value at equal
// work. Without: the value alone.
type standing struct {
	ranked bool    // at least one run ended with a score
	share  float64 // of runs that reached the target
	ert    float64
	value  float64 // as [field.badness]: less is better
}

// compare is negative if s is the better one.
func (s standing) compare(t standing) int {
	switch {
	case s.ranked != t.ranked:
		if s.ranked {
			return -1
		}
		return 1
	case s.share != t.share:
		return cmp.Compare(t.share, s.share)
	}
	if c := cmp.Compare(s.ert, t.ert); c != 0 {
		return c
	}
	return cmp.Compare(s.value, t.value)
}

// A basis says which value ranks contenders where work to target does not.
type basis uint8

const (
	byTest      basis = iota // mean test metric: how a task without a target is ranked
	byEqualWork              // mean validation metric at equal work
)

// standings measures every contender of a field at a price of the gradient; 0
// is each trial's own.
func (f *field) standings(gradCost float64, by basis) []standing {
	equal := f.equalWork(gradCost)
	all := make([]standing, len(f.contenders))
	for i, c := range f.contenders {
		runs := c.runs(gradCost)
		s := standing{ert: math.Inf(1)}
		for _, r := range runs {
			s.ranked = s.ranked || r.Status != bench.Failed
		}
		if f.goal.Target != nil {
			s.share, s.ert = solvedShare(runs), stats.ERT(toTargets(runs))
		}
		if by == byTest && f.goal.Target == nil {
			values, _ := f.testValues(runs)
			s.value = f.badness(stats.Mean(values))
		} else {
			s.value = f.badness(f.meanValueAt(runs, equal))
		}
		all[i] = s
	}
	return all
}

func solvedShare(runs []run) float64 {
	if len(runs) == 0 {
		return 0
	}
	return float64(solvedCount(runs)) / float64(len(runs))
}

func solvedCount(runs []run) (n int) {
	for _, r := range runs {
		if r.Hit != nil {
			n++
		}
	}
	return n
}

func toTargets(runs []run) []stats.Run {
	out := make([]stats.Run, len(runs))
	for i, r := range runs {
		out[i] = r.toTarget()
	}
	return out
}

// order returns the indices of the standings, best first and equals in their
// given order, and the rank of each: 1, 2, 2, 4, and 0 for what is not ranked.
func order(all []standing) (indices, ranks []int) {
	indices, ranks = make([]int, len(all)), make([]int, len(all))
	for i := range all {
		indices[i] = i
	}
	slices.SortStableFunc(indices, func(a, b int) int { return all[a].compare(all[b]) })
	for at, i := range indices {
		switch {
		case !all[i].ranked:
		case at > 0 && all[indices[at-1]].compare(all[i]) == 0:
			ranks[i] = ranks[indices[at-1]]
		default:
			ranks[i] = at + 1
		}
	}
	return indices, ranks
}

// minRuns is the number of runs below which no significance is claimed. With
// five against five, complete separation has P = 2/252 = 0.008; with four
// against four 2/70 = 0.03, with three against three it cannot be below 0.1.
const minRuns = 5

// versus compares the winner with another contender, run by run: by work to
// target, where a run that never got there is worse than all that did; if
// neither ever did, by the value at equal work; without a target, by the test
// metric.
func (f *field) versus(winner, other []run, equal float64) *Versus {
	badness := func(r run) float64 { return f.badness(f.orConstant(r.testValue(), r.Trial.Seed)) }
	v := &Versus{Basis: "test " + f.goal.Metric.Name, P: Number(math.NaN()), PHolm: Number(math.NaN())}
	switch {
	case f.goal.Target == nil:
	case solvedCount(winner)+solvedCount(other) > 0:
		v.Basis = "work to target"
		badness = func(r run) float64 {
			if t := r.toTarget(); t.Solved {
				return t.Work
			}
			return math.Inf(1)
		}
	default:
		v.Basis = "validation " + f.goal.Metric.Name + " at equal work"
		badness = func(r run) float64 { return f.badness(f.orConstant(r.valueAt(equal), r.Trial.Seed)) }
	}
	x, y := make([]float64, len(winner)), make([]float64, len(other))
	for i, r := range winner {
		x[i] = badness(r)
	}
	for i, r := range other {
		y[i] = badness(r)
	}
	v.Improvement = Number(stats.ProbabilityOfImprovement(x, y))
	if len(x) >= minRuns && len(y) >= minRuns {
		v.P = Number(stats.MannWhitney(x, y).P)
	}
	return v
}

// beats reports whether contender a does better than the yardstick b: a larger
// share of runs that reach the target; if the shares are equal, less expected
// work to it; if that is equal too, as when neither ever reaches it, a better
// mean of the validation metric over the seeds that both ran, each pair read at
// the work that both had (without a common seed, all runs at equal work). A tie
// does not beat.
func (f *field) beats(a, b []run) bool {
	if f.goal.Target != nil {
		if sa, sb := solvedShare(a), solvedShare(b); sa != sb {
			return sa > sb
		}
		if ea, eb := stats.ERT(toTargets(a)), stats.ERT(toTargets(b)); ea != eb {
			return ea < eb
		}
	}
	bySeed := make(map[uint64]run)
	for _, r := range b {
		bySeed[r.Trial.Seed] = r
	}
	var x, y []float64
	for _, r := range a {
		o, ok := bySeed[r.Trial.Seed]
		if !ok {
			continue
		}
		w := min(r.horizon(), o.horizon())
		x = append(x, f.badness(f.orConstant(r.valueAt(w), r.Trial.Seed)))
		y = append(y, f.badness(f.orConstant(o.valueAt(w), o.Trial.Seed)))
	}
	if len(x) == 0 {
		w := f.equalWork(0)
		return f.badness(f.meanValueAt(a, w)) < f.badness(f.meanValueAt(b, w))
	}
	return stats.Mean(x) < stats.Mean(y)
}

// yardstick is the best random search (in order of rank) with the same model,
// or the best with any; -1 if there is none that ran.
func (f *field) yardstick(c *contender, byRank []int, ranks []int) int {
	best := -1
	for _, i := range byRank {
		y := f.contenders[i]
		if y.optimizer.Name != bench.Yardstick || ranks[i] == 0 {
			continue
		}
		if samePart(y.model, c.model) {
			return i
		}
		if best < 0 {
			best = i
		}
	}
	return best
}
