package pretrain

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// UpDown configures fine-tuning of a generative model.
type UpDown struct {
	K      int // steps of Gibbs sampling in the last machine
	Epochs int
	Batch  int // examples of a minibatch; 0: all of them
	Rate   float64
}

// UpDown fine-tunes the network on examples x, [n][visible], with labels if the last
// machine has them, by contrastive wake-sleep (Hinton et al. 2006, sec. 5
// and appendix B): recognition and generative weights of the directed layers part,
// and each learns to undo the other, the generative ones on the way up from an
// example, the recognition ones on the way down from what the last machine makes of
// it. Inputs are binary, or probabilities that are drawn. The error is ctx's, or says
// what does not fit.
func (d *DBN) UpDown(ctx context.Context, x []float64, labels []int32, u UpDown, rng *rand.Rand) error {
	if len(d.Layers) < 2 || d.Layers[0].Units != Binary {
		return errors.New("pretrain: up-down, want at least two machines, with binary inputs")
	}
	if err := d.Layers[0].check(x); err != nil {
		return err
	}
	top := d.Layers[len(d.Layers)-1]
	width := d.Layers[0].Visible
	n := len(x) / width
	if top.Labels > 0 && len(labels) != n {
		return fmt.Errorf("pretrain: up-down with %d labels, want %d", len(labels), n)
	}
	if d.Up == nil {
		for _, r := range d.Layers[:len(d.Layers)-1] {
			d.Up = append(d.Up, Recognition{W: slices.Clone(r.W), C: slices.Clone(r.C)})
		}
	}
	size := u.Batch
	if size <= 0 || size > n {
		size = n
	}
	w := newWakeSleep(d, u, size, rng)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for range u.Epochs {
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for lo := 0; lo < n; lo += size {
			if err := ctx.Err(); err != nil {
				return err
			}
			w.step(x, labels, order[lo:min(lo+size, n)])
		}
	}
	return nil
}

// A wakeSleep is what updates need besides the network.
type wakeSleep struct {
	d      *DBN
	u      UpDown
	rng    *rand.Rand
	units  []batch // the input, and the hidden units of each layer but the last
	guess  []batch // likewise: what the other direction makes of them
	rows   []float64
	top    *trainer
	bottom []float64 // the inputs of the minibatch, [n][visible]
}

func newWakeSleep(d *DBN, u UpDown, size int, rng *rand.Rand) *wakeSleep {
	w := &wakeSleep{d: d, u: u, rng: rng, bottom: make([]float64, size*d.Layers[0].Visible)}
	most := 0
	for _, r := range d.Layers {
		most = max(most, r.Visible)
	}
	for _, r := range d.Layers {
		w.units = append(w.units, newBatch(r.binary(), size))
		w.guess = append(w.guess, newBatch(r.binary(), size))
	}
	w.rows = make([]float64, size*most)
	w.top = newTrainer(d.Layers[len(d.Layers)-1], CD{K: u.K, Epochs: 1, Rate: u.Rate}, size, rng)
	return w
}

func (w *wakeSleep) step(x []float64, labels []int32, index []int) {
	n, last := len(index), len(w.d.Layers)-1
	for l := range w.units {
		w.units[l], w.guess[l] = firstColumns(w.units[l], n), firstColumns(w.guess[l], n)
	}
	width := w.d.Layers[0].Visible
	for j, i := range index {
		copy(w.bottom[j*width:][:width], x[i*width:][:width])
	}
	draw(w.bottom[:n*width], w.rng)
	columns(w.units[0], w.bottom)

	// Wake: infer, and learn to generate what was inferred from.
	for l := range last {
		w.recognise(l, w.units[l+1], w.units[l])
		drawAll(w.units[l+1], w.rng)
	}
	for l := range last {
		r := w.d.Layers[l]
		r.visible(w.guess[l], w.units[l+1])
		// The outer product of hidden units and the error of their guess.
		w.learn(r.W, r.B, w.units[l+1], w.units[l], w.guess[l], true)
	}

	// The last machine, from what the wake phase has inferred.
	t := w.top
	t.n = n
	t.v0 = firstColumns(t.v0, n)
	features := w.units[last]
	for i := range features.Shape.Len() {
		copy(t.v0.Row(i), features.Row(i))
	}
	for i := range t.r.Labels {
		for j, e := range index {
			t.v0.Row(t.r.binary() + i)[j] = one(int(labels[e]) == i)
		}
	}
	kernel.Transpose(t.examples, t.r.Visible, t.v0.Data, t.v0.Stride, t.r.Visible, n)
	t.step(0)

	// Sleep: go down from there, and learn to infer what was generated from.
	columnsOf(features, t.rows, t.r.Visible)
	for l := last - 1; l >= 0; l-- {
		w.d.Layers[l].visible(w.units[l], w.units[l+1])
		drawAll(w.units[l], w.rng)
	}
	for l := range last {
		w.recognise(l, w.guess[l+1], w.units[l])
		up := w.d.Up[l]
		w.learn(up.W, up.C, w.units[l], w.units[l+1], w.guess[l+1], false)
	}
}

// columnsOf copies the first values of examples, [n][width], side by side.
func columnsOf(x batch, examples []float64, width int) {
	kernel.Transpose(x.Data, x.Stride, examples, width, x.N, x.Shape.Len())
}

// recognise sets h to the probabilities that layer l infers from v.
func (w *wakeSleep) recognise(l int, h, v batch) {
	r, up := w.d.Layers[l], w.d.Up[l]
	kernel.Gemm(r.Hidden, v.N, r.Visible, h.Data, h.Stride, up.W, r.Visible, 1, v.Data, v.Stride, up.C, false)
	kernel.Sigmoid(h.Data, h.Data)
}

// learn is a step of the delta rule: weights between given and target move along
// the outer product of given and the error target - guess, and the bias along the
// error. W is [given][target] if down, else [target][given]. It overwrites guess.
func (w *wakeSleep) learn(weights, bias []float64, given, target, guess batch, down bool) {
	n := given.N
	rate := w.u.Rate / float64(n)
	g, t := given.Shape.Len(), target.Shape.Len()
	for i := range t {
		row := guess.Row(i)
		kernel.Scale(row, -rate)
		kernel.Axpy(row, rate, target.Row(i))
	}
	kernel.RowSums(bias, guess.Data, guess.Stride, t, n, true)
	if down {
		kernel.Transpose(w.rows, t, guess.Data, guess.Stride, t, n)
		kernel.Gemm(g, t, n, weights, t, given.Data, given.Stride, 1, w.rows, t, nil, true)
		return
	}
	kernel.Transpose(w.rows, g, given.Data, given.Stride, g, n)
	kernel.Gemm(t, g, n, weights, g, guess.Data, guess.Stride, 1, w.rows, g, nil, true)
}
