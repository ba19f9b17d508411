package data

import "math/rand/v2"

// The symbols of [TemporalOrder]: the first and the last of each sequence, four that
// say nothing, and two whose order is the class.
const (
	temporalStart = iota
	temporalEnd
	temporalNoise
	temporalX = temporalNoise + 4
	// TemporalFeatures is how many symbols there are.
	TemporalFeatures = temporalX + 2
)

// TemporalOrder returns n sequences of least to least + least/10 steps, of which most
// are symbols drawn at random that say nothing, and two or three, at places that vary
// by a tenth of least, are X or Y. The class is which, in order: of 4 with two and of 8
// with three, X counting as 0 in a binary number. Each class is as likely (Hochreiter
// & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, sec. 5.6, tasks 6a and 6b, where
// least is 100). least is at least 10.
func TemporalOrder(n, least, relevant int, rng *rand.Rand) Set {
	// The first of the steps, in hundredths of least, at which one is.
	starts := []int{10, 50}
	if relevant == 3 {
		starts = []int{10, 33, 66}
	}
	set, begin := newSequences(n, least+least/10, TemporalFeatures)
	for i := range n {
		steps, class := between(rng, least, least+least/10), rng.IntN(1<<len(starts))
		symbols := make([]int, steps)
		for t := range symbols {
			symbols[t] = temporalNoise + rng.IntN(4)
		}
		symbols[0], symbols[steps-1] = temporalStart, temporalEnd
		for j, start := range starts {
			bit := class >> (len(starts) - 1 - j) & 1
			symbols[between(rng, start*least/100, (start+10)*least/100)] = temporalX + bit
		}
		s := begin(i)
		for _, symbol := range symbols {
			s.symbol(symbol)
		}
		set.Labels, set.Lens = append(set.Labels, int32(class)), append(set.Lens, steps)
	}
	return *set
}
