package combine_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/combine"
	"github.com/joust-bench/joust/optimizers/genetic"
	"github.com/joust-bench/joust/optimizers/gradient"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/optimizers/search"
)

// base is what the combinators of these tests choose from: some of the built-in
// optimizers, and one that soon comes to an end.
func base() []optimizers.Definition {
	return []optimizers.Definition{gradient.SGD, gradient.Rprop, search.Random, genetic.GA, genetic.Deep, quitter}
}

func build(t *testing.T, def optimizers.Definition, config string, p optimizers.Problem) optimizers.Optimizer {
	t.Helper()
	p.Threads = 1
	opt, err := def.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt
}

// A turn is one Ask with what was needed for it.
type turn struct {
	rows [][]float64
	need optimizers.Need
}

// step asks and tells, with a gradient only if it is needed.
func step(t *testing.T, def optimizers.Definition, opt optimizers.Optimizer, f *opttest.Function) turn {
	t.Helper()
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	need := def.Need
	if n, ok := opt.(optimizers.Needer); ok {
		need = n.Needs()
	}
	evals := make([]optimizers.Evaluation, len(rows))
	out := turn{need: need}
	for k, w := range rows {
		if need == optimizers.NeedGrad {
			evals[k].Grad = make([]float64, len(w))
		}
		evals[k].Loss = f.Loss(w, evals[k].Grad)
		out.rows = append(out.rows, slices.Clone(w))
	}
	if len(rows) > 0 {
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// work is what a turn is charged, in evaluations without gradient.
func (u turn) work() int {
	if u.need == optimizers.NeedGrad {
		return 3 * len(u.rows)
	}
	return len(u.rows)
}

func equalRows(a, b [][]float64) bool { return slices.EqualFunc(a, b, slices.Equal[[]float64]) }

func TestVariantsKeepTheContract(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		config string
	}{
		{combine.Then(base()), ""},
		{combine.Then(base()), `{"first": "random-search candidates=5", "second": "sgd lr=0.05 schedule=cosine", "share": 0.004}`},
		{combine.Then(base()), `{"first": "quitter after=4", "second": "ga population=20", "share": 0.9}`},
		{combine.Restart(base()), ""},
		{combine.Restart(base()), `{"optimizer": "sgd lr=0.1 schedule=cosine momentum=0.5", "patience": 3, "spread": 2}`},
		{combine.Restart(base()), `{"optimizer": "random-search candidates=4", "patience": 5}`},
		{combine.Restart(base()), `{"optimizer": "quitter after=2"}`},
		{combine.Portfolio(base()), ""},
		{combine.Portfolio(base()), `{"optimizers": "sgd lr=0.05 | quitter after=2 | ga population=10|rprop"}`},
	} {
		t.Run(c.def.Name+" "+c.config, func(t *testing.T) {
			def := c.def
			if c.config != "" {
				def = opttest.With(def, c.config)
				def.Memory = func(dim int) int64 { return 100 * 8 * int64(dim) } // more than any part here
			}
			opttest.Run(t, def)
		})
	}
}

// What it makes of its parts is what they are by hand, to the last bit: the first
// with its share of the budget, the second from where that ends with the rest.
func TestThenIsItsPartsByHand(t *testing.T) {
	const n, budget = 6, 200 // 600 evaluations without gradient
	f := opttest.NewFunction("rosenbrock", n)
	p := optimizers.Problem{Init: make([]float64, n), Budget: budget, Seed: 3, Threads: 1}
	for _, c := range []struct {
		second string
		def    optimizers.Definition
		config string
		cost   int
	}{
		{second: "sgd lr=0.0001 schedule=cosine", def: gradient.SGD, config: `{"lr": 0.0001, "schedule": "cosine"}`, cost: 3},
		{second: "random-search mode=local candidates=4", def: search.Random, config: `{"mode": "local", "candidates": 4}`, cost: 1},
	} {
		def := combine.Then(base())
		opt := build(t, def, fmt.Sprintf(`{"first": "ga population=32", "second": %q, "share": 0.5}`, c.second), p)

		own := p
		own.Seed, own.Budget = noise.Mix(p.Seed, 0), 300
		first := build(t, genetic.GA, `{"population": 32}`, own)
		for told := 0; told < 300; told += 32 {
			got, want := step(t, def, opt, f), step(t, genetic.GA, first, f)
			if !equalRows(got.rows, want.rows) || got.need != optimizers.NeedLoss {
				t.Fatalf("after %d evaluations: other candidates than the genetic algorithm's, or with gradients", told)
			}
		}
		own.Seed, own.Budget = noise.Mix(p.Seed, 1), (3*budget-320)/c.cost
		own.Init = slices.Clone(first.(optimizers.Shortlister).Shortlist(1)[0])
		second := build(t, c.def, c.config, own)
		for k := range 60 {
			got, want := step(t, def, opt, f), step(t, c.def, second, f)
			if !equalRows(got.rows, want.rows) || got.need != c.def.Need {
				t.Fatalf("step %d: other candidates than those of %s, or need %s", k, c.second, got.need)
			}
		}
	}
}

// Each part of a portfolio is what it is by itself, with its seed and the budget
// that it has if it wins.
func TestPortfolioIsItsPartsByHand(t *testing.T) {
	const n, budget = 3, 240
	f := opttest.NewFunction("rastrigin", n)
	p := optimizers.Problem{Init: make([]float64, n), Budget: budget, Seed: 3, Threads: 1}
	def := combine.Portfolio(base())
	for mode, share := range map[string]int{
		"equal":   budget / 3,
		"halving": budget/2/3 + budget/2/2, // two rounds, of three and of two
	} {
		opt := build(t, def, fmt.Sprintf(`{"mode": %q, "optimizers": "random-search candidates=3 | sgd lr=0.0001 schedule=cosine | ga population=9"}`, mode), p)
		own := p
		own.Seed, own.Budget = noise.Mix(p.Seed, 1), share
		alone := build(t, gradient.SGD, `{"lr": 0.0001, "schedule": "cosine"}`, own)
		for range 60 {
			u := step(t, def, opt, f)
			if len(u.rows) == 1 && !equalRows(u.rows, step(t, gradient.SGD, alone, f).rows) {
				t.Fatalf("%s: other candidates than gradient descent's with a budget of %d", mode, share)
			}
		}
	}
}

// Each run is what the optimizer is by itself, from that point, with that seed and
// the budget that is left.
func TestRestartIsItsRunsByHand(t *testing.T) {
	const n, budget = 3, 40
	f := opttest.NewFunction("rastrigin", n)
	def := combine.Restart(base())
	p := optimizers.Problem{Init: make([]float64, n), Budget: budget, Seed: 3, Threads: 1}
	opt := build(t, def, `{"optimizer": "sgd lr=0.0001 schedule=cosine", "patience": 9, "improvement": 0.99}`, p)
	for run := range 3 {
		u := step(t, def, opt, f)
		own := p
		own.Init, own.Seed, own.Budget = u.rows[0], noise.Mix(p.Seed, uint64(run)), budget-10*run
		alone := build(t, gradient.SGD, `{"lr": 0.0001, "schedule": "cosine"}`, own)
		for k := range 9 {
			if want := step(t, gradient.SGD, alone, f); !equalRows(u.rows, want.rows) {
				t.Fatalf("run %d, step %d: other candidates than gradient descent's", run, k)
			}
			u = step(t, def, opt, f)
		}
	}
}

// A checkpoint in any phase continues with the same bits, also where the parts
// depend on the budget that they were given when they began.
func TestCheckpointsOfSchedulesContinue(t *testing.T) {
	const n, steps = 4, 60
	f := opttest.NewFunction("rastrigin", n)
	p := optimizers.Problem{Init: make([]float64, n), Budget: 60, Seed: 3, Threads: 1}
	for name, c := range map[string]struct {
		def    optimizers.Definition
		config string
	}{
		// It starts from what the first recommends, and its checkpoint counts on that.
		"then deep-ga": {combine.Then(base()), `{"first": "random-search candidates=7", "second": "deep-ga population=10 portion=4", "share": 0.2}`},
		"then":         {combine.Then(base()), `{"first": "random-search candidates=7", "second": "sgd lr=0.001 schedule=cosine momentum=0.9", "share": 0.3}`},
		"restart":      {combine.Restart(base()), `{"optimizer": "sgd lr=0.001 schedule=cosine momentum=0.9", "patience": 8}`},
		"portfolio":    {combine.Portfolio(base()), `{"mode": "halving", "optimizers": "sgd lr=0.001 schedule=cosine | sgd lr=0.002 schedule=cosine | ga population=9 | quitter"}`},
	} {
		whole := build(t, c.def, c.config, p)
		for k := range steps {
			data, err := whole.(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			resumed := build(t, c.def, c.config, p)
			if err := resumed.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
				t.Fatal(err)
			}
			want := step(t, c.def, whole, f)
			got := step(t, c.def, resumed, f)
			if !equalRows(got.rows, want.rows) || got.need != want.need ||
				!slices.Equal(resumed.(optimizers.Recommender).Recommend(), whole.(optimizers.Recommender).Recommend()) {
				t.Fatalf("%s: continued from a checkpoint after step %d, it asks or recommends something else", name, k)
			}
		}
	}
}

// The parts take turns with equal work, whatever they need and ask at once.
func TestPortfolioSharesWork(t *testing.T) {
	const n = 5
	f := opttest.NewFunction("sphere", n)
	def := combine.Portfolio(base())
	opt := build(t, def, `{"optimizers": "rprop | ga population=20 | random-search candidates=6"}`, optimizers.Problem{Init: make([]float64, n), Budget: 1000})
	spent := map[int]int{} // by the number of candidates, which tells them apart
	for range 400 {
		u := step(t, def, opt, f)
		if (len(u.rows) == 1) != (u.need == optimizers.NeedGrad) {
			t.Fatalf("%d candidates with need %s", len(u.rows), u.need)
		}
		spent[len(u.rows)] += u.work()
		if lo, hi := min(spent[1], spent[6], spent[20]), max(spent[1], spent[6], spent[20]); hi-lo > 20+6 {
			t.Fatalf("work of %v, want as equal as their steps allow", spent)
		}
	}
}

// Of four, two are left after half of the budget and one wins; it recommends that
// one's answer.
func TestHalvingDropsTheWorse(t *testing.T) {
	const n, budget = 5, 240 // 720 in work; two rounds of 360
	f := opttest.NewFunction("sphere", n)
	def := combine.Portfolio(base())
	// In the order of their losses: 4, 1, 3, 2. None asks for as many as another.
	opt := build(t, def, `{"mode": "halving", "optimizers": "random-search candidates=2 sigma=1e6 | rprop | random-search candidates=3 sigma=1 | random-search candidates=4 sigma=1 mode=local"}`,
		optimizers.Problem{Init: make([]float64, n), Budget: budget, Seed: 1})
	spent := map[int]int{}
	total := 0
	for total < 3*budget {
		u := step(t, def, opt, f)
		spent[len(u.rows)] += u.work()
		total += u.work()
	}
	for size, want := range map[int]int{2: 90, 3: 90, 4: 90 + 180, 1: 90 + 180} {
		if got := spent[size]; got < want-12 || got > want+12 {
			t.Errorf("the one of %d candidates has spent %d, want %d (%v)", size, got, want, spent)
		}
	}
	if loss := f.Loss(opt.(optimizers.Recommender).Recommend(), nil); loss > 1e-6 {
		t.Errorf("recommends a point of loss %v, want that of rprop", loss)
	}
	// The winner goes on where the budget turns out to be larger.
	if u := step(t, def, opt, f); len(u.rows) == 0 {
		t.Error("nothing is asked once the budget is spent, want the winner to go on")
	}
}

// A part that converges or diverges does not end the others; all of them do.
func TestPortfolioGoesOnWithoutParts(t *testing.T) {
	f := opttest.NewFunction("sphere", 3)
	def := combine.Portfolio(base())
	p := optimizers.Problem{Init: make([]float64, 3), Budget: 5000}
	opt := build(t, def, `{"optimizers": "quitter after=2 | sgd lr=100 | quitter after=5"}`, p)
	asked := 0
	for range 2000 {
		u := step(t, def, opt, f)
		if len(u.rows) == 0 {
			break
		}
		asked++
	}
	if asked < 7+10 || asked > 1000 {
		t.Errorf("%d steps, want those of all parts until the last has ended", asked)
	}
	if w := opt.(optimizers.Recommender).Recommend(); !(f.Loss(w, nil) < 100) {
		t.Errorf("recommends %v, want what the best has", w)
	}
}

// When the first part diverges, the second goes on from a finite point.
func TestThenGoesOnAfterDivergence(t *testing.T) {
	f := opttest.NewFunction("sphere", 3)
	def := combine.Then(base())
	opt := build(t, def, `{"first": "sgd lr=100", "second": "ga population=7"}`, optimizers.Problem{Init: []float64{1, 1, 1}})
	for range 2000 {
		if u := step(t, def, opt, f); len(u.rows) == 7 {
			return
		}
	}
	t.Error("the second part never began")
}

// Rprop goes down from the start to a local minimum of the Rastrigin function and
// stays; started again, it finds the global one. Local search finds its basin,
// and random search at equal work is far above.
func TestRestartEscapesLocalMinima(t *testing.T) {
	const n, budget = 2, 6000
	f := opttest.NewFunction("rastrigin", n)
	def := combine.Restart(base())
	lowest := func(def optimizers.Definition, config string, seed uint64) float64 {
		p := optimizers.Problem{Init: make([]float64, n), Budget: budget, Seed: seed}
		opt := build(t, def, config, p)
		low := math.Inf(1)
		for spent := 0; spent < 3*budget; {
			u := step(t, def, opt, f)
			for _, w := range u.rows {
				low = min(low, f.Loss(w, nil))
			}
			spent += u.work()
		}
		if r, ok := opt.(optimizers.Recommender); ok && strings.HasPrefix(def.Name, "restart") {
			if got := f.Loss(r.Recommend(), nil); got != low {
				t.Errorf("recommends a point of loss %v, want the best of all, %v", got, low)
			}
		}
		return low
	}
	for seed := range uint64(5) {
		for _, c := range []struct {
			one       optimizers.Definition
			own, many string
			want      float64
		}{
			{gradient.Rprop, "", `{"optimizer": "rprop", "patience": 60, "spread": 2}`, 1e-6},
			{search.Random, `{"mode": "local", "candidates": 5, "step": 0.05}`, `{"optimizer": "random-search mode=local candidates=5 step=0.05", "patience": 60, "spread": 2}`, 0.5},
		} {
			if got := lowest(c.one, c.own, seed); got < 0.9 {
				t.Errorf("one run of %s ends at %v, want in a local minimum, about 1 or more (seed %d)", c.one.Name, got, seed)
			}
			if got := lowest(def, c.many, seed); got > c.want {
				t.Errorf("%s ends at %v, want in the global minimum, under %v (seed %d)", c.many, got, c.want, seed)
			}
		}
		if got := lowest(search.Random, "", seed); got < 1e-3 {
			t.Errorf("random search ends at %v, want above 1e-3 (seed %d)", got, seed)
		}
	}
}

// Each run starts from a point of its own, drawn from the scales of the blocks, and
// with a seed of its own; what is not drawn is as it was.
func TestRestartsAreDrawnAsTheNetworkIs(t *testing.T) {
	const n, runs = 30, 400
	p := optimizers.Problem{Init: slices.Repeat([]float64{7}, n), Seed: 4, Blocks: []optimizers.Block{
		{Name: "w", Off: 0, Len: 20, Rows: 2, Scale: 0.5}, {Name: "b", Off: 20, Len: 10, Rows: 2},
	}}
	def := combine.Restart(base())
	f := opttest.NewFunction("sphere", n)
	variance := func(opt optimizers.Optimizer, from, to int, mean float64) float64 {
		squares := 0.0
		for k := range runs {
			u := step(t, def, opt, f)
			if k == 0 {
				if !slices.Equal(u.rows[0], p.Init) {
					t.Error("the first run does not start from the starting point")
				}
				continue
			}
			for i, x := range u.rows[0] {
				if i >= from && i < to {
					squares += (x - mean) * (x - mean) / float64((runs-1)*(to-from))
				} else if x != 7 {
					t.Fatalf("run %d: weight %d, of a block that is not drawn, starts at %v, want 7", k, i, x)
				}
			}
		}
		return squares
	}
	// A part that ends after one step.
	const config = `{"optimizer": "quitter after=1", "spread": 3}`
	if got, want := variance(build(t, def, config, p), 0, 20, 0), 1.5*1.5; math.Abs(got/want-1) > 5*math.Sqrt(2./(20*runs)) {
		t.Errorf("variance %v of the starting points, want %v", got, want)
	}
	p.Blocks = nil
	if got, want := variance(build(t, def, config, p), 0, n, 7), 9.; math.Abs(got/want-1) > 5*math.Sqrt(2./(n*runs)) {
		t.Errorf("blocks unknown: variance %v of the starting points, want %v", got, want)
	}
}

// It waits as long as it was told to, and an improvement has to be large enough.
func TestPatience(t *testing.T) {
	def := combine.Restart(base())
	opt := build(t, def, `{"optimizer": "sgd", "patience": 10, "improvement": 0.1}`, optimizers.Problem{Init: []float64{1, 1}})
	ask := func() []float64 {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		return rows[0]
	}
	tell := func(loss float64) {
		if err := opt.Tell([]optimizers.Evaluation{{Loss: loss, Grad: make([]float64, 2)}}); err != nil {
			t.Fatal(err)
		}
	}
	loss := 100.0
	start := slices.Clone(ask())
	tell(loss)
	for range 30 { // a tenth and more each 9 evaluations
		for range 8 {
			ask()
			tell(loss * 0.95)
		}
		ask()
		loss *= 0.89
		tell(loss)
	}
	for k := range 10 {
		if !slices.Equal(ask(), start) { // the gradient is 0
			t.Fatalf("started again %d evaluations after an improvement, want after 10", k)
		}
		tell(loss * 0.95)
	}
	if slices.Equal(ask(), start) {
		t.Error("did not start again after 10 evaluations")
	}
}

func TestMistakesAreExplained(t *testing.T) {
	for _, c := range []struct {
		def    optimizers.Definition
		config string
		want   string
	}{
		{combine.Then(base()), `{"first": "gaa"}`, `then: first: no optimizer "gaa", did you mean ga?`},
		{combine.Then(base()), `{"second": "xyzzy"}`, `then: second: no optimizer "xyzzy", want one of sgd, rprop, random-search, ga, deep-ga, quitter`},
		{combine.Then(base()), `{"second": ""}`, `then: second: no optimizer, want one such as "ga population=50"`},
		{combine.Then(base()), `{"second": "then"}`, `then: second: then is a combinator, want a plain optimizer: combinators do not contain each other`},
		{combine.Then(base()), `{"first": "ga populaton=3"}`, `then: first: ga: "populaton": no such member, did you mean population?`},
		{combine.Then(base()), `{"first": "ga population=3 population=4"}`, `given twice`},
		{combine.Then(base()), `{"first": "ga population"}`, `then: first: ga: "population", want key=value`},
		{combine.Then(base()), `{"first": "ga population=few"}`, `then: first: ga: population: "few", want an integer in [2, 100000]`},
		{combine.Then(base()), `{"second": "ga population=4 elite=4"}`, `then: second: ga: elite: 4, want less than the population, 4`},
		{combine.Restart(base()), `{"optimizer": "sgd lr=-1"}`, `restart: optimizer: sgd: lr: -1, want a number in (0, 100]`},
		{combine.Restart(base()), `{"optimizer": "portfolio"}`, `combinators do not contain each other`},
		{combine.Portfolio(base()), `{"optimizers": "ga | | sgd"}`, `portfolio: optimizers: no optimizer`},
		{combine.Portfolio(base()), `{"mode": "halving"}`, `budget`},
	} {
		_, err := c.def.New(json.RawMessage(c.config), optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.config, err, c.want)
		}
	}
}

// What a list without gradient methods makes needs no gradients.
func TestNeedIsThatOfTheList(t *testing.T) {
	gradientFree := []optimizers.Definition{search.Random, genetic.GA}
	for _, make := range []func([]optimizers.Definition) optimizers.Definition{combine.Then, combine.Restart, combine.Portfolio} {
		if d := make(gradientFree); d.Need != optimizers.NeedLoss || d.FullBatch {
			t.Errorf("%s of random search and a genetic algorithm needs the %s, full batch %v", d.Name, d.Need, d.FullBatch)
		}
		if d := make(base()); d.Need != optimizers.NeedGrad || !d.FullBatch {
			t.Errorf("%s with rprop needs the %s, full batch %v", d.Name, d.Need, d.FullBatch)
		}
	}
	// Of work that needs none, all of the budget is evaluations.
	def := combine.Then(gradientFree)
	opt := build(t, def, `{"first": "random-search candidates=10", "second": "ga population=9", "share": 0.5}`, optimizers.Problem{Init: []float64{1, 2}, Budget: 100})
	f := opttest.NewFunction("sphere", 2)
	for k := range 7 {
		if u := step(t, def, opt, f); (len(u.rows) == 10) != (k < 5) {
			t.Errorf("step %d has %d candidates, want the first part until half of 100 evaluations", k, len(u.rows))
		}
	}
}
