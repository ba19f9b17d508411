package data

import "math/rand/v2"

// NoiseFree returns the two sequences of the noise-free problem with long time lags:
// y a1 ... a(p-1) y and x a1 ... a(p-1) x, as inputs (p, p+1), the symbols but the
// last, and as labels the symbols that follow. Symbols are a1 ... a(p-1), x, y. All but
// the last can be told from the one before; for that the first has to be remembered
// for p steps (Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, sec. 5.2,
// task 2a). p is at least 2.
func NoiseFree(p int) Set {
	set, begin := newSequences(2, p, p+1)
	for i := range 2 {
		s := begin(i)
		s.symbol(p - 1 + i)
		for a := range p - 1 {
			s.symbol(a)
			set.Labels = append(set.Labels, int32(a))
		}
		set.Labels = append(set.Labels, int32(p-1+i))
	}
	return *set
}

// longestTail is how many symbols [NoisyLag] adds at most.
const longestTail = 40

// NoisyLagSteps is the most steps that a sequence of [NoisyLag] has.
func NoisyLagSteps(q int) int { return q + longestTail + 3 }

// NoisyLag returns n sequences without local regularities, (NoisyLagSteps(q), p+4): b,
// then x or y, then q or more of p distractors, each drawn at random, then e. What
// follows is the same x or y as before: y is class 1. After q distractors there is one
// more with probability 9/10, and so on, but at most 40 more: a longer sequence is
// drawn again, which is one in 75 (Hochreiter & Schmidhuber 1997, sec. 5.2, task 2c,
// without the limit). Classes take turns.
func NoisyLag(n, p, q int, rng *rand.Rand) Set {
	set, begin := newSequences(n, NoisyLagSteps(q), p+4)
	const e, b, x = 0, 1, 2 // after the distractors
	for i := range n {
		tail := longestTail + 1
		for tail > longestTail {
			for tail = 0; rng.IntN(10) > 0; tail++ {
			}
		}
		s, class := begin(i), i%2
		s.symbol(p + b)
		s.symbol(p + x + class)
		for range q + tail {
			s.symbol(rng.IntN(p))
		}
		s.symbol(p + e)
		set.Labels, set.Lens = append(set.Labels, int32(class)), append(set.Lens, q+tail+3)
	}
	return *set
}
