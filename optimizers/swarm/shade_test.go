package swarm

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// By hand: gains of 1 and 3 weigh a quarter and three quarters. The mean of CR
// 0.2 and 0.6 is 0.5, its Lehmer mean 0.28/0.5; that of F 0.5 and 0.9 is
// 0.67/0.8.
func TestHistoryByHand(t *testing.T) {
	for _, lehmer := range []bool{false, true} {
		h := newHistory(2, 10, lehmer)
		h.learn() // nothing succeeded
		h.succeeded(0.5, 0.2, 1)
		h.succeeded(0.9, 0.6, 3)
		h.learn()
		cr := 0.5
		if lehmer {
			cr = 0.56
		}
		if !within(h.f[0], 0.8375, 1e-14) || !within(h.cr[0], cr, 1e-14) || h.f[1] != 0.5 || h.cr[1] != 0.5 {
			t.Errorf("lehmer %v: F %v and CR %v, want 0.8375 and %v in the first place alone", lehmer, h.f, h.cr, cr)
		}
		h.succeeded(0.3, 0, 7)
		h.learn()
		cr = 0
		if lehmer {
			cr = -1
		}
		if !within(h.f[1], 0.3, 1e-14) || h.cr[1] != cr {
			t.Errorf("lehmer %v: F %v and CR %v, want 0.3 and %v in the second place", lehmer, h.f[1], h.cr[1], cr)
		}
		// The oldest is next; a gain from +Inf weighs all, and overflows nothing.
		h.succeeded(0.7, 0.4, math.Inf(1))
		h.succeeded(0.1, 0.1, 1)
		h.learn()
		if !within(h.f[0], 0.7, 1e-14) || !within(h.cr[0], 0.4, 1e-14) {
			t.Errorf("lehmer %v: F %v and CR %v, want 0.7 and 0.4 in the first place", lehmer, h.f[0], h.cr[0])
		}
		// What is terminal stays so.
		h.succeeded(0.5, 0.5, 1)
		h.learn()
		if lehmer && h.cr[1] != -1 || !lehmer && !within(h.cr[1], 0.5, 1e-14) {
			t.Errorf("lehmer %v: CR %v in the second place, want it to stay terminal with lehmer alone", lehmer, h.cr[1])
		}
	}
}

// CR is normal around what is remembered; F is Cauchy, drawn again until it is
// positive, and at most 1. The shares of F are from the distribution function,
// 1/2 + arctan((F - M)/0.1)/pi.
func TestHistoryDrawsAround(t *testing.T) {
	const n = 20_000
	h := newHistory(3, 1, false)
	src := noise.NewSource(4, 5)
	var half, whole, mean, squares float64
	for k := range n {
		f, cr := h.draw(src, 6, 7, k)
		if !(f > 0 && f <= 1 && cr >= 0 && cr <= 1) {
			t.Fatalf("F %v and CR %v, want them in (0, 1] and [0, 1]", f, cr)
		}
		if f <= 0.5 {
			half += 1. / n
		}
		if f == 1 {
			whole += 1. / n
		}
		mean += cr / n
		squares += (cr - 0.5) * (cr - 0.5) / n
	}
	positive := 0.5 + math.Atan(5)/math.Pi
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"up to 0.5", half, (positive - 0.5) / positive},
		{"at 1", whole, (1 - positive) / positive},
	} {
		if tol := 5 * math.Sqrt(c.want*(1-c.want)/n); math.Abs(c.got-c.want) > tol {
			t.Errorf("share of F %s = %v, want %v within %v", c.what, c.got, c.want, tol)
		}
	}
	if math.Abs(mean-0.5) > 5*0.1/math.Sqrt(n) || math.Abs(squares-0.01) > 5*0.01*math.Sqrt(2./n) {
		t.Errorf("CR has mean %v and variance %v, want 0.5 and 0.01", mean, squares)
	}
	h.cr = []float64{-1, -1, -1}
	if _, cr := h.draw(src, 6, 7, 0); cr != 0 {
		t.Errorf("CR = %v at the terminal value, want 0", cr)
	}
}

// A challenger is w + F (best - w) + F (r1 - r2) in the weights that are crossed
// over; best is one of the share that is the best, r1 another vector, and r2 a
// third, or one of the archive, which both are met.
func TestChallengersAreCurrentToPBest(t *testing.T) {
	const n = 6
	for _, def := range []optimizers.Definition{SHADE, LSHADE} {
		f := opttest.NewFunction("rosenbrock", n)
		opt := newOptimizer(t, def, `{"population": 30}`, optimizers.Problem{Init: make([]float64, n), Seed: 4}).(*shade)
		loss := func(_ int, w []float64) float64 { return f.Loss(w, nil) }
		step(t, opt, loss)
		var own, archived, deepest int
		for range 60 {
			order := slices.Clone(opt.order)
			kept := make([][]float64, len(opt.rows))
			for k := range kept {
				kept[k] = slices.Clone(opt.rows[k])
			}
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			for k, b := range opt.made {
				depth := slices.Index(order, b.best)
				deepest = max(deepest, depth)
				if b.minus == k || &b.from[0] == &opt.rows[k][0] || &b.from[0] == &opt.rows[b.minus][0] {
					t.Fatalf("%s: challenger %d is made of a vector twice", def.Name, k)
				}
				if slices.ContainsFunc(opt.rows, func(w []float64) bool { return &w[0] == &b.from[0] }) {
					own++
				} else {
					archived++
				}
				for i, x := range rows[k] {
					want := kept[k][i] + b.f*(kept[b.best][i]-kept[k][i]) + b.f*(kept[b.minus][i]-b.from[i])
					if x != kept[k][i] && math.Abs(x-want) > 1e-11*(1+math.Abs(want)) || i == b.always && math.Abs(x-want) > 1e-11*(1+math.Abs(want)) {
						t.Fatalf("%s: weight %d of challenger %d = %v, want %v or, if it is not %d, %v", def.Name, i, k, x, want, b.always, kept[k][i])
					}
				}
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for k, w := range rows {
				evals[k].Loss = loss(k, w)
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatal(err)
			}
		}
		// A fifth of 30, or 11 %, and all of them are met.
		want := 5
		if def.Name == LSHADE.Name {
			want = 2
		}
		if deepest != want {
			t.Errorf("%s: towards the vectors up to place %d of 30, want %d", def.Name, deepest, want)
		}
		if own == 0 || archived == 0 {
			t.Errorf("%s: differences to %d vectors and %d of the archive, want some of each", def.Name, own, archived)
		}
	}
}

// The archive takes the vectors that are replaced by better ones, as they were,
// and no more of them than it has places for.
func TestArchiveTakesWhatIsReplaced(t *testing.T) {
	s := newOptimizer(t, SHADE, `{"population": 5}`, optimizers.Problem{Init: make([]float64, 3), Seed: 4}).(*shade)
	step(t, s, func(int, []float64) float64 { return 100 })
	var replaced [][]float64
	for generation := range 20 {
		before := make([][]float64, 5)
		for k := range before {
			before[k] = slices.Clone(s.rows[k])
		}
		// The first two are better, the third is as good, the others are worse.
		step(t, s, func(k int, _ []float64) float64 {
			return []float64{50 - float64(generation), 50 - float64(generation), 100, 200, 200}[k]
		})
		replaced = append(replaced, before[0], before[1])
		if want := min(len(replaced), 5); int(s.archived) != want {
			t.Fatalf("generation %d: %d in the archive, want %d", generation, s.archived, want)
		}
		for _, w := range s.archive[:s.archived] {
			if !slices.ContainsFunc(replaced, func(r []float64) bool { return slices.Equal(r, w) }) {
				t.Fatalf("generation %d: %v in the archive was not replaced by a better one", generation, w)
			}
		}
		if !slices.Equal(s.rows[3], before[3]) || slices.Equal(s.rows[2], before[2]) {
			t.Fatalf("generation %d: a worse challenger has won, or one as good has not", generation)
		}
	}
}

// The population after each generation is the rounded line from its first size to
// 4 over the evaluations made (2014, eq. 10).
func TestPopulationShrinksLinearly(t *testing.T) {
	const budget, most = 3000, 72
	f := opttest.NewFunction("sphere", 4)
	s := newOptimizer(t, LSHADE, "", optimizers.Problem{Init: make([]float64, 4), Budget: budget, Seed: 4}).(*shade)
	used, size := 0, most
	for used < budget+20 {
		rows, _ := step(t, s, func(_ int, w []float64) float64 { return f.Loss(w, nil) })
		if len(rows) != size {
			t.Fatalf("%d candidates after %d evaluations, want %d", len(rows), used, size)
		}
		used += len(rows)
		size = max(4, int(math.Round((4.-most)/budget*float64(used)+most)))
		if int(s.archived) > int(math.Round(2.6*float64(size))) {
			t.Fatalf("%d in the archive of %d vectors", s.archived, size)
		}
	}
	if size != 4 {
		t.Errorf("%d vectors at the end, want 4", size)
	}
}

// The best are left, in the places that they had among each other.
func TestShrinkKeepsTheBest(t *testing.T) {
	p := newPopulation(matrix(6, 1), 1, optimizers.Problem{Init: []float64{0}, Threads: 1})
	copy(p.losses, []float64{5, 3, 4, 2, 6, 1})
	for k, row := range p.rows {
		row[0] = p.losses[k]
	}
	p.rank()
	p.shrink(3)
	if !slices.Equal(p.losses, []float64{3, 2, 1}) || p.rows[0][0] != 3 || p.rows[1][0] != 2 || p.rows[2][0] != 1 {
		t.Errorf("losses %v of vectors %v are left, want 3, 2 and 1", p.losses, p.rows)
	}
	if !slices.Equal(p.order, []int{2, 1, 0}) {
		t.Errorf("order %v, want 2 1 0", p.order)
	}
}

func TestPopulationStaysWhereTheBudgetIsUnknown(t *testing.T) {
	s := newOptimizer(t, LSHADE, "", optimizers.Problem{Init: make([]float64, 4), Seed: 4})
	for range 100 {
		if rows, _ := step(t, s, func(_ int, w []float64) float64 { return w[0] * w[0] }); len(rows) != 72 {
			t.Fatalf("%d candidates, want 72", len(rows))
		}
	}
}
