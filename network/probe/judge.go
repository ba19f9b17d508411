package probe

import "math"

// A Verdict is a [Judgement] in a word.
type Verdict string

// The verdicts.
const (
	// Vanishing: deltas shrink by 0.7 or more in each layer on their way to
	// the input, and to less than a thousandth in all; or to 0.
	Vanishing Verdict = "VANISHING"
	// Exploding: deltas grow more than a thousandfold on their way to the
	// input, or some figure has overflowed.
	Exploding Verdict = "EXPLODING"
	// Shattered: at inputs with a cosine of 0.9 the gradients with respect to them
	// have a correlation below 0.1. See [Judgement.Correlated].
	Shattered Verdict = "SHATTERED"
	// Dead: more than half of the hidden units have no slope for any example, or
	// all those of one layer, which stops the gradient there.
	Dead Verdict = "DEAD"
	// Healthy: none of these.
	Healthy Verdict = "HEALTHY"
)

// The thresholds of the verdicts.
const (
	vanishingFactor = 0.7
	vanishingRatio  = 1e-3
	explodingRatio  = 1e3
	deadShare       = 0.5
	shattered       = 0.1
)

// A Judgement says how the gradient gets from the output to the input.
type Judgement struct {
	Verdict Verdict `json:"verdict"`
	// Factor is what the delta is multiplied by from one layer to the one
	// below, exp of minus the slope of ln Delta over Depth by least squares:
	// below 1, it shrinks on its way to the input.
	Factor float64 `json:"factor"`
	// Ratio is the delta of the layer nearest the input over that of the one
	// nearest the output.
	Ratio float64 `json:"ratio"`
}

// Judge names what is wrong with the gradient, from what [Measure] reports.
//
// Deltas of 0 have no logarithm. Factor is then the rate among the layers that
// the gradient reaches, and 0 if it leaves the output but reaches no other; if
// it does not even leave the output, since the loss is at its minimum, there
// is nothing to say about its way: Factor and Ratio are 1. With a figure that
// overflowed both are [math.MaxFloat64].
//
// Between two layers there is one step, which is no rate yet: with fewer than
// three the verdict is not [Vanishing] or, unless something overflowed,
// [Exploding]. One saturated hidden layer is reported as dead.
func Judge(layers []Layer) Judgement {
	if len(layers) == 0 {
		return Judgement{Verdict: Healthy, Factor: 1, Ratio: 1}
	}
	var dead float64
	var blocked bool
	for _, l := range layers {
		for _, v := range []float64{l.Delta, l.Grad, l.Weight, l.Mean, l.Std, l.PreStd} {
			if !(math.Abs(v) < math.MaxFloat64) { // true of NaN
				return Judgement{Verdict: Exploding, Factor: math.MaxFloat64, Ratio: math.MaxFloat64}
			}
		}
		blocked = blocked || l.Dead == 1
	}
	hidden := layers[:len(layers)-1] // the last layer has no activation, as a rule
	for _, l := range hidden {
		dead += l.Dead / float64(len(hidden))
	}
	j := Judgement{Verdict: Healthy, Factor: factor(layers), Ratio: ratio(layers)}
	deep := len(layers) > 2
	switch {
	case blocked && layers[0].Delta == 0:
		j.Verdict = Dead
	case deep && (j.Ratio == 0 || j.Factor < vanishingFactor && j.Ratio < vanishingRatio):
		j.Verdict = Vanishing
	case deep && j.Ratio > explodingRatio:
		j.Verdict = Exploding
	case dead > deadShare:
		j.Verdict = Dead
	}
	return j
}

// Correlated is the judgement of a gradient whose correlation between inputs with a
// cosine of 0.9 is also known, as by Balduzzi et al. 2017, arXiv:1702.08591: one that
// gets to the input, in a reasonable size, and there resembles white noise is
// [Shattered]. What is not a number, as where no gradient arrives, changes nothing.
func (j Judgement) Correlated(rho float64) Judgement {
	arrives := j.Ratio > 0 && (j.Verdict == Healthy || j.Verdict == Dead)
	if arrives && rho < shattered {
		j.Verdict = Shattered
	}
	return j
}

// ratio is the first delta over the last.
func ratio(layers []Layer) float64 {
	first, last := layers[0].Delta, layers[len(layers)-1].Delta
	if last == 0 {
		return 1
	}
	return bounded(first / last)
}

// factor is exp of minus the least-squares slope of ln Delta over Depth.
func factor(layers []Layer) float64 {
	var n, sx, sy float64
	for _, l := range layers {
		if l.Delta > 0 {
			n++
			sx += float64(l.Depth)
			sy += math.Log(l.Delta)
		}
	}
	if n < 2 {
		if len(layers) > 1 && layers[len(layers)-1].Delta > 0 {
			return 0
		}
		return 1
	}
	var sxx, sxy float64
	for _, l := range layers {
		if l.Delta > 0 {
			dx := float64(l.Depth) - sx/n
			sxx += float64(dx * dx)
			sxy += float64(dx * (math.Log(l.Delta) - sy/n))
		}
	}
	return bounded(math.Exp(-sxy / sxx))
}
