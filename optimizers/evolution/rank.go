package evolution

import (
	"cmp"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// rank fills order, of the length of evals, with their indices, the lowest loss
// first. Of equal losses, and so of several that are +Inf, the earlier
// candidate comes first: they are independent draws, so that this favours none.
func rank(order []int, evals []optimizers.Evaluation) {
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := cmp.Compare(evals[a].Loss, evals[b].Loss); c != 0 {
			return c
		}
		return a - b
	})
}
