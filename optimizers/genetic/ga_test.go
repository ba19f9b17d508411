package genetic

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers"
)

func build(t testing.TB, config string, p optimizers.Problem) *ga {
	t.Helper()
	p.Threads = 1
	opt, err := GA.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt.(*ga)
}

// step asks, tells the losses, and returns copies of the candidates.
func step(t testing.TB, opt optimizers.Optimizer, loss func(w []float64) float64) [][]float64 {
	t.Helper()
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	evals := make([]optimizers.Evaluation, len(rows))
	copies := make([][]float64, len(rows))
	for k, w := range rows {
		evals[k].Loss = loss(w)
		copies[k] = slices.Clone(w)
	}
	if err := opt.Tell(evals); err != nil {
		t.Fatal(err)
	}
	return copies
}

func sphere(w []float64) float64 {
	sum := 0.0
	for _, x := range w {
		sum += x * x
	}
	return sum
}

func TestFirstGenerationIsSpreadAroundTheStart(t *testing.T) {
	init := slices.Repeat([]float64{3}, 400)
	first := step(t, build(t, `{"spread": 1.5}`, optimizers.Problem{Init: init}), sphere)
	if !slices.Equal(first[0], init) {
		t.Error("the first candidate is not the starting point")
	}
	n, squares := 0.0, 0.0
	for _, w := range first[1:] {
		for i := range w {
			n++
			squares += (w[i] - init[i]) * (w[i] - init[i])
		}
	}
	if got, want := squares/n, 1.5*1.5; math.Abs(got-want) > 5*want*math.Sqrt(2/n) {
		t.Errorf("variance of the first generation = %v, want %v", got, want)
	}
}

// The best live on, in order and first, and their losses are asked for anew:
// on another minibatch the old ones mean nothing.
func TestEliteLivesOnAndIsEvaluatedAgain(t *testing.T) {
	g := build(t, `{"population": 12, "elite": 3, "weight_rate": 1}`, optimizers.Problem{Init: make([]float64, 5)})
	for generation := range 20 {
		loss := sphere
		if generation%2 == 1 { // another minibatch: the order is reversed
			loss = func(w []float64) float64 { return -sphere(w) }
		}
		told := step(t, g, loss)
		slices.SortStableFunc(told, func(a, b []float64) int {
			switch x, y := loss(a), loss(b); {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
		list := g.Shortlist(100)
		if len(list) != 12 {
			t.Fatalf("shortlist of %d, want the population of 12", len(list))
		}
		for i := range list {
			if !slices.Equal(list[i], told[i]) {
				t.Fatalf("generation %d: place %d of the shortlist is not that of sorting", generation, i)
			}
		}
		next, err := g.Ask()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if !slices.Equal(next[i], told[i]) {
				t.Fatalf("generation %d: candidate %d is not the elite's", generation, i)
			}
		}
		if slices.Equal(next[3], told[0]) {
			t.Fatalf("generation %d: the best lives on as an offspring that did not mutate", generation)
		}
		// Asked, it still names the last generation told.
		if !slices.Equal(g.Shortlist(1)[0], told[0]) {
			t.Fatalf("generation %d: the shortlist changed with Ask", generation)
		}
		g.told = false // Ask again is not in the contract: have step find what Ask returned
	}
}

// Without mutation or crossover a generation is copies of parents, more of
// better ones: selection works on the losses told.
func TestSelectionPrefersLowLosses(t *testing.T) {
	g := build(t, `{"population": 200, "tournament": 2, "elite": 0, "mutation_rate": 0, "crossover_rate": 0}`,
		optimizers.Problem{Init: []float64{0}})
	first := step(t, g, func(w []float64) float64 { return w[0] })
	second := step(t, g, func(w []float64) float64 { return w[0] })
	mean := func(rows [][]float64) (m float64) {
		for _, w := range rows {
			if !slices.ContainsFunc(first, func(v []float64) bool { return v[0] == w[0] }) {
				t.Fatalf("weight %v is none of the parents'", w[0])
			}
			m += w[0] / float64(len(rows))
		}
		return m
	}
	// The lower of two draws from N(0, 2^2) is 2/sqrt(pi) below the mean.
	got, want := mean(first)-mean(second), 2/math.Sqrt(math.Pi)
	if math.Abs(got-want) > 0.5 {
		t.Errorf("selection lowers the mean by %v, want about %v", got, want)
	}
}

// The share of offspring that mutate is the rate, also when the memory of a
// genome that mutated is used again.
func TestMutationRateIsTheShareOfOffspring(t *testing.T) {
	const rate, generations, population = 0.3, 30, 100
	g := build(t, `{"mutation_rate": 0.3, "weight_rate": 1, "crossover_rate": 0, "elite": 0}`, optimizers.Problem{Init: []float64{0}})
	parents := step(t, g, sphere)
	mutants := 0.0
	for range generations {
		offspring := step(t, g, sphere)
		for _, w := range offspring {
			if !slices.ContainsFunc(parents, func(v []float64) bool { return v[0] == w[0] }) {
				mutants++
			}
		}
		parents = offspring
	}
	const n = generations * population
	if tol := 5 * math.Sqrt(rate*(1-rate)*n); math.Abs(mutants-rate*n) > tol {
		t.Errorf("%v of %v offspring mutated, want %v within %v", mutants, n, rate*n, tol)
	}
}

// A candidate that diverged has no offspring, as long as others have not.
func TestInfiniteLossIsSelectedAgainst(t *testing.T) {
	g := build(t, `{"population": 50, "elite": 0, "mutation_rate": 0, "crossover_rate": 0, "tournament": 50}`,
		optimizers.Problem{Init: []float64{0}})
	diverges := func(w []float64) float64 {
		if w[0] > 0 {
			return math.Inf(1)
		}
		return 1
	}
	step(t, g, diverges)
	for _, w := range step(t, g, diverges) {
		if w[0] > 0 {
			t.Errorf("offspring %v of a candidate with loss +Inf", w[0])
		}
	}
}

func TestEliteIsLessThanThePopulation(t *testing.T) {
	_, err := GA.New(json.RawMessage(`{"population": 10, "elite": 10}`), optimizers.Problem{Init: []float64{1}, Threads: 1})
	if err == nil {
		t.Error("elite 10 of 10 is taken, want an error")
	}
}

// Breeding allocates a few small things for each individual, and no weights.
func TestBreedingAllocatesNoWeights(t *testing.T) {
	const generations = 20
	bytesPerGeneration := func(dim int) int {
		g := build(t, `{}`, optimizers.Problem{Init: make([]float64, dim)})
		evals := make([]optimizers.Evaluation, 100)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range generations {
			if _, err := g.Ask(); err != nil {
				t.Fatal(err)
			}
			if err := g.Tell(evals); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		return int(after.TotalAlloc-before.TotalAlloc) / generations
	}
	small, large := bytesPerGeneration(10), bytesPerGeneration(1000)
	if large > small+8*1000 {
		t.Errorf("a generation allocates %d bytes at dimension 10 and %d at 1,000, want less than one genome more", small, large)
	}
}

// The operators of workload W8, a sphere of dimension 1,000, with our tournament
// and with eaopt's.
func BenchmarkGeneration(b *testing.B) {
	for _, population := range []int{100, 1000} {
		for _, own := range []bool{true, false} {
			b.Run(fmt.Sprintf("P=%d/own=%v", population, own), func(b *testing.B) {
				config := fmt.Sprintf(`{"population": %d, "tournament": 3, "crossover": "weight", "crossover_rate": 0.5, "mutation_rate": 0.2, "weight_rate": 0.05}`, population)
				g := build(b, config, optimizers.Problem{Init: make([]float64, 1000)})
				if !own {
					g.model.Selector = eaopt.SelTournament{NContestants: 3}
				}
				evals := make([]optimizers.Evaluation, population)
				for b.Loop() {
					rows, err := g.Ask()
					if err != nil {
						b.Fatal(err)
					}
					for k, w := range rows {
						evals[k].Loss = w[0]
					}
					if err := g.Tell(evals); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// An offspring that mutates has the mean of its parents' sigmas times a log-normal
// number, and what it adds is of that size.
func TestSigmaAdapts(t *testing.T) {
	const n, population = 400, 500
	for _, rate := range []string{"0", "1"} {
		g := build(t, `{"population": 500, "tournament": 1, "adapt": true, "sigma": 0.5, "weight_rate": 1, "weights": 1000, "spread": 0, "crossover_rate": `+rate+`}`,
			optimizers.Problem{Init: make([]float64, n)})
		step(t, g, sphere)
		for k := range g.sigmas { // two kinds of parents
			g.sigmas[k] = 0.1 + 0.2*float64(k%2)
		}
		g.write()
		rows, err := g.Ask()
		if err != nil {
			t.Fatal(err)
		}
		sum, squares, mixed := 0.0, 0.0, 0
		for k := 1; k < population; k++ { // but for the elite
			of := g.islands[0].Individuals[k].Genome.(*genome)
			base := of.parent.sigma
			if of.mate != nil {
				base = (base + of.mate.sigma) / 2
				if of.parent.sigma != of.mate.sigma {
					mixed++
				}
			}
			z := math.Log(g.sigmas[k]/base) * math.Sqrt(n)
			sum, squares = sum+z, squares+z*z
			if got := math.Sqrt(sphere(rows[k]) / n); math.Abs(got/g.sigmas[k]-1) > 5/math.Sqrt(2*n) {
				t.Fatalf("crossover rate %s: offspring %d moved by %v, want its sigma, %v", rate, k, got, g.sigmas[k])
			}
		}
		if mean := sum / population; math.Abs(mean) > 5/math.Sqrt(population) {
			t.Errorf("crossover rate %s: mean %v of sqrt(n) ln(sigma'/sigma), want 0", rate, mean)
		}
		if got := squares / population; math.Abs(got-1) > 5*math.Sqrt(2./population) {
			t.Errorf("crossover rate %s: variance %v of sqrt(n) ln(sigma'/sigma), want 1", rate, got)
		}
		if g.sigmas[0] != 0.1 || (mixed > 0) != (rate == "1") {
			t.Errorf("crossover rate %s: sigma of the elite %v, want 0.1; %d averages", rate, g.sigmas[0], mixed)
		}
	}
}

// In a large network the share of weights that mutate is lower.
func TestWeightsThatMutateAreLimited(t *testing.T) {
	g := build(t, `{"weight_rate": 0.5, "weights": 30, "spread": 0, "crossover_rate": 0}`, optimizers.Problem{Init: make([]float64, 10_000)})
	step(t, g, sphere)
	moved := 0.0
	for _, w := range step(t, g, sphere)[1:] {
		for _, x := range w {
			if x != 0 {
				moved++
			}
		}
	}
	if got := moved / 99; math.Abs(got-30) > 5*math.Sqrt(30./99) {
		t.Errorf("%v weights of an offspring mutate on average, want 30", got)
	}
}
