package netcheck

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

// A digest is of every bit, of the order, and of the number of values.
func TestDigestsDiffer(t *testing.T) {
	lists := [][]float64{nil, {0}, {0, 0}, {math.Copysign(0, -1)}, {1}, {math.Nextafter(1, 2)}, {1, 2}, {2, 1}}
	seen := map[uint64][]float64{}
	for _, v := range lists {
		h := Digest(v)
		if other, ok := seen[h]; ok {
			t.Errorf("%v and %v have the same digest", v, other)
		}
		seen[h] = v
	}
	got := different(Digests{"a": 1, "b": 2, "c": 3}, Digests{"a": 1, "b": 3, "d": 3})
	if want := []string{"b", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("different: %q, want %q", got, want)
	}
}

// Digests of a network are of all that it computes, at both precisions and for each size
// of a batch.
func TestDigestsOfANetwork(t *testing.T) {
	d := Digests{}
	if err := d.Network(network.Shape{3}, false, network.BatchNorm{}, network.Dense{Out: 2}); err != nil {
		t.Fatal(err)
	}
	if want := 2 * 3 * 5; len(d) != want {
		t.Errorf("%d digests, want %d", len(d), want)
	}
	seen := map[uint64]bool{}
	for name, h := range d {
		if losses := strings.HasSuffix(name, "auxiliary losses"); seen[h] && !losses { // there are none
			t.Errorf("%s: the digest of something else", name)
		}
		seen[h] = true
	}
	err := Digests{}.Network(network.Shape{3}, false, network.Dense{Out: 1, Bias: 1e300})
	if err == nil || !strings.Contains(err.Error(), "float64, 1 examples: outputs: value 0 is +Inf, want finite ones") {
		t.Errorf("a bias that no float32 can hold: error %v", err)
	}
}
