package search

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// NelderMeadConfig configures [NelderMead].
type NelderMeadConfig struct {
	Step         float64 `json:"step" doc:"edge of the first simplex: a vertex is this far along each coordinate" range:"(0,1000]" scale:"log"`
	Coefficients string  `json:"coefficients" doc:"standard: 1, 2, 1/2, 1/2; adaptive: as the dimension has them (Gao & Han 2012); auto: standard up to 10 weights, else adaptive" choices:"auto,standard,adaptive"`
	Tolerance    float64 `json:"tolerance" doc:"converged when no vertex is farther than this from the best, in any coordinate" range:"[1e-150,1000]" scale:"log"`
}

// NelderMead is the downhill simplex method. The worst of n+1 vertices is
// reflected through the mean of the others; what comes of it decides if the
// simplex expands, contracts or shrinks. The steps and their order are those of
// Lagarias et al. 1998, which say how ties are broken.
//
// The standard coefficients fail as the dimension grows; those of Gao & Han go
// on to some 50 weights. Each step takes n^2 operations for one evaluation, and
// some thousands of evaluations for each weight, so that more than 100 weights
// are refused: take cma-es up to some hundreds, and sep-cma-es beyond.
//
// A vertex keeps the loss that it was told, since to evaluate all of them again
// would cost n+1 evaluations in place of one. The definition therefore asks for
// the whole of the training data at each step; on minibatches it takes a lucky
// loss for the best vertex. Losses are only compared, and so is the criterion of
// convergence one of the weights alone.
//
// It is made for smooth losses of few weights: on Rosenbrock's function of
// dimension 5, 1,500 evaluations bring it to 1e-8 of what as many guesses of
// random search reach. It draws no random numbers.
var NelderMead = optimizers.Define(optimizers.Definition{
	Name:    "nelder-mead",
	Summary: "Moves the worst vertex of a simplex past the others; for at most 100 weights.",
	Refs: []string{
		"Nelder & Mead 1965, doi:10.1093/comjnl/7.4.308",
		"Lagarias, Reeds, Wright & Wright 1998, doi:10.1137/S1052623496303470",
		"Gao & Han 2012, doi:10.1007/s10589-010-9329-3",
	},
	FullBatch: true,
	MaxDim:    100,
	Memory:    func(dim int) int64 { return 8 * int64(dim) * (int64(dim) + 4) },
}, NelderMeadConfig{Step: 0.5, Coefficients: "auto", Tolerance: 1e-9}, newNelderMead)

const (
	standardUpTo = 10 // weights, with coefficients "auto"
	reflection   = 1  // rho; chi, gamma and sigma depend on the dimension
)

// What Nelder-Mead asks about.
const (
	simplex  uint64 = iota // all vertices
	reflect                // the worst vertex, reflected
	expand                 // farther in that direction
	outside                // nearer, beyond the mean
	inside                 // nearer, before the mean
	shrunken               // all vertices but the best, moved towards it
)

type nelderMead struct {
	cfg               NelderMeadConfig
	chi, gamma, sigma float64 // expansion, contraction, shrinkage
	phase             uint64
	vertices          [][]float64 // best first
	losses            []float64
	reflected         []float64
	lossReflected     float64
	mean              []float64   // of all vertices but the worst
	trial             [][]float64 // the one point that most phases ask about
}

func newNelderMead(cfg NelderMeadConfig, p optimizers.Problem) (*nelderMead, error) {
	n := len(p.Init)
	o := &nelderMead{
		cfg: cfg, chi: 2, gamma: 0.5, sigma: 0.5,
		losses: make([]float64, n+1), reflected: make([]float64, n), mean: make([]float64, n),
		trial: [][]float64{make([]float64, n)},
	}
	if cfg.Coefficients == "adaptive" || cfg.Coefficients == "auto" && n > standardUpTo {
		// Gao & Han 2012, eq. 4.1. At n = 1 they would not shrink at all, and at 2
		// they are the standard ones.
		d := float64(max(2, n))
		o.chi, o.gamma, o.sigma = 1+2/d, 0.75-1/(2*d), 1-1/d
	}
	for i := range n + 1 {
		v := slices.Clone(p.Init)
		if i > 0 {
			v[i-1] += cfg.Step
		}
		o.vertices = append(o.vertices, v)
		o.losses[i] = math.Inf(1)
	}
	return o, nil
}

func (o *nelderMead) Ask() ([][]float64, error) {
	switch o.phase {
	case simplex:
		return o.vertices, nil
	case reflect:
		if o.extent() <= o.cfg.Tolerance {
			return nil, nil
		}
		return o.along(reflection)
	case expand:
		return o.along(reflection * o.chi)
	case outside:
		return o.along(reflection * o.gamma)
	case inside:
		return o.along(-o.gamma)
	default: // shrunken
		best := o.vertices[0]
		for _, v := range o.vertices[1:] {
			for i := range v {
				v[i] = best[i] + float64(o.sigma*(v[i]-best[i]))
			}
		}
		return o.vertices[1:], nil
	}
}

// along returns the point (1+t) mean - t worst.
func (o *nelderMead) along(t float64) ([][]float64, error) {
	n := len(o.mean)
	clear(o.mean)
	for _, v := range o.vertices[:n] {
		for i, x := range v {
			o.mean[i] += x
		}
	}
	worst, x := o.vertices[n], o.trial[0]
	for i, m := range o.mean {
		m /= float64(n)
		x[i] = float64((1+t)*m) - float64(t*worst[i])
		if !isFinite(x[i]) {
			return nil, optimizers.ErrDiverged
		}
	}
	return o.trial, nil
}

// extent is the largest distance of a vertex from the best along a coordinate.
func (o *nelderMead) extent() float64 {
	best, extent := o.vertices[0], 0.0
	for _, v := range o.vertices[1:] {
		for i, x := range v {
			extent = max(extent, math.Abs(x-best[i]))
		}
	}
	return extent
}

func (o *nelderMead) Tell(evals []optimizers.Evaluation) error {
	n := len(o.mean)
	loss := evals[0].Loss
	switch o.phase {
	case simplex, shrunken:
		first := len(o.vertices) - len(evals)
		for k, e := range evals {
			o.losses[first+k] = e.Loss
		}
		o.sort()
		o.phase = reflect
	case reflect:
		o.reflected, o.trial[0], o.lossReflected = o.trial[0], o.reflected, loss
		switch {
		case loss < o.losses[0]:
			o.phase = expand
		case loss < o.losses[n-1]:
			o.keepReflected()
		case loss < o.losses[n]:
			o.phase = outside
		default:
			o.phase = inside
		}
	case expand:
		if loss < o.lossReflected {
			o.keepTrial(loss)
		} else {
			o.keepReflected()
		}
	case outside:
		if loss <= o.lossReflected {
			o.keepTrial(loss)
		} else {
			o.phase = shrunken
		}
	case inside:
		if loss < o.losses[n] {
			o.keepTrial(loss)
		} else {
			o.phase = shrunken
		}
	}
	return nil
}

func (o *nelderMead) keepReflected() {
	o.trial[0], o.reflected = o.reflected, o.trial[0]
	o.keepTrial(o.lossReflected)
}

// keepTrial puts the trial point in the place of the worst vertex.
func (o *nelderMead) keepTrial(loss float64) {
	n := len(o.mean)
	o.vertices[n], o.trial[0] = o.trial[0], o.vertices[n]
	o.losses[n] = loss
	o.sort()
	o.phase = reflect
}

// sort orders the vertices by loss. A new one comes after others that are as
// good (Lagarias et al. 1998, sec. 2).
func (o *nelderMead) sort() {
	for i := 1; i < len(o.losses); i++ {
		for j := i; j > 0 && o.losses[j] < o.losses[j-1]; j-- {
			o.losses[j], o.losses[j-1] = o.losses[j-1], o.losses[j]
			o.vertices[j], o.vertices[j-1] = o.vertices[j-1], o.vertices[j]
		}
	}
}

// Recommend is the best vertex. While the simplex shrinks it is not moved.
func (o *nelderMead) Recommend() []float64 { return o.vertices[0] }

func (o *nelderMead) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("extent", o.extent()) }
}

func (o *nelderMead) state() []any {
	fields := []any{&o.phase, &o.lossReflected, o.reflected, o.losses}
	for _, v := range o.vertices {
		fields = append(fields, v)
	}
	return fields
}

func (o *nelderMead) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("nelder-mead/1", o.state()...)
}

func (o *nelderMead) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("nelder-mead/1", data, o.state()...)
}
