package gradient

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// build makes an optimizer for the starting weights.
func build(t *testing.T, def optimizers.Definition, config string, p optimizers.Problem) optimizers.Optimizer {
	t.Helper()
	p.Threads = 1
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

// step takes one step on loss, which writes the gradient to grad, and returns
// the recommended point.
func step(t *testing.T, opt optimizers.Optimizer, loss func(w, grad []float64) float64) []float64 {
	t.Helper()
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	grad := make([]float64, len(rows[0]))
	if err := opt.Tell([]optimizers.Evaluation{{Loss: loss(rows[0], grad), Grad: grad}}); err != nil {
		t.Fatal(err)
	}
	return opt.(optimizers.Recommender).Recommend()
}

// halfSquare is w^2/2, whose gradient is w.
func halfSquare(w, grad []float64) float64 {
	sum := 0.0
	for i, x := range w {
		grad[i] = x
		sum += x * x / 2
	}
	return sum
}

// On w^2/2 from w = 1 the steps follow from the papers' update rules by hand.
func TestRpropTrajectories(t *testing.T) {
	common := []float64{.9, .78, .636, .4632, .25584, .007008, -.2915904}
	for _, c := range []struct {
		variant string
		init    float64
		want    []float64
	}{
		{"rprop-", 0.1, append(slices.Clone(common), -.1422912, .03686784, -.05271168)},
		{"irprop-", 0.1, append(slices.Clone(common), -.2915904, -.1422912, .03686784, .03686784)},
		{"rprop+", 0.1, append(slices.Clone(common), .007008, -.1422912, .007008, -.0676416)},
		{"irprop+", 0.1, append(slices.Clone(common), .007008, -.1422912, .007008, -.0676416)},
		// A first step across the minimum, after which the loss falls all the
		// same, tells the variants that undo apart.
		{"rprop+", 1.5, []float64{-.5, 1, .25, -.65, .25}},
		{"irprop+", 1.5, []float64{-.5, -.5, .25, .25, -.125}},
		{"irprop-", 1.5, []float64{-.5, -.5, .25, .25, -.125}},
		{"rprop-", 1.5, []float64{-.5, .25, -.125, .0625}},
	} {
		config := fmt.Sprintf(`{"variant": %q, "init": %v}`, c.variant, c.init)
		opt := build(t, Rprop, config, optimizers.Problem{Init: []float64{1}})
		for i, want := range c.want {
			if got := step(t, opt, halfSquare)[0]; math.Abs(got-want) > 1e-15 {
				t.Errorf("%s from step %v: w after %d steps = %.17g, want %v", c.variant, c.init, i+1, got, want)
			}
		}
	}
}

// The remedy itself: a gradient a billion billion times smaller moves the
// weights to the same bits, even where the product of two underflows.
func TestRpropIgnoresTheSizeOfTheGradient(t *testing.T) {
	init := []float64{1, -2, 3}
	for _, variant := range []string{"rprop-", "irprop-", "rprop+", "irprop+"} {
		config := fmt.Sprintf(`{"variant": %q}`, variant)
		plain := build(t, Rprop, config, optimizers.Problem{Init: init})
		for _, factor := range []float64{1e-18, 1e-300, 1e300} {
			scaled := build(t, Rprop, config, optimizers.Problem{Init: init})
			for i := range 30 {
				want := step(t, plain, halfSquare)
				got := step(t, scaled, func(w, grad []float64) float64 {
					loss := halfSquare(w, grad)
					for i := range grad {
						grad[i] *= factor
					}
					return loss
				})
				if !slices.Equal(got, want) {
					t.Fatalf("%s: w after %d steps = %v, want %v (gradient times %v)", variant, i+1, got, want, factor)
				}
			}
			plain = build(t, Rprop, config, optimizers.Problem{Init: init})
		}
	}
}

// iRprop+ compares losses across a checkpoint, whichever step it is taken at.
func TestRpropCheckpointAtEveryStep(t *testing.T) {
	for _, variant := range []string{"rprop-", "irprop-", "rprop+", "irprop+"} {
		config := fmt.Sprintf(`{"variant": %q, "init": 1.5}`, variant)
		for at := range 15 {
			whole := build(t, Rprop, config, optimizers.Problem{Init: []float64{1, -0.4}})
			for range at {
				step(t, whole, halfSquare)
			}
			data, err := whole.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			resumed := build(t, Rprop, config, optimizers.Problem{Init: []float64{1, -0.4}})
			if err := resumed.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if got, want := step(t, resumed, halfSquare), step(t, whole, halfSquare); !slices.Equal(got, want) {
					t.Fatalf("%s resumed after %d steps: w = %v, want %v", variant, at, got, want)
				}
			}
		}
	}
}

func TestRpropKeepsStepsInBounds(t *testing.T) {
	for _, c := range []struct {
		config string
		turns  float64 // the sign of the gradient is multiplied by it at each step
		want   []float64
	}{
		// The sign holds: the steps 1, 2, 3, 3, ... as they double up to max.
		{`{"init": 1, "up": 2, "max": 3}`, 1, []float64{-1, -3, -6, -9}},
		{`{"variant": "rprop+", "init": 1, "up": 2, "max": 3}`, 1, []float64{-1, -3, -6, -9}},
		// It changes each time: steps 1, 1/4, 0.2, 0.2, ... down to min.
		{`{"variant": "rprop-", "init": 1, "down": 0.25, "min": 0.2}`, -1, []float64{-1, -0.75, -0.95, -0.75}},
		// With a step back at each change, after which there is none to undo.
		{`{"variant": "rprop+", "init": 1, "down": 0.25, "min": 0.2}`, -1, []float64{-1, 0, -0.25, 0, -0.2, 0, -0.2}},
	} {
		opt := build(t, Rprop, c.config, optimizers.Problem{Init: []float64{0}})
		sign := 1.0
		for i, want := range c.want {
			if got := step(t, opt, func(_, grad []float64) float64 { grad[0] = sign; return 0 })[0]; math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: w after %d steps = %v, want %v", c.config, i+1, got, want)
			}
			sign *= c.turns
		}
	}
}

// Each weight has a step of its own: in one vector or alone makes no difference.
func TestRpropWeightsAreIndependent(t *testing.T) {
	init := []float64{1, -0.3, 7, 0}
	together := build(t, Rprop, `{}`, optimizers.Problem{Init: init})
	var alone []optimizers.Optimizer
	for _, x := range init {
		alone = append(alone, build(t, Rprop, `{}`, optimizers.Problem{Init: []float64{x}}))
	}
	for range 40 {
		w := step(t, together, halfSquare)
		for i, opt := range alone {
			if got := step(t, opt, halfSquare)[0]; got != w[i] {
				t.Fatalf("weight %d alone = %v, among others %v", i, got, w[i])
			}
		}
	}
}

func TestRpropRefusesAFirstStepOutOfItsBounds(t *testing.T) {
	for _, config := range []string{`{"init": 60}`, `{"init": 0.1, "min": 0.2}`, `{"min": 60, "init": 60}`} {
		if _, err := Rprop.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Threads: 1}); err == nil {
			t.Errorf("configuration %s is taken, want an error", config)
		}
	}
}

// The documented end of a perfect fit: ln(1 + e^-w) has no minimum, its gradient
// keeps its sign, and the step grows to max, whatever that is.
func TestRpropRunsAwayAfterAPerfectFit(t *testing.T) {
	for config, reach := range map[string][2]float64{`{}`: {300, 750}, `{"max": 1}`: {0, 60}} {
		opt := build(t, Rprop, config, optimizers.Problem{Init: []float64{0}})
		w := 0.0
		for range 60 {
			w = step(t, opt, func(w, grad []float64) float64 {
				grad[0] = -1 / (1 + math.Exp(w[0]))
				return math.Log1p(math.Exp(-w[0]))
			})[0]
		}
		if w < reach[0] || w > reach[1] {
			t.Errorf("%s: w = %v after 60 steps, want in %v", config, w, reach)
		}
	}
}
