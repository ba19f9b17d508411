package report

import (
	"github.com/joust-bench/joust/bench/stats"
)

// otherPrices are what a loss and gradient might cost instead: a backward pass
// as cheap as a forward one, and one three times as dear.
var otherPrices = []float64{2, 3, 4}

// stability ranks the contenders again with other prices of the gradient, from
// the raw counts of forward and backward passes. Without a target, final test
// scores do not depend on the price, but were had at the same work only at the
// price that the budget was charged in; so all rankings are then by the
// validation metric at equal work, the one they are compared with included.
func (f *field) stability() []Stability {
	own := 0.0
	for _, c := range f.contenders {
		for _, r := range c.runs(0) {
			own = r.gradCost
		}
	}
	basis := "solved share, then expected work to target, then validation " + f.goal.Metric.Name + " at equal work"
	if f.goal.Target == nil {
		basis = "validation " + f.goal.Metric.Name + " at equal work"
	}
	base := f.standings(0, byEqualWork)
	indices, ranks := order(base)
	if ranks[indices[0]] == 0 {
		return nil
	}
	var list []Stability
	for _, price := range otherPrices {
		if price == own {
			continue
		}
		i2, r2 := order(f.standings(price, byEqualWork))
		s := Stability{
			GradCost: Number(price), Basis: basis, Winner: f.contenders[i2[0]].label,
			SameWinner: ranks[i2[0]] == 1,
		}
		var a, b []float64
		for i := range ranks {
			if ranks[i] == 0 {
				continue
			}
			a, b = append(a, float64(ranks[i])), append(b, float64(r2[i]))
			if ranks[i] != r2[i] {
				s.Moved++
			}
		}
		s.Tau = Number(stats.Kendall(a, b))
		list = append(list, s)
	}
	return list
}
