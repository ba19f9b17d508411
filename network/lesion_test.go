package network_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

// stack is a network of blocks, of which one changes the shape.
var stack = network.Specs{
	network.Dense{Out: 4},
	network.BatchNorm{},
	tanhLayer, // fused
	network.Residual{Body: network.Specs{network.BatchNorm{}, reluLayer, network.Dense{Out: 4}}},
	network.Residual{Body: network.Specs{network.BatchNorm{}, reluLayer, network.Dense{Out: 4}}},
	network.Residual{Body: network.Specs{network.Dense{Out: 5}, tanhLayer}, Shortcut: network.Specs{network.Dense{Out: 5}, network.BatchNorm{}}},
	tanhLayer, // fused
	network.BatchNorm{},
	reluLayer,
	network.Dense{Out: 2},
}

// without returns the weights w of n, in order, but for the blocks whose names begin
// with one of out.
func without(n *network.Network[float64], w []float64, out ...string) []float64 {
	var kept []float64
	for _, b := range n.Blocks() {
		if !slices.ContainsFunc(out, func(prefix string) bool { return strings.HasPrefix(b.Name, prefix) }) {
			kept = append(kept, w[b.Off:][:b.Len]...)
		}
	}
	return kept
}

// A lesioned network computes what the network without those layers does, and has
// its gradients, with 0 for the weights of what is out; put back, it is the old one.
func TestLesionIsTheNetworkWithout(t *testing.T) {
	in := network.Shape{3}
	shortcut := stack[5].(network.Residual).Shortcut
	remove := func(drop ...int) (s network.Specs) {
		for i, l := range stack {
			if !slices.Contains(drop, i) {
				s = append(s, l)
			}
		}
		return s
	}
	for _, tt := range []struct {
		layers []int
		rest   network.Specs
		out    []string // prefixes of the blocks that are out
	}{
		{nil, stack, nil},
		{[]int{3}, remove(3), []string{"3."}},
		{[]int{3, 4}, remove(3, 4), []string{"3.", "4."}},
		{[]int{4, 1}, remove(4, 1), []string{"4.", "1."}},
		{[]int{2, 6, 8}, remove(2, 6, 8), nil},
		{[]int{5}, slices.Concat(stack[:5], shortcut, stack[6:]), []string{"5.residual.0."}},
		{[]int{7, 3, 5, 2}, slices.Concat(stack[:2], stack[4:5], shortcut, stack[6:7], stack[8:]), []string{"7.", "3.", "5.residual.0."}},
	} {
		n := mustNew[float64](t, in, stack...)
		w, x, dy := n.Init(newRand(1)), normal(newRand(2), in, 9), normal(newRand(3), network.Shape{2}, 9)
		before := slices.Clone(values(n.Forward(train, w, x)))
		if err := n.Lesion(tt.layers...); err != nil {
			t.Fatal(err)
		}
		rest := mustNew[float64](t, in, tt.rest...)
		restW := without(n, w, tt.out...)
		want := values(rest.Forward(train, restW, x))
		wantDW := make([]float64, rest.Dim())
		wantDX := values(rest.Backward(restW, wantDW, dy))
		for _, n := range []*network.Network[float64]{n, n.Clone()} {
			near(t, "outputs", values(n.Forward(train, w, x)), want, 0)
			dw := make([]float64, n.Dim())
			near(t, "gradient of the inputs", values(n.Backward(w, dw, dy)), wantDX, 0)
			near(t, "gradient", without(n, dw, tt.out...), wantDW, 0)
			only := make([]float64, n.Dim())
			n.BackwardWeights(w, only, dy)
			near(t, "gradient by BackwardWeights", only, dw, 0)
			for _, b := range n.Blocks() {
				if slices.ContainsFunc(tt.out, func(p string) bool { return strings.HasPrefix(b.Name, p) }) {
					near(t, b.Name, dw[b.Off:][:b.Len], make([]float64, b.Len), 0)
				}
			}
		}
		head := n.Head(5)
		head2 := mustNew[float64](t, in, stack[:5]...)
		if err := head2.Lesion(slices.DeleteFunc(slices.Clone(tt.layers), func(i int) bool { return i >= 5 })...); err != nil {
			t.Fatal(err)
		}
		hw := w[:head.Dim()]
		near(t, "outputs of the head", values(head.Forward(train, hw, x)), values(head2.Forward(train, hw, x)), 0)

		if err := n.Lesion(); err != nil {
			t.Fatal(err)
		}
		near(t, "outputs with all layers again", values(n.Forward(train, w, x)), before, 0)
	}
}

// A block whose last weights are 0 is not missed, to the bit.
func TestLesionOfAZeroBlockChangesNothing(t *testing.T) {
	in := network.Shape{4}
	block := network.Residual{Body: network.Specs{network.BatchNorm{}, reluLayer, network.Dense{Out: 4, Init: "zero"}}}
	other := network.Residual{Body: network.Specs{network.BatchNorm{}, reluLayer, network.Dense{Out: 4}}}
	n := mustNew[float64](t, in, other, block, other)
	w, x := n.Init(newRand(1)), normal(newRand(2), in, 7)
	want := slices.Clone(values(n.Forward(train, w, x)))
	if err := n.Lesion(1); err != nil {
		t.Fatal(err)
	}
	near(t, "outputs", values(n.Forward(train, w, x)), want, 0)
	if err := n.Lesion(0); err != nil {
		t.Fatal(err)
	}
	if got := values(n.Forward(train, w, x)); slices.Equal(got, want) {
		t.Error("a lesion of a block that is not 0 changes nothing")
	}
}

// What is left of a lesioned network is watched, and what is out is not.
func TestLesionIsNotObserved(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3}, stack...)
	if err := n.Lesion(3, 5, 6); err != nil {
		t.Fatal(err)
	}
	var seen paths
	n.Watch(&seen)
	n.Forward(train, n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 5))
	want := paths{
		"0.dense", "1.batchnorm", "2.activation", "4.residual.0.batchnorm", "4.residual.1.activation", "4.residual.2.dense",
		"5.residual.shortcut.0.dense", "5.residual.shortcut.1.batchnorm", "7.batchnorm", "8.activation", "9.dense",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("saw %q, want %q", seen, want)
	}
}

type paths []string

func (p *paths) Forward(l network.Layer, _ []float64, _, _ network.Tensor[float64]) {
	*p = append(*p, l.Path)
}
func (p *paths) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// With the weights of two blocks exchanged, the network is the one with the blocks
// the other way round.
func TestSwap(t *testing.T) {
	in := network.Shape{3}
	n := mustNew[float64](t, in, stack...)
	w, x := n.Init(newRand(1)), normal(newRand(2), in, 6)
	swapped := slices.Clone(w)
	if err := n.Swap(swapped, 4, 3); err != nil {
		t.Fatal(err)
	}
	got := slices.Clone(values(n.Forward(train, swapped, x)))
	// The blocks, put together by hand.
	pieces := map[string][]float64{}
	for _, b := range n.Blocks() {
		key := b.Name[:2]
		pieces[key] = append(pieces[key], w[b.Off:][:b.Len]...)
	}
	want := slices.Concat(pieces["0."], pieces["1."], pieces["4."], pieces["3."], pieces["5."], pieces["7."], pieces["9."])
	near(t, "weights", swapped, want, 0)
	if slices.Equal(got, values(n.Forward(train, w, x))) {
		t.Error("a swap changes nothing")
	}
	if err := n.Swap(swapped, 3, 4); err != nil {
		t.Fatal(err)
	}
	near(t, "weights swapped twice", swapped, w, 0)
	if err := n.Swap(swapped, 3, 3); err != nil {
		t.Fatal(err)
	}
	near(t, "weights swapped with themselves", swapped, w, 0)
}

func TestLesionErrors(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3}, stack...)
	w, x := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 4)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{n.Lesion(3, 10), "lesion of layer 10, want one of the 10 that there are"},
		{n.Lesion(-1), "lesion of layer -1, want one of the 10"},
		{n.Lesion(0), "lesion of layer 0 (dense): want a layer that keeps the shape, got (4) from (3)"},
		{n.Swap(w, 3, 10), "swap of layers 3 and 10, want two of the 10 that there are"},
		{n.Swap(w, 3, 5), "swap of layers 3 and 5: want layers that are alike, got residual of (4) and residual of (4)"},
		{n.Swap(w, 1, 7), "swap of layers 1 and 7: want layers that are alike, got batchnorm of (4) and batchnorm of (5)"},
	} {
		if tt.err == nil || !strings.HasPrefix(tt.err.Error(), tt.want) {
			t.Errorf("error %v, want %s", tt.err, tt.want)
		}
	}
	y := n.Forward(train, w, x)
	dy := y.With(y.Shape, slices.Clone(y.Data))
	if err := n.Lesion(3); err != nil {
		t.Fatal(err)
	}
	if got := panics(t, func() { n.Backward(w, make([]float64, len(w)), dy) }); !strings.Contains(got, "want that of the 0 of the last Forward") {
		t.Errorf("Backward after a lesion: %s", got)
	}
}
