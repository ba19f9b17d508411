package pretrain

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
)

// Units says what the visible units of an [RBM] are.
type Units uint8

// The units. Hidden ones are always Binary.
const (
	Binary   Units = iota // 0 or 1; a value between them is a probability
	Gaussian              // real, of variance 1 around b + W'h: inputs are standardised
)

// An RBM is a restricted Boltzmann machine, with the energy
//
//	E(v, h) = -b.v - c.h - h.Wv          binary
//	E(v, h) = |v-b|^2/2 - c.h - h.Wv     Gaussian
//
// of visible units v and hidden units h (Smolensky 1986; Hinton 2002,
// doi:10.1162/089976602760128018). W lies as that of a dense layer does, so that
// p(h = 1 | v) is a dense layer with a sigmoid, and W and C are its weights.
type RBM struct {
	Visible, Hidden int
	Units           Units
	// Labels is how many of the visible units, the last ones, are a softmax
	// group, of which one is on: the classes, in the top machine of a [DBN].
	// The units before them are binary.
	Labels int
	W      []float64 // [Hidden][Visible]
	B      []float64 // [Visible]
	C      []float64 // [Hidden]
}

// NewRBM returns a machine with W drawn from N(0, 0.01^2) and biases of 0 (Hinton
// 2012, doi:10.1007/978-3-642-35289-8_32, sec. 8).
func NewRBM(visible, hidden int, rng *rand.Rand) *RBM {
	r := zeroRBM(visible, hidden)
	for i := range r.W {
		r.W[i] = 0.01 * rng.NormFloat64()
	}
	return r
}

func zeroRBM(visible, hidden int) *RBM {
	return &RBM{
		Visible: visible, Hidden: hidden,
		W: make([]float64, hidden*visible), B: make([]float64, visible), C: make([]float64, hidden),
	}
}

// FitBias sets the visible biases to those of a machine without hidden units that
// knows the mean of the data x, [n][Visible]: its log-odds, with one example of
// either kind added, or for Gaussian units the mean itself.
func (r *RBM) FitBias(x []float64) {
	n := float64(len(x) / r.Visible)
	clear(r.B)
	for ; len(x) > 0; x = x[r.Visible:] {
		kernel.Add(r.B, x[:r.Visible])
	}
	if r.Units == Gaussian {
		kernel.Scale(r.B, 1/n)
		return
	}
	off := make([]float64, r.Visible)
	for i, s := range r.B {
		r.B[i], off[i] = s+1, n-s+1
	}
	kernel.Log(r.B, r.B)
	kernel.Log(off, off)
	for i, l := range off {
		r.B[i] -= l
	}
}

// batch is examples side by side, [rows][N].
type batch = network.Tensor[float64]

func newBatch(rows, n int) batch { return network.NewTensor[float64](network.Shape{rows}, n) }

// firstColumns is the first n examples of x, where they are.
func firstColumns(x batch, n int) batch {
	x.N = n
	return x
}

// columns copies examples, [n][rows], into x, side by side.
func columns(x batch, examples []float64) {
	rows := x.Shape.Len()
	kernel.Transpose(x.Data, x.Stride, examples, rows, x.N, rows)
}

// hiddenInputs sets a to Wv + c.
func (r *RBM) hiddenInputs(a, v batch) {
	kernel.Gemm(r.Hidden, v.N, r.Visible, a.Data, a.Stride, r.W, r.Visible, 1, v.Data, v.Stride, r.C, false)
}

// visibleInputs sets u to W'h + b.
func (r *RBM) visibleInputs(u, h batch) {
	kernel.Gemm(r.Visible, h.N, r.Hidden, u.Data, u.Stride, r.W, 1, r.Visible, h.Data, h.Stride, r.B, false)
}

// hidden sets h to p(h = 1 | v).
func (r *RBM) hidden(h, v batch) {
	r.hiddenInputs(h, v)
	kernel.Sigmoid(h.Data, h.Data)
}

// visible sets v to the mean of p(v | h).
func (r *RBM) visible(v, h batch) {
	r.visibleInputs(v, h)
	r.visibleMeans(v)
}

// visibleMeans turns inputs into means, in place.
func (r *RBM) visibleMeans(v batch) {
	if r.Units == Gaussian {
		return
	}
	binary := v.Data[:r.binary()*v.Stride]
	kernel.Sigmoid(binary, binary)
	if r.Labels > 0 {
		softmax(v, r.binary(), r.Visible)
	}
}

// binary is the number of visible units before the labels.
func (r *RBM) binary() int { return r.Visible - r.Labels }

// softmax turns rows lo to hi into probabilities, in each column.
func softmax(v batch, lo, hi int) {
	largest, total := make([]float64, v.N), make([]float64, v.N)
	copy(largest, v.Row(lo))
	for i := lo + 1; i < hi; i++ {
		for j, z := range v.Row(i) {
			largest[j] = max(largest[j], z)
		}
	}
	for i := lo; i < hi; i++ {
		row := v.Row(i)
		for j := range row {
			row[j] -= largest[j]
		}
		kernel.Exp(row, row)
		kernel.Add(total, row)
	}
	for i := lo; i < hi; i++ {
		row := v.Row(i)
		for j := range row {
			row[j] /= total[j]
		}
	}
}

// drawVisible replaces means by samples of p(v | h).
func (r *RBM) drawVisible(v batch, rng *rand.Rand) {
	for i := range r.binary() {
		if r.Units == Gaussian {
			for j := range v.Row(i) {
				v.Row(i)[j] += rng.NormFloat64()
			}
			continue
		}
		draw(v.Row(i), rng)
	}
	if r.Labels > 0 {
		r.drawLabels(v, rng)
	}
}

// drawLabels replaces the probabilities of the classes by one of them.
func (r *RBM) drawLabels(v batch, rng *rand.Rand) {
	for j := range v.N {
		u, chosen := rng.Float64(), r.Visible-1 // rounding may leave the sum below u
		for i := r.Visible - 1; i >= r.binary(); i-- {
			if u -= v.Row(i)[j]; u < 0 {
				chosen = i
				break
			}
		}
		for i := r.binary(); i < r.Visible; i++ {
			v.Row(i)[j] = 0
		}
		v.Row(chosen)[j] = 1
	}
}

// draw replaces probabilities by 1 with that probability, else 0. Two of them
// share a random word: steps of 2^-32 do not show.
func draw(p []float64, rng *rand.Rand) {
	const steps = 1 << 32
	for len(p) >= 2 {
		word := rng.Uint64()
		p[0], p[1] = one(float64(word>>32) < steps*p[0]), one(float64(word&(steps-1)) < steps*p[1])
		p = p[2:]
	}
	if len(p) == 1 {
		p[0] = one(float64(rng.Uint64()>>32) < steps*p[0])
	}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// drawAll is draw for every row of h.
func drawAll(h batch, rng *rand.Rand) {
	for i := range h.Shape.Len() {
		draw(h.Row(i), rng)
	}
}

// FreeEnergy is F(v) = -ln sum over h of e^-E(v, h), for each example of v,
// [n][Visible]: p(v) = e^-F(v) / Z.
func (r *RBM) FreeEnergy(v []float64) []float64 {
	x := newBatch(r.Visible, len(v)/r.Visible)
	columns(x, v)
	f := r.logWeights(x)
	kernel.Scale(f, -1)
	return f
}

// logWeights is -F(v).
func (r *RBM) logWeights(v batch) []float64 {
	w := make([]float64, v.N)
	if r.Units == Binary {
		kernel.Gemm(1, v.N, r.Visible, w, v.N, r.B, r.Visible, 1, v.Data, v.Stride, nil, false)
	} else {
		for i, b := range r.B {
			for j, x := range v.Row(i) {
				w[j] -= float64((x - b) * (x - b) / 2)
			}
		}
	}
	a := newBatch(r.Hidden, v.N)
	r.hiddenInputs(a, v)
	new(softplus).add(w, a, r.Hidden)
	return w
}

// softplus is memory for ln(1 + e^z), the cross-entropy of a logit with target 0.
type softplus struct{ values, targets []float64 }

// add adds the softplus of the first rows of z to sums, the column of each example.
func (s *softplus) add(sums []float64, z batch, rows int) {
	n := rows * z.Stride
	if len(s.values) < n {
		s.values, s.targets = make([]float64, n), make([]float64, n)
	}
	kernel.BinaryCrossEntropy(s.values, nil, z.Data, n, s.targets, 1)
	for i := range rows {
		kernel.Add(sums, s.values[i*z.Stride:][:z.N])
	}
}

// logSum is ln of the sum of e^x.
func logSum(x []float64) float64 {
	largest := math.Inf(-1)
	for _, v := range x {
		largest = max(largest, v)
	}
	e := make([]float64, len(x))
	for i, v := range x {
		e[i] = v - largest
	}
	kernel.Exp(e, e)
	sum := []float64{0}
	kernel.RowSums(sum, e, len(e), 1, len(e), false)
	kernel.Log(sum, sum)
	return largest + sum[0]
}

// check says what is wrong with x as examples for r.
func (r *RBM) check(x []float64) error {
	if len(x) == 0 || len(x)%r.Visible != 0 {
		return fmt.Errorf("pretrain: %d input values, want a positive multiple of the %d visible units", len(x), r.Visible)
	}
	return nil
}
