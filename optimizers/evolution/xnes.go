package evolution

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// XNESConfig configures [XNES].
type XNESConfig struct {
	Population int     `json:"population" doc:"candidates of each generation; 0: 4 + 3 ln n" range:"[0,100000]"`
	Sigma      float64 `json:"sigma" doc:"first standard deviation of every weight" range:"(0,1000]" scale:"log"`
	LR         float64 `json:"lr" doc:"learning rate of the mean (eta mu)" range:"(0,10]"`
	ShapeLR    float64 `json:"shape_lr" doc:"learning rate of step size and covariances, in parts of 0.6 (3 + ln n)/(n sqrt n) (eta sigma, eta B)" range:"[0,10]"`
}

// xnesLimit is the number of weights above which XNES refuses: an update takes
// several products of square matrices, 44 ms for 500 weights on one core of a Zen 4.
const xnesLimit = 500

// XNES is the exponential natural evolution strategy: a normal distribution with
// all covariances, which follows the natural gradient of the expected utility.
// The covariance matrix is updated by a factor that is the exponential of a
// matrix, and so stays positive definite.
//
// It is made for a few weights that depend on each other: it takes no more
// evaluations on the rotated ellipsoid than along the axes, about 8,900 in 10
// dimensions to 1e-8, with which local random search has a ten-thousandth of the
// loss at the start. CMA-ES takes fewer.
var XNES = optimizers.Define(optimizers.Definition{
	Name:    "xnes",
	Summary: "Exponential natural evolution strategy: a normal distribution with all covariances, for few weights.",
	Refs: []string{
		"Wierstra et al. 2014, Natural Evolution Strategies, JMLR 15, pp. 949-980",
		"Glasmachers et al. 2010, doi:10.1145/1830483.1830557",
	},
	MaxDim: xnesLimit,
	Memory: func(dim int) int64 {
		n := int64(dim)
		return 8 * n * (5*n + int64(3*defaultPopulation(dim)) + 3)
	},
}, XNESConfig{Sigma: 0.5, LR: 1, ShapeLR: 1}, newXNES)

type xnes struct {
	cfg     XNESConfig
	p       optimizers.Problem
	n       int
	shaper  *shaper
	shapeLR float64 // eta sigma = eta B
	step    uint64
	mean    []float64 // mu
	sigma   float64
	shape   []float64 // B', n x n: the transpose of the paper's, of determinant 1
	z, x    sample
	uz      sample    // z, each row times its utility
	g       []float64 // gradient with respect to the mean
	grad    []float64 // with respect to B, n x n
	power   []float64 // of grad, and its exponential
	factor  []float64
	spare   []float64
	draw    func(int)
}

func newXNES(cfg XNESConfig, p optimizers.Problem) (*xnes, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	dim := float64(n)
	square := func() []float64 { return make([]float64, n*n) }
	o := &xnes{
		cfg:    cfg,
		p:      cores(p, lambda),
		n:      n,
		shaper: newShaper(nesUtilities(lambda)),
		// Wierstra et al. 2014, table 1.
		shapeLR: cfg.ShapeLR * 0.6 * (3 + ln(dim)) / float64(dim*math.Sqrt(dim)),
		mean:    slices.Clone(p.Init),
		sigma:   cfg.Sigma,
		shape:   square(),
		z:       newSample(lambda, n),
		x:       newCandidates(p, lambda),
		uz:      newSample(lambda, n),
		g:       make([]float64, n),
		grad:    square(),
		power:   square(),
		factor:  square(),
		spare:   square(),
	}
	identity(o.shape, n)
	o.draw = o.drawRow
	return o, nil
}

func (o *xnes) Ask() ([][]float64, error) {
	o.p.Parallel(len(o.x.rows), o.draw)
	return o.x.rows, nil
}

// drawRow is candidate k: mean + sigma B z.
func (o *xnes) drawRow(k int) {
	n, x, z := o.n, o.x.rows[k], o.z.rows[k]
	noise.Normal(z, o.p.Seed, o.step, uint32(k))
	kernel.Gemm(1, n, n, x, n, z, n, 1, o.shape, n, nil, false)
	kernel.Sum2(x, o.mean, x, o.sigma)
}

// Tell is algorithm 5 of Wierstra et al. 2014.
func (o *xnes) Tell(evals []optimizers.Evaluation) error {
	o.step++
	n, lambda := o.n, len(evals)
	u := o.shaper.shape(evals, nil)

	// G_M = sum u (z z' - I), where the utilities add up to 0.
	copy(o.uz.flat, o.z.flat)
	for k, row := range o.uz.rows {
		kernel.Scale(row, u[k])
	}
	kernel.Gemm(n, n, lambda, o.grad, n, o.uz.flat, 1, n, o.z.flat, n, nil, false)
	trace := 0.0
	for i := range n {
		trace += o.grad[i*(n+1)]
	}
	gradSigma := trace / float64(n)
	for i := range n {
		o.grad[i*(n+1)] -= gradSigma
	}

	// mu += eta sigma B G_delta; x, which was told, has the space for it.
	weightedSum(o.g, u, o.z.rows, 0)
	kernel.Gemm(1, n, n, o.spare, n, o.g, n, 1, o.shape, n, nil, false)
	kernel.Axpy(o.mean, float64(o.cfg.LR*o.sigma), o.spare[:n])

	o.sigma = clampSigma(o.sigma * exp(0.5*float64(o.shapeLR*gradSigma)))
	kernel.Scale(o.grad, 0.5*o.shapeLR)
	expm(o.factor, o.grad, n, o.power, o.spare)
	// B exp(G), transposed: exp(G) is symmetric.
	kernel.Gemm(n, n, n, o.spare, n, o.factor, n, 1, o.shape, n, nil, false)
	if largest(o.spare) < maxSigma {
		o.shape, o.spare = o.spare, o.shape
	}
	return nil
}

// expm is dst = e^a for an n x n matrix: the Taylor series until a term no longer
// counts, of a divided by a power of two so large that this is soon, and then as
// many squarings (Moler & Van Loan 2003, doi:10.1137/S00361445024180, method 3).
// It overwrites a and the two others.
func expm(dst, a []float64, n int, term, next []float64) {
	// The largest sum of a row bounds the largest eigenvalue.
	norm := 0.0
	for i := range n {
		sum := 0.0
		for _, v := range a[i*n : (i+1)*n] {
			sum += math.Abs(v)
		}
		norm = max(norm, sum)
	}
	squarings := 0
	for ; norm > 0.5; norm /= 2 {
		kernel.Scale(a, 0.5)
		squarings++
	}
	identity(dst, n)
	copy(term, a)
	kernel.Add(dst, a)
	for k, bound := 2.0, norm; ; k++ {
		bound *= norm / k
		if bound < 0x1p-54 {
			break
		}
		kernel.Gemm(n, n, n, next, n, term, n, 1, a, n, nil, false)
		kernel.Scale(next, 1/k)
		term, next = next, term
		kernel.Add(dst, term)
	}
	for range squarings {
		kernel.Gemm(n, n, n, next, n, dst, n, 1, dst, n, nil, false)
		copy(dst, next)
	}
}

// identity makes the n x n matrix a the identity.
func identity(a []float64, n int) {
	clear(a)
	for i := range n {
		a[i*(n+1)] = 1
	}
}

// largest is the largest magnitude in x.
func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// Recommend is the mean of the distribution.
func (o *xnes) Recommend() []float64 { return o.mean }

// Diagnostics reports sigma, whose n-th power is the square root of the
// determinant of the covariance matrix.
func (o *xnes) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("sigma", o.sigma) }
}

func (o *xnes) state() []any { return []any{&o.step, &o.sigma, o.mean, o.shape} }

func (o *xnes) MarshalBinary() ([]byte, error) { return optimizers.SaveState("xnes/1", o.state()...) }

func (o *xnes) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("xnes/1", data, o.state()...)
}
