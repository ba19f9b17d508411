package genetic

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func buildCoSyNE(t *testing.T, config string, p optimizers.Problem) *cosyne {
	t.Helper()
	p.Threads = 1
	opt, err := CoSyNE.New(json.RawMessage(config), p)
	if err != nil {
		t.Fatal(err)
	}
	return opt.(*cosyne)
}

// Values change networks and never weights.
func TestPermutationKeepsEachSpecies(t *testing.T) {
	const n = 40
	for _, config := range []string{`{"permute": "all"}`, ""} {
		c := buildCoSyNE(t, config, optimizers.Problem{Init: make([]float64, n), Seed: 3})
		step(t, c, sphere)
		species := func(i int) (values []float64) {
			for _, w := range c.rows {
				values = append(values, w[i])
			}
			return values
		}
		var before, after [n][]float64
		for i := range n {
			before[i] = species(i)
		}
		c.generation++
		c.permute()
		moved := 0
		for i := range n {
			after[i] = species(i)
			for k := range after[i] {
				if after[i][k] != before[i][k] {
					moved++
				}
			}
			slices.Sort(before[i])
			slices.Sort(after[i])
			if !slices.Equal(before[i], after[i]) {
				t.Errorf("%s: weight %d has other values than before", config, i)
			}
		}
		if moved == 0 {
			t.Errorf("%s: nothing moved", config)
		}
	}
}

// Equation 1 by hand: losses 1, 2, 3 and 5 of 2 weights move with probabilities
// 1 - sqrt((5 - f)/4); what diverged, as the worst.
func TestProbabilityOfMoving(t *testing.T) {
	c := buildCoSyNE(t, `{"population": 5, "parents": 2}`, optimizers.Problem{Init: make([]float64, 2)})
	tell := func(losses ...float64) {
		evals := make([]optimizers.Evaluation, len(losses))
		for k, loss := range losses {
			evals[k].Loss = loss
		}
		if err := c.Tell(evals); err != nil {
			t.Fatal(err)
		}
		c.mark()
	}
	inf := math.Inf(1)
	for _, x := range []struct{ losses, want []float64 }{
		{[]float64{3, 1, inf, 5, 2}, []float64{1 - math.Sqrt(0.5), 0, 1, 1, 1 - math.Sqrt(0.75)}},
		{[]float64{1e308, 0, -1e308, 1e308, 1e308}, []float64{1, 1 - math.Sqrt(0.5), 0, 1, 1}},
		{[]float64{7, 7, 7, 7, 7}, []float64{1, 1, 1, 1, 1}},
		{[]float64{inf, inf, inf, inf, inf}, []float64{1, 1, 1, 1, 1}},
	} {
		tell(x.losses...)
		for k, want := range x.want {
			if math.Abs(c.moves[k]-want) > 1e-15 {
				t.Errorf("losses %v: probability %v, want %v of network %d", x.losses, c.moves[k], want, k)
			}
		}
	}
}

// Each network is marked with its probability, and all orders of the marked are
// equally likely.
func TestMarkedValuesAreShuffled(t *testing.T) {
	const trials = 30_000
	moves := []float64{1, 0, 1, 1, 0.25}
	p := permuter{draws: make([]float64, 10), marked: make([]int, 5)}
	counts := map[[5]float64]float64{}
	for trial := range trials {
		rows := [][]float64{{0}, {1}, {2}, {3}, {4}}
		p.permute(rows, 0, moves, 1, uint64(trial))
		counts[[5]float64{rows[0][0], rows[1][0], rows[2][0], rows[3][0], rows[4][0]}]++
	}
	if len(counts) != 24 {
		t.Errorf("%d orders, want the 24 of four values", len(counts))
	}
	for order, got := range counts {
		want := 0.25 / 24 * trials // all four are marked
		if order[4] == 4 {
			want += 0.75 / 6 * trials // or the last is not
		}
		if order[1] != 1 || math.Abs(got-want) > 5*math.Sqrt(want) {
			t.Errorf("order %v in %v of %d, want %v", order, got, trials, want)
		}
	}
}

// The worst are replaced by offspring of the best.
func TestOffspringReplaceTheWorst(t *testing.T) {
	const n = 30
	c := buildCoSyNE(t, `{"population": 12, "parents": 3, "weight_rate": 1e-9}`, optimizers.Problem{Init: make([]float64, n), Seed: 3})
	told := step(t, c, sphere)
	order := slices.Clone(c.order)
	c.breed()
	for place, k := range order {
		if replaced := !slices.Equal(c.rows[k], told[k]); replaced != (place >= 9) {
			t.Errorf("the network in place %d of 12 is replaced: %v", place, replaced)
		} else if replaced {
			for i, x := range c.rows[k] {
				if x != told[order[0]][i] && x != told[order[1]][i] && x != told[order[2]][i] {
					t.Errorf("weight %d of an offspring is none of the best three's", i)
				}
			}
		}
	}
	if _, err := CoSyNE.New(json.RawMessage(`{"parents": 21}`), optimizers.Problem{Init: []float64{0}, Threads: 1}); err == nil {
		t.Error("21 parents of 40 are taken, want an error")
	}
}
