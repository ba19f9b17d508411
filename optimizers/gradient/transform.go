package gradient

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// Clip limits the gradient, so that a cliff of the loss does not throw the
// weights far away (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section
// 3.2). By value comes first, so that the norm is at most the one given.
type Clip struct {
	ClipValue float64 `json:"clip_value" doc:"largest magnitude of a partial derivative; 0: any" range:"[0,1e6]"`
	ClipNorm  float64 `json:"clip_norm" doc:"largest norm of the gradient, which keeps its direction; 0: any" range:"[0,1e6]"`
}

// L2 is the penalty (weight_decay/2) |w|^2 on the weights, by its gradient. The
// loss that is reported is without it.
type L2 struct {
	WeightDecay float64 `json:"weight_decay" doc:"part of the weights that is added to the gradient" range:"[0,1]"`
}

// GradientNoise is normal noise that is added to the gradient (Neelakantan et
// al. 2015, arXiv:1511.06807), with the variance noise / (1+t)^noise_decay at
// step t, counted from 0.
type GradientNoise struct {
	Noise      float64 `json:"noise" doc:"variance of normal noise that is added to the gradient at the first step (eta); 0: none" range:"[0,1e6]"`
	NoiseDecay float64 `json:"noise_decay" doc:"power of time that divides the variance of the noise (gamma)" range:"[0,10]"`
}

// Transforms are what a first-order method does to the gradient and the
// learning rate before its own rule. In this order:
//
//  1. NaN or Inf in the gradient is [optimizers.ErrDiverged], never clipped.
//  2. Amplify the gradients of some layers.
//  3. Clip by value, then by norm.
//  4. Add weight_decay times the weights at which the gradient was taken. It is
//     no part of what is clipped.
//  5. Add noise, whose variance is thus the one given.
//  6. The rule of the method, with the learning rate of the [RateSchedule].
//
// What is 0 changes no bit.
type Transforms struct {
	RateSchedule
	Amplify
	Clip
	L2
	GradientNoise
}

// A Transform is one of the [Transforms], as it is listed and explained: members of
// a configuration that belong together, by the name of the first.
type Transform struct {
	Name, Summary string
	Refs          []string
	Params        []optimizers.Param
}

// AllTransforms lists them in the order in which they act.
func AllTransforms() []Transform {
	clip := optimizers.Params(Clip{})
	return []Transform{
		{"amplify", "multiplies the gradients of some layers, chosen at random", []string{
			"Basodi, Ji, Zhang & Pan 2020, Gradient amplification, doi:10.26599/BDMA.2020.9020004",
		}, optimizers.Params(noAmplification())},
		{"clip_value", "bounds every partial derivative", []string{
			"Mikolov 2012, Statistical language models based on neural networks, PhD thesis, Brno University of Technology",
		}, clip[:1]},
		{"clip_norm", "shortens a gradient that is longer than this, so that a cliff of the loss does no harm", []string{
			"Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063, sec. 3.2",
		}, clip[1:]},
		{"weight_decay", "pulls the weights towards 0", []string{
			"Krogh & Hertz 1992, A simple weight decay can improve generalization, NIPS 4",
		}, optimizers.Params(L2{})},
		{"noise", "adds normal noise to the gradient, less and less", []string{
			"Neelakantan et al. 2015, Adding gradient noise improves learning for very deep networks, arXiv:1511.06807",
		}, optimizers.Params(noNoise())},
		{"schedule", "changes the learning rate over the budget: in steps, along a cosine, after a warm-up", []string{
			"Loshchilov & Hutter 2017, SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983",
			"Goyal et al. 2017, Accurate, large minibatch SGD, arXiv:1706.02677 (warm-up)",
		}, optimizers.Params(constantRate())},
	}
}

// plain is no transforms at all.
func plain() Transforms {
	return Transforms{RateSchedule: constantRate(), Amplify: noAmplification(), GradientNoise: noNoise()}
}

// noNoise has the decay that Neelakantan et al. use throughout.
func noNoise() GradientNoise { return GradientNoise{NoiseDecay: 0.55} }

// needed reports whether a transform changes the gradient.
func (t Transforms) needed() bool {
	return t.Factor > 0 || t.ClipValue > 0 || t.ClipNorm > 0 || t.WeightDecay > 0 || t.Noise > 0
}

// clip clips g by value.
func (t Transforms) clip(g []float64) {
	if c := t.ClipValue; c > 0 {
		for i, v := range g {
			g[i] = max(-c, min(v, c))
		}
	}
}

// sigma is the standard deviation of the noise at a step. The exponential and
// the logarithm are those of package kernel, which are the same everywhere.
func (t Transforms) sigma(step uint64) float64 {
	if t.Noise == 0 {
		return 0
	}
	x := []float64{float64(step) + 1}
	kernel.Log(x, x)
	x[0] *= -t.NoiseDecay / 2
	kernel.Exp(x, x)
	return math.Sqrt(t.Noise) * x[0]
}

// A scaling is a factor in two parts, since a norm may be out of range where
// the gradient is not: g becomes g / by * to.
type scaling struct{ by, to float64 }

// limit is what makes the norm of g, whose squares add up to sum, at most
// clip_norm. The second value is the norm.
func (t Transforms) limit(g []float64, sum float64) (scaling, float64) {
	const low, high = 1e-250, 1e250 // beyond, squares have lost digits
	by := 1.0
	if !(low < sum && sum < high) {
		by = largest(g)
		if by == 0 {
			return scaling{1, 1}, 0
		}
		sum = 0
		for _, v := range g {
			v /= by
			sum += float64(v * v)
		}
	}
	norm := math.Sqrt(sum)
	if by*norm <= t.ClipNorm {
		return scaling{1, 1}, by * norm
	}
	return scaling{by, t.ClipNorm / norm}, by * norm
}

func (s scaling) apply(g []float64) {
	if s.by != 1 {
		for i := range g {
			g[i] /= s.by
		}
	}
	if s.to != 1 {
		kernel.Scale(g, s.to)
	}
}

// addTo adds the penalty of the weights w, and noise, to g. The noise has a row
// for each stretch.
func (t Transforms) addTo(g, w []float64, sigma float64, seed, step uint64, row int) {
	if t.WeightDecay > 0 {
		kernel.Axpy(g, t.WeightDecay, w)
	}
	if sigma > 0 {
		noise.AddNormal(g, sigma, seed, step, uint32(row))
	}
}

// largest is the largest magnitude in x.
func largest(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}

// finite reports whether x has no NaN and no Inf. A sum has one if x does, or
// if it overflows.
func finite(x []float64) bool {
	const most = 1 << 16 // what package kernel adds in vectors
	for ; len(x) > most; x = x[most:] {
		if !finite(x[:most]) {
			return false
		}
	}
	var sum [1]float64
	kernel.RowSums(sum[:], x, len(x), 1, len(x), false)
	if sum[0]-sum[0] == 0 {
		return true
	}
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
