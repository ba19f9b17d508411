package data

import "math/rand/v2"

// A sequence is being written into a set: one step after another.
type sequence struct {
	set      *Set
	features int
	at       int // index of the next step's inputs in X
}

// newSequences returns a set of n sequences of up to steps steps, all 0, and write,
// which begins the next one.
func newSequences(n, steps, features int) (set *Set, begin func(i int) *sequence) {
	set = &Set{N: n, X: make([]float64, n*steps*features)}
	return set, func(i int) *sequence { return &sequence{set, features, i * steps * features} }
}

// values appends a step with these inputs.
func (s *sequence) values(x ...float64) {
	copy(s.set.X[s.at:][:s.features], x)
	s.at += s.features
}

// symbol appends a step with 1 for the symbol and 0 for all others.
func (s *sequence) symbol(symbol int) {
	s.set.X[s.at+symbol] = 1
	s.at += s.features
}

// between returns a number from least to most, both included.
func between(rng *rand.Rand, least, most int) int { return least + rng.IntN(most-least+1) }
