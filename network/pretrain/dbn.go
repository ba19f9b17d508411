package pretrain

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// A DBN is a deep belief network (Hinton et al. 2006,
// doi:10.1162/neco.2006.18.7.1527): the last machine is undirected, and generates
// what the sigmoid layers below it turn into inputs.
//
//	p(v, h1, h2) = p(v | h1) p(h1, h2)      p(h1, h2) of the last machine
type DBN struct {
	// Layers are machines, the input's first. The visible units of each are the
	// hidden units of the one below it; those of the last may end in labels.
	Layers []*RBM
	// Up is the recognition weights of the layers below the last one, if they
	// are not those of the machines themselves; nil: they are.
	Up []Recognition
}

// Recognition is the weights of a sigmoid layer that infers hidden units.
type Recognition struct {
	W []float64 // [Hidden][Visible]
	C []float64 // [Hidden]
}

// Greedy trains a network on examples x, [n][visible], layer by layer, with so
// many hidden units each: the activities that one machine infers, as probabilities,
// are the data of the next. The error is ctx's, or says what does not fit. A
// machine with Gaussian units learns at a tenth of the rate (Hinton 2012,
// doi:10.1007/978-3-642-35289-8_32, sec. 13.2).
func Greedy(ctx context.Context, x []float64, visible int, hidden []int, units Units, cd CD, rng *rand.Rand) (*DBN, error) {
	return greedy(ctx, x, visible, hidden, units, cd, rng, new(int64))
}

// greedy is Greedy, and adds the multiply-adds that it took to spent.
func greedy(ctx context.Context, x []float64, visible int, hidden []int, units Units, cd CD, rng *rand.Rand, spent *int64) (*DBN, error) {
	d := &DBN{}
	for l, width := range hidden {
		r := NewRBM(visible, width, rng)
		own := cd
		if r.Units = units; units == Gaussian {
			own.Rate /= 10
		}
		if err := r.check(x); err != nil {
			return nil, err
		}
		r.FitBias(x)
		if err := r.train(ctx, x, own, rng, spent); err != nil {
			return nil, err
		}
		d.Layers = append(d.Layers, r)
		if l+1 < len(hidden) {
			*spent += int64(len(x)/visible) * int64(visible) * int64(width)
			x, visible, units = r.Features(x), width, Binary
		}
	}
	return d, nil
}

// Features are the probabilities of the hidden units, [n][Hidden], given examples
// x, [n][Visible].
func (r *RBM) Features(x []float64) []float64 {
	return sigmoidLayer(x, r.Visible, r.Hidden, r.W, r.C)
}

// sigmoidLayer is sigmoid(Wx + c) for examples x, [n][in].
func sigmoidLayer(x []float64, in, out int, w, c []float64) []float64 {
	n := len(x) / in
	y := make([]float64, n*out)
	const most = 256
	v, h := newBatch(in, min(n, most)), newBatch(out, min(n, most))
	for lo := 0; lo < n; lo += most {
		v, h = firstColumns(v, min(most, n-lo)), firstColumns(h, min(most, n-lo))
		columns(v, x[lo*in:])
		kernel.Gemm(out, v.N, in, h.Data, h.Stride, w, in, 1, v.Data, v.Stride, c, false)
		kernel.Sigmoid(h.Data, h.Data)
		kernel.Transpose(y[lo*out:], out, h.Data, h.Stride, out, h.N)
	}
	return y
}

// AddTop trains one more machine, on the features of examples x together with
// their labels, of so many classes.
func (d *DBN) AddTop(ctx context.Context, x []float64, labels []int32, classes, hidden int, cd CD, rng *rand.Rand) error {
	for _, r := range d.Layers {
		if err := r.check(x); err != nil {
			return err
		}
		x = r.Features(x)
	}
	width := d.Layers[len(d.Layers)-1].Hidden
	joint, err := withLabels(x, width, labels, classes)
	if err != nil {
		return err
	}
	top := NewRBM(width+classes, hidden, rng)
	top.FitBias(joint)
	top.Labels = classes
	if err := top.Train(ctx, joint, cd, rng); err != nil {
		return err
	}
	d.Layers = append(d.Layers, top)
	return nil
}

// withLabels appends one value for each class to the examples x, [n][width].
func withLabels(x []float64, width int, labels []int32, classes int) ([]float64, error) {
	if len(labels) != len(x)/width {
		return nil, fmt.Errorf("pretrain: %d labels, want %d", len(labels), len(x)/width)
	}
	joint := make([]float64, 0, len(labels)*(width+classes))
	for i, l := range labels {
		joint = append(append(joint, x[i*width:][:width]...), make([]float64, classes)...)
		joint[len(joint)-classes+int(l)] = 1
	}
	return joint, nil
}

// Tied returns the machine to put on top of r, on its hidden units, that changes
// nothing: with W transposed and the biases exchanged, it gives the hidden units
// of r the distribution that they have in r, and so the network of the two gives
// inputs the likelihood that r does. r is binary and has no labels.
func (r *RBM) Tied() *RBM {
	t := &RBM{Visible: r.Hidden, Hidden: r.Visible, W: make([]float64, len(r.W)), B: slices.Clone(r.C), C: slices.Clone(r.B)}
	kernel.Transpose(t.W, r.Hidden, r.W, r.Visible, r.Hidden, r.Visible)
	return t
}

// Likelihood is the mean over examples v, [n][visible], of ln p(v) of a network of
// two binary machines, and of the lower bound on it that greedy learning improves,
//
//	ln p(v) >= sum over h of q(h|v) (ln p(h) + ln p(v|h) - ln q(h|v))
//
// with q what the lower machine, or Up, infers: both exactly, by enumerating the
// states of the units in the middle, of which there are at most 22.
func (d *DBN) Likelihood(v []float64) (logp, bound float64, err error) {
	if len(d.Layers) != 2 {
		return 0, 0, fmt.Errorf("pretrain: exact likelihood of %d machines, want 2", len(d.Layers))
	}
	low, top := d.Layers[0], d.Layers[1]
	if err := low.check(v); err != nil {
		return 0, 0, err
	}
	if low.Units != Binary || top.Labels > 0 || low.Hidden > maxEnumerated {
		return 0, 0, fmt.Errorf("pretrain: exact likelihood with %d units in the middle, want at most %d, and binary inputs without labels", low.Hidden, maxEnumerated)
	}
	z, err := top.LogZ()
	if err != nil {
		return 0, 0, err
	}
	n := len(v) / low.Visible
	w, c := low.W, low.C
	if d.Up != nil {
		w, c = d.Up[0].W, d.Up[0].C
	}
	// Inputs of the hidden units, [n][Hidden], and what normalises q.
	inputs := newBatch(low.Hidden, n)
	x := newBatch(low.Visible, n)
	columns(x, v)
	kernel.Gemm(low.Hidden, n, low.Visible, inputs.Data, inputs.Stride, w, low.Visible, 1, x.Data, x.Stride, c, false)
	normal := make([]float64, n)
	new(softplus).add(normal, inputs, low.Hidden)
	a := make([]float64, n*low.Hidden)
	kernel.Transpose(a, low.Hidden, inputs.Data, inputs.Stride, low.Hidden, n)

	joint := make([][]float64, n) // ln p(v, h) by state of h
	enumerate(low.Hidden, func(h batch) []float64 {
		prior := top.logWeights(h)
		u := newBatch(low.Visible, h.N)
		low.visibleInputs(u, h)
		normalV := make([]float64, h.N)
		new(softplus).add(normalV, u, low.Visible)
		given, q := newBatch(n, h.N), newBatch(n, h.N)
		kernel.Gemm(n, h.N, low.Visible, given.Data, given.Stride, v, low.Visible, 1, u.Data, u.Stride, nil, false)
		kernel.Gemm(n, h.N, low.Hidden, q.Data, q.Stride, a, low.Hidden, 1, h.Data, h.Stride, nil, false)
		p := make([]float64, h.N)
		for i := range n {
			joined, logq := given.Row(i), q.Row(i)
			for j := range joined {
				joined[j] += prior[j] - z - normalV[j]
				logq[j] -= normal[i]
			}
			joint[i] = append(joint[i], joined...)
			kernel.Exp(p, logq)
			for j := range p {
				bound += float64(p[j] * (joined[j] - logq[j]))
			}
		}
		return nil
	})
	for _, row := range joint {
		logp += logSum(row)
	}
	return logp / float64(n), bound / float64(n), nil
}

// Generate returns inputs, [len(labels)][visible], that the network imagines for
// labels: so many steps of Gibbs sampling in the last machine with its labels held,
// then one pass down. Hidden units are drawn, and inputs are the means that they
// give.
func (d *DBN) Generate(labels []int32, steps int, rng *rand.Rand) ([]float64, error) {
	top := d.Layers[len(d.Layers)-1]
	if top.Labels == 0 || len(labels) == 0 {
		return nil, errors.New("pretrain: generating without labels, want a network with labels, and some of them")
	}
	for _, l := range labels {
		if l < 0 || int(l) >= top.Labels {
			return nil, fmt.Errorf("pretrain: generating for label %d, want 0 to %d", l, top.Labels-1)
		}
	}
	v, h := newBatch(top.Visible, len(labels)), newBatch(top.Hidden, len(labels))
	hold := func() {
		for i := range top.Labels {
			for j, l := range labels {
				v.Row(top.binary() + i)[j] = one(int(l) == i)
			}
		}
	}
	top.visible(v, h) // from the biases alone
	top.drawVisible(v, rng)
	hold()
	for range steps {
		top.hidden(h, v)
		drawAll(h, rng)
		top.visible(v, h)
		top.drawVisible(v, rng)
		hold()
	}
	x := v
	for l := len(d.Layers) - 2; l >= 0; l-- {
		r := d.Layers[l]
		down := newBatch(r.Visible, len(labels))
		r.visible(down, x) // the rows of labels come last, and are not read
		if x = down; l > 0 {
			r.drawVisible(x, rng)
		}
	}
	out := make([]float64, len(labels)*d.Layers[0].Visible)
	width := d.Layers[0].Visible
	kernel.Transpose(out, width, x.Data, x.Stride, width, x.N)
	return out, nil
}
