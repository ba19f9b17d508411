package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Outputs and gradients of scans of images, one and several, agree with what PyTorch
// 1.13, of Debian 12's python3-torch, differentiates by itself at float64:
// testdata/mdlstm.py made the figures.
func TestScansAgreeWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/mdlstm.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			In                network.Shape
			Examples          int
			Layers            network.Specs
			Outputs, Gradient []float64
			InputGradient     []float64 `json:"input_gradient"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 6 {
		t.Fatalf("%d cases, want 6", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			net := mustNew[float64](t, c.In, c.Layers...)
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 2
			}
			agree(t, "outputs", byExample(net.Forward(train, w, drawn(c.In, c.Examples, 100+seed, 4))), c.Outputs)
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, drawn(net.Out(), c.Examples, 200+seed, 1))
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", byExample(dx), c.InputGradient)
		})
	}
}
