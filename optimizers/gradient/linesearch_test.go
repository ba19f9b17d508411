package gradient

import (
	"encoding"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// A checkpoint in the middle of any line goes on with the same bits.
func TestLineSearchCheckpointAtEveryStep(t *testing.T) {
	const n = 6
	loss := opttest.NewFunction("rosenbrock", n).Loss
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for at := range 60 {
			whole := build(t, def, `{}`, optimizers.Problem{Init: make([]float64, n)})
			for range at {
				step(t, whole, loss)
			}
			data, err := whole.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			resumed := build(t, def, `{}`, optimizers.Problem{Init: make([]float64, n)})
			if err := resumed.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if got, want := step(t, resumed, loss), step(t, whole, loss); !slices.Equal(got, want) {
					t.Fatalf("%s resumed after %d steps: w = %v, want %v", def.Name, at, got, want)
				}
			}
		}
	}
}

// Also when the search is about to converge: it takes as many steps more.
func TestLineSearchCheckpointConverges(t *testing.T) {
	remaining := func(opt optimizers.Optimizer) (steps int) {
		for {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 || steps == 500 {
				return steps
			}
			step(t, opt, bowl(1, 3))
			steps++
		}
	}
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		p := optimizers.Problem{Init: []float64{3, -40}}
		total := remaining(build(t, def, `{}`, p))
		for at := range total {
			opt := build(t, def, `{}`, p)
			for range at {
				step(t, opt, bowl(1, 3))
			}
			data, err := opt.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			opt = build(t, def, `{}`, p)
			if err := opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			if got := remaining(opt); got != total-at {
				t.Errorf("%s converges %d steps after a checkpoint at %d, want %d", def.Name, got, at, total-at)
			}
		}
	}
}

// No candidates only where there is nothing to gain: at a gradient of 0, or when
// rounding hides any decrease.
func TestLineSearchConverges(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for name, init := range map[string][]float64{"at the minimum": {0, 0}, "elsewhere": {3, -40}} {
			opt := build(t, def, `{}`, optimizers.Problem{Init: init})
			steps := 0
			for ; ; steps++ {
				rows, err := opt.Ask()
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 || steps > 200 {
					break
				}
				step(t, opt, bowl(1, 3))
			}
			w := opt.(optimizers.Recommender).Recommend()
			if steps > 200 || largest(w) > 1e-7 {
				t.Errorf("%s %s: at %v after %d steps, want converged at 0", def.Name, name, w, steps)
			}
			if name == "at the minimum" && steps != 1 {
				t.Errorf("%s: %d evaluations of a minimum, want 1", def.Name, steps)
			}
		}
	}
}

// A loss that is the same wherever the gradient says that it falls has nothing to
// offer: the search ends, where it was.
func TestLineSearchEndsWhereNothingIsLower(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{3, -4}})
		steps := 0
		for rows := [][]float64{nil}; len(rows) > 0 && steps < 100; steps++ {
			step(t, opt, func(_, g []float64) float64 { g[0], g[1] = 1, 1; return 7 })
			var err error
			if rows, err = opt.Ask(); err != nil {
				t.Fatal(err)
			}
		}
		w := opt.(optimizers.Recommender).Recommend()
		if steps > giveUp+1 || w[0] != 3 || w[1] != -4 {
			t.Errorf("%s: at %v after %d steps, want converged at the start after at most %d", def.Name, w, steps, giveUp+1)
		}
	}
}

// The first point is at distance 1, whatever the size of the gradient, and a
// loss of +Inf there, beyond the wall of -ln(1 - x^2) + 3x, is no end: the
// minimum is at (1 - sqrt 10)/3.
func TestLineSearchStartsWithLengthOneAndStaysInside(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		for _, size := range []float64{1e-30, 1, 1e200} {
			opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0, 0}})
			step(t, opt, func(_, g []float64) float64 { g[0], g[1] = 3*size, -4*size; return 1 })
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if w := rows[0]; math.Abs(w[0]+0.6) > 1e-14 || math.Abs(w[1]-0.8) > 1e-14 {
				t.Errorf("%s: first point %v with a gradient of %v, want [-0.6 0.8]", def.Name, w, 5*size)
			}
		}
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0}})
		beyond := 0
		for range 60 {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			step(t, opt, func(w, g []float64) float64 {
				x := w[0]
				if x*x >= 1 {
					beyond++
					g[0] = 0
					return math.Inf(1)
				}
				g[0] = 2*x/(1-x*x) + 3
				return -math.Log(1-x*x) + 3*x
			})
		}
		w := opt.(optimizers.Recommender).Recommend()[0]
		if want := (1 - math.Sqrt(10)) / 3; beyond == 0 || math.Abs(w-want) > 1e-7 {
			t.Errorf("%s: x = %v after %d losses of +Inf, want %v after some", def.Name, w, beyond, want)
		}
	}
}

// A line that is given up is left from where it was lower.
func TestLineSearchKeepsWhatWasLower(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{0}})
		for k := range giveUp + 1 {
			step(t, opt, func(_, g []float64) float64 { g[0] = 1; return -min(float64(k), 1) })
		}
		if w := opt.(optimizers.Recommender).Recommend()[0]; w >= 0 {
			t.Errorf("%s: recommends %v with loss 0 after a line of losses -1, want less than 0", def.Name, w)
		}
	}
}

// The first step of a line of CG promises the decrease of the last line; that of
// L-BFGS is 1.
func TestFirstStepOfALine(t *testing.T) {
	for _, def := range []optimizers.Definition{LBFGS, CG} {
		opt := build(t, def, `{}`, optimizers.Problem{Init: []float64{3, -4, 1}}).(*lineSearch)
		before := opt.search
		lines := 0
		for range 12 {
			step(t, opt, bowl(1, 3, 10))
			if now := opt.search; now.Evaluation == 0 && !opt.fresh {
				lines++
				want := 1.0
				if def.Name == "cg" {
					want = before.Step * before.Slope / now.Slope
				}
				if math.Abs(now.Step-want) > 1e-15*want {
					t.Errorf("%s: first step of line %d = %v, want %v", def.Name, lines, now.Step, want)
				}
			}
			before = opt.search
		}
		if lines < 3 {
			t.Errorf("%s: %d lines in 12 steps, want at least 3", def.Name, lines)
		}
	}
}
