package conformance

import (
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// What is measured is to be of the sizes that figures are compared at, and what is
// tried with a million weights of few candidates.
func TestPopulationIsAsNearAsCanBe(t *testing.T) {
	bound := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		param optimizers.Param
		n     int
		want  string
	}{
		{optimizers.Param{Name: "population", Min: bound(4), Max: bound(100)}, 64, `{"population": 64}`},
		{optimizers.Param{Name: "population", Min: bound(4), Max: bound(100)}, 1, `{"population": 4}`},
		{optimizers.Param{Name: "population", Min: bound(3.5), Max: bound(100)}, 1, `{"population": 4}`},
		{optimizers.Param{Name: "lambda", Min: bound(4), Max: bound(100)}, 256, `{"lambda": 100}`},
		{optimizers.Param{Name: "popsize"}, 256, `{"popsize": 256}`},
		{optimizers.Param{Name: "population", Min: bound(4), MinOpen: true}, 1, ""},
		{optimizers.Param{Name: "sigma"}, 64, ""},
	} {
		tt.param.Type, tt.param.Default = "int", []byte("16")
		if got := string(Population([]optimizers.Param{tt.param}, tt.n)); got != tt.want {
			t.Errorf("%s of %d = %s, want %s", tt.param.Name, tt.n, got, tt.want)
		}
	}
}
