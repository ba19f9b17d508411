package optimizers

import "strings"

// Suggest returns the name that got was probably meant to be: the one at the
// smallest edit distance (insertions, deletions, substitutions and swaps of
// neighbours, in any case), the first of equals, or "" if none is close.
func Suggest(got string, names []string) string {
	got = strings.ToLower(got)
	best, nearest := "", 0
	for _, name := range names {
		// A third of the letters may be wrong, in short names one.
		limit := max(1, len(name)/3)
		if diff := len(got) - len(name); diff > limit || -diff > limit {
			continue
		}
		d := editDistance(got, strings.ToLower(name))
		if d <= limit && (best == "" || d < nearest) {
			best, nearest = name, d
		}
	}
	return best
}

// editDistance is the optimal string alignment distance of a and b in bytes
// (Damerau 1964, doi:10.1145/363958.363994).
func editDistance(a, b string) int {
	before := make([]int, len(b)+1) // row i-2 of the table
	prev := make([]int, len(b)+1)   // row i-1
	row := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
