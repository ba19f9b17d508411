package netcheck

import (
	"testing"

	"github.com/joust-bench/joust/network"
)

// Surrogate fails t unless the network of specs, for sequences of up to in[0] steps of
// in[1] values, passes [CheckSurrogate]. It measures allocations, so no other test may
// run in parallel.
func Surrogate(t testing.TB, in network.Shape, specs ...network.Spec) {
	t.Helper()
	if _, err := CheckSurrogate(in, specs...); err != nil {
		t.Errorf("%v %+v: %v", in, specs, err)
	}
}

// CheckSurrogate is [CheckSequences] for a network that on purpose goes back along
// something else than the gradient, as with a truncated one: all but the comparison
// with finite differences.
func CheckSurrogate(in network.Shape, specs ...network.Spec) (Report, error) {
	c, err := newSequences(in, specs)
	if err != nil {
		return Report{}, err
	}
	var r Report
	return r, c.promises(&r)
}
