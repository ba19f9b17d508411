package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Outputs, losses and gradients of hierarchies of predictors, truncated and not, agree
// with PyTorch 1.13 at float64, of Debian 12's python3-torch, one example and one event
// at a time: testdata/chunker.py made the figures.
func TestChunkerAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/chunker.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Auxiliary float64
		Cases     []struct {
			Steps, Symbols            int
			Lens                      []int
			Layers                    network.Specs
			Outputs, Losses, Gradient []float64
			InputGradient             []float64 `json:"input_gradient"`
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
			in := network.Shape{c.Steps, c.Symbols}
			net := mustNew[float64](t, in, c.Layers...)
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 4
			}
			x := drawn(in, len(c.Lens), 100+seed, 4)
			x.Lens = c.Lens
			agree(t, "outputs", byExample(net.Forward(train, w, x)), c.Outputs)
			losses := make([]float64, x.N)
			net.Auxiliary(losses, figures.Auxiliary)
			agree(t, "losses", losses, c.Losses)
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, drawn(net.Out(), x.N, 200+seed, 1))
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", byExample(dx), c.InputGradient)
		})
	}
}
