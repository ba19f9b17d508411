package swarm

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// Streams of the seed.
const (
	streamStart uint64 = iota + 1
	streamSpeed
	streamChoice
	streamCross
	streamRate
	streamArchive
	streamPull
)

// A population is points that are kept, with the losses they were told. Its
// first generation is the starting point and draws around it.
type population struct {
	p      optimizers.Problem
	rows   [][]float64
	losses []float64
	order  []int // of the rows, best first; empty before the first Tell
	list   [][]float64
}

// newPopulation fills rows with points that are drawn, but for the first, uniformly
// from a cube around the start: no weight is farther from it than radius.
func newPopulation(rows [][]float64, radius float64, p optimizers.Problem) population {
	size := len(rows)
	s := population{
		p: p, rows: rows, losses: make([]float64, size),
		order: make([]int, 0, size), list: make([][]float64, size),
	}
	seed := noise.Mix(p.Seed, streamStart)
	p.Parallel(size, func(k int) {
		row := s.rows[k]
		copy(row, p.Init)
		if k == 0 {
			return
		}
		noise.Uniform(row, seed, 0, uint32(k))
		for i, u := range row {
			row[i] = math.FMA(radius, 2*u-1, p.Init[i])
		}
	})
	return s
}

// challenged is n rows for challengers and n for whom they challenge. They follow
// each other, as they are asked about.
func challenged(n int, p optimizers.Problem) (trials, rows [][]float64) {
	_, all := p.Candidates(2 * n)
	return all[:n:n], all[n:]
}

// matrix is n rows of dim numbers.
func matrix(n, dim int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, dim)
	}
	return rows
}

// rank renews the order, in which the first of equals stays in front.
func (s *population) rank() {
	s.order = s.order[:len(s.rows)]
	for i := range s.order {
		s.order[i] = i
	}
	slices.SortStableFunc(s.order, func(i, j int) int { return cmp.Compare(s.losses[i], s.losses[j]) })
}

// shrink leaves the best n points, in the places in which they were told. There
// is still memory for the others, which a checkpoint holds as well: its size is
// the same at all times.
func (s *population) shrink(n int) {
	kept := s.order[:n]
	slices.Sort(kept)
	for i, k := range kept { // k >= i, and what is at i is to go or is at k
		s.rows[i], s.rows[k] = s.rows[k], s.rows[i]
		s.losses[i], s.losses[k] = s.losses[k], s.losses[i]
	}
	s.rows, s.losses = s.rows[:n], s.losses[:n]
	s.rank()
}

// Shortlist is the best points that are kept.
func (s *population) Shortlist(n int) [][]float64 {
	list := s.list[:min(n, len(s.order))]
	for i := range list {
		list[i] = s.rows[s.order[i]]
	}
	return list
}

// state is for a checkpoint.
func (s *population) state() []any {
	fields := []any{s.losses[:cap(s.losses)]}
	for _, row := range s.rows[:cap(s.rows)] {
		fields = append(fields, row)
	}
	return fields
}

// below returns a random whole number below n (Lemire 2019,
// doi:10.1145/3230636, without rejection: the error is n/2^64).
func below(src *noise.Source, n int) int {
	high, _ := bits.Mul64(src.Uint64(), uint64(n))
	return int(high)
}

// uniform returns a random number in [0, 1).
func uniform(src *noise.Source) float64 { return float64(src.Uint64()>>11) * 0x1p-53 }

// start makes src the source of what a generation draws one after the other, so
// that a checkpoint need not hold its state.
func start(src *noise.Source, seed, stream, generation uint64) {
	src.Seed(int64(noise.Mix(seed, stream, generation)))
}

// orStay is x, or stay if x is out of the range of the finite numbers.
func orStay(x, stay float64) float64 {
	if math.Abs(x) <= math.MaxFloat64 {
		return x
	}
	return stay
}

// diagnostics yields the best and the median loss, while they are finite.
func (s *population) diagnostics(yield func(string, float64) bool) {
	if n := len(s.order); n > 0 && s.losses[s.order[n/2]] <= math.MaxFloat64 {
		_ = yield("best", s.losses[s.order[0]]) && yield("median", s.losses[s.order[n/2]])
	}
}

// restored renews what follows from a checkpoint of n points, of before or after
// the first Tell.
func (s *population) restored(n int, told bool) {
	s.rows, s.losses = s.rows[:n], s.losses[:n]
	s.order = s.order[:0]
	if told {
		s.rank()
	}
}
