package network_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// draw is that of testdata/pytorch.py: n numbers in [-1/2, 1/2), exactly.
func draw(n, seed int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(uint32(i*2654435761+seed*40503+12345))/(1<<32) - 0.5
	}
	return x
}

// Losses and gradients of ten networks agree with PyTorch 1.13 at float64, of
// Debian 12's python3-torch: testdata/pytorch.py made the figures.
func TestAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			Inputs        int
			Layers        network.Specs
			Loss          loss.Kind
			Examples      int
			Value         float64
			Gradient      []float64
			InputGradient []float64 `json:"input_gradient"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 10 {
		t.Fatalf("%d cases, want 10", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			in := network.Shape{c.Inputs}
			net, err := network.New[float64](in, c.Layers...)
			if err != nil {
				t.Fatal(err)
			}
			n := c.Examples
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 2
			}
			x := network.NewTensor[float64](in, n)
			for i, v := range draw(n*c.Inputs, 100+seed) {
				x.Row(i % c.Inputs)[i/c.Inputs] = 4 * v
			}
			out := net.Out().Len()
			target := loss.Target[float64]{Values: make([]float64, n*out), Stride: n}
			switch c.Loss {
			case loss.SoftmaxCrossEntropy:
				target = loss.Target[float64]{Labels: make([]int32, n)}
				for i := range n {
					target.Labels[i] = int32((i*7 + seed) % out)
				}
			case loss.BinaryCrossEntropy:
				for i := range n {
					if (i*5+seed)%3 == 0 {
						target.Values[i] = 1
					}
				}
			case loss.MSE:
				for i, v := range draw(n*out, 200+seed) {
					target.Values[i%out*n+i/out] = v
				}
			}
			z := net.Forward(network.Pass{Mode: network.Train}, w, x)
			losses, dz := make([]float64, n), z.With(z.Shape, make([]float64, len(z.Data)))
			loss.Evaluate(c.Loss, losses, dz.Data, z.Data, z.Stride, out, n, target, 1/float64(n))
			value := 0.0
			for _, l := range losses {
				value += l / float64(n)
			}
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, dz)
			dxs := make([]float64, n*c.Inputs)
			for i := range dxs {
				dxs[i] = dx.Row(i % c.Inputs)[i/c.Inputs]
			}
			agree(t, "loss", []float64{value}, []float64{c.Value})
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", dxs, c.InputGradient)
		})
	}
}

// agree wants every element within 1e-10 of the largest: batch normalization
// makes some gradients 0 but for rounding, which have no relative accuracy.
func agree(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= 1e-10*largest) {
			t.Errorf("%s %d: %.17g, want %.17g", what, i, got[i], want[i])
		}
	}
}
