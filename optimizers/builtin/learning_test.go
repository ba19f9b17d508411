package builtin

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// minimise spends a number of evaluations on a loss without noise and returns
// the lowest loss of all candidates. A loss told with its gradient writes it.
func minimise(t *testing.T, name, config string, p optimizers.Problem, evaluations int, loss func(w, grad []float64) float64) float64 {
	t.Helper()
	i := slices.IndexFunc(All(), func(d optimizers.Definition) bool { return d.Name == name })
	def := All()[i]
	p.Threads = 2
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	low := math.Inf(1)
	for told := 0; told < evaluations; {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			if def.Need == optimizers.NeedGrad {
				evals[k].Grad = make([]float64, len(w))
			}
			evals[k].Loss = loss(w, evals[k].Grad)
			low = min(low, evals[k].Loss)
		}
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
		told += len(rows)
	}
	return low
}

// shifted moves the optimum of a function from zero to a point of mixed signs.
func shifted(f func(x []float64) float64) func(w, grad []float64) float64 {
	x := make([]float64, 6)
	return func(w, _ []float64) float64 {
		for i := range w {
			x[i] = w[i] - []float64{0.7, -1.3}[i%2]
		}
		return f(x)
	}
}

// rastrigin has a local minimum of about 1 for every step of one coordinate
// from the global one (Mühlenbein et al. 1991, doi:10.1016/S0167-8191(05)80052-3).
func rastrigin(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v*v + 10*(1-math.Cos(2*math.Pi*v))
	}
	return sum
}

// rosenbrock has a curved valley (Rosenbrock 1960, doi:10.1093/comjnl/3.3.175),
// with its minimum at zero.
func rosenbrock(x []float64) float64 {
	sum := 0.0
	for i := range len(x) - 1 {
		a, b := x[i]+1, x[i+1]+1
		sum += 100*(b-a*a)*(b-a*a) + (1-a)*(1-a)
	}
	return sum
}

// In 10,000 evaluations of dimension 6 the genetic algorithm finds the right
// basin of Rastrigin's function, where the next best has loss 1, and the valley
// of Rosenbrock's. Guessing, which random search does, is nowhere near.
func TestGABeatsRandomSearch(t *testing.T) {
	const evaluations = 10_000
	for name, c := range map[string]struct {
		f    func([]float64) float64
		want float64 // of the genetic algorithm
	}{
		"rastrigin":  {rastrigin, 0.5},
		"rosenbrock": {rosenbrock, 5},
	} {
		for seed := range uint64(3) {
			p := optimizers.Problem{Init: make([]float64, 6), Seed: seed}
			ga := minimise(t, "ga", "", p, evaluations, shifted(c.f))
			guess := minimise(t, "random-search", "", p, evaluations, shifted(c.f))
			if !(ga < c.want) {
				t.Errorf("%s: ga reaches %v, want under %v (seed %d)", name, ga, c.want, seed)
			}
			if !(guess > 3*ga) {
				t.Errorf("%s: random search reaches %v and ga %v, want a factor of 3 (seed %d)", name, guess, ga, seed)
			}
		}
	}
}

// sizes is a network of eight hidden layers of four sigmoid units: 157 weights.
var sizes = []int{2, 4, 4, 4, 4, 4, 4, 4, 4, 1}

// deepProblem has the blocks of the network and Glorot & Bengio's normal
// initialization (2010, PMLR 9:249-256, eq. 16 gives its variance).
func deepProblem(seed uint64) optimizers.Problem {
	var p optimizers.Problem
	for l, out := range sizes[1:] {
		in := sizes[l]
		scale := math.Sqrt(2 / float64(in+out))
		w := make([]float64, out*in)
		noise.Normal(w, noise.Mix(seed, 1), uint64(l), 0)
		for i := range w {
			w[i] *= scale
		}
		off := len(p.Init)
		p.Blocks = append(p.Blocks,
			optimizers.Block{Name: "w", Off: off, Len: len(w), Layer: l, Rows: out, FanIn: in, Scale: scale},
			optimizers.Block{Name: "b", Off: off + len(w), Len: out, Layer: l, Rows: out})
		p.Init = append(append(p.Init, w...), make([]float64, out)...)
	}
	p.Seed = seed
	return p
}

// deepXOR is the cross-entropy of the network on XOR, with its gradient by
// back-propagation where there is room for it.
func deepXOR(w, grad []float64) float64 {
	clear(grad)
	total := 0.0
	var acts [10][4]float64 // of each layer, the inputs first
	for _, x := range [4][3]float64{{-1, -1, 0}, {-1, 1, 1}, {1, -1, 1}, {1, 1, 0}} {
		acts[0] = [4]float64{x[0], x[1]}
		off := 0
		for l, out := range sizes[1:] {
			in := sizes[l]
			for j := range out {
				z := w[off+out*in+j]
				for i, a := range acts[l][:in] {
					z += w[off+j*in+i] * a
				}
				if l < len(sizes)-2 {
					z = 1 / (1 + math.Exp(-z))
				}
				acts[l+1][j] = z
			}
			off += out*in + out
		}
		z, y := acts[len(sizes)-1][0], x[2]
		total += (math.Max(z, 0) - z*y + math.Log1p(math.Exp(-math.Abs(z)))) / 4
		if grad == nil {
			continue
		}
		delta := [4]float64{(1/(1+math.Exp(-z)) - y) / 4}
		for l := len(sizes) - 2; l >= 0; l-- {
			in, out := sizes[l], sizes[l+1]
			off -= out*in + out
			var below [4]float64
			for j, d := range delta[:out] {
				grad[off+out*in+j] += d
				for i, a := range acts[l][:in] {
					grad[off+j*in+i] += d * a
					below[i] += d * w[off+j*in+i] * a * (1 - a)
				}
			}
			delta = below
		}
	}
	return total
}

// The gradient of the test network is that of central differences.
func TestDeepXORGradient(t *testing.T) {
	p := deepProblem(1)
	for i := range p.Init {
		p.Init[i] *= 3 // where it has not vanished
	}
	grad := make([]float64, len(p.Init))
	deepXOR(p.Init, grad)
	for i, w := range p.Init {
		const h = 1e-5
		p.Init[i] = w + h
		up := deepXOR(p.Init, nil)
		p.Init[i] = w - h
		down := deepXOR(p.Init, nil)
		p.Init[i] = w
		if got, want := grad[i], (up-down)/(2*h); math.Abs(got-want) > 1e-9 {
			t.Errorf("gradient of weight %d = %v, want %v", i, got, want)
		}
	}
}

// The claim that the toolkit is about, in small. On a sigmoid network of eight
// hidden layers XOR is beyond gradient descent, whose gradient has vanished, and
// beyond guessing: both stay at log 2 = 0.693, as good as a constant. Search in
// the space of weights by a genetic algorithm solves it in all seeds, and Rprop,
// for which a gradient of 1e-6 is as good as any, in most.
func TestDeepXOR(t *testing.T) {
	solved := 0 // by rprop
	for seed := range uint64(5) {
		p := deepProblem(seed)
		if got := minimise(t, "ga", "", p, 10_000, deepXOR); !(got < 0.1) {
			t.Errorf("ga: cross-entropy %v after 10,000 evaluations, want under 0.1 (seed %d)", got, seed)
		}
		for _, config := range []string{`{"lr": 1}`, `{"lr": 0.1, "momentum": 0.9}`} {
			if got := minimise(t, "sgd", config, p, 1500, deepXOR); !(got > 0.693) {
				t.Errorf("sgd %s: cross-entropy %v after 1,500 steps, want stuck above 0.693 (seed %d)", config, got, seed)
			}
		}
		if got := minimise(t, "random-search", "", p, 10_000, deepXOR); !(got > 0.69) {
			t.Errorf("random-search: cross-entropy %v after 10,000 guesses, want above 0.69 (seed %d)", got, seed)
		}
		if got := minimise(t, "rprop", "", p, 3000, deepXOR); got < 0.1 {
			solved++
		}
	}
	if solved < 3 {
		t.Errorf("rprop: cross-entropy under 0.1 after 3,000 steps in %d of 5 seeds, want 3", solved)
	}
}
