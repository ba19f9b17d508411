package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Losses and gradients of networks on images agree with PyTorch 1.13 at float64,
// of Debian 12's python3-torch: testdata/conv.py made the figures. Of long
// gradients they are every so many values, and the sum of all by random weights.
func TestConvolutionsAgreeWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/conv.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			In, Out          network.Shape
			Layers           network.Specs
			Examples         int
			Value            float64
			Gradient         []float64
			GradientSum      float64   `json:"gradient_sum"`
			InputGradient    []float64 `json:"input_gradient"`
			InputGradientSum float64   `json:"input_gradient_sum"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 25 {
		t.Fatalf("%d cases, want 25", len(figures.Cases))
	}
	const step = 7
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			net, err := network.New[float64](c.In, c.Layers...)
			if err != nil {
				t.Fatal(err)
			}
			n, values := c.Examples, c.In.Len()
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 2
			}
			x := network.NewTensor[float64](c.In, n)
			for i, v := range draw(n*values, 100+seed) {
				x.Row(i % values)[i/values] = 4 * v
			}
			z := net.Forward(network.Pass{Mode: network.Train}, w, x)
			if got, want := z.Shape.String(), c.Out.String(); got != want {
				t.Fatalf("outputs of shape %s, want %s", got, want)
			}
			out := net.Out().Len()
			target := loss.Target[float64]{Values: make([]float64, n*out), Stride: n}
			for i, v := range draw(n*out, 200+seed) {
				target.Values[i%out*n+i/out] = v
			}
			losses, dz := make([]float64, n), z.With(z.Shape, make([]float64, len(z.Data)))
			loss.Evaluate(loss.MSE, losses, dz.Data, z.Data, z.Stride, out, n, target, 1/float64(n))
			value := 0.0
			for _, l := range losses {
				value += l / float64(n)
			}
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, dz)
			dxs := make([]float64, n*values)
			for i := range dxs {
				dxs[i] = dx.Row(i % values)[i/values]
			}
			agree(t, "loss", []float64{value}, []float64{c.Value})
			agree(t, "gradient", every(step, grad), c.Gradient)
			agree(t, "sum of the gradient", []float64{dot(grad, draw(len(grad), 300+seed))}, []float64{c.GradientSum})
			agree(t, "gradient of the inputs", every(5*step, dxs), c.InputGradient)
			agree(t, "sum of the gradient of the inputs", []float64{dot(dxs, draw(len(dxs), 400+seed))}, []float64{c.InputGradientSum})
		})
	}
}

// every returns every step-th element of x.
func every(step int, x []float64) []float64 {
	var y []float64
	for i := 0; i < len(x); i += step {
		y = append(y, x[i])
	}
	return y
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}
