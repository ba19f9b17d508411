package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// guess draws weights from U(-100, 100) until they solve all sequences, and returns
// how often, as Hochreiter & Schmidhuber 1996 do ("Guessing can outperform many long
// time lag algorithms").
func guess(rng *rand.Rand, weights, most int, solves func(w []float64) bool) float64 {
	w := make([]float64, weights)
	for trial := 1; trial <= most; trial++ {
		for i := range w {
			w[i] = 200*rng.Float64() - 100
		}
		if solves(w) {
			return float64(trial)
		}
	}
	return math.Inf(1)
}

// A problem is sequences with their classes, 0 or 1.
type problem struct {
	x     [][][]float64
	class []float64
}

func newProblem(t *testing.T, s Set, features int) (p problem) {
	t.Helper()
	for i := range s.N {
		p.x, p.class = append(p.x, steps(t, s, i, features)), append(p.class, float64(s.Labels[i]))
	}
	return p
}

// every reports whether ok is true of all sequences.
func (p problem) every(ok func(x [][]float64, class float64) bool) bool {
	for i, x := range p.x {
		if !ok(x, p.class[i]) {
			return false
		}
	}
	return true
}

// A single tanh unit that feeds itself is guessed to latch within 6 trials on average
// in variant I and 22 in variant II, as the paper has it. With the variance of 0.2
// taken literally others found 8.1 and 142, and 40 with that as the standard deviation.
func TestLatchIsSolvedByGuessing(t *testing.T) {
	const runs = 20
	rng := newRand(1)
	var one, two, twoNarrow float64
	for run := range uint64(runs) {
		free := newProblem(t, LatchFree(100, 500, 600, 0.2, newRand(100+run)), 3)
		one += guess(rng, 3, 1000, func(w []float64) bool {
			return free.every(func(x [][]float64, class float64) bool {
				h := 0.0
				for _, v := range x {
					h = math.Tanh(w[0]*h + w[1]*v[0] + w[2]*v[1] + v[2])
				}
				return (h > 0) == (class == 1)
			})
		}) / runs
		latch := func(s Set) float64 {
			p := newProblem(t, s, 1)
			return guess(rng, 3, 10000, func(w []float64) bool {
				return p.every(func(x [][]float64, class float64) bool {
					h := 0.0
					for _, v := range x {
						h = math.Tanh(w[0]*h + w[1]*v[0] + w[2])
					}
					return math.Abs(h-(2*class-1)) < 0.1
				})
			}) / runs
		}
		two += latch(TwoSequence(100, 500, 600, 1, 0.2, newRand(200+run)))
		twoNarrow += latch(TwoSequence(100, 500, 600, 1, 0.2*0.2, newRand(300+run)))
	}
	t.Logf("trials: %.1f, %.0f, %.0f", one, two, twoNarrow)
	if one < 3 || one > 20 || two < 50 || two > 300 || twoNarrow < 15 || twoNarrow > 90 {
		t.Errorf("mean trials %.1f, %.0f and with less noise %.0f, want 3 to 20, 50 to 300 and 15 to 90", one, two, twoNarrow)
	}
}

// logistic is 1/(1+e^-x).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fullNet is the fully recurrent net of the paper with hidden units h and one output
// o, all logistic, which see each other and the input, o what h is in the same step.
// With self false, hidden units do not see themselves or each other. It returns the
// last output.
func fullNet(state, w []float64, hidden int, self bool, x [][]float64) float64 {
	h, before, o := state[:hidden], state[hidden:], 0.0
	clear(h)
	for _, v := range x {
		w := w
		copy(before, h)
		for i := range h {
			z := w[0]*v[0] + w[1]*o + w[2]
			w = w[3:]
			if self {
				for j, b := range before {
					z += w[j] * b
				}
				w = w[hidden:]
			}
			h[i] = logistic(z)
		}
		z := w[0]*v[0] + w[1]*o + w[2]
		for j, b := range h {
			z += w[3+j] * b
		}
		o = logistic(z)
	}
	return o
}

func fullWeights(hidden int, self bool) int {
	n := 3*hidden + 3 + hidden
	if self {
		n += hidden * hidden
	}
	return n
}

// trials is how often weights of such a net are guessed for each of runs data sets,
// sorted.
func trials(t *testing.T, runs, hidden int, self bool, most int, draw func(rng *rand.Rand) Set) []float64 {
	t.Helper()
	rng, state := newRand(2), make([]float64, 2*hidden)
	var all []float64
	for run := range uint64(runs) {
		p := newProblem(t, draw(newRand(400+run)), 1)
		all = append(all, guess(rng, fullWeights(hidden, self), most, func(w []float64) bool {
			return p.every(func(x [][]float64, class float64) bool {
				return math.Abs(fullNet(state, w, hidden, self, x)-class) < 0.1
			})
		}))
	}
	slices.Sort(all)
	return all
}

// The paper guessed the 2-sequence problem with one hidden unit in 1247 trials; others
// found 552 on average with shorter sequences and a standard deviation of 0.2.
func TestTwoSequenceIsSolvedByGuessing(t *testing.T) {
	mean := 0.0
	const runs = 30
	for _, n := range trials(t, runs, 1, true, 50000, func(rng *rand.Rand) Set { return TwoSequence(100, 50, 60, 1, 0.2*0.2, rng) }) {
		mean += math.Log(n) / runs
	}
	if got := math.Exp(mean); got < 150 || got > 2500 {
		t.Errorf("geometric mean of %.0f trials, want 150 to 2500", got)
	} else {
		t.Logf("geometric mean of %.0f trials", got)
	}
}

// Parity was guessed in 2906 trials with one hidden unit, and in 250 with ten that do
// not see themselves; others found medians of 6226 and 302. The output of the step
// before is what remembers, so that hidden units that see that of this step, which
// a net updated all at once does not have, are of no use to it.
func TestParityIsSolvedByGuessing(t *testing.T) {
	draw := func(rng *rand.Rand) Set { return ParityOverTime(100, 50, 60, rng) }
	const runs = 9
	one, ten := trials(t, runs, 1, true, 100000, draw)[runs/2], trials(t, runs, 10, false, 100000, draw)[runs/2]
	t.Logf("medians of %.0f and %.0f trials", one, ten)
	if one < 800 || one > 20000 || ten < 60 || ten > 1500 || one/ten < 4 {
		t.Errorf("medians of %.0f and %.0f trials, want 800 to 20000 and 60 to 1500", one, ten)
	}
}
