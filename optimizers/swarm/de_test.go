package swarm

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// Every ordered triple of the others is drawn, each as often, and nothing else.
func TestOthersAreDistinctAndUniform(t *testing.T) {
	const n, k, draws = 6, 2, 60_000
	src := noise.NewSource(1, 2)
	counts := map[[3]int]int{}
	for range draws {
		from := others(src, n, k)
		counts[from]++
		a, b, c := from[0], from[1], from[2]
		if a == k || b == k || c == k || a == b || b == c || a == c || min(a, b, c) < 0 || max(a, b, c) >= n {
			t.Fatalf("drew %v for %d of %d, want three others", from, k, n)
		}
	}
	const triples = 5 * 4 * 3
	want := draws / float64(triples)
	if len(counts) != triples {
		t.Errorf("%d triples, want %d", len(counts), triples)
	}
	for from, got := range counts {
		if math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
			t.Errorf("%v drawn %d times, want %v", from, got, want)
		}
	}
}

// Each challenger is the vector it challenges, with some weights of a + F (b - c)
// for three others: one weight at least, the share that CR says, and in places
// that are no more likely than others.
func TestChallengersAreRand1Bin(t *testing.T) {
	const n, size, generations = 6, 8, 400
	for _, cr := range []float64{0, 0.3, 1} {
		config := map[float64]string{0: `{"cr": 0, "f": 0.7, "population": 8}`, 0.3: `{"cr": 0.3, "f": 0.7, "population": 8}`, 1: `{"cr": 1, "f": 0.7, "population": 8}`}[cr]
		d := newOptimizer(t, DE, config, optimizers.Problem{Init: make([]float64, n), Seed: 2}).(*de)
		step(t, d, func(int, []float64) float64 { return 1 })
		crossed, places := 0.0, make([]float64, n)
		for range generations {
			kept := make([][]float64, size)
			for k := range kept {
				kept[k] = slices.Clone(d.rows[k])
			}
			// All challengers are worse, so that the vectors stay.
			rows, _ := step(t, d, func(int, []float64) float64 { return 2 })
			for k, w := range rows {
				var changed []int
				for i := range w {
					if w[i] != kept[k][i] {
						changed = append(changed, i)
						places[i]++
					}
				}
				if len(changed) == 0 {
					t.Fatal("a challenger is the vector it challenges")
				}
				crossed += float64(len(changed))
				if !explained(kept, k, w, changed, 0.7) {
					t.Fatalf("challenger %d is not made of three others of\n%v:\n%v", k, kept, w)
				}
			}
		}
		const count = n * size * generations
		p := cr + (1-cr)/n
		if got, tol := crossed/count, 5*math.Sqrt(p*(1-p)/count); math.Abs(got-p) > tol+1e-12 {
			t.Errorf("CR %v: share of weights that are crossed over = %v, want %v within %v", cr, got, p, tol)
		}
		for i, got := range places {
			if tol := 5 * math.Sqrt(p*(1-p)*size*generations); math.Abs(got-p*size*generations) > tol+1e-9 {
				t.Errorf("CR %v: weight %d is crossed over %v times, want %v within %v", cr, i, got, p*size*generations, tol)
			}
		}
	}
}

// explained reports whether one triple of others gives all weights that changed.
func explained(kept [][]float64, k int, w []float64, changed []int, f float64) bool {
	for a := range kept {
		for b := range kept {
			for c := range kept {
				if a == k || b == k || c == k || a == b || b == c || a == c {
					continue
				}
				if !slices.ContainsFunc(changed, func(i int) bool {
					return math.Abs(kept[a][i]+f*(kept[b][i]-kept[c][i])-w[i]) > 1e-12
				}) {
					return true
				}
			}
		}
	}
	return false
}

// A challenger that is no worse takes its place, one that is worse does not.
func TestReplacementIsGreedy(t *testing.T) {
	d := newOptimizer(t, DE, `{"population": 6}`, optimizers.Problem{Init: make([]float64, 3), Seed: 2}).(*de)
	step(t, d, func(int, []float64) float64 { return 5 })
	before := make([][]float64, 6)
	for k := range before {
		before[k] = slices.Clone(d.rows[k])
	}
	rows, _ := step(t, d, func(k int, _ []float64) float64 { return 4 + float64(k)/2 }) // 4, 4.5, 5, 5.5, ...
	for k := range before {
		want, loss := rows[k], 4+float64(k)/2
		if k > 2 {
			want, loss = before[k], 5
		}
		if !slices.Equal(d.rows[k], want) || d.losses[k] != loss {
			t.Errorf("vector %d = %v with loss %v, want %v with %v", k, d.rows[k], d.losses[k], want, loss)
		}
	}
	if got := d.Shortlist(2); !slices.Equal(got[0], rows[0]) || !slices.Equal(got[1], rows[1]) {
		t.Error("the shortlist is not the best of the vectors")
	}
}

func TestDefaultPopulationGrowsWithTheWeights(t *testing.T) {
	for n, want := range map[int]int{1: 20, 2: 20, 3: 30, 10: 100, 500: 100} {
		rows, err := newOptimizer(t, DE, "", optimizers.Problem{Init: make([]float64, n)}).Ask()
		if err != nil || len(rows) != want {
			t.Errorf("%d weights: %d candidates (%v), want %d", n, len(rows), err, want)
		}
	}
	for def, config := range map[*optimizers.Definition]string{&DE: `{"population": 3}`, &LSHADE: `{"population": 2}`} {
		_, err := def.New([]byte(config), optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err == nil || !strings.Contains(err.Error(), "at least 4") {
			t.Errorf("%s %s: error %v, want one that says at least 4", def.Name, config, err)
		}
	}
}
