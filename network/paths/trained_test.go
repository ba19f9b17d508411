package paths

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// world is ten classes of four normal clusters each, in 16 dimensions.
type world struct{ centres [40][16]float64 }

func newWorld(rng *rand.Rand) *world {
	w := &world{}
	for c := range w.centres {
		for f := range w.centres[c] {
			w.centres[c][f] = rng.NormFloat64()
		}
	}
	return w
}

// draw fills x and its labels, one example after another.
func (w *world) draw(x tensor, labels []int32, rng *rand.Rand) {
	for i := range labels {
		c := rng.IntN(len(w.centres))
		labels[i] = int32(c % 10)
		for f, v := range w.centres[c] {
			x.Row(f)[i] = v + 0.35*rng.NormFloat64()
		}
	}
}

// After 150 steps of training, too, a residual network preserves the norm of the gradient
// of its loss the better the more blocks it has (Zaeemzadeh et al. 2021, fig. 3), though
// each block has changed: with 32 the deviation is less than 0.35 of that with 4. Nothing
// is said of plain networks, of which deep ones do not learn, and keep their first norms.
func TestNormPreservationAfterTraining(t *testing.T) {
	const width, batch, steps, seeds = 48, 64, 150, 2
	in := network.Shape{16}
	body := network.Specs{network.BatchNorm{}, relu, fully(width)}
	head := network.Specs{network.BatchNorm{}, relu, network.Dense{Out: 10, Init: heNormal}}
	off := map[int]float64{} // mean over blocks and seeds of |r-1|, by the number of blocks
	blocks := []int{2, 4, 8, 16, 32}
	for _, l := range blocks {
		parts := slices.Concat([]network.Specs{{network.Dense{Out: width, Init: "lecun-normal"}}},
			slices.Repeat([]network.Specs{{network.Residual{Body: body}}}, l), []network.Specs{head})
		n, c := network64(t, in, slices.Concat(parts...)...), mustNew(t, in, parts...)
		before, first, last := 0.0, 0.0, 0.0
		for seed := range uint64(seeds) {
			rng := newRand(seed)
			clusters := newWorld(rng)
			w := n.Init(rng)
			x, labels := network.NewTensor[float64](in, batch), make([]int32, batch)
			losses, dy := make([]float64, batch), network.NewTensor[float64](network.Shape{10}, batch)
			velocity, dw := make([]float64, len(w)), make([]float64, len(w))
			// evaluate leaves the gradient of the mean loss in dy, and returns that.
			evaluate := func(y tensor) (mean float64) {
				loss.Evaluate(loss.SoftmaxCrossEntropy, losses, dy.Data, y.Data, y.Stride, 10, batch, loss.Target[float64]{Labels: labels}, 1.0/batch)
				for _, v := range losses {
					mean += v / batch
				}
				return mean
			}
			deviation := func() (mean float64) {
				clusters.draw(x, labels, rng)
				evaluate(c.Forward(train, w, x))
				for _, r := range c.Preservation(w, dy)[1 : l+1] {
					mean += math.Abs(r-1) / float64(l)
				}
				return mean
			}
			before += deviation() / seeds
			for step := range steps {
				clusters.draw(x, labels, rng)
				now := evaluate(n.Forward(train, w, x))
				if step == 0 {
					first += now / seeds
				}
				if step >= steps-10 {
					last += now / 10 / seeds
				}
				clear(dw)
				n.BackwardWeights(w, dw, dy)
				for i, g := range dw {
					velocity[i] = 0.9*velocity[i] - 0.01*g
					w[i] += velocity[i]
				}
			}
			off[l] += deviation() / seeds
		}
		t.Logf("%d blocks: loss %.2f -> %.3f, |r-1| %.4f -> %.4f", l, first, last, before, off[l])
		if !(last < 0.25*first) {
			t.Errorf("%d blocks: the loss falls from %v to %v, want a quarter of it: it is not trained", l, first, last)
		}
		if i := slices.Index(blocks, l); i > 0 && !(off[l] < off[blocks[i-1]]) {
			t.Errorf("%d blocks: |r-1| is %v, want less than with half as many, %v", l, off[l], off[blocks[i-1]])
		}
	}
	if !(off[32] < 0.35*off[4]) {
		t.Errorf("|r-1| is %v with 32 blocks and %v with 4, want less than 0.35 of it", off[32], off[4])
	}
}
