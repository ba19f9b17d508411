package search

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// The step is -lr (l+ - l-)/(2 epsilon) z to the last bit, whatever the losses,
// with the z of the two candidates.
func TestMeZOStepIsTheSlopeTimesTheDirection(t *testing.T) {
	const n, seed, lr, eps = 33, 5, 0.25, 0.5
	opt := newOptimizer(t, MeZO, `{"lr": 0.25, "epsilon": 0.5}`, optimizers.Problem{Init: make([]float64, n), Seed: seed})
	w, z := make([]float64, n), make([]float64, n)
	for step := range uint64(20) {
		noise.Normal(z, seed, step, 0)
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		up, down := math.Sin(float64(step)), math.Cos(float64(7*step))
		for i := range w {
			if rows[0][i] != math.FMA(eps, z[i], w[i]) || rows[1][i] != math.FMA(-eps, z[i], w[i]) {
				t.Fatalf("step %d: candidates are not w + epsilon z and w - epsilon z in weight %d", step, i)
			}
			w[i] = math.FMA(-lr*((up-down)/(2*eps)), z[i], w[i])
		}
		if err := opt.Tell([]optimizers.Evaluation{{Loss: up}, {Loss: down}}); err != nil {
			t.Fatal(err)
		}
		for i, got := range opt.(optimizers.Recommender).Recommend() {
			if got != w[i] {
				t.Fatalf("step %d: weight %d = %v, want %v", step, i, got, w[i])
			}
		}
	}
}

// For a linear loss the step is along z (z'g), so the cosine between it and -g is
// positive, with the density of |z'g|/(|z||g|): its square is Beta(1/2, (n-1)/2),
// of mean 1/n and variance 2(n-1)/(n^2 (n+2)). Both moments, and the mean of
// the cosine, Gamma(n/2)/(sqrt(pi) Gamma((n+1)/2)), are within five standard errors.
func TestMeZOFollowsTheLawOfTheCosine(t *testing.T) {
	const n, steps = 20, 4000
	g := make([]float64, n)
	noise.Normal(g, 99, 0, 0)
	opt := newOptimizer(t, MeZO, "", optimizers.Problem{Init: make([]float64, n), Seed: 8})
	linear := func(w []float64) float64 { return dot(g, w) }
	before := make([]float64, n)
	var cosines, squares, fourth float64
	for range steps {
		step(t, opt, linear)
		w := opt.(optimizers.Recommender).Recommend()
		var along, length float64
		for i := range w {
			d := w[i] - before[i]
			along -= d * g[i]
			length += d * d
		}
		copy(before, w)
		cos := along / math.Sqrt(length*dot(g, g))
		if cos <= 0 {
			t.Fatalf("cosine between the step and -gradient = %v, want positive", cos)
		}
		cosines += cos / steps
		squares += cos * cos / steps
		fourth += cos * cos * cos * cos / steps
	}
	up, _ := math.Lgamma(n / 2.)
	down, _ := math.Lgamma((n + 1) / 2.)
	mean := math.Exp(up-down) / math.Sqrt(math.Pi)
	if tol := 5 * math.Sqrt((1./n-mean*mean)/steps); math.Abs(cosines-mean) > tol {
		t.Errorf("mean cosine = %v, want %v within %v", cosines, mean, tol)
	}
	const variance = 2 * (n - 1) / (n * n * (n + 2.))
	if tol := 5 * math.Sqrt(variance/steps); math.Abs(squares-1./n) > tol {
		t.Errorf("mean squared cosine = %v, want %v within %v", squares, 1./n, tol)
	}
	if got := fourth - squares*squares; !within(got, variance, 0.2) {
		t.Errorf("variance of the squared cosine = %v, want %v", got, variance)
	}
}

func dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
