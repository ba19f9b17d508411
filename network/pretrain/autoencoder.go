package pretrain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/network/loss"
)

// An Autoencoder is a layer that is trained to keep what it needs to reconstruct
// its input (Bengio et al. 2007, Greedy layer-wise training of deep networks, NIPS):
//
//	h = sigmoid(W x + c)      z = V h + b
//
// with the loss of an example x, summed over its inputs: for inputs from 0 to 1, the
// cross-entropy of sigmoid(z) or half of its squared error; for Linear ones, half of
// the squared error of z itself.
type Autoencoder struct {
	Inputs, Hidden int
	Loss           loss.Kind // loss.BinaryCrossEntropy or loss.MSE
	Linear         bool
	W              []float64 // [Hidden][Inputs]
	C              []float64 // [Hidden]
	V              []float64 // [Hidden][Inputs], transposed; nil: tied, V is W'
	B              []float64 // [Inputs]
}

// NewAutoencoder returns one with W, and V unless it is tied, drawn as Xavier
// initialisation does for a sigmoid: four times that for a slope of 1 (Glorot &
// Bengio 2010).
func NewAutoencoder(inputs, hidden int, tied bool, rng *rand.Rand) *Autoencoder {
	a := &Autoencoder{
		Inputs: inputs, Hidden: hidden, Loss: loss.BinaryCrossEntropy,
		W: make([]float64, hidden*inputs), C: make([]float64, hidden), B: make([]float64, inputs),
	}
	bound := 4 * math.Sqrt(6/float64(inputs+hidden))
	for i := range a.W {
		a.W[i] = bound * math.FMA(2, rng.Float64(), -1)
	}
	if !tied {
		a.V = make([]float64, len(a.W))
		for i := range a.V {
			a.V[i] = bound * math.FMA(2, rng.Float64(), -1)
		}
	}
	return a
}

// Reconstruct configures the training of an [Autoencoder], by stochastic gradient
// descent with momentum.
type Reconstruct struct {
	Epochs   int
	Batch    int // examples of a minibatch; 0: all of them
	Rate     float64
	Momentum float64
	// Noise is the share of the inputs that are set to 0 in what is encoded, and
	// not in what is to be reconstructed: a denoising autoencoder (Vincent et al.
	// 2008, doi:10.1145/1390156.1390294).
	Noise float64
}

// DefaultReconstruct is what the model autoencoder does.
func DefaultReconstruct() Reconstruct {
	return Reconstruct{Epochs: 20, Batch: 50, Rate: 0.05, Momentum: 0.9, Noise: 0.25}
}

// multiplyAdds is what an update costs for an example: encoding, decoding, and for
// the gradient the outer product of each and the way back through the decoder.
func (Reconstruct) multiplyAdds(inputs, hidden int) int64 {
	return 5 * int64(inputs) * int64(hidden)
}

// Train trains a on examples x, [n][Inputs], which are not changed. The error is
// ctx's, or says that x does not fit.
func (a *Autoencoder) Train(ctx context.Context, x []float64, c Reconstruct, rng *rand.Rand) error {
	return a.train(ctx, x, c, rng, new(int64))
}

// train is Train, and adds the multiply-adds that it took to spent.
func (a *Autoencoder) train(ctx context.Context, x []float64, c Reconstruct, rng *rand.Rand, spent *int64) error {
	if len(x) == 0 || len(x)%a.Inputs != 0 {
		return fmt.Errorf("pretrain: %d input values, want a positive multiple of the %d inputs", len(x), a.Inputs)
	}
	n := len(x) / a.Inputs
	size := c.Batch
	if size <= 0 || size > n {
		size = n
	}
	p := newPass(a, size)
	gradient := a.like()
	velocity := a.like()
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	rows := make([]float64, size*a.Inputs)
	for range c.Epochs {
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		for lo := 0; lo < n; lo += size {
			if err := ctx.Err(); err != nil {
				return err
			}
			index := order[lo:min(lo+size, n)]
			for j, i := range index {
				copy(rows[j*a.Inputs:][:a.Inputs], x[i*a.Inputs:][:a.Inputs])
			}
			p.load(rows[:len(index)*a.Inputs])
			if c.Noise > 0 {
				p.corrupt(c.Noise, rng)
			}
			p.gradient(gradient)
			for i, w := range a.parameters() {
				update(w, velocity.parameters()[i], gradient.parameters()[i], c.Momentum, -c.Rate)
			}
			*spent += int64(len(index)) * c.multiplyAdds(a.Inputs, a.Hidden)
		}
	}
	return nil
}

// parameters are W, C, B and, unless it is tied, V.
func (a *Autoencoder) parameters() [][]float64 {
	p := [][]float64{a.W, a.C, a.B}
	if a.V != nil {
		p = append(p, a.V)
	}
	return p
}

// like returns one of the same sizes, with zeros.
func (a *Autoencoder) like() *Autoencoder {
	b := *a
	b.W, b.C, b.B = make([]float64, len(a.W)), make([]float64, len(a.C)), make([]float64, len(a.B))
	if a.V != nil {
		b.V = make([]float64, len(a.V))
	}
	return &b
}

// decoder is V', [Hidden][Inputs].
func (a *Autoencoder) decoder() []float64 {
	if a.V == nil {
		return a.W
	}
	return a.V
}

// A pass is the memory of a pass over a minibatch.
type pass struct {
	a                 *Autoencoder
	x, seen           batch // what is to be reconstructed, and what is encoded
	h, z, dz, dh, tmp batch
	rows              []float64 // [n][Inputs]
	losses            []float64
}

func newPass(a *Autoencoder, size int) *pass {
	in, hidden := func() batch { return newBatch(a.Inputs, size) }, func() batch { return newBatch(a.Hidden, size) }
	return &pass{
		a: a, x: in(), seen: in(), z: in(), dz: in(), tmp: in(), h: hidden(), dh: hidden(),
		rows: make([]float64, size*a.Inputs), losses: make([]float64, size),
	}
}

// load makes examples, [n][Inputs], the minibatch.
func (p *pass) load(examples []float64) {
	n := len(examples) / p.a.Inputs
	for _, b := range []*batch{&p.x, &p.seen, &p.h, &p.z, &p.dz, &p.dh, &p.tmp} {
		b.N = n
	}
	columns(p.x, examples)
	copy(p.seen.Data, p.x.Data)
}

// corrupt sets a share of what is encoded to 0.
func (p *pass) corrupt(share float64, rng *rand.Rand) {
	for i := range p.a.Inputs {
		mask, seen := p.tmp.Row(i), p.seen.Row(i)
		for j := range mask {
			mask[j] = 1 - share
		}
		draw(mask, rng)
		for j, keep := range mask {
			seen[j] *= keep
		}
	}
}

// loss returns the mean loss of the minibatch, and leaves its derivative with
// respect to z in dz.
func (p *pass) loss() float64 {
	a, n := p.a, p.x.N
	kernel.Gemm(a.Hidden, n, a.Inputs, p.h.Data, p.h.Stride, a.W, a.Inputs, 1, p.seen.Data, p.seen.Stride, a.C, false)
	kernel.Sigmoid(p.h.Data, p.h.Data)
	kernel.Gemm(a.Inputs, n, a.Hidden, p.z.Data, p.z.Stride, a.decoder(), 1, a.Inputs, p.h.Data, p.h.Stride, a.B, false)
	scale := 1 / float64(n)
	if a.Loss == loss.BinaryCrossEntropy && !a.Linear {
		total := 0.0
		for i := range a.Inputs {
			kernel.BinaryCrossEntropy(p.losses, p.dz.Row(i), p.z.Row(i), n, p.x.Row(i), scale)
			total += mean(p.losses[:n])
		}
		return total
	}
	if !a.Linear {
		kernel.Sigmoid(p.z.Data, p.z.Data)
	}
	// Half of the sum is Inputs/2 times the mean.
	half := float64(a.Inputs) / 2
	kernel.SquaredError(p.losses, p.dz.Data, p.z.Data, p.z.Stride, a.Inputs, n, p.x.Data, p.x.Stride, half*scale)
	if !a.Linear {
		kernel.SigmoidGrad(p.dz.Data, p.dz.Data, p.z.Data)
	}
	return half * mean(p.losses[:n])
}

// gradient sets g to the gradient of the loss, and returns the loss.
func (p *pass) gradient(g *Autoencoder) float64 {
	value := p.loss()
	a, n := p.a, p.x.N
	kernel.RowSums(g.B, p.dz.Data, p.dz.Stride, a.Inputs, n, false)
	kernel.Gemm(a.Hidden, n, a.Inputs, p.dh.Data, p.dh.Stride, a.decoder(), a.Inputs, 1, p.dz.Data, p.dz.Stride, nil, false)
	kernel.SigmoidGrad(p.dh.Data, p.dh.Data, p.h.Data)
	kernel.RowSums(g.C, p.dh.Data, p.dh.Stride, a.Hidden, n, false)
	kernel.Transpose(p.rows, a.Inputs, p.seen.Data, p.seen.Stride, a.Inputs, n)
	kernel.Gemm(a.Hidden, a.Inputs, n, g.W, a.Inputs, p.dh.Data, p.dh.Stride, 1, p.rows, a.Inputs, nil, false)
	kernel.Transpose(p.rows, a.Inputs, p.dz.Data, p.dz.Stride, a.Inputs, n)
	decoder, tied := g.V, a.V == nil
	if tied {
		decoder = g.W
	}
	kernel.Gemm(a.Hidden, a.Inputs, n, decoder, a.Inputs, p.h.Data, p.h.Stride, 1, p.rows, a.Inputs, nil, tied)
	return value
}
