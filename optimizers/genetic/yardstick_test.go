package genetic

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// lowest is the least loss of all candidates of some evaluations.
func lowest(t *testing.T, def optimizers.Definition, config string, p optimizers.Problem, evaluations int, loss func(w []float64) float64) float64 {
	t.Helper()
	p.Threads = 1
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	low := math.Inf(1)
	for n := 0; n < evaluations; {
		rows := step(t, opt, func(w []float64) float64 {
			x := loss(w)
			low = min(low, x)
			return x
		})
		n += len(rows)
	}
	return low
}

// A network of eight hidden layers of four sigmoid units, initialised as by
// Glorot & Bengio (2010, PMLR 9:249-256, eq. 16), whose gradient has vanished.
var sizes = []int{2, 4, 4, 4, 4, 4, 4, 4, 4, 1}

func deepProblem(seed uint64) optimizers.Problem {
	p := optimizers.Problem{Seed: seed}
	for l, out := range sizes[1:] {
		in := sizes[l]
		w := make([]float64, out*(in+1))
		noise.Normal(w[:out*in], noise.Mix(seed, 1), uint64(l), 0)
		for i := range w {
			w[i] *= math.Sqrt(2 / float64(in+out))
		}
		off := len(p.Init)
		p.Blocks = append(p.Blocks,
			optimizers.Block{Name: "w", Off: off, Len: out * in, Layer: l, Rows: out, FanIn: in},
			optimizers.Block{Name: "b", Off: off + out*in, Len: out, Layer: l, Rows: out})
		p.Init = append(p.Init, w...)
	}
	return p
}

// deepXOR is the cross-entropy of the network on XOR; a constant has log 2.
func deepXOR(w []float64) float64 {
	total := 0.0
	for _, x := range [4][3]float64{{-1, -1, 0}, {-1, 1, 1}, {1, -1, 1}, {1, 1, 0}} {
		a, w := [4]float64{x[0], x[1]}, w
		for l, out := range sizes[1:] {
			in := sizes[l]
			var next [4]float64
			for j := range out {
				z := w[out*in+j]
				for i, v := range a[:in] {
					z += w[j*in+i] * v
				}
				if next[j] = z; l < len(sizes)-2 {
					next[j] = 1 / (1 + math.Exp(-z))
				}
			}
			a, w = next, w[out*(in+1):]
		}
		total += (math.Max(a[0], 0) - a[0]*x[2] + math.Log1p(math.Exp(-math.Abs(a[0])))) / 4
	}
	return total
}

// What the documentation of each says of random search at equal work: on a deep
// sigmoid network it learns nothing, and each of these learns XOR.
func TestAllBeatRandomSearchOnADeepNetwork(t *testing.T) {
	const evaluations = 12_000
	for seed := range uint64(3) {
		p := deepProblem(seed)
		if got := lowest(t, search.Random, "", p, evaluations, deepXOR); got < 0.69 {
			t.Errorf("random search reaches %v, want no better than a constant, 0.69 (seed %d)", got, seed)
		}
		for _, def := range []optimizers.Definition{GA, Islands, Steady, Deep, SAMR, CoSyNE} {
			if got := lowest(t, def, "", p, evaluations, deepXOR); got > 0.1 {
				t.Errorf("%s reaches %v, want under 0.1 (seed %d)", def.Name, got, seed)
			}
		}
	}
}

// On the Rastrigin function those that cross find the global minimum's basin,
// where random search stays above 4.
func TestCrossoverBeatsRandomSearchOnRastrigin(t *testing.T) {
	const n, evaluations = 6, 15_000
	f := opttest.NewFunction("rastrigin", n)
	loss := func(w []float64) float64 { return f.Loss(w, nil) }
	for seed := range uint64(3) {
		p := optimizers.Problem{Init: make([]float64, n), Seed: seed}
		if got := lowest(t, search.Random, "", p, evaluations, loss); got < 4 {
			t.Errorf("random search reaches %v, want above 4 (seed %d)", got, seed)
		}
		for _, def := range []optimizers.Definition{GA, Islands, Steady, CoSyNE} {
			if got := lowest(t, def, "", p, evaluations, loss); got > 2 {
				t.Errorf("%s reaches %v, want under 2 (seed %d)", def.Name, got, seed)
			}
		}
	}
}

// Into the last digits of the sphere only a step that adapts leads.
func TestSelfAdaptationReachesTheLastDigits(t *testing.T) {
	const n, evaluations = 10, 12_000
	f := opttest.NewFunction("sphere", n)
	loss := func(w []float64) float64 { return f.Loss(w, nil) }
	for seed := range uint64(3) {
		p := optimizers.Problem{Init: make([]float64, n), Seed: seed}
		fixed := lowest(t, GA, "", p, evaluations, loss)
		if got := lowest(t, GA, `{"adapt": true}`, p, evaluations, loss); got > fixed/100 {
			t.Errorf("ga reaches %v with adapt, want a hundredth of %v without (seed %d)", got, fixed, seed)
		}
		if got := lowest(t, SAMR, "", p, evaluations, loss); got > 1e-8 || fixed < 1e-5 {
			t.Errorf("samr-ga reaches %v, want under 1e-8, and ga %v, want above 1e-5 (seed %d)", got, fixed, seed)
		}
	}
}
