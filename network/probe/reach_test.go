package probe

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A linear recurrence of one unit: h = a h + b x, so that dLoss/dx is b a^lag dLoss/dh,
// in sequences of different lengths too.
func TestReachOfALinearRecurrence(t *testing.T) {
	const steps, a, b, target = 6, 0.7, -1.5, 0.4
	net := mustNew[float64](t, network.Shape{steps, 1}, network.RNN{Hidden: 1, Func: "identity"}, network.Last{})
	w := []float64{b, a, 0}
	x := network.NewTensor[float64](network.Shape{steps, 1}, 2)
	x.Lens = []int{steps, 3}
	last := make([]float64, 2)
	for e, n := range x.Lens {
		for s := range steps {
			x.Row(s)[e] = math.Cos(float64(5*s + e))
		}
		for s := range n {
			last[e] = a*last[e] + b*x.Row(s)[e]
		}
	}
	got := Reach(net, w, x, loss.MSE, loss.Target[float64]{Values: []float64{target, target}, Stride: 2})
	if len(got) != steps {
		t.Fatalf("%d lags, want %d", len(got), steps)
	}
	for lag, g := range got {
		square, n := 0.0, 0.0
		for e, length := range x.Lens {
			if lag < length {
				d := 2 * (last[e] - target) * b * math.Pow(a, float64(lag))
				square, n = square+d*d, n+1
			}
		}
		within(t, "gradient at a lag", g, math.Sqrt(square/n), 1e-13)
	}
}

// Of an image of which the sum of a row is read, the gradient is the same everywhere in
// the row: the last one is as many steps from the corner as it is wide.
func TestReachOverAnImage(t *testing.T) {
	net := mustNew[float64](t, network.Shape{2, 2, 3}, network.Flatten{}, network.Dense{Out: 1})
	w := make([]float64, net.Dim())
	for channel := range 2 {
		for column := range 3 {
			w[channel*6+3+column] = 1
		}
	}
	x := network.NewTensor[float64](network.Shape{2, 2, 3}, 1)
	got := Reach(net, w, x, loss.MSE, loss.Target[float64]{Values: []float64{-0.5}, Stride: 1})
	// The output is 0, its gradient 1. Of two positions at distance 1 one is in the row.
	for i, want := range []float64{1, math.Sqrt(0.5), math.Sqrt(0.5), 0} {
		within(t, "gradient at a distance", got[i], want, 1e-15)
	}
}

func TestReachOfVectors(t *testing.T) {
	net := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 1})
	x := network.NewTensor[float64](network.Shape{3}, 1)
	if got := Reach(net, net.Init(newRand(1)), x, loss.MSE, loss.Target[float64]{Values: []float64{1}, Stride: 1}); got != nil {
		t.Errorf("%v, want nil: no input is before another", got)
	}
}

// The states of a pyramid of one array and one cell, by hand: with lateral weight a, an
// output that is read at the last of T steps, and the identity, the gradient with respect
// to the state at a lag is dLoss/dy a^lag.
func TestLagsOfAPyramid(t *testing.T) {
	const a, target = 0.6, 2.5
	net := mustNew[float64](t, network.Shape{1, 1, 1}, network.Pyramid{Features: []int{1}, Steps: 4, Func: "identity"})
	w := make([]float64, net.Dim())
	for _, b := range net.Blocks() {
		if i := b.Off + 4; b.Len == 2*9 { // lateral weights [1][state and input][3][3], at the centre
			w[i], w[i+9] = a, 0.3
		}
	}
	x := network.NewTensor[float64](network.Shape{1, 1, 1}, 1)
	x.Row(0)[0] = 1
	y := 0.0
	for range 4 {
		y = a*y + 0.3
	}
	got := Lags(net, w, x, loss.MSE, loss.Target[float64]{Values: []float64{target}, Stride: 1})
	if len(got) != 4 {
		t.Fatalf("lags %v of blocks %+v, want 4", got, net.Blocks())
	}
	for lag, g := range got {
		within(t, "gradient at a lag", g, math.Abs(2*(y-target))*math.Pow(a, float64(lag)), 1e-14)
	}
	dense := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 1})
	v := network.NewTensor[float64](network.Shape{3}, 1)
	if l := Lags(dense, dense.Init(newRand(1)), v, loss.MSE, loss.Target[float64]{Values: []float64{1}, Stride: 1}); l != nil {
		t.Errorf("lags %v of a dense layer, want nil", l)
	}
}
