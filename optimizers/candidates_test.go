package optimizers_test

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// TestCandidatesAreInTheMemoryThatThereIs, or in any, and are rows of their own.
func TestCandidatesAreInTheMemoryThatThereIs(t *testing.T) {
	room := make([]float64, 6)
	for name, memory := range map[string]func(int) []float64{
		"none":     nil,
		"used up":  func(int) []float64 { return nil },
		"there is": func(n int) []float64 { return room[:n:n] },
	} {
		p := optimizers.Problem{Init: []float64{1, 2, 3}, Memory: memory}
		flat, rows := p.Candidates(2)
		if !slices.Equal(flat, make([]float64, 6)) || len(rows) != 2 {
			t.Fatalf("%s: %v in %d rows, want 2 rows of zeros", name, flat, len(rows))
		}
		if (&flat[0] == &room[0]) != (name == "there is") {
			t.Errorf("%s: not where they should be", name)
		}
		for k, row := range rows {
			if len(row) != 3 || cap(row) != 3 || &row[0] != &flat[3*k] {
				t.Errorf("%s: row %d has %d numbers, and room for %d, or is elsewhere than in flat", name, k, len(row), cap(row))
			}
		}
	}
}
