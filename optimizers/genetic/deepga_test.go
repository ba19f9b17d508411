package genetic

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

func buildDeep(t *testing.T, config string, p optimizers.Problem) *deep {
	t.Helper()
	p.Threads = 1
	opt, err := Deep.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt.(*deep)
}

// A genome gives the weights of its parent back to the last bit, and is what the
// paper says: the start, and the sum of sigma times the noise of each seed.
func TestGenomeIsItsSeeds(t *testing.T) {
	const n = 50
	init := slices.Repeat([]float64{0.3}, n)
	d := buildDeep(t, `{"population": 20, "parents": 5, "finalists": 3, "sigma": 0.1, "spread": 0.7}`, optimizers.Problem{Init: init, Seed: 9})
	for range 40 { // 20 generations
		step(t, d, sphere)
	}
	longest := 0
	for i, p := range d.parents {
		got := make([]float64, n)
		d.decode(got, p.seeds)
		if !slices.Equal(got, p.w) {
			t.Errorf("parent %d: its %d seeds decode to other weights", i, len(p.seeds))
		}
		sum, z := slices.Clone(init), make([]float64, n)
		for _, s := range p.seeds {
			size := 0.1
			if s>>32 == 0 {
				size = 0.7
			}
			noise.Normal(z, noise.Mix(9, streamMutation), uint64(s>>32), uint32(s))
			for j := range sum {
				sum[j] += size * z[j]
			}
		}
		for j := range sum {
			if math.Abs(sum[j]-p.w[j]) > 1e-13 {
				t.Fatalf("parent %d: weight %d is %v, want %v, the sum of the noise of its seeds", i, j, p.w[j], sum[j])
			}
		}
		longest = max(longest, len(p.seeds))
	}
	if longest < 5 {
		t.Errorf("the longest genome has %d seeds after 20 generations, want more than 4", longest)
	}
}

// A checkpoint is the seeds and the losses, however many weights there are.
func TestDeepCheckpointHasNoWeights(t *testing.T) {
	size := func(n int) int {
		d := buildDeep(t, "", optimizers.Problem{Init: make([]float64, n)})
		for range 20 {
			step(t, d, func(w []float64) float64 { return w[0] })
		}
		data, err := d.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return len(data)
	}
	if small, large := size(10), size(10_000); large > small+1000 || large > 4000 {
		t.Errorf("checkpoints of %d bytes for 10 weights and %d for 10,000, want about as many", small, large)
	}
}

// The finalists are the best of the generation, and the one with the lowest mean
// loss when evaluated again lives on, whatever its first loss was.
func TestEliteIsTheBestOfTheFinalists(t *testing.T) {
	d := buildDeep(t, `{"population": 30, "parents": 6, "finalists": 4, "repeats": 2}`, optimizers.Problem{Init: make([]float64, 3), Seed: 2})
	for generation := range 8 {
		first := step(t, d, sphere)
		slices.SortStableFunc(first, func(a, b []float64) int { return int(math.Copysign(1, sphere(a)-sphere(b))) })
		// In turn each of the four has the lowest sum, though not the lowest of either.
		winner := generation % 4
		for repeat := range 2 {
			finalists := step(t, d, func(w []float64) float64 {
				i := slices.IndexFunc(first, func(v []float64) bool { return slices.Equal(v, w) })
				if i < 0 || i > 3 {
					t.Fatalf("generation %d: a finalist is not among the best four", generation)
				}
				if i == winner {
					return 3
				}
				return [][2]float64{{0, 9}, {9, 0}, {4, 4}, {1, 8}}[i][repeat]
			})
			if len(finalists) != 4 {
				t.Fatalf("%d finalists, want 4", len(finalists))
			}
		}
		want := first[winner]
		// The others follow in the order of their first losses.
		others := slices.Concat(first[:winner], first[winner+1:6])
		if list := d.Shortlist(6); !equal(list[1:], others) {
			t.Errorf("generation %d: behind the elite are not the other parents, best first", generation)
		}
		next, err := d.Ask()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(next[0], want) || !slices.Equal(d.Shortlist(1)[0], want) {
			t.Errorf("generation %d: the elite is not the finalist of the lowest mean loss", generation)
		}
		for _, w := range next[1:] {
			if slices.Equal(w, want) {
				t.Errorf("generation %d: the elite is asked about twice", generation)
			}
		}
	}
}

// Portions are the same candidates, in less memory.
func TestPortionsChangeNothing(t *testing.T) {
	ask := func(portion int) []float64 {
		config := fmt.Sprintf(`{"population": 20, "parents": 5, "finalists": 5, "portion": %d}`, portion)
		p := optimizers.Problem{Init: make([]float64, 7), Seed: 4}
		d := buildDeep(t, config, p)
		if len(d.rows) != portion {
			t.Fatalf("%d rows for portions of %d", len(d.rows), portion)
		}
		steps := 6 * (1 + (19+portion)/portion)
		return trajectory(t, Deep, config, p, steps, sphere)
	}
	if whole := ask(20); !slices.Equal(whole, ask(6)) || !slices.Equal(whole, ask(1)) {
		t.Error("the candidates depend on how many are asked about at once")
	}
}

func equal(a, b [][]float64) bool { return slices.EqualFunc(a, b, slices.Equal[[]float64]) }

func TestDeepRefusesWhatDoesNotFit(t *testing.T) {
	for _, config := range []string{`{"parents": 101}`, `{"finalists": 11}`} {
		if _, err := Deep.New(json.RawMessage(config), optimizers.Problem{Init: []float64{0}, Threads: 1}); err == nil {
			t.Errorf("%s is taken, want an error", config)
		}
	}
}
