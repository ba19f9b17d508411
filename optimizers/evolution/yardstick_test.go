package evolution

import (
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// lowest is the loss of what an optimizer recommends, or of the best that it
// lists, after some evaluations from zero.
func lowest(t *testing.T, def optimizers.Definition, config string, f *opttest.Function, evaluations int) float64 {
	t.Helper()
	opt, err := def.New([]byte(config), optimizers.Problem{Init: make([]float64, f.Dim), Budget: evaluations, Seed: 3, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < evaluations; {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = f.Loss(w, nil)
		}
		n += len(rows)
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
	if r, ok := opt.(optimizers.Recommender); ok {
		return f.Loss(r.Recommend(), nil)
	}
	return f.Loss(opt.(optimizers.Shortlister).Shortlist(1)[0], nil)
}

// What each definition says of where it beats random search at equal work, on
// one seed: the factor is that of the loss at the start.
func TestBeatsRandomSearchWhereItSaysSo(t *testing.T) {
	for _, c := range []struct {
		def         optimizers.Definition
		function    string
		n           int
		evaluations int
		want        float64 // at most this part of the loss at the start
	}{
		{SNES, "ellipsoid", 10, 3_300, 1e-12},
		{XNES, "rotated-ellipsoid", 10, 10_500, 1e-12},
		{MuLambda, "sphere", 10, 1_400, 1e-8},
		{OpenAIES, "sphere", 100, 6_400, 2e-3},
		{PGPE, "sphere", 100, 6_400, 1e-2},
		{LMMAES, "rotated-ellipsoid", 100, 20_000, 2e-4},
		{CRFMNES, "rosenbrock", 40, 50_000, 1e-10},
	} {
		f := opttest.NewFunction(c.function, c.n)
		first := f.Loss(make([]float64, c.n), nil)
		got := lowest(t, c.def, "", f, c.evaluations) / first
		guess := lowest(t, search.Random, "", f, c.evaluations) / first
		local := lowest(t, search.Random, `{"mode": "local"}`, f, c.evaluations) / first
		t.Logf("%s on %s, n = %d: %.2g of the loss at the start after %d evaluations, guessing %.2g, local search %.2g",
			c.def.Name, c.function, c.n, got, c.evaluations, guess, local)
		if got > c.want || got > math.Min(guess, local)/2 {
			t.Errorf("%s on %s, n = %d: %.2g of the loss at the start after %d evaluations, want at most %.2g, and half of guessing, %.2g, and of local search, %.2g",
				c.def.Name, c.function, c.n, got, c.evaluations, c.want, guess, local)
		}
	}
}

func TestRefusesWhatItCannotDo(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		n      int
		config string
		want   string // in the error; empty: it is taken
	}{
		{XNES, xnesLimit, ``, ""},
		{XNES, xnesLimit + 1, ``, "takes at most 500"},
		{LMMAES, lmmaesLeast, ``, ""},
		{LMMAES, lmmaesLeast - 1, ``, "takes at least 100"},
		{LMMAES, 100, `{"population": 49}`, ""},
		{LMMAES, 100, `{"population": 50}`, "population"},
		{SNES, 5, `{"population": 1}`, "population"},
		{XNES, 5, `{"population": 1}`, "population"},
		{MuLambda, 5, `{"population": 1}`, "population"},
		{MuLambda, 5, `{"population": 2}`, ""},
		{MuLambda, 5, `{"population": 8, "parents": 8}`, "parents"},
		{CRFMNES, 5, `{"population": 7}`, "even"},
		{OpenAIES, 5, `{"population": 7}`, "even"},
		{PGPE, 5, `{"population": 7}`, "even"},
	} {
		_, err := c.def.New([]byte(c.config), optimizers.Problem{Init: make([]float64, c.n), Threads: 1})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s for %d weights: error %v, want %q in it", c.def.Name, c.config, c.n, err, c.want)
		}
	}
}
