package gradient

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// bowl is sum h_i w_i^2 / 2 with the curvatures h.
func bowl(h ...float64) func(w, grad []float64) float64 {
	return func(w, grad []float64) float64 {
		loss := 0.0
		for i, x := range w {
			grad[i] = h[i] * x
			loss += h[i] * x * x / 2
		}
		return loss
	}
}

// Without momentum each coordinate shrinks by 1 - lr h a step.
func TestSGDFollowsItsClosedForm(t *testing.T) {
	h := []float64{1, 3, 0.5}
	init := []float64{1, -2, 3}
	opt := build(t, SGD, `{"lr": 0.2}`, optimizers.Problem{Init: init})
	for k := 1; k <= 50; k++ {
		w := step(t, opt, bowl(h...))
		for i := range w {
			want := init[i] * math.Pow(1-0.2*h[i], float64(k))
			if math.Abs(w[i]-want) > 1e-13*math.Abs(init[i]) {
				t.Fatalf("w[%d] after %d steps = %v, want %v", i, k, w[i], want)
			}
		}
	}
}

// Polyak's w' = (1 + m - lr h) w - m w_before has the characteristic equation
// r^2 - (1 + m - lr h) r + m = 0; with h = 1, lr = 0.1, m = 0.3 its roots are
// real, and w_k = (w_1 - r2) / (r1 - r2) r1^k + (r1 - w_1) / (r1 - r2) r2^k for
// w_0 = 1, w_1 = 1 - lr. Nesterov's w' = (1 - lr h) ((1 + m) w - m w_before) has
// r^2 - (1 - lr h) (1 + m) r + (1 - lr h) m = 0.
func TestMomentumFollowsItsClosedForm(t *testing.T) {
	const lr, m = 0.1, 0.3
	for nesterov, coefficients := range map[bool][2]float64{
		false: {1 + m - lr, m},
		true:  {(1 - lr) * (1 + m), (1 - lr) * m},
	} {
		b, c := coefficients[0], coefficients[1]
		root := math.Sqrt(b*b - 4*c)
		r1, r2 := (b+root)/2, (b-root)/2
		w1 := 1 - lr
		opt := build(t, SGD, fmt.Sprintf(`{"lr": %v, "momentum": %v, "nesterov": %v}`, lr, m, nesterov), optimizers.Problem{Init: []float64{1}})
		for k := 1; k <= 60; k++ {
			got := step(t, opt, bowl(1))[0]
			want := (w1-r2)/root*math.Pow(r1, float64(k)) + (r1-w1)/root*math.Pow(r2, float64(k))
			if math.Abs(got-want) > 1e-14 {
				t.Fatalf("nesterov %v: w after %d steps = %v, want %v", nesterov, k, got, want)
			}
		}
	}
}

// Several coordinates, an oscillating momentum, against the two-term
// recurrences, which have no velocity.
func TestMomentumFollowsItsRecurrence(t *testing.T) {
	h := []float64{1, 10, 0.1}
	const lr, m = 0.05, 0.9
	for _, nesterov := range []bool{false, true} {
		before, now := []float64{1, -2, 3}, []float64{1, -2, 3}
		opt := build(t, SGD, fmt.Sprintf(`{"lr": %v, "momentum": %v, "nesterov": %v}`, lr, m, nesterov), optimizers.Problem{Init: now})
		for k := range 100 {
			got := step(t, opt, bowl(h...))
			for i := range now {
				at := now[i]
				if nesterov {
					at += m * (now[i] - before[i])
				}
				next := now[i] + m*(now[i]-before[i]) - lr*h[i]*at
				before[i], now[i] = now[i], next
				if math.Abs(got[i]-next) > 1e-12 {
					t.Fatalf("nesterov %v: w[%d] after %d steps = %v, want %v", nesterov, i, k+1, got[i], next)
				}
			}
		}
	}
}

// Nesterov's gradient is taken where the momentum leads, and what is
// recommended is not that point.
func TestNesterovAsksAheadOfWhatItRecommends(t *testing.T) {
	opt := build(t, SGD, `{"lr": 0.5, "momentum": 0.5, "nesterov": true}`, optimizers.Problem{Init: []float64{1}})
	// V = -0.5 * 1, w = 0.5; the look-ahead is 0.5 - 0.5 * 0.5.
	if w := step(t, opt, bowl(1)); w[0] != 0.5 {
		t.Errorf("recommended = %v, want 0.5", w[0])
	}
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if rows[0][0] != 0.25 {
		t.Errorf("asked = %v, want 0.25", rows[0][0])
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		config string
		want   map[uint64]float64 // factor by step, of 100
	}{
		{`{"schedule": "constant"}`, map[uint64]float64{0: 1, 99: 1, 1e6: 1}},
		{`{"schedule": "step"}`, map[uint64]float64{0: 1, 29: 1, 30: 0.1, 59: 0.1, 60: 0.01, 89: 0.01, 90: 0.001, 1e6: 0.001}},
		{`{"schedule": "step", "decay": 0.5, "every": 0.5}`, map[uint64]float64{49: 1, 50: 0.5, 99: 0.5, 100: 0.25}},
		{`{"schedule": "step", "decay": 0.5, "every": 0.001}`, map[uint64]float64{0: 1, 1: 0.5, 10: 1.0 / 1024}},
		{`{"schedule": "cosine"}`, map[uint64]float64{0: 1, 25: 0.5 + math.Sqrt2/4, 50: 0.5, 75: 0.5 - math.Sqrt2/4, 100: 0, 1e6: 0}},
		{`{"schedule": "cosine", "final": 0.2}`, map[uint64]float64{0: 1, 50: 0.6, 100: 0.2, 1e6: 0.2}},
		{`{"warmup": 0.1}`, map[uint64]float64{0: 0.1, 4: 0.5, 9: 1, 10: 1, 50: 1}},
		{`{"schedule": "cosine", "warmup": 0.2}`, map[uint64]float64{0: 0.05, 19: 1, 20: 1, 60: 0.5, 100: 0}},
	} {
		opt := build(t, SGD, c.config, optimizers.Problem{Init: []float64{1}, Budget: 100}).(*descent)
		for step, want := range c.want {
			if got := opt.plan.factor(step); math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: factor at step %d of 100 = %v, want %v", c.config, step, got, want)
			}
		}
	}
}

// The factor reaches the step: on a constant gradient the steps are the rates.
func TestScheduleScalesTheStep(t *testing.T) {
	opt := build(t, SGD, `{"lr": 0.4, "schedule": "step", "decay": 0.5, "every": 0.25}`, optimizers.Problem{Init: []float64{0}, Budget: 4})
	want := 0.0
	for _, rate := range []float64{0.4, 0.2, 0.1, 0.05} {
		want -= rate
		for name, got := range opt.(optimizers.Diagnoser).Diagnostics() {
			if name != "lr" || math.Abs(got-rate) > 1e-16 {
				t.Errorf("diagnostic %s = %v, want lr = %v", name, got, rate)
			}
		}
		slope := func(_, grad []float64) float64 { grad[0] = 1; return 0 }
		if got := step(t, opt, slope)[0]; math.Abs(got-want) > 1e-15 {
			t.Errorf("w = %v, want %v", got, want)
		}
	}
}

func TestSchedulesNeedABudget(t *testing.T) {
	for config, want := range map[string]string{
		`{"schedule": "cosine"}`: `sgd: schedule: "cosine" needs a budget`,
		`{"schedule": "step"}`:   `sgd: schedule: "step" needs a budget`,
		`{"warmup": 0.1}`:        `sgd: warmup: 0.1 of an unknown budget`,
	} {
		_, err := SGD.New(json.RawMessage(config), optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s without a budget: error %v, want %s ...", config, err, want)
		}
	}
}

// A rate above 2/h diverges; the last finite point is what is recommended.
func TestDivergenceIsAnErrorAndKeepsTheLastPoint(t *testing.T) {
	for _, nesterov := range []bool{false, true} {
		opt := build(t, SGD, fmt.Sprintf(`{"lr": 100, "momentum": 0.9, "nesterov": %v}`, nesterov), optimizers.Problem{Init: []float64{1, -1}})
		r := opt.(optimizers.Recommender)
		var err error
		for range 1000 {
			rows, askErr := opt.Ask()
			if askErr != nil {
				t.Fatal(askErr)
			}
			before := slices.Clone(r.Recommend())
			grad := []float64{10 * rows[0][0], 0}
			if err = opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: grad}}); err != nil {
				if !slices.Equal(r.Recommend(), before) {
					t.Errorf("nesterov %v: recommends %v after it diverged, want %v", nesterov, r.Recommend(), before)
				}
				break
			}
		}
		if !errors.Is(err, optimizers.ErrDiverged) {
			t.Errorf("nesterov %v: error %v, want ErrDiverged", nesterov, err)
		}
	}
}

// Where the gradient vanishes, so does the step: what makes SGD the control.
func TestSGDVanishesWithTheGradient(t *testing.T) {
	opt := build(t, SGD, `{"lr": 1, "momentum": 0.9}`, optimizers.Problem{Init: []float64{1}})
	for range 100 {
		step(t, opt, bowl(1e-10))
	}
	if w := opt.(optimizers.Recommender).Recommend()[0]; 1-w > 1e-7 {
		t.Errorf("w moved by %v in 100 steps, want less than 1e-7", 1-w)
	}
}
