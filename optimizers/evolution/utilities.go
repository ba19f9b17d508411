package evolution

import (
	"cmp"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// nesUtilities are those of natural evolution strategies for ranks from the
// best on (Wierstra et al. 2014, section 3.1): a logarithm that ends at the
// better half, normalized, less its mean, so that they add up to 0.
func nesUtilities(lambda int) []float64 {
	u := descending(float64(lambda)/2+1, lambda)
	normalize(u)
	for k := range u {
		u[k] -= 1 / float64(lambda)
	}
	return u
}

// centredRanks are spaced evenly from 1/2, the best, to -1/2 (Salimans et al.
// 2017, section 2.1). They are antisymmetric to the last bit.
func centredRanks(lambda int) []float64 {
	u := make([]float64, lambda)
	for k := range u {
		u[k] = float64(lambda-1-2*k) / float64(2*(lambda-1))
	}
	return u
}

// descending are max(0, ln from - ln k) for ranks k from 1.
func descending(from float64, lambda int) []float64 {
	w, start := make([]float64, lambda), ln(from)
	for k := range w {
		w[k] = max(0, start-ln(float64(k+1)))
	}
	return w
}

// normalize divides w by its sum and returns the variance-effective number of
// parents, 1 / sum w^2 (Hansen 2016, arXiv:1604.00772, eq. 8).
func normalize(w []float64) (muEff float64) {
	sum, squares := 0.0, 0.0
	for _, v := range w {
		sum += v
	}
	for k := range w {
		w[k] /= sum
		squares += float64(w[k] * w[k])
	}
	return 1 / squares
}

// A shaper replaces losses by the utilities of their ranks, so that nothing
// depends on more than their order.
//
// Candidates of equal loss, and those of +Inf, share the mean of the utilities
// of their ranks. A generation on a plateau then says nothing, and no candidate
// is preferred because of its place.
type shaper struct {
	table []float64 // of each rank, best first
	order []int     // candidates, best first
	u     []float64 // of each candidate
}

func newShaper(table []float64) *shaper {
	return &shaper{table, make([]int, len(table)), make([]float64, len(table))}
}

// shape returns the utility of each candidate. The slice is the shaper's own.
//
// If norms is not nil, candidates of +Inf are told apart by it, smallest first:
// the one that went less far into where nothing is known is the better one.
func (s *shaper) shape(evals []optimizers.Evaluation, norms []float64) []float64 {
	for k := range s.order {
		s.order[k] = k
	}
	compare := func(a, b int) int {
		c := cmp.Compare(evals[a].Loss, evals[b].Loss)
		if c == 0 && norms != nil && math.IsInf(evals[a].Loss, 1) {
			return cmp.Compare(norms[a], norms[b])
		}
		return c
	}
	slices.SortFunc(s.order, func(a, b int) int { return cmp.Or(compare(a, b), a-b) })
	for first := 0; first < len(s.order); {
		last, sum := first, 0.0
		for ; last < len(s.order) && compare(s.order[first], s.order[last]) == 0; last++ {
			sum += s.table[last]
		}
		for _, k := range s.order[first:last] {
			s.u[k] = sum / float64(last-first)
		}
		first = last
	}
	return s.u
}

// cores is p with one thread where to start a goroutine takes longer than the work
// on lambda candidates.
func cores(p optimizers.Problem, lambda int) optimizers.Problem {
	if len(p.Init)*lambda < 1<<14 {
		p.Threads = 1
	}
	return p
}

// A sample is a matrix with a row for each candidate.
type sample struct {
	flat []float64 // rows one after the other
	rows [][]float64
}

// newSample has rows without gaps.
func newSample(rows, n int) sample { return spaced(rows, n, n) }

// newPopulation has rows that begin a cache line each, if it is large: no vector that
// is read or written then crosses into the next.
func newPopulation(rows, n int) sample {
	const line = 8
	return spaced(rows, n, (n+line-1)/line*line)
}

// spaced has rows of n numbers, so many numbers from one to the next.
func spaced(rows, n, distance int) sample {
	s := sample{make([]float64, rows*distance), make([][]float64, rows)}
	for k := range s.rows {
		s.rows[k] = s.flat[k*distance:][:n:n]
	}
	return s
}

// newCandidates is a sample to ask about, each row as long as p.Init: where the
// problem has memory for candidates, they follow each other in it.
func newCandidates(p optimizers.Problem, n int) (s sample) {
	if p.Memory == nil {
		return newPopulation(n, len(p.Init))
	}
	s.flat, s.rows = p.Candidates(n)
	return s
}

// stretches is the number of tasks, of one stretch of the weights each, into which
// n of them fall.
func stretches(n int) int { return (n + stretch - 1) / stretch }

// bounds are those of stretch i of n weights.
func bounds(i, n int) (from, to int) { return i * stretch, min((i+1)*stretch, n) }

// weightedSum is dst = sum of u[k] rows[k], of the weights from one on, with a fused
// multiply-add for each candidate in their order.
func weightedSum(dst, u []float64, rows [][]float64, from int) {
	clear(dst)
	kernel.Axpys(dst, u, rows, from)
}

// moments is first = sum of odd[k] d and second = sum of even[k] d^2, of the weights
// from one on, where d is what rows[k] has more than the mean: for the first of each
// of a number of pairs, what all of them come to, the others being as far on the
// other side.
func moments(first, second, mean, odd, even []float64, rows [][]float64, from int) {
	clear(first)
	clear(second)
	kernel.Moments(first, second, mean, odd, even, rows, from)
}

// Step sizes are kept where no weight can overflow and no product is lost,
// however long the losses push them in one direction.
const (
	minSigma = 1e-100
	maxSigma = 1e100
)

func clampSigma(s float64) float64 { return min(max(s, minSigma), maxSigma) }

// average is the mean of x, for a diagnostic.
func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// dot is the sum of x*y, in the order that package kernel promises.
func dot(x, y []float64) float64 {
	var sum [1]float64
	kernel.RowDots(sum[:], x, len(x), y, len(y), 1, len(x), false)
	return sum[0]
}

// tanh has the same bits on every machine, as that of package math has not.
func tanh(x float64) float64 {
	v := [1]float64{x}
	kernel.Tanh(v[:], v[:])
	return v[0]
}
