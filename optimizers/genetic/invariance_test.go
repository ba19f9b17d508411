package genetic

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// trajectory returns all candidates of some steps.
func trajectory(t *testing.T, def optimizers.Definition, config string, p optimizers.Problem, steps int, loss func(w []float64) float64) []float64 {
	t.Helper()
	p.Threads = 1
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	var all []float64
	for range steps {
		for _, w := range step(t, opt, loss) {
			all = append(all, w...)
		}
	}
	return all
}

// Where losses only rank, a strictly increasing function of them changes nothing.
func TestOnlyTheRankCounts(t *testing.T) {
	f := opttest.NewFunction("rosenbrock", 6)
	plain := func(w []float64) float64 { return f.Loss(w, nil) }
	p := optimizers.Problem{Init: make([]float64, 6), Seed: 3}
	bent := func(w []float64) float64 { return 5 + math.Log1p(f.Loss(w, nil)) }
	for _, c := range []struct {
		def    optimizers.Definition
		config string
	}{
		{GA, ""},
		{GA, `{"adapt": true}`},
		{Islands, `{"every": 2}`},
		{Steady, ""},
		{Deep, `{"repeats": 0}`},
		{SAMR, ""},
		{CoSyNE, `{"permute": "all"}`},
	} {
		if !slices.Equal(trajectory(t, c.def, c.config, p, 12, plain), trajectory(t, c.def, c.config, p, 12, bent)) {
			t.Errorf("%s %s: a transform of the loss changes the candidates", c.def.Name, c.config)
		}
	}
	// The test can see it: these go by the losses themselves.
	for def, config := range map[*optimizers.Definition]string{&GA: `{"selection": "roulette"}`, &CoSyNE: ""} {
		if slices.Equal(trajectory(t, *def, config, p, 12, plain), trajectory(t, *def, config, p, 12, bent)) {
			t.Errorf("%s %s: a transform of the loss changes nothing", def.Name, config)
		}
	}
}

// Adding a constant to the loss, or doubling it, changes no fitness.
func TestRouletteAndPermutationsAreAffine(t *testing.T) {
	f := opttest.NewFunction("sphere", 6)
	plain := func(w []float64) float64 { return f.Loss(w, nil) }
	twice := func(w []float64) float64 { return 2 * f.Loss(w, nil) }
	p := optimizers.Problem{Init: make([]float64, 6), Seed: 3}
	for def, config := range map[*optimizers.Definition]string{&GA: `{"selection": "roulette"}`, &CoSyNE: ""} {
		if !slices.Equal(trajectory(t, *def, config, p, 12, plain), trajectory(t, *def, config, p, 12, twice)) {
			t.Errorf("%s %s: twice the loss changes the candidates", def.Name, config)
		}
	}
}

// Moved together, the start and the loss move the candidates by as much, but for
// rounding. No method is drawn to zero.
func TestTranslationMovesAllAlike(t *testing.T) {
	const n, steps = 6, 8
	shift := []float64{8, -16, 32, 0, 4, -2} // powers of two: little is rounded
	loss := func(offset []float64) func(w []float64) float64 {
		return func(w []float64) float64 {
			sum := 0.0
			for i, x := range w {
				d := math.Round((x-offset[i]-1)*0x1p20) / 0x1p20
				sum += float64(i+1) * d * d
			}
			return sum
		}
	}
	for _, c := range []struct {
		def    optimizers.Definition
		config string
	}{{GA, `{"adapt": true}`}, {GA, `{"crossover": "blx"}`}, {Islands, `{"every": 2}`}, {Steady, ""}, {Deep, ""}, {SAMR, ""}, {CoSyNE, ""}} {
		here := trajectory(t, c.def, c.config, optimizers.Problem{Init: make([]float64, n), Seed: 5}, steps, loss(make([]float64, n)))
		there := trajectory(t, c.def, c.config, optimizers.Problem{Init: shift, Seed: 5}, steps, loss(shift))
		for i, x := range here {
			if got, want := there[i], x+shift[i%n]; math.Abs(got-want) > 1e-9 {
				t.Errorf("%s %s: weight %d of candidate %d is %v, want %v", c.def.Name, c.config, i%n, i/n, got, want)
				break
			}
		}
	}
}
