package data

import "math/rand/v2"

// ParityOverTime returns n sequences of least to most steps, (most, 1), of inputs ±1.
// The class is 1 if the number of +1 is odd; classes take turns, and within one every
// sequence is as likely (Hochreiter & Schmidhuber, "Guessing can outperform many long
// time lag algorithms", IDSIA-19-96, sec. 4).
func ParityOverTime(n, least, most int, rng *rand.Rand) Set {
	set, begin := newSequences(n, most, 1)
	for i := range n {
		steps, class := between(rng, least, most), i%2
		bits, odd := make([]int, steps), 0
		for t := range bits {
			bits[t] = rng.IntN(2)
			odd ^= bits[t]
		}
		if odd != class {
			bits[rng.IntN(steps)] ^= 1
		}
		s := begin(i)
		for _, b := range bits {
			s.values(float64(2*b - 1))
		}
		set.Labels, set.Lens = append(set.Labels, int32(class)), append(set.Lens, steps)
	}
	return *set
}
