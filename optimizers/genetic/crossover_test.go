package genetic

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/optimizers"
)

// A network 2-3-1 with a normalization of its hidden layer, and weights that
// belong to no unit.
var blocks = []optimizers.Block{
	{Name: "0.dense.w", Off: 0, Len: 6, Layer: 0, Rows: 3},
	{Name: "0.dense.b", Off: 6, Len: 3, Layer: 0, Rows: 3},
	{Name: "1.norm.gain", Off: 9, Len: 3, Layer: 1, Rows: 3},
	{Name: "2.dense.w", Off: 12, Len: 3, Layer: 2, Rows: 1},
	{Name: "2.dense.b", Off: 15, Len: 1, Layer: 2, Rows: 1},
	{Name: "3.free", Off: 16, Len: 2, Layer: 3},
}

func TestUnitsAreTheRowsOfALayer(t *testing.T) {
	want := []unit{
		{{0, 2}, {6, 7}},
		{{2, 4}, {7, 8}},
		{{4, 6}, {8, 9}},
		{{9, 10}},
		{{10, 11}},
		{{11, 12}},
		{{12, 15}, {15, 16}},
		{{16, 18}},
	}
	if diff := cmp.Diff(want, unitsOf(blocks), cmp.AllowUnexported(span{})); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
}

// parents are two vectors of n weights, all different.
func parents(n int) (a, b []float64) {
	for i := range n {
		a = append(a, float64(i+1))
		b = append(b, -float64(i+1))
	}
	return a, b
}

// siblings are the offspring of pair number pair of two parents.
func siblings(cross crossover, a, b []float64, pair int) (x, y []float64) {
	x, y = make([]float64, len(a)), make([]float64, len(a))
	at := mating{seed: 1, generation: 3, pair: uint32(pair), child: uint32(2 * pair)}
	cross(x, a, b, at)
	at.child++
	cross(y, b, a, at)
	return x, y
}

// Each offspring has every weight of one of its parents, its sibling that of
// the other, and a unit comes from one parent whole: half of the time each.
func TestExchangeKeepsUnitsWhole(t *testing.T) {
	const trials = 2000
	for name, units := range map[string][]unit{
		"neuron": unitsOf(blocks),
		"weight": func() (units []unit) {
			for i := range 18 {
				units = append(units, unit{{i, i + 1}})
			}
			return units
		}(),
	} {
		cross := newCrossover(CrossoverConfig{Crossover: name}, blocks)
		swapped := make([]float64, len(units))
		both := 0.0 // the first two units together
		for trial := range trials {
			own, mate := parents(18)
			a, b := siblings(cross, own, mate, trial)
			for i := range a {
				if math.Abs(a[i]) != float64(i+1) || a[i] != -b[i] {
					t.Fatalf("%s: weight %d of the offspring is %v and %v, want those of the parents", name, i, a[i], b[i])
				}
			}
			for k, u := range units {
				for _, r := range u {
					for i := r.from; i < r.to; i++ {
						if (a[i] < 0) != (a[u[0].from] < 0) {
							t.Fatalf("%s: unit %d is of both parents", name, k)
						}
					}
				}
				if a[u[0].from] < 0 {
					swapped[k]++
				}
			}
			if (a[units[0][0].from] < 0) == (a[units[1][0].from] < 0) {
				both++
			}
		}
		for k, n := range append(swapped, both) {
			if z := (n - trials/2) / math.Sqrt(trials/4); math.Abs(z) > 5 {
				t.Errorf("%s: unit %d is exchanged %v times of %d, want half", name, k, n, trials)
			}
		}
	}
}

// More units than one word of random bits has: the 65th is drawn too.
func TestExchangeOfManyWeights(t *testing.T) {
	const n, trials = 200, 200
	swapped := make([]int, n)
	for trial := range trials {
		own, mate := parents(n)
		a, _ := siblings(byWeight, own, mate, trial)
		for i := range a {
			if a[i] < 0 {
				swapped[i]++
			}
		}
	}
	for i, s := range swapped {
		if z := (float64(s) - trials/2) / math.Sqrt(trials/4); math.Abs(z) > 5 {
			t.Errorf("weight %d is exchanged %d times of %d, want half", i, s, trials)
		}
	}
}

func TestNeuronCrossoverWithoutBlocksIsByWeight(t *testing.T) {
	own, mate := parents(100)
	a, b := siblings(newCrossover(CrossoverConfig{Crossover: "neuron"}, nil), own, mate, 0)
	if slices.Max(b) < 0 || slices.Min(a) > 0 {
		t.Error("nothing was exchanged")
	}
}

// BLX-0.5 draws evenly from twice the interval: between parents 1 and 3 the mean
// is 2 and the variance 4^2/12.
func TestBlendIsEvenAroundTheParents(t *testing.T) {
	const n = 20_000
	own, mate := slices.Repeat([]float64{1}, n), slices.Repeat([]float64{3}, n)
	a, b := siblings(newCrossover(CrossoverConfig{Crossover: "blx", Alpha: 0.5}, blocks), own, mate, 0)
	for _, w := range [][]float64{a, b} {
		sum, squares := 0.0, 0.0
		for _, x := range w {
			if x < 0 || x > 4 {
				t.Fatalf("weight %v, want in [0, 4]", x)
			}
			sum += x
			squares += (x - 2) * (x - 2)
		}
		variance := 16.0 / 12
		if got := sum / n; math.Abs(got-2) > 5*math.Sqrt(variance/n) {
			t.Errorf("mean = %v, want 2", got)
		}
		// The fourth moment of a uniform is 9/5 of its variance squared.
		if got := squares / n; math.Abs(got-variance) > 5*variance*math.Sqrt(0.8/n) {
			t.Errorf("variance = %v, want %v", got, variance)
		}
	}
	if a[0] == b[0] {
		t.Error("the two offspring are the same")
	}
}

func TestBlendStaysFinite(t *testing.T) {
	a, b := []float64{math.MaxFloat64, -math.MaxFloat64}, []float64{-math.MaxFloat64, -math.MaxFloat64}
	for pair := range 10_000 {
		a, b = siblings(blend(1), a, b, pair)
		for _, x := range append(a, b...) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("weight %v, want a finite number", x)
			}
		}
	}
}

// Offspring change from parent to parent at the given number of places, all
// places equally likely, and between them are all that one parent has not given
// to the sibling.
func TestNPointCrossoverChangesAtItsPlaces(t *testing.T) {
	const n, trials = 11, 5000
	for _, points := range []int{1, 2, 7} {
		cross := newCrossover(CrossoverConfig{Crossover: "n-point", Points: points}, blocks)
		var counts [n]float64
		for trial := range trials {
			own, mate := parents(n)
			a, b := siblings(cross, own, mate, trial)
			changes := 0
			for i := range a {
				if math.Abs(a[i]) != float64(i+1) || a[i] != -b[i] {
					t.Fatalf("%d points: weight %d of the offspring is %v and %v, want those of the parents", points, i, a[i], b[i])
				}
				if i > 0 && (a[i] > 0) != (a[i-1] > 0) {
					changes++
					counts[i]++
				}
			}
			if changes != points || a[0] != own[0] {
				t.Fatalf("%d points: %v changes %d times", points, a, changes)
			}
		}
		p := float64(points) / (n - 1)
		for i, got := range counts[1:] {
			if tol := 5 * math.Sqrt(p*(1-p)*trials); math.Abs(got-p*trials) > tol {
				t.Errorf("%d points: a change before weight %d in %v of %d, want %v within %v", points, i+1, got, trials, p*trials, tol)
			}
		}
	}
	// Fewer places than points.
	own, mate := parents(3)
	if a, _ := siblings(atPoints(64), own, mate, 0); !slices.Equal(a, []float64{1, -2, 3}) {
		t.Errorf("64 points of 3 weights: %v, want 1 -2 3", a)
	}
	if a, _ := siblings(atPoints(64), own[:1], mate[:1], 0); a[0] != 1 {
		t.Errorf("64 points of a weight: %v, want 1", a)
	}
}
