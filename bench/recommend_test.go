package bench

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// mute is an optimizer that says nothing of its candidates.
type mute struct{}

func (mute) Ask() ([][]float64, error)          { return nil, nil }
func (mute) Tell([]optimizers.Evaluation) error { return nil }

// Of an optimizer that names none, the ten best are kept, best first, and of
// equals the earlier; they survive changes of the candidates' memory.
func TestShortlistIsTheBestTold(t *testing.T) {
	r := recommendation{opt: mute{}, init: []float64{-1}}
	if got := r.current(); got[0] != -1 {
		t.Errorf("before the first step %v, want the start", got)
	}
	losses := []float64{7, 3, 9, 3, 8, 1, 12, 5, 11, 10, 2, 6, 4, 1}
	w := []float64{0}
	for i, l := range losses {
		w[0] = float64(i) // where it was told
		r.note([][]float64{w}, []optimizers.Evaluation{{Loss: l}})
	}
	w[0] = -100
	var got []float64
	for _, w := range r.shortlist() {
		got = append(got, w[0])
	}
	// Losses 1 1 2 3 3 4 5 6 7 8.
	if want := []float64{5, 13, 10, 1, 3, 12, 7, 11, 0, 4}; !slices.Equal(got, want) {
		t.Errorf("shortlist %v, want %v", got, want)
	}
	if got := r.current(); got[0] != 5 {
		t.Errorf("current %v, want the best", got)
	}
}
