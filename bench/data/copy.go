package data

import "math/rand/v2"

// The symbols of [Copy] after those that are copied.
const (
	copySymbols   = 8
	copyBlank     = copySymbols     // an input, and the output of most steps
	copyDelimiter = copySymbols + 1 // an input
	// CopyFeatures and CopyClasses are how many symbols are inputs and outputs.
	CopyFeatures, CopyClasses = copySymbols + 2, copySymbols + 1
)

// Copy returns n sequences (lag + 2 symbols, [CopyFeatures]) of the copy memory
// problem: so many random ones of eight symbols; blanks, the last of which is a
// delimiter, lag in all; and as many blanks again as there were symbols, where those
// are to be repeated in order. At all other steps the output is the blank, which is
// class 8. The best without a memory is a cross-entropy of symbols ln 8 / (lag + 2
// symbols), and has all blanks right (Arjovsky, Shah & Bengio 2016, arXiv:1511.06464,
// sec. 4.1; Hochreiter & Schmidhuber 1997). lag is at least 1.
func Copy(n, symbols, lag int, rng *rand.Rand) Set {
	set, begin := newSequences(n, lag+2*symbols, CopyFeatures)
	remembered := make([]int32, symbols)
	for i := range n {
		s := begin(i)
		for j := range remembered {
			remembered[j] = int32(rng.IntN(copySymbols))
			s.symbol(int(remembered[j]))
		}
		for range lag - 1 {
			s.symbol(copyBlank)
		}
		s.symbol(copyDelimiter)
		for range symbols {
			s.symbol(copyBlank)
		}
		for range symbols + lag {
			set.Labels = append(set.Labels, copyBlank)
		}
		set.Labels = append(set.Labels, remembered...)
	}
	return *set
}
