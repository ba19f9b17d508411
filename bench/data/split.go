package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Parts are the numbers of the examples that train, validate and test. Every
// example is in one of them. Each list is in random order.
type Parts struct{ Train, Valid, Test []int }

// Split divides n examples: the fraction test of them is set aside first, and
// then the fraction valid of the rest, so that the test part does not depend
// on valid. Counts are rounded to the nearest.
//
// With labels, len n, the split is stratified: every class gives the parts its
// share to within one example, and every class keeps at least one example in
// the training part. Labels nil treats all as one class.
//
// A part without examples is an error, unless its fraction is 0.
func Split(n int, labels []int32, test, valid float64, rng *rand.Rand) (Parts, error) {
	if labels == nil {
		labels = make([]int32, n)
	}
	classes := 0
	for _, l := range labels {
		classes = max(classes, int(l)+1)
	}
	left := make([]int, classes) // examples of each class that are not set aside yet
	for _, l := range labels {
		left[l]++
	}
	forTest := share(left, test)
	for c, k := range forTest {
		left[c] -= k
	}
	forValid := share(left, valid)

	// One pass over a random order fills the parts.
	var p Parts
	for _, i := range rng.Perm(n) {
		switch l := labels[i]; {
		case forTest[l] > 0:
			forTest[l]--
			p.Test = append(p.Test, i)
		case forValid[l] > 0:
			forValid[l]--
			p.Valid = append(p.Valid, i)
		default:
			p.Train = append(p.Train, i)
		}
	}
	if len(p.Train) == 0 || len(p.Valid) == 0 && valid > 0 || len(p.Test) == 0 && test > 0 {
		return Parts{}, fmt.Errorf("%d examples split into %d to train, %d to validate and %d to test, want at least 1 of each: more examples, or larger fractions than test %g and validation %g",
			n, len(p.Train), len(p.Valid), len(p.Test), test, valid)
	}
	return p, nil
}

// share takes the given fraction of all examples, and as nearly as can be of
// each class, by the method of largest remainders: each class gives the whole
// part of its quota, and those with the largest fractions one more, until the
// total is right. The last example of a class is never taken.
func share(counts []int, fraction float64) []int {
	total := 0
	take := make([]int, len(counts))
	remainder := make([]float64, len(counts))
	order := make([]int, len(counts))
	for c, n := range counts {
		total += n
		quota := float64(fraction * float64(n))
		take[c] = min(int(quota), max(0, n-1))
		remainder[c] = quota - float64(take[c])
		order[c] = c
	}
	missing := int(math.Round(fraction * float64(total)))
	for _, k := range take {
		missing -= k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainder[a] > remainder[b]:
			return -1
		case remainder[a] < remainder[b]:
			return 1
		}
		return 0
	})
	for _, c := range order {
		if missing > 0 && take[c] < counts[c]-1 {
			take[c]++
			missing--
		}
	}
	return take
}
