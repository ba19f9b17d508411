package data

import "math/rand/v2"

// Adding returns n sequences (steps, 2) of the adding problem: values from U(0, 1), and
// a marker, which is 1 at one step of each half and else 0. The target is the sum of
// the two marked values. Its variance is 1/6: the error of a constant (Hochreiter &
// Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, sec. 5.4, in the form of Le, Jaitly
// & Hinton 2015, arXiv:1504.00941). There are at least 2 steps.
func Adding(n, steps int, rng *rand.Rand) Set {
	set, begin := newSequences(n, steps, 2)
	for i := range n {
		first, second := rng.IntN(steps/2), between(rng, steps/2, steps-1)
		s, sum := begin(i), 0.0
		for t := range steps {
			value, marker := rng.Float64(), 0.0
			if t == first || t == second {
				marker = 1
				sum += value
			}
			s.values(value, marker)
		}
		set.Y = append(set.Y, sum)
	}
	return *set
}

// HistoricalAdding returns n sequences of the adding problem as it was posed
// (Hochreiter & Schmidhuber 1997, sec. 5.4): of least to least + least/10 steps, with
// values from U(-1, 1), a marker of 1 at one of the first ten steps and at one of the
// first least/2 - 1 that are not marked then, and of -1 at the first and the last. The
// target is 1/2 + (X1 + X2)/4, with X1 and X2 the marked values, or 0 if that is the
// first. Its variance is 1/24, but for that exception. least is at least 20.
func HistoricalAdding(n, least int, rng *rand.Rand) Set {
	set, begin := newSequences(n, least+least/10, 2)
	for i := range n {
		steps := between(rng, least, least+least/10)
		first, second := rng.IntN(10), rng.IntN(least/2-1)
		if second >= first {
			second++
		}
		s, sum := begin(i), 0.0
		for t := range steps {
			value, marker := 2*rng.Float64()-1, 0.0
			if t == first || t == second {
				marker = 1
				if t > 0 {
					sum += value
				}
			}
			if t == 0 || t == steps-1 {
				marker = -1
			}
			s.values(value, marker)
		}
		set.Y = append(set.Y, 0.5+sum/4)
		set.Lens = append(set.Lens, steps)
	}
	return *set
}
