package gradient

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// moved is the first step from zero of SGD with a learning rate of 1, told grad:
// what the transforms have made of it, with the sign changed back.
func moved(t *testing.T, config string, init, grad []float64) []float64 {
	t.Helper()
	opt := build(t, sgdWith(t, config), `{"lr": 1}`, optimizers.Problem{Init: init, Seed: 3})
	w := slices.Clone(step(t, opt, func(_, g []float64) float64 { copy(g, grad); return 1 }))
	for i := range w {
		w[i] = init[i] - w[i]
	}
	return w
}

// sgdWith is SGD with the members of config.
func sgdWith(t *testing.T, config string) optimizers.Definition {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(config), &members); err != nil {
		t.Fatal(err)
	}
	def := SGD
	def.New = func(own json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
		if err := json.Unmarshal(own, &members); err != nil {
			return nil, err
		}
		merged, err := json.Marshal(members)
		if err != nil {
			return nil, err
		}
		return SGD.New(merged, p)
	}
	return def
}

// By hand: the vector 3, -4 has the norm 5.
func TestClipping(t *testing.T) {
	for _, c := range []struct {
		config     string
		grad, want []float64
	}{
		{`{}`, []float64{3, -4}, []float64{3, -4}},
		{`{"clip_norm": 1}`, []float64{3, -4}, []float64{0.6, -0.8}},
		{`{"clip_norm": 5}`, []float64{3, -4}, []float64{3, -4}},
		{`{"clip_norm": 10}`, []float64{3, -4}, []float64{3, -4}},
		{`{"clip_norm": 1}`, []float64{0, 0}, []float64{0, 0}},
		{`{"clip_value": 3.5}`, []float64{3, -4}, []float64{3, -3.5}},
		{`{"clip_value": 4}`, []float64{3, -4}, []float64{3, -4}},
		// By value first: 3, -3, whose norm is 3 sqrt 2.
		{`{"clip_value": 3, "clip_norm": 1}`, []float64{3, -4}, []float64{math.Sqrt2 / 2, -math.Sqrt2 / 2}},
		// Where squares are out of range.
		{`{"clip_norm": 1}`, []float64{3e200, -4e200}, []float64{0.6, -0.8}},
		{`{"clip_norm": 1}`, []float64{math.MaxFloat64, -math.MaxFloat64}, []float64{math.Sqrt2 / 2, -math.Sqrt2 / 2}},
		{`{"clip_norm": 1}`, []float64{3e-200, -4e-200}, []float64{3e-200, -4e-200}},
		{`{"clip_norm": 1e-200}`, []float64{3e-200, -4e-200}, []float64{0.6e-200, -0.8e-200}},
	} {
		got := moved(t, c.config, []float64{0, 0}, c.grad)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-15*math.Abs(c.want[i]) {
				t.Errorf("%s of %v = %v, want %v", c.config, c.grad, got, c.want)
				break
			}
		}
	}
}

// Below its threshold a transform changes no bit, and above it clipping by norm
// leaves the direction and gives the norm, over several panels.
func TestClippingByNormKeepsTheDirection(t *testing.T) {
	const n = 2*panel + 77
	grad, init := make([]float64, n), make([]float64, n)
	noise.Normal(grad, 5, 0, 0)
	norm := 0.0
	for _, g := range grad {
		norm = math.Hypot(norm, g)
	}
	for name, config := range map[string]string{"norm": fmt.Sprintf(`{"clip_norm": %v}`, 1.0001*norm), "value": `{"clip_value": 9}`} {
		if got := moved(t, config, init, grad); !slices.Equal(got, grad) {
			t.Errorf("clipping by %s, below its threshold, changes the gradient", name)
		}
	}
	got := moved(t, `{"clip_norm": 2}`, init, grad)
	length := 0.0
	for i, g := range got {
		length = math.Hypot(length, g)
		if want := grad[i] * 2 / norm; math.Abs(g-want) > 1e-12*math.Abs(want) {
			t.Fatalf("element %d = %v, want %v: the direction has changed", i, g, want)
		}
	}
	if math.Abs(length-2) > 1e-9 {
		t.Errorf("norm = %v, want 2", length)
	}
}

// Weight decay comes after clipping, at the point where the gradient is taken,
// and noise after both: 0.6, -0.8 plus a tenth of the weights.
func TestTransformsComeInTheirOrder(t *testing.T) {
	init := []float64{10, 20}
	got := moved(t, `{"clip_norm": 1, "weight_decay": 0.1}`, init, []float64{3, -4})
	for i, want := range []float64{1.6, 1.2} {
		if math.Abs(got[i]-want) > 1e-14 {
			t.Errorf("clipped and decayed gradient %d = %v, want %v", i, got[i], want)
		}
	}
	// The noise of seed, step and row, at step 0 sqrt(noise) times a normal.
	random := make([]float64, 2)
	noise.Normal(random, 3, 0, 0)
	got = moved(t, `{"clip_norm": 1, "weight_decay": 0.1, "noise": 4}`, init, []float64{3, -4})
	for i, want := range []float64{1.6, 1.2} {
		if want += 2 * random[i]; math.Abs(got[i]-want) > 1e-14 {
			t.Errorf("with noise gradient %d = %v, want %v", i, got[i], want)
		}
	}
	// Nesterov's gradient is that at the point ahead: after the first step
	// from 1, with lr = decay = 0.5, V = -0.25 and the point is 0.75 - 0.125.
	opt := build(t, Nesterov, `{"lr": 0.5, "momentum": 0.5, "weight_decay": 0.5}`, optimizers.Problem{Init: []float64{1}})
	flat := func(_, g []float64) float64 { g[0] = 0; return 0 }
	step(t, opt, flat)
	// V = 0.5 * -0.25 - 0.5 * 0.5 * 0.625.
	if got, want := step(t, opt, flat)[0], 0.75-0.125-0.15625; got != want {
		t.Errorf("decayed Nesterov = %v, want %v", got, want)
	}
}

// Neelakantan et al. 2015: the variance is eta / (1+t)^gamma.
func TestNoiseHasItsVariance(t *testing.T) {
	const n, eta, gamma = 50_000, 0.3, 0.55
	opt := build(t, SGD, `{"lr": 1, "noise": 0.3}`, optimizers.Problem{Init: make([]float64, n), Seed: 8})
	before := make([]float64, n)
	var last []float64
	for k := range 20 {
		w := step(t, opt, func(_, g []float64) float64 { clear(g); return 0 })
		sum, cross := 0.0, 0.0
		steps := make([]float64, n)
		for i := range w {
			steps[i] = w[i] - before[i]
			sum += steps[i] * steps[i]
			if last != nil {
				cross += steps[i] * last[i]
			}
		}
		copy(before, w)
		want := eta / math.Pow(1+float64(k), gamma)
		// The variance of a sample variance is 2/n of its square: 5 sigma.
		if got := sum / n; math.Abs(got-want) > 5*math.Sqrt(2.0/n)*want {
			t.Errorf("variance at step %d = %v, want %v", k, got, want)
		}
		if math.Abs(cross/n) > 5*eta/math.Sqrt(n) {
			t.Errorf("steps %d and %d have covariance %v, want 0", k-1, k, cross/n)
		}
		last = steps
	}
	// Two stretches of weights do not share their noise.
	if slices.Equal(last[:stretch], last[stretch:2*stretch]) {
		t.Error("stretches have the same noise")
	}
}

// NaN and Inf in a gradient are reported, by every method and whatever the
// transforms: not clipped, not taken for a sign.
func TestGradientsThatAreNotFiniteAreReported(t *testing.T) {
	configs := map[string][]string{
		"sgd":     {`{}`, `{"clip_norm": 1}`, `{"clip_value": 1}`, `{"weight_decay": 0.1}`},
		"signum":  {`{}`, `{"clip_norm": 1}`, `{"clip_value": 1}`},
		"lion":    {`{}`, `{"clip_value": 1}`},
		"adam":    {`{}`, `{"clip_norm": 1}`},
		"rprop":   {`{}`, `{"variant": "rprop+"}`},
		"rmsprop": {`{}`, `{"centered": true, "momentum": 0.5}`},
	}
	for _, def := range family() {
		cs := configs[def.Name]
		if cs == nil {
			cs = []string{`{}`}
		}
		for _, config := range cs {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				opt := build(t, def, config, optimizers.Problem{Init: []float64{1, 2, 3}})
				for _, at := range []int{-1, 1} { // a sound step first
					if _, err := opt.Ask(); err != nil {
						t.Fatal(err)
					}
					grad := []float64{1, 1, 1}
					if at >= 0 {
						grad[at] = bad
					}
					err := opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: grad}})
					if want := at >= 0; errors.Is(err, optimizers.ErrDiverged) != want {
						t.Errorf("%s %s told %v: error %v, want ErrDiverged: %v", def.Name, config, grad, err, want)
					}
				}
				if w := opt.(optimizers.Recommender).Recommend(); !finite(w) {
					t.Errorf("%s %s recommends %v after %v", def.Name, config, w, bad)
				}
			}
		}
	}
}

func TestFinite(t *testing.T) {
	for _, n := range []int{1, 15, 16, 17, 1<<16 - 1, 1<<16 + 1, 3 << 16} {
		x := slices.Repeat([]float64{math.MaxFloat64}, n) // whose sum is not
		if !finite(x) {
			t.Errorf("%d of the largest number are not finite", n)
		}
		for _, i := range []int{0, n / 2, n - 1} {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				x[i] = bad
				if finite(x) {
					t.Errorf("%v at %d of %d is finite", bad, i, n)
				}
				x[i] = 1
			}
		}
	}
}

// What is not for a method is refused, not ignored.
func TestSenselessTransformsAreRefused(t *testing.T) {
	for _, def := range []optimizers.Definition{Rprop, LBFGS, CG} {
		for _, config := range []string{`{"clip_norm": 1}`, `{"clip_value": 1}`, `{"schedule": "cosine"}`, `{"noise": 1}`, `{"weight_decay": 0.1}`} {
			if _, err := def.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Budget: 9, Threads: 1}); err == nil {
				t.Errorf("%s takes %s, want an error", def.Name, config)
			}
		}
	}
	for _, config := range []string{`{"clip_norm": 1}`, `{"clip_value": 1}`, `{"momentum": 0, "clip_norm": 1}`} {
		if _, err := SignSGD.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Threads: 1}); err == nil {
			t.Errorf("signsgd takes %s, want an error", config)
		}
	}
}

// family is every definition of the package.
func family() []optimizers.Definition {
	return []optimizers.Definition{SGD, Momentum, Nesterov, Adam, AdamW, RMSProp, AdaGrad, Rprop, SignSGD, Signum, Lion, LBFGS, CG}
}
