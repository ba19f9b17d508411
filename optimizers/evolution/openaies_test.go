package evolution

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// gradientQuality is the mean cosine of the first estimate with the gradient of
// a linear loss, over some seeds, and its standard error.
func gradientQuality(t *testing.T, n, pairs, seeds int) (mean, spread float64) {
	t.Helper()
	slope := make([]float64, n)
	noise.Normal(slope, 99, 0, 0)
	squares := 0.0
	for seed := range seeds {
		o, err := newOpenAIES(OpenAIESConfig{Population: 2 * pairs, Sigma: 0.1, LR: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8},
			optimizers.Problem{Init: start(n), Seed: uint64(seed), Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := o.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = dot(w, slope)
		}
		if err := o.Tell(evals); err != nil {
			t.Fatal(err)
		}
		// After the first step, the running mean of gradients has the direction of one.
		cos := dot(o.m, slope) / (norm(o.m) * norm(slope))
		mean += cos / float64(seeds)
		squares += cos * cos / float64(seeds)
	}
	return mean, math.Sqrt((squares - mean*mean) / float64(seeds))
}

// For a linear loss the expected cosine is 1/sqrt(1 + (n+1)/N) for N pairs, if
// losses count by their value. By rank it is a little less: the correlation of a
// normal number with its rank is sqrt(3/pi) = 0.977.
func TestGradientEstimateIsAsGoodAsTheory(t *testing.T) {
	const n = 1000
	for _, c := range []struct {
		pairs, seeds int
		theory       float64
	}{{10, 300, 0.0995}, {100, 60, 0.301}} {
		if law := 1 / math.Sqrt(1+float64(n+1)/float64(c.pairs)); math.Abs(law-c.theory) > 5e-4 {
			t.Fatalf("the law gives %v for %d pairs, want %v", law, c.pairs, c.theory)
		}
		mean, spread := gradientQuality(t, n, c.pairs, c.seeds)
		if mean > c.theory+4*spread || mean < 0.977*c.theory-4*spread {
			t.Errorf("%d pairs: mean cosine %.4f (standard error %.4f), want %.4f, or up to 2.3 %% less", c.pairs, mean, spread, c.theory)
		}
	}
}

// Adam's first step has the length of the learning rate in every coordinate with
// a gradient, and one pair shows the direction: opposite to e if the upper one is
// the worse.
func TestFirstStepByHand(t *testing.T) {
	init := []float64{1, -2, 0.5}
	o, err := newOpenAIES(OpenAIESConfig{Population: 2, Sigma: 0.1, LR: 0.25, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-12},
		optimizers.Problem{Init: init, Seed: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := o.Ask()
	if err != nil {
		t.Fatal(err)
	}
	up := append([]float64(nil), rows[0]...)
	if err := o.Tell([]optimizers.Evaluation{{Loss: 3}, {Loss: 2}}); err != nil {
		t.Fatal(err)
	}
	for i, w := range o.Recommend() {
		want := init[i] - 0.25*sign(up[i]-init[i])
		if math.Abs(w-want) > 1e-9 {
			t.Errorf("weight %d is %v after the first step, want %v", i, w, want)
		}
	}
}

// The gradient after one pair, of which the upper one is the worse, is half of e,
// the mean of 1/2 e and of -1/2 (-e), and decay times the weights.
func TestGradientByHand(t *testing.T) {
	init := []float64{1, -2, 0.5}
	o, err := newOpenAIES(OpenAIESConfig{Population: 2, Sigma: 0.125, LR: 0.25, Beta1: 0.75, Beta2: 0.5, Epsilon: 1e-12, WeightDecay: 0.01},
		optimizers.Problem{Init: init, Seed: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := o.Ask()
	if err != nil {
		t.Fatal(err)
	}
	up := append([]float64(nil), rows[0]...)
	if err := o.Tell(evaluations(3, 2)); err != nil {
		t.Fatal(err)
	}
	for i, w := range init {
		g := (up[i]-w)/0.125/2 + 0.01*w
		if math.Abs(o.m[i]-0.25*g) > 1e-14 || math.Abs(o.v[i]-0.5*g*g) > 1e-14 {
			t.Errorf("moments of weight %d are %v and %v, want %v and %v", i, o.m[i], o.v[i], 0.25*g, 0.5*g*g)
		}
	}
}

// With decay and a plateau the weights shrink: the gradient is the decay alone.
func TestWeightDecayPullsToZero(t *testing.T) {
	o, err := newOpenAIES(OpenAIESConfig{Population: 4, Sigma: 0.1, LR: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.5},
		optimizers.Problem{Init: []float64{1, -2, 0}, Seed: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Ask(); err != nil {
		t.Fatal(err)
	}
	if err := o.Tell(evaluations(7, 7, 7, 7)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.99, -1.99, 0} {
		if got := o.Recommend()[i]; math.Abs(got-want) > 1e-6 {
			t.Errorf("weight %d is %v, want %v", i, got, want)
		}
	}
}

func sign(x float64) float64 { return math.Copysign(1, x) }
