package evolution

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// CRFMNESConfig configures [CRFMNES].
type CRFMNESConfig struct {
	Population int     `json:"population" doc:"candidates of each generation, an even number: pairs of opposite steps; 0: 4 + 3 ln n, or one more" range:"[0,100000]"`
	Sigma      float64 `json:"sigma" doc:"first standard deviation of every weight" range:"(0,1000]" scale:"log"`
}

// CRFMNES is the cost-reduced fast-moving natural evolution strategy. Its
// covariance matrix is sigma^2 D (I + v v') D, with a step size for each weight in
// D and one direction v, so that all of it is linear in the number of weights.
// While it moves in one direction it widens its steps, and prefers candidates
// that went far.
//
// It is made for hundreds to millions of weights whose losses form a ridge: on
// Rosenbrock's function in 40 dimensions it gets to 1e-8 in less than 50,000
// evaluations, with which local random search has a two-thousandth of the loss at
// the start.
var CRFMNES = optimizers.Define(optimizers.Definition{
	Name:    "cr-fm-nes",
	Summary: "Fast-moving natural evolution strategy with a step size for each weight and one direction.",
	Refs: []string{
		"Nomura & Ono 2022, arXiv:2201.11422",
		"Akimoto, Auger & Hansen 2014, doi:10.1145/2576768.2598258",
	},
	Memory: func(dim int) int64 {
		lambda := defaultPopulation(dim) + 1
		return 8 * int64(dim) * int64(lambda+lambda/2+15)
	},
}, CRFMNESConfig{Sigma: 0.5}, newCRFMNES)

type crfmnes struct {
	p      optimizers.Problem
	n      float64
	shaper *shaper // to the weights of ranks, not normalized
	rates  crfmnesRates
	step   uint64
	mean   []float64
	sigma  float64
	d, v   []float64
	ps, pc []float64 // evolution paths: of sigma, and of the mean
	z      sample    // of the first of each pair
	x      sample

	unit    []float64 // v / |v|
	length  float64   // |v|
	stretch float64   // by how much z is made longer along v: sqrt(1 + |v|^2) - 1
	along   []float64 // unit'z of each pair
	norms   []float64 // |z| of each candidate
	weights []float64 // of each candidate
	scratch []float64
	// Sums over the candidates of z, of z^2 and of (unit'z) z, and the weight of
	// each pair in them: z has opposite signs in the two, the others the same.
	zw, squares, crossed []float64
	odd, even, evenAlong []float64
	s, t, inverse        []float64 // of the update of D and v
	// What each core does: pair i of a sample, stretch i of the sums.
	draw, sumOdd, sumEven func(int)
}

func newCRFMNES(cfg CRFMNESConfig, p optimizers.Problem) (*crfmnes, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	if cfg.Population == 0 {
		lambda += lambda % 2
	}
	if err := even(lambda); err != nil {
		return nil, err
	}
	vector := func() []float64 { return make([]float64, n) }
	half := func() []float64 { return make([]float64, lambda/2) }
	o := &crfmnes{
		p:      cores(p, lambda),
		n:      float64(n),
		shaper: newShaper(descending(float64(lambda)/2+1, lambda)),
		rates:  newCRFMNESRates(lambda, float64(n)),
		mean:   slices.Clone(p.Init),
		sigma:  cfg.Sigma,
		d:      slices.Repeat([]float64{1}, n),
		v:      vector(),
		ps:     vector(),
		pc:     vector(),
		z:      newPopulation(lambda/2, n),
		x:      newCandidates(p, lambda),

		unit:      vector(),
		along:     half(),
		norms:     make([]float64, lambda),
		weights:   make([]float64, lambda),
		scratch:   make([]float64, lambda),
		zw:        vector(),
		squares:   vector(),
		crossed:   vector(),
		odd:       half(),
		even:      half(),
		evenAlong: half(),
		s:         vector(),
		t:         vector(),
		inverse:   vector(),
	}
	noise.Normal(o.v, noise.Mix(p.Seed, streamDirection), 0, 0)
	kernel.Scale(o.v, 1/math.Sqrt(o.n))
	o.draw, o.sumOdd, o.sumEven = o.drawPair, o.sumOddStretch, o.sumEvenStretch
	return o, nil
}

// maxLength is that of v at which float64 cannot tell along v from across.
const maxLength = 1e8

// streamDirection tells the first v from the draws of candidates.
const streamDirection uint64 = 2

func (o *crfmnes) Ask() ([][]float64, error) {
	o.length = norm(o.v)
	o.stretch = math.Sqrt(1+float64(o.length*o.length)) - 1
	copy(o.unit, o.v)
	kernel.Scale(o.unit, 1/o.length)
	o.p.Parallel(len(o.z.rows), o.draw)
	return o.x.rows, nil
}

// drawPair is mean + sigma D y and mean - sigma D y, where
// y = z + (sqrt(1 + |v|^2) - 1) (unit'z) unit has the covariance matrix I + v v'.
func (o *crfmnes) drawPair(i int) {
	z, up, down := o.z.rows[i], o.x.rows[2*i], o.x.rows[2*i+1]
	noise.Normal(z, o.p.Seed, o.step, uint32(i))
	o.norms[2*i] = norm(z)
	o.norms[2*i+1] = o.norms[2*i]
	o.along[i] = dot(o.unit, z)
	kernel.Sum2(down, z, o.unit, o.stretch*o.along[i])
	mean, d := o.mean[:len(down)], o.d[:len(down)]
	up = up[:len(down)]
	for j, y := range down {
		delta := float64(o.sigma * d[j] * y)
		up[j], down[j] = mean[j]+delta, mean[j]-delta
	}
}

// Tell is algorithm 1 of Nomura & Ono 2022.
func (o *crfmnes) Tell(evals []optimizers.Evaluation) error {
	o.step++
	finite := 0
	for _, e := range evals {
		if !math.IsInf(e.Loss, 1) {
			finite++
		}
	}
	hat := o.shaper.shape(evals, o.norms)
	o.weigh(hat)
	o.sum(o.sumOdd)
	follow(o.ps, o.rates.cs, o.rates.muEff, o.zw)

	speed := norm(o.ps) / o.rates.chiN
	if speed >= 1 {
		// What moves may go far: candidates weigh the more, the further they went.
		o.weigh(o.byDistance(hat, finite))
		o.sum(o.sumOdd)
	}
	o.sum(o.sumEven)
	o.moveMean()
	o.reshape(finite)

	grad := 0.0
	for k, w := range o.weights {
		grad += float64(w * (float64(o.norms[k]*o.norms[k])/o.n - 1))
	}
	o.sigma = clampSigma(o.sigma * exp(0.5*float64(o.rates.sigma(speed, finite)*grad)))
	return nil
}

// weigh makes the weights hat / sum hat - 1/lambda, and those of the pairs.
func (o *crfmnes) weigh(hat []float64) {
	sum := 0.0
	for _, h := range hat {
		sum += h
	}
	for k, h := range hat {
		o.weights[k] = h/sum - 1/float64(len(hat))
	}
	for i := range o.odd {
		o.odd[i] = o.weights[2*i] - o.weights[2*i+1]
		o.even[i] = o.weights[2*i] + o.weights[2*i+1]
		o.evenAlong[i] = o.even[i] * o.along[i]
	}
}

// byDistance is hat times exp(alpha |z|), less a common factor.
func (o *crfmnes) byDistance(hat []float64, finite int) []float64 {
	alpha, far := o.rates.distance(finite), slices.Max(o.norms)
	for k, length := range o.norms {
		o.scratch[k] = alpha * (length - far)
	}
	kernel.Exp(o.scratch, o.scratch)
	for k, h := range hat {
		o.scratch[k] *= h
	}
	return o.scratch
}

func (o *crfmnes) sum(stretch func(int)) { o.p.Parallel(stretches(len(o.mean)), stretch) }

func (o *crfmnes) sumOddStretch(i int) {
	from, to := bounds(i, len(o.mean))
	weightedSum(o.zw[from:to], o.odd, o.z.rows, from)
}

func (o *crfmnes) sumEvenStretch(i int) {
	from, to := bounds(i, len(o.mean))
	weightedSum(o.crossed[from:to], o.evenAlong, o.z.rows, from)
	squares := o.squares[from:to]
	clear(squares)
	for k, w := range o.even {
		z := o.z.rows[k][from:to]
		squares := squares[:len(z)]
		for j, v := range z {
			squares[j] += float64(w * float64(v*v))
		}
	}
}

// follow is path = (1-c) path + sqrt(c (2-c) muEff) x.
func follow(path []float64, c, muEff float64, x []float64) {
	kernel.Scale(path, 1-c)
	kernel.Axpy(path, math.Sqrt(c*(2-c)*muEff), x)
}

// moveMean moves the mean and its path by the weighted sum of sigma D y.
func (o *crfmnes) moveMean() {
	along := 0.0
	for i, w := range o.odd {
		along += float64(w * o.along[i])
	}
	kernel.Axpy(o.zw, o.stretch*along, o.unit)
	for j, d := range o.d {
		o.zw[j] *= d
	}
	follow(o.pc, o.rates.cc, o.rates.muEff, o.zw)
	kernel.Axpy(o.mean, o.sigma, o.zw)
}

// Recommend is the mean of the distribution.
func (o *crfmnes) Recommend() []float64 { return o.mean }

// Diagnostics reports sigma, the length of its path as a part of what it is if
// selection is blind, from which on it moves, and the length of v.
func (o *crfmnes) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("sigma", o.sigma) && yield("path", norm(o.ps)/o.rates.chiN) && yield("v", norm(o.v))
	}
}

func (o *crfmnes) state() []any {
	return []any{&o.step, &o.sigma, o.mean, o.d, o.v, o.ps, o.pc}
}

func (o *crfmnes) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("cr-fm-nes/1", o.state()...)
}

func (o *crfmnes) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("cr-fm-nes/1", data, o.state()...)
}
