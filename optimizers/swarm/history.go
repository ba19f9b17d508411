package swarm

import (
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A history is the success-history of F and CR (Tanabe & Fukunaga 2013, sec.
// III): each challenger draws both near a pair that has worked before, and what
// worked in a generation overwrites the oldest pair.
type history struct {
	f, cr []float64 // M_F and M_CR, the latter -1 for the terminal value
	next  uint64    // the pair to overwrite
	// lehmer says that the mean of CR is Lehmer's, and that a mean of 0 is for
	// good, as L-SHADE has it (2014, algorithm 1).
	lehmer bool

	// What worked in this generation, and by how much.
	won []win
	one [1]float64
}

type win struct{ f, cr, gain float64 }

func newHistory(size, population int, lehmer bool) history {
	h := history{f: make([]float64, size), cr: make([]float64, size), lehmer: lehmer, won: make([]win, 0, population)}
	for i := range h.f {
		h.f[i], h.cr[i] = 0.5, 0.5
	}
	return h
}

// draw draws F and CR for challenger k of a generation (2013, eq. 5 and 6).
func (h *history) draw(src *noise.Source, seed, generation uint64, k int) (f, cr float64) {
	r := below(src, len(h.f))
	if h.cr[r] >= 0 {
		noise.Normal(h.one[:], seed, generation, uint32(k))
		cr = min(max(0, math.FMA(0.1, h.one[0], h.cr[r])), 1)
	}
	for f <= 0 {
		f = math.FMA(0.1, cauchy(src), h.f[r])
	}
	return min(f, 1), cr
}

// cauchy draws from the standard Cauchy distribution: the tangent of a uniform
// angle.
func cauchy(src *noise.Source) float64 {
	sin, cos := noise.SinCos(uniform(src) / 2)
	if sin == 0 {
		return 0 // an angle in 2^53
	}
	return cos / sin
}

// succeeded notes that F and CR have made a challenger better by gain.
func (h *history) succeeded(f, cr, gain float64) {
	h.won = append(h.won, win{f, cr, min(gain, math.MaxFloat64)})
}

// learn overwrites the oldest pair by the weighted means of what succeeded, if
// anything did (2013, eq. 13 to 16).
func (h *history) learn() {
	if len(h.won) == 0 {
		return
	}
	largest := 0.0 // by which the sum of the gains stays in range
	for _, w := range h.won {
		largest = max(largest, w.gain)
	}
	var sum, f, ff, cr, crcr float64
	for _, w := range h.won {
		g := w.gain / largest
		sum += g
		f += float64(g * w.f)
		ff += float64(float64(g*w.f) * w.f)
		cr += float64(g * w.cr)
		crcr += float64(float64(g*w.cr) * w.cr)
	}
	at := h.next
	h.f[at] = ff / f
	switch {
	case !h.lehmer:
		h.cr[at] = cr / sum
	case h.cr[at] < 0 || cr == 0:
		h.cr[at] = -1
	default:
		h.cr[at] = crcr / cr
	}
	h.next = (at + 1) % uint64(len(h.f))
	h.won = h.won[:0]
}

// mean is that of M_F, to report.
func (h *history) mean() float64 {
	sum := 0.0
	for _, f := range h.f {
		sum += f
	}
	return sum / float64(len(h.f))
}

func (h *history) state() []any { return []any{h.f, h.cr, &h.next} }
