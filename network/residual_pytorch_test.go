package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Losses and gradients of networks with layer normalisation, shortcuts of both
// kinds and highways agree with PyTorch 1.13 at float64, of Debian 12's
// python3-torch: testdata/residual.py made the figures.
func TestNormalisedAndResidualAgreeWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/residual.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			In            network.Shape
			Layers        network.Specs
			Examples      int
			Value         float64
			Gradient      []float64
			InputGradient []float64 `json:"input_gradient"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 8 {
		t.Fatalf("%d cases, want 8", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			net := mustNew[float64](t, c.In, c.Layers...)
			n, values := c.Examples, c.In.Len()
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 2
			}
			x := network.NewTensor[float64](c.In, n)
			for i, v := range draw(n*values, 100+seed) {
				x.Row(i % values)[i/values] = 4 * v
			}
			z := net.Forward(train, w, x)
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
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", every(3, dxs), c.InputGradient)
		})
	}
}
