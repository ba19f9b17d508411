package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestMaxoutGradients(t *testing.T) {
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"two pieces", network.Shape{5}, network.Specs{network.Maxout{Out: 3}}},
		{"one piece", network.Shape{5}, network.Specs{network.Maxout{Out: 3, Pieces: 1}}},
		{"five pieces", network.Shape{4}, network.Specs{network.Maxout{Out: 6, Pieces: 5, Init: "orthogonal"}, network.Dense{Out: 2}}},
		{"no bias", network.Shape{3}, network.Specs{network.Dense{Out: 4}, network.Maxout{Out: 4, Pieces: 3, NoBias: true, Gain: 2}}},
		{"stacked", network.Shape{3}, network.Specs{network.Maxout{Out: 4}, network.Maxout{Out: 4}, network.Maxout{Out: 1}}},
		{"in a residual", network.Shape{3}, network.Specs{network.Residual{Body: network.Specs{network.BatchNorm{}, network.Maxout{Out: 3}}}}},
		{"one unit, one input", network.Shape{1}, network.Specs{network.Maxout{Out: 1, Pieces: 4}}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
}

// |x| is the larger of x and -x; the gradient goes to that piece, and of equal ones
// to the first.
func TestMaxoutByHand(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1}, network.Maxout{Out: 1})
	w := []float64{1, -1, 0, 0} // W_0, W_1, b_0, b_1
	x := network.NewTensor[float64](network.Shape{1}, 4)
	copy(x.Row(0), []float64{3, -2, 0, math.NaN()})
	y := values(n.Forward(train, w, x))
	if !slices.Equal(y[:3], []float64{3, 2, 0}) || !math.IsNaN(y[3]) {
		t.Errorf("outputs %v, want 3, 2, 0, NaN", y)
	}
	x.Row(0)[3] = 1
	n.Forward(train, w, x)
	dy := network.NewTensor[float64](network.Shape{1}, 4)
	copy(dy.Row(0), []float64{10, 20, 30, 40})
	dw := make([]float64, 4)
	dx := values(n.Backward(w, dw, dy))
	if want := []float64{10, -20, 30, 40}; !slices.Equal(dx, want) {
		t.Errorf("gradient of the inputs %v, want %v", dx, want)
	}
	if want := []float64{10*3 + 30*0 + 40*1, 20 * -2, 10 + 30 + 40, 20}; !slices.Equal(dw, want) {
		t.Errorf("gradient of the weights %v, want %v", dw, want)
	}
}

// Every piece is drawn as a matrix of its own.
func TestMaxoutPiecesAreOrthogonal(t *testing.T) {
	const out, in = 4, 6
	n := mustNew[float64](t, network.Shape{in}, network.Maxout{Out: out, Pieces: 3, Init: "orthogonal", Gain: 2})
	w := n.Init(newRand(1))
	for j := range 3 {
		piece := w[j*out*in:][:out*in]
		for a := range out {
			for b := range out {
				var got, want float64
				for f := range in {
					got += piece[a*in+f] * piece[b*in+f]
				}
				if a == b {
					want = 4
				}
				if math.Abs(got-want) > 1e-12 {
					t.Errorf("piece %d: rows %d and %d have the inner product %v, want %v", j, a, b, got, want)
				}
			}
		}
	}
	if got, want := n.Blocks()[0].Scale, 2/math.Sqrt(in); math.Abs(got-want) > 1e-15 {
		t.Errorf("scale %v, want %v", got, want)
	}
}

func TestMaxoutErrors(t *testing.T) {
	for _, tt := range []struct {
		s    network.Maxout
		want string
	}{
		{network.Maxout{}, "out is 0, want 1 to 500000000"},
		{network.Maxout{Out: 3, Pieces: -1}, "pieces is -1, want 1 to 256"},
		{network.Maxout{Out: 3, Pieces: 257}, "pieces is 257, want 1 to 256"},
		{network.Maxout{Out: 3, Init: "hee"}, `unknown initializer "hee"`},
	} {
		if _, err := network.New[float64](network.Shape{3}, tt.s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %s", tt.s, err, tt.want)
		}
	}
}
