package pretrain

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// Inputs that are not from 0 to 1 are standardised for a stage, and what it learns
// of them is turned back into weights for the inputs as they are.
type scaling struct{ mean, std []float64 }

// standardise returns x, [n][width], with values from 0 to 1 as it is, and
// otherwise scaled to mean 0 and variance 1; the scaling is then not nil.
func standardise(x []float64, width int) ([]float64, *scaling) {
	unit := true
	for _, v := range x {
		unit = unit && 0 <= v && v <= 1
	}
	if unit {
		return x, nil
	}
	n := len(x) / width
	s := &scaling{mean: make([]float64, width), std: make([]float64, width)}
	t := newBatch(width, n)
	columns(t, x)
	kernel.RowSums(s.mean, t.Data, t.Stride, width, n, false)
	kernel.Scale(s.mean, 1/float64(n))
	y := make([]float64, len(x))
	for i := range width {
		row := t.Row(i)
		for j := range row {
			row[j] -= s.mean[i]
		}
	}
	kernel.RowDots(s.std, t.Data, t.Stride, t.Data, t.Stride, width, n, false)
	for i := range width {
		if s.std[i] = math.Sqrt(s.std[i] / float64(n)); s.std[i] == 0 {
			s.std[i] = 1 // a constant input
		}
		for j := range t.Row(i) {
			t.Row(i)[j] /= s.std[i]
		}
	}
	kernel.Transpose(y, width, t.Data, t.Stride, width, n)
	return y, s
}

// undo turns a layer for scaled inputs, W [out][in] and c, into one for the inputs
// as they are. Nil changes nothing.
func (s *scaling) undo(w, c []float64) {
	if s == nil {
		return
	}
	width := len(s.mean)
	for j := range c {
		row := w[j*width:][:width]
		for i := range row {
			row[i] /= s.std[i]
			c[j] -= float64(row[i] * s.mean[i])
		}
	}
}
