package gradient

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// Amplify multiplies the gradients of the weights of some layers, chosen at random
// once, during the first part of the budget (Basodi et al. 2020,
// doi:10.26599/BDMA.2020.9020004, whose subset of layers is redrawn for
// epochs; here it is one for a run). The
// layers are those with a weight matrix, with all of their blocks. Other layers
// do not notice: to multiply what passes through a layer on its way to those below
// is for the network (its layer amplify).
//
// It is nothing to a method that goes by signs, such as [Rprop] and [SignSGD],
// which do not have it, and next to nothing to [Adam], which divides by the size
// of the gradient.
type Amplify struct {
	Factor float64 `json:"amplify" doc:"factor of the gradients of some layers, chosen at random; 0: none" range:"[0,1000]"`
	Ratio  float64 `json:"amplify_ratio" doc:"share of the layers that are chosen, if any are to be amplified" range:"[0,1]"`
	Until  float64 `json:"amplify_until" doc:"part of the budget at whose end amplification ends; without a known budget it does not end" range:"[0,1]"`
}

// noAmplification has the share of layers in the middle of what was tried, and
// leaves a last part of the budget to training as usual.
func noAmplification() Amplify { return Amplify{Ratio: 0.5, Until: 0.8} }

// streamAmplify is what layers are chosen from.
const streamAmplify = 0x616d706c

// An amplification is an [Amplify] of given weights: ranges in their order.
type amplification struct {
	factor float64
	steps  uint64 // it acts during so many
	ranges []optimizers.Block
}

func newAmplification(a Amplify, p optimizers.Problem) (amplification, error) {
	if a.Factor == 0 || a.Factor == 1 || a.Ratio == 0 {
		return amplification{}, nil
	}
	if p.Blocks == nil {
		return amplification{}, errors.New("amplify: nothing is known of the layers, want weights with named blocks")
	}
	var layers []int
	for _, b := range p.Blocks {
		if b.FanIn > 0 && !slices.Contains(layers, b.Layer) {
			layers = append(layers, b.Layer)
		}
	}
	count := int(math.Round(a.Ratio * float64(len(layers))))
	if count == 0 {
		return amplification{}, fmt.Errorf("amplify_ratio: %v of %d layers is none, want more", a.Ratio, len(layers))
	}
	src := noise.NewSource(p.Seed, streamAmplify)
	for i := range count { // the first of a shuffled list
		k := i + int(src.Uint64()%uint64(len(layers)-i))
		layers[i], layers[k] = layers[k], layers[i]
	}
	m := amplification{factor: a.Factor, steps: math.MaxUint64}
	if p.Budget > 0 {
		m.steps = uint64(math.Ceil(a.Until * float64(p.Budget)))
	}
	for _, b := range p.Blocks {
		if slices.Contains(layers[:count], b.Layer) {
			m.ranges = append(m.ranges, b)
		}
	}
	return m, nil
}

// apply amplifies g, a stretch of the gradient of a step that starts at weight off.
func (a amplification) apply(g []float64, off int, step uint64) {
	if step >= a.steps {
		return
	}
	for _, b := range a.ranges {
		if from, to := max(off, b.Off), min(off+len(g), b.Off+b.Len); from < to {
			kernel.Scale(g[from-off:to-off], a.factor)
		}
	}
}
