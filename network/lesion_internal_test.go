package network

import "testing"

// A layer applies the activation after it in clones and after lesions too, unless
// one of the two is out.
func TestLesionAndFusion(t *testing.T) {
	n, err := New[float64](Shape{3}, BatchNorm{}, Activation{Func: "tanh"}, BatchNorm{}, Activation{Func: "relu"})
	if err != nil {
		t.Fatal(err)
	}
	fused := func(n *Network[float64]) (is [2]bool) {
		for i := range is {
			is[i] = n.root.nodes[2*i].applying != nil
		}
		return is
	}
	for _, tt := range []struct {
		out  []int
		want [2]bool
	}{{nil, [2]bool{true, true}}, {[]int{0}, [2]bool{false, true}}, {[]int{3}, [2]bool{true, false}}, {nil, [2]bool{true, true}}} {
		if err := n.Lesion(tt.out...); err != nil {
			t.Fatal(err)
		}
		if got, clone := fused(n), fused(n.Clone()); got != tt.want || clone != tt.want {
			t.Errorf("without %v: fused %v, in a clone %v, want %v", tt.out, got, clone, tt.want)
		}
	}
}
