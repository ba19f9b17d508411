package builtin

import "testing"

// The deep network again, as guessing and climbing see it. Weights of up to 100
// saturate all units, so that nothing vanishes: guessing among those solves XOR
// where guesses from N(0, 1) all compute a constant, and so does hill climbing,
// which changes a weight in ten at a time.
func TestDeepXORByGuessing(t *testing.T) {
	for _, name := range []string{"random-guessing", "hill-climbing"} {
		for seed := range uint64(5) {
			if got := minimise(t, name, "", deepProblem(seed), 10_000, deepXOR); !(got < 0.1) {
				t.Errorf("%s: cross-entropy %v after 10,000 evaluations, want under 0.1 (seed %d)", name, got, seed)
			}
		}
	}
}
