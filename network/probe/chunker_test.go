package probe

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A level is one of a chunker by its equations.
type level struct {
	inputs, hidden    int
	wx, wh, b, wo, bo []float64
}

// levelsOf cuts weights into those of so many levels that imitate nothing.
func levelsOf(w []float64, count, symbols, hidden int) []level {
	list := make([]level, count)
	cut := func(n int) (part []float64) {
		part, w = w[:n], w[n:]
		return part
	}
	for i := range list {
		in := symbols + i
		list[i] = level{in, hidden, cut(hidden * in), cut(hidden * hidden), cut(hidden), cut(in * hidden), cut(in)}
	}
	return list
}

// run is the states of each step, and what the predictions of the inputs, symbols before a
// time, lose on average. Nudge is added to the state of step at.
func (l level) run(u [][]float64, symbols, at int, nudge []float64) (states [][]float64, lost float64, o [][]float64) {
	h := make([]float64, l.hidden)
	for k, in := range u {
		next := make([]float64, l.hidden)
		for i := range next {
			next[i] = math.Tanh(row(l.wx[i*l.inputs:], in) + row(l.wh[i*l.hidden:], h) + l.b[i])
			if k == at {
				next[i] += nudge[i]
			}
		}
		h = next
		out := make([]float64, l.inputs)
		for i := range out {
			out[i] = row(l.wo[i*l.hidden:], h) + l.bo[i]
		}
		states, o = append(states, h), append(o, out)
	}
	for k, in := range u[1:] {
		sum := 0.0
		for s := range symbols {
			sum += math.Exp(o[k][s])
		}
		lost += math.Log(sum) - o[k][slices.Index(in, 1)]
		for i := symbols; i < l.inputs; i++ {
			lost += (o[k][i] - in[i]) * (o[k][i] - in[i])
		}
	}
	return states, lost / math.Max(1, float64(len(u)-1)), o
}

// surprises are the inputs of the level above one over symbols alone: those that another
// symbol was more probable than, and the steps since the one before, over scale.
func surprises(u, o [][]float64, scale float64) [][]float64 {
	var list [][]float64
	before := 0
	for k, in := range u {
		if k > 0 && in[slices.Index(o[k-1], slices.Max(o[k-1]))] == 1 {
			continue
		}
		list = append(list, append(slices.Clone(in), float64(k-before)/scale))
		before = k
	}
	return list
}

// What goes back through the steps of each level is the difference that a little more of
// its state makes to all that is lost: by the outputs, which are the states at the end, and
// by the predictions. What is a surprise and what is not does not change with it.
func TestLagsOfAChunkerAreDifferences(t *testing.T) {
	const symbols, steps, hidden = 3, 9, 2
	in := network.Shape{steps, symbols}
	net := mustNew[float64](t, in, network.Chunker{Levels: 2, Hidden: hidden, Read: "all"})
	w := drawn(1, net.Dim(), 0.8)
	rng := newRand(2)
	x := network.NewTensor[float64](in, 3)
	x.Lens = []int{steps, 5, 7}
	for e := range x.N {
		for s := range steps {
			x.Row(s*symbols + rng.IntN(symbols))[e] = 1
		}
	}
	target := normal(newRand(3), 2*hidden, x.N)
	got := Take(net, w, x, loss.MSE, values(target)).Recurrent
	if len(got) != 2 || got[0].Name != "0.chunker.level0" || got[1].Name != "0.chunker.level1" {
		t.Fatalf("recurrences %+v, want those of two levels", got)
	}
	if lags := Lags(net, w, x, loss.MSE, values(target)); !slices.Equal(lags, got[0].Lags) {
		t.Errorf("Lags are %v, want those of the lowest level, %v", lags, got[0].Lags)
	}
	levels := levelsOf(w, 2, symbols, hidden)
	inputs, longest := make([][2][][]float64, x.N), [2]int{}
	for e := range x.N {
		u := sequence(x, e)
		_, _, o := levels[0].run(u, symbols, -1, nil)
		inputs[e] = [2][][]float64{u, surprises(u, o, steps)}
		for i := range longest {
			longest[i] = max(longest[i], len(inputs[e][i]))
		}
	}
	if longest[1] < 3 || longest[1] == longest[0] {
		t.Fatalf("up to %d surprises, and the test shows little", longest[1])
	}
	for i, l := range levels {
		sums := make([]float64, longest[i])
		for e := range x.N {
			u := inputs[e][i]
			goal := []float64{target.Row(i * hidden)[e], target.Row(i*hidden + 1)[e]}
			total := func(at int, nudge []float64) float64 {
				h, lost, _ := l.run(u, symbols, at, nudge)
				return squared(h[len(h)-1], goal)/(2*hidden) + lost
			}
			for at := range u {
				for unit := range hidden {
					const h = 1e-5
					nudge := make([]float64, hidden)
					nudge[unit] = h
					up := total(at, nudge)
					nudge[unit] = -h
					slope := (up - total(at, nudge)) / (2 * h)
					sums[longest[i]-1-at] += slope * slope
				}
			}
		}
		if len(got[i].Lags) != longest[i] {
			t.Fatalf("%s: %d lags, want %d", got[i].Name, len(got[i].Lags), longest[i])
		}
		for lag, v := range got[i].Lags {
			within(t, got[i].Name+": gradient at a lag", v, math.Sqrt(sums[lag]/float64(hidden*x.N)), 1e-8)
		}
	}
}

// States that are 0 make a level linear: a rotation of size 0.8 leaves 0.8^lag of the
// gradient, and where errors go back two steps, nothing before. All of two symbols are
// equally probable, so that only the second one is a surprise.
func TestLagsOfALinearChunker(t *testing.T) {
	const symbols, steps, hidden = 2, 6, 2
	in := network.Shape{steps, symbols}
	x := network.NewTensor[float64](in, 1)
	for s, symbol := range []int{0, 1, 0, 0, 1, 1} { // with the first, four surprises
		x.Row(s*symbols + symbol)[0] = 1
	}
	for _, c := range []struct{ collapse, truncation, imitated int }{{0, 0, 0}, {0, 2, 0}, {1, 0, hidden}} {
		net := mustNew[float64](t, in, network.Chunker{Levels: 2, Hidden: hidden, Read: "all", Truncation: c.truncation, Collapse: float64(c.collapse)})
		w := make([]float64, net.Dim())
		sin, cos := math.Sincos(0.4)
		rotation := []float64{0.8 * cos, -0.8 * sin, 0.8 * sin, 0.8 * cos}
		copy(w[hidden*symbols:], rotation)
		second := hidden*(symbols+hidden+1) + (symbols+c.imitated)*(hidden+1)
		copy(w[second+hidden*(symbols+1):], rotation)
		got := Take(net, w, x, loss.MSE, values(normal(newRand(1), 2*hidden, 1))).Recurrent
		for i, lags := range []int{steps, 4} {
			r := got[i]
			within(t, r.Name+": norm", r.Norm, 0.8, 1e-12)
			within(t, r.Name+": radius", r.Radius, 0.8, 1e-5)
			if len(r.Lags) != lags || !math.IsNaN(r.Forget) || !math.IsNaN(r.Saturated) {
				t.Fatalf("%+v, want %d lags, and no gates", r, lags)
			}
			for lag, v := range r.Lags {
				want := math.Pow(0.8, float64(lag))
				if c.truncation > 0 && lag >= c.truncation {
					want = 0
				}
				within(t, r.Name+": gradient at a lag, over that of the last step", v/r.Lags[0], want, 1e-12)
			}
		}
	}
	// What is not computed is not seen.
	net := mustNew[float64](t, in, network.Chunker{Levels: 2, Hidden: hidden, Collapse: 1, Read: "collapsed"})
	if got := Take(net, make([]float64, net.Dim()), x, loss.MSE, values(normal(newRand(1), hidden, 1))).Recurrent; len(got) != 1 {
		t.Errorf("recurrences %+v, want that of the lower level alone", got)
	}
}
