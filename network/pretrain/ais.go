package pretrain

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// AIS estimates the logarithm of the partition function of a machine of binary
// units by annealed importance sampling (Neal 2001, doi:10.1023/A:1008923215028;
// Salakhutdinov & Murray 2008, doi:10.1145/1390156.1390266): so many runs go from
// a machine whose partition function is known, in so many steps, to r. That
// machine has no W and the visible biases base, len Visible, or 0 if base is nil;
// the log-odds of the data ([RBM.FitBias]) are nearer to a trained r.
//
// The second result is one standard deviation of the estimate. It knows only of
// the states that the runs have met.
func (r *RBM) AIS(base []float64, steps, runs int, rng *rand.Rand) (logZ, sigma float64, err error) {
	switch {
	case r.Units != Binary:
		return 0, 0, errors.New("pretrain: AIS of Gaussian units, want binary ones")
	case steps < 1 || runs < 2:
		return 0, 0, fmt.Errorf("pretrain: AIS in %d steps and %d runs, want at least 1 and 2", steps, runs)
	}
	start := zeroRBM(r.Visible, r.Hidden)
	start.Labels = r.Labels
	if base != nil {
		copy(start.B, base)
	}
	logZ = start.logHiddenWeights(newBatch(r.Hidden, 1))[0] + float64(float64(r.Hidden)*math.Ln2)

	v, h, scaled := newBatch(r.Visible, runs), newBatch(r.Hidden, runs), newBatch(r.Hidden, runs)
	var plus softplus
	weights, sums := make([]float64, runs), make([]float64, runs) // weights are logarithms
	// at is the machine at beta, but for its W, which is that of r times beta.
	at := &RBM{Visible: r.Visible, Hidden: r.Hidden, Labels: r.Labels, W: r.W, B: slices.Clone(start.B)}
	at.visible(v, h)
	at.drawVisible(v, rng)
	towards := make([]float64, r.Visible) // b - bA
	kernel.Sum2(towards, r.B, start.B, -1)
	last := 0.0
	for k := 1; k <= steps; k++ {
		beta := float64(k) / float64(steps)
		r.hiddenInputs(h, v)
		// ln p*_k(v) - ln p*_(k-1)(v)
		kernel.Gemm(1, runs, r.Visible, sums, runs, towards, r.Visible, 1, v.Data, v.Stride, nil, false)
		kernel.Axpy(weights, beta-last, sums)
		for _, part := range []struct{ sign, beta float64 }{{1, beta}, {-1, last}} {
			copy(scaled.Data, h.Data)
			kernel.Scale(scaled.Data, part.beta)
			clear(sums)
			plus.add(sums, scaled, r.Hidden)
			kernel.Axpy(weights, part.sign, sums)
		}
		kernel.Scale(h.Data, beta)
		kernel.Sigmoid(h.Data, h.Data)
		drawAll(h, rng)
		kernel.Scale(h.Data, beta)
		kernel.Sum2(at.B, start.B, towards, beta)
		at.visible(v, h)
		at.drawVisible(v, rng)
		last = beta
	}
	logMean := logSum(weights) - math.Log(float64(runs))
	for i := range weights {
		weights[i] -= logMean
	}
	kernel.Exp(weights, weights) // now their mean is 1
	variance := 0.0
	for _, w := range weights {
		variance += float64((w - 1) * (w - 1))
	}
	variance /= float64(runs - 1)
	return logZ + logMean, math.Sqrt(variance / float64(runs)), nil
}
