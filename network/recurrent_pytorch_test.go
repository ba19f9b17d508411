package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Outputs and gradients of recurrent layers, of sequences of one length and of
// different ones, agree with PyTorch 1.13 at float64, of Debian 12's python3-torch:
// testdata/recurrent.py made the figures. Those of truncated layers are what autograd
// finds where errors are stopped, and those of Omega what it finds with states and
// errors frozen.
func TestRecurrentAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/recurrent.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			Layer             json.RawMessage
			Steps, Features   int
			Lens              []int
			Scale             float64
			Outputs, Gradient []float64
			InputGradient     []float64 `json:"input_gradient"`
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 33 {
		t.Fatalf("%d cases, want 33", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var specs network.Specs
			if err := json.Unmarshal(fmt.Appendf(nil, "[%s]", c.Layer), &specs); err != nil {
				t.Fatal(err)
			}
			in := network.Shape{c.Steps, c.Features}
			net := mustNew[float64](t, in, specs...)
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= c.Scale
			}
			x := drawn(in, len(c.Lens), 100+seed, 4)
			x.Lens = c.Lens
			pass := network.Pass{Mode: network.Train, Batch: x.N}
			agree(t, "outputs", byExample(net.Forward(pass, w, x)), c.Outputs)
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, drawn(net.Out(), len(c.Lens), 200+seed, 1))
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", byExample(dx), c.InputGradient)
		})
	}
}
