package data

import (
	"math"
	"math/rand/v2"
)

// LatchFree returns n sequences of least to most steps of the latch problem whose
// first inputs are the network's own, variant I of Hochreiter & Schmidhuber ("Guessing
// can outperform many long time lag algorithms", IDSIA-19-96; Bengio, Simard &
// Frasconi 1994, doi:10.1109/72.279181): (most, 3), where the first two inputs are 1 at
// the first step of class 1 and of class 0, and 0 after it, so that their weights are
// what the network latches; and the third is 0 at the first step, and normal noise of
// the given variance after it. Classes take turns.
func LatchFree(n, least, most int, variance float64, rng *rand.Rand) Set {
	set, begin := newSequences(n, most, 3)
	for i := range n {
		s, class, steps := begin(i), i%2, between(rng, least, most)
		s.values(float64(class), float64(1-class), 0)
		for range steps - 1 {
			s.values(0, 0, math.Sqrt(variance)*rng.NormFloat64())
		}
		set.Labels, set.Lens = append(set.Labels, int32(class)), append(set.Lens, steps)
	}
	return *set
}

// TwoSequence returns n sequences of least to most steps of the 2-sequence problem
// (Bengio, Simard & Frasconi 1994; Hochreiter & Schmidhuber 1997, sec. 5.3), (most, 1):
// the first inputs, as many as informative says, are 1 in class 1 and -1 in class 0,
// and all others are normal noise of the given variance. With one informative input it
// is the latch problem, variant II. Classes take turns.
func TwoSequence(n, least, most, informative int, variance float64, rng *rand.Rand) Set {
	set, begin := newSequences(n, most, 1)
	for i := range n {
		s, class, steps := begin(i), i%2, between(rng, least, most)
		for t := range steps {
			if t < informative {
				s.values(float64(2*class - 1))
			} else {
				s.values(math.Sqrt(variance) * rng.NormFloat64())
			}
		}
		set.Labels, set.Lens = append(set.Labels, int32(class)), append(set.Lens, steps)
	}
	return *set
}
