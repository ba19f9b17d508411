package search

import (
	"iter"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// MeZOConfig configures [MeZO].
type MeZOConfig struct {
	LR      float64 `json:"lr" doc:"learning rate (eta)" range:"(0,100]" scale:"log"`
	Epsilon float64 `json:"epsilon" doc:"distance of the two points from the iterate, in standard deviations of the direction" range:"(0,1000]" scale:"log"`
}

// MeZO is gradient descent by a forward gradient: the slope of the loss along a
// random direction z, from two losses, times z,
//
//	g = (f(w + epsilon z) - f(w - epsilon z)) / (2 epsilon)
//	w <- w - lr g z,  z from N(0, I)
//
// whose mean is the gradient (Nesterov & Spokoiny 2017; Malladi et al. 2023,
// algorithm 1). One of them is a poor gradient: with n weights the square of
// the cosine between the two is 1/n in the mean, so lr is smaller by about n than
// that of gradient descent. The direction is drawn again from its number, and
// never stored; the three vectors are the iterate and the two points, which are
// evaluated on the same minibatch. No loss is kept.
//
// It works with the difference of losses: not even their scale is free, as lr
// goes with it. A pair of which one diverged, or whose slope is out of the range
// in which all weights stay finite, is skipped.
//
// It is made for fine-tuning of many weights, near a minimum, with noisy losses
// and no memory to spare. On the sphere of dimension 20, moved at random at each
// step, 4,000 evaluations bring it to a tenth of the loss of the best of as many
// guesses of random search. The paper's lr, 1e-6 and less, is for 1e9 weights;
// ours is for some tens to hundreds, and falls with their number.
var MeZO = optimizers.Define(optimizers.Definition{
	Name:    "mezo",
	Summary: "Descends by the slope along one random direction at a time, with the memory of an evaluation.",
	Refs: []string{
		"Malladi et al. 2023, arXiv:2305.17333",
		"Nesterov & Spokoiny 2017, doi:10.1007/s10208-015-9296-2",
		"Baydin et al. 2022, arXiv:2202.08587",
	},
	Memory: func(dim int) int64 { return 3 * 8 * int64(dim) },
}, MeZOConfig{LR: 0.01, Epsilon: 1e-3}, newMeZO)

// maxSlope bounds what one step adds to a weight, by some 1e101 at the most: a
// run would take 1e200 steps to leave the finite numbers.
const maxSlope = 1e100

type mezo struct {
	cfg   MeZOConfig
	seed  uint64
	step  uint64
	slope float64 // of the last step, to report
	w     []float64
	rows  [][]float64 // w + epsilon z and w - epsilon z
}

func newMeZO(cfg MeZOConfig, p optimizers.Problem) (*mezo, error) {
	m := &mezo{cfg: cfg, seed: p.Seed, w: slices.Clone(p.Init)}
	_, m.rows = p.Candidates(2)
	return m, nil
}

func (m *mezo) Ask() ([][]float64, error) {
	for k, row := range m.rows {
		copy(row, m.w)
		noise.AddNormal(row, m.cfg.Epsilon*float64(1-2*k), m.seed, m.step, 0)
	}
	return m.rows, nil
}

func (m *mezo) Tell(evals []optimizers.Evaluation) error {
	step := m.step
	m.step++
	slope := (evals[0].Loss - evals[1].Loss) / (2 * m.cfg.Epsilon)
	if !(slope <= maxSlope && slope >= -maxSlope) {
		return nil
	}
	m.slope = slope
	noise.AddNormal(m.w, -m.cfg.LR*slope, m.seed, step, 0)
	return nil
}

// Recommend is the iterate.
func (m *mezo) Recommend() []float64 { return m.w }

// Diagnostics reports the last slope, which is the size of the gradient on one
// direction.
func (m *mezo) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("slope", m.slope) }
}

func (m *mezo) state() []any { return []any{&m.step, &m.slope, m.w} }

func (m *mezo) MarshalBinary() ([]byte, error) { return optimizers.SaveState("mezo/1", m.state()...) }

func (m *mezo) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("mezo/1", data, m.state()...)
}
