package stats

import (
	"cmp"
	"math"
	"slices"
)

// exactLimit is the number of observations up to which [MannWhitney] counts
// the permutation distribution. All counts below it are integers that float64
// holds exactly: 50 choose 25 is 1.3e14.
const exactLimit = 50

// A Test is the outcome of a two-sided test of "no difference".
type Test struct {
	U     float64 // pairs in which the first sample is larger, ties one half
	P     float64 // probability of a U at least as far out if there were none
	Exact bool    // counted, not approximated
}

// MannWhitney tests whether one of two independent samples tends to be larger
// (Mann & Whitney 1947, doi:10.1214/aoms/1177730491). Up to 50 observations in
// all, P is exact and conditional on the ties: twice the smaller tail of the
// distribution of the midrank sum over all ways to split the pooled
// observations, counted by the recursion of Streitberg & Röhmel 1986 (the shift
// algorithm). Beyond, it is the normal approximation with the correction for
// ties (Lehmann 1975, Nonparametrics, section 1.2) and for continuity. Values may
// be infinite. An empty sample, and samples that are all one tie, have P = 1.
func MannWhitney(x, y []float64) Test {
	n, m := len(x), len(y)
	if n == 0 || m == 0 {
		return Test{P: 1, Exact: true}
	}
	ranks, ties := doubledRanks(slices.Concat(x, y))
	sum := 0 // of the doubled ranks of x
	for _, r := range ranks[:n] {
		sum += r
	}
	t := Test{U: float64(sum-n*(n+1)) / 2}
	if n+m <= exactLimit {
		t.P, t.Exact = splitP(ranks, n, sum), true
		return t
	}
	all := float64(n + m)
	mean := float64(n) * float64(m) / 2
	variance := mean / 6 * (all + 1 - ties/(all*(all-1)))
	if variance <= 0 {
		t.P = 1
		return t
	}
	z := (math.Abs(t.U-mean) - .5) / math.Sqrt(variance)
	t.P = min(1, math.Erfc(z/math.Sqrt2))
	return t
}

// doubledRanks returns twice the rank of every value, ties at their mean rank:
// whole numbers. The second result is the sum of t^3-t over the tied groups.
func doubledRanks(x []float64) (ranks []int, ties float64) {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	ranks = make([]int, len(x))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			ranks[k] = i + 1 + j // twice the mean of the ranks i+1 to j
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return ranks, ties
}

// splitP is twice the smaller tail, at most 1, of the sum of n of the ranks, if
// every choice of n of them is equally likely.
func splitP(ranks []int, n, observed int) float64 {
	total := 0
	for _, r := range ranks {
		total += r
	}
	// ways[k][s] is the number of ways to choose k ranks that sum to s.
	ways := make([][]float64, n+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for i, r := range ranks {
		for k := min(i+1, n); k > 0; k-- {
			for s := total; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	below, above, all := 0.0, 0.0, 0.0
	for s, w := range ways[n] {
		all += w
		if s <= observed {
			below += w
		}
		if s >= observed {
			above += w
		}
	}
	return min(1, 2*min(below, above)/all)
}

// ProbabilityOfImprovement is the probability that a run of x has a lower value
// than a run of y, ties one half (Agarwal et al. 2021, arXiv:2108.13264,
// for one task): the share of all pairs, U of Mann & Whitney over n m. It is NaN
// if one of them is empty.
func ProbabilityOfImprovement(x, y []float64) float64 {
	if len(x) == 0 || len(y) == 0 {
		return math.NaN()
	}
	wins := 0.0
	for _, a := range x {
		for _, b := range y {
			switch {
			case a < b:
				wins++
			case a == b:
				wins += .5
			}
		}
	}
	return wins / float64(len(x)*len(y))
}

// Holm adjusts the P values of several tests so that the probability of one or
// more false alarms among them stays below the level they are compared with
// (Holm 1979, Scandinavian Journal of Statistics 6:65-70, step down). The
// result is in the order of p.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	highest := 0.0
	for i, k := range order {
		highest = max(highest, min(1, float64(len(p)-i)*p[k]))
		adjusted[k] = highest
	}
	return adjusted
}

// Kendall is the rank correlation tau-b of two sequences of equal length
// (Kendall 1945, doi:10.1093/biomet/33.3.239): 1 if they order their elements
// alike, -1 if in reverse. Pairs tied in one of them are corrected for. It is
// NaN if all of a or all of b is one tie.
func Kendall(a, b []float64) float64 {
	agree, tiedA, tiedB, pairs := 0, 0, 0, 0
	for i := range a {
		for j := range i {
			ca, cb := cmp.Compare(a[i], a[j]), cmp.Compare(b[i], b[j])
			agree += ca * cb
			pairs++
			if ca == 0 {
				tiedA++
			}
			if cb == 0 {
				tiedB++
			}
		}
	}
	return float64(agree) / math.Sqrt(float64(pairs-tiedA)*float64(pairs-tiedB))
}
