package genetic

import (
	"fmt"
	"math/rand"
	"slices"

	"github.com/MaxHalford/eaopt"
)

// tournament selects parents from a sorted population: of some contestants,
// drawn with replacement, the best wins (Goldberg & Deb 1991,
// doi:10.1016/B978-0-08-050684-5.50008-2). Winners take no further part, so that
// the two parents differ.
type tournament struct{ contestants int }

// Apply is called by eaopt for each pair of parents.
func (s tournament) Apply(n uint, sorted eaopt.Individuals, rng *rand.Rand) (eaopt.Individuals, []int, error) {
	if int(n) > len(sorted) {
		return nil, nil, fmt.Errorf("select %d of %d individuals", n, len(sorted))
	}
	winners, places := make(eaopt.Individuals, n), make([]int, n)
	taken := make([]int, 0, 4) // in ascending order
	for k := range winners {
		// Sorted, the best is the first.
		place := len(sorted)
		for range s.contestants {
			place = min(place, rng.Intn(len(sorted)-k))
		}
		// The place counts only those that are left.
		at := 0
		for ; at < k && taken[at] <= place; at++ {
			place++
		}
		taken = slices.Insert(taken, at, place)
		winners[k], places[k] = sorted[place], place
	}
	return winners.Clone(rng), places, nil
}

// Validate is for eaopt.
func (s tournament) Validate() error {
	if s.contestants < 1 {
		return fmt.Errorf("%d contestants, want at least 1", s.contestants)
	}
	return nil
}
