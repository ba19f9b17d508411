package pretrain

import (
	"context"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
)

// CD configures training by contrastive divergence (Hinton 2002,
// doi:10.1162/089976602760128018), or by persistent contrastive divergence, which
// is stochastic maximum likelihood (Tieleman 2008, doi:10.1145/1390156.1390290).
type CD struct {
	K          int  // steps of Gibbs sampling, at least 1
	Persistent bool // the chains go on from one update to the next, and do not start at the data
	Epochs     int
	Batch      int     // examples of a minibatch, and chains; 0: all of them
	Rate       float64 // learning rate
	Anneal     bool    // the rate falls to 0 over the epochs, as the chains of a Persistent CD want it in the end
	Momentum   float64 // from the sixth epoch on; before, at most 0.5
	Decay      float64 // of W, in each update, in units of the rate
	// Draw says that inputs are probabilities, of which each presentation draws
	// another sample; or else their values go into the machine as they are.
	Draw bool
}

// DefaultCD is CD-1 as Hinton 2012 (doi:10.1007/978-3-642-35289-8_32) advises, but that
// inputs are drawn.
func DefaultCD() CD {
	return CD{K: 1, Epochs: 20, Batch: 50, Rate: 0.1, Momentum: 0.9, Decay: 2e-4, Draw: true}
}

// multiplyAdds is what an update costs for an example, in multiply-adds: the first
// hidden units, K steps there and back, and two outer products.
func (cd CD) multiplyAdds(visible, hidden int) int64 {
	return int64(3+2*cd.K) * int64(visible) * int64(hidden)
}

// Train trains r on examples x, [n][Visible], which are not changed. The error is
// ctx's, or says that x does not fit.
func (r *RBM) Train(ctx context.Context, x []float64, cd CD, rng *rand.Rand) error {
	return r.train(ctx, x, cd, rng, new(int64))
}

// train is Train, and adds the multiply-adds that it took to spent.
func (r *RBM) train(ctx context.Context, x []float64, cd CD, rng *rand.Rand, spent *int64) error {
	if err := r.check(x); err != nil {
		return err
	}
	n := len(x) / r.Visible
	size := cd.Batch
	if size <= 0 || size > n {
		size = n
	}
	t := newTrainer(r, cd, size, rng)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for epoch := range cd.Epochs {
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for lo := 0; lo < n; lo += size {
			if err := ctx.Err(); err != nil {
				return err
			}
			t.gather(x, order[lo:min(lo+size, n)])
			t.step(epoch)
			*spent += int64(t.n) * cd.multiplyAdds(r.Visible, r.Hidden)
		}
	}
	return nil
}

// A trainer is what updates need besides the machine.
type trainer struct {
	r        *RBM
	cd       CD
	rng      *rand.Rand
	examples []float64 // of the minibatch, [n][Visible]
	n        int
	v0       batch // the same, side by side
	v, h, h0 batch
	chain    batch     // hidden states of persistent chains; none yet: N is 0
	rows     []float64 // v, [n][Visible]
	gradient *RBM      // sums over the minibatch
	velocity *RBM
}

func newTrainer(r *RBM, cd CD, size int, rng *rand.Rand) *trainer {
	return &trainer{
		r: r, cd: cd, rng: rng,
		examples: make([]float64, size*r.Visible), rows: make([]float64, size*r.Visible),
		v0: newBatch(r.Visible, size), v: newBatch(r.Visible, size),
		h: newBatch(r.Hidden, size), h0: newBatch(r.Hidden, size),
		gradient: zeroRBM(r.Visible, r.Hidden), velocity: zeroRBM(r.Visible, r.Hidden),
	}
}

// gather makes a minibatch of the examples that index names.
func (t *trainer) gather(x []float64, index []int) {
	d := t.r.Visible
	t.n = len(index)
	for j, i := range index {
		copy(t.examples[j*d:][:d], x[i*d:][:d])
	}
	examples := t.examples[:t.n*d]
	if t.cd.Draw && t.r.Units == Binary {
		draw(examples, t.rng) // labels, 0 or 1, stay as they are
	}
	t.v0 = firstColumns(t.v0, t.n)
	columns(t.v0, examples)
}

// step makes one update.
func (t *trainer) step(epoch int) {
	r, g, n := t.r, t.gradient, t.n
	t.h0 = firstColumns(t.h0, n)
	r.hidden(t.h0, t.v0)
	kernel.Gemm(r.Hidden, r.Visible, n, g.W, r.Visible, t.h0.Data, t.h0.Stride, 1, t.examples, r.Visible, nil, false)
	kernel.RowSums(g.B, t.v0.Data, t.v0.Stride, r.Visible, n, false)
	kernel.RowSums(g.C, t.h0.Data, t.h0.Stride, r.Hidden, n, false)

	m := t.sample()
	share := float64(n) / float64(m) // of a chain, in a minibatch that is short
	kernel.Scale(t.h.Data, -share)
	kernel.Transpose(t.rows, r.Visible, t.v.Data, t.v.Stride, r.Visible, m)
	kernel.Gemm(r.Hidden, r.Visible, m, g.W, r.Visible, t.h.Data, t.h.Stride, 1, t.rows, r.Visible, nil, true)
	kernel.Scale(t.v.Data, -share)
	kernel.RowSums(g.B, t.v.Data, t.v.Stride, r.Visible, m, true)
	kernel.RowSums(g.C, t.h.Data, t.h.Stride, r.Hidden, m, true)

	rate, momentum := t.cd.Rate, t.cd.Momentum
	if t.cd.Anneal {
		rate *= 1 - float64(epoch)/float64(t.cd.Epochs)
	}
	if epoch < 5 {
		momentum = min(momentum, 0.5)
	}
	kernel.Scale(t.velocity.W, momentum)
	kernel.Axpy(t.velocity.W, -rate*t.cd.Decay, r.W)
	update(r.W, t.velocity.W, g.W, 1, rate/float64(n))
	update(r.B, t.velocity.B, g.B, momentum, rate/float64(n))
	update(r.C, t.velocity.C, g.C, momentum, rate/float64(n))
}

// update moves w by its velocity, after that has been pushed.
func update(w, velocity, gradient []float64, momentum, rate float64) {
	kernel.Scale(velocity, momentum)
	kernel.Axpy(velocity, rate, gradient)
	kernel.Add(w, velocity)
}

// sample leaves samples of the model in t.v, and the probabilities of the hidden
// units given them in t.h. It returns their number.
func (t *trainer) sample() int {
	r, n := t.r, t.n
	if t.cd.Persistent {
		if t.chain.N == 0 { // the first minibatch, which is not a short one
			t.chain = newBatch(r.Hidden, n)
			copy(t.chain.Data, t.h0.Data)
		}
		n = t.chain.N
	}
	t.v, t.h = firstColumns(t.v, n), firstColumns(t.h, n)
	if t.cd.Persistent {
		copy(t.h.Data, t.chain.Data)
	} else {
		copy(t.h.Data, t.h0.Data)
	}
	for range t.cd.K {
		drawAll(t.h, t.rng)
		r.visible(t.v, t.h)
		r.drawVisible(t.v, t.rng)
		r.hidden(t.h, t.v)
	}
	if t.cd.Persistent {
		copy(t.chain.Data, t.h.Data)
	}
	return n
}
