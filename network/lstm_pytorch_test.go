package network_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/joust-bench/joust/network"
)

// Outputs and gradients of LSTM layers, one and several, of sequences of one length
// and of different ones, agree with PyTorch 1.13 at float64, of Debian 12's
// python3-torch: testdata/lstm.py made the figures.
func TestLSTMAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/lstm.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			Steps, Features   int
			Hidden, Lens      []int
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
			var specs network.Specs
			for _, hidden := range c.Hidden {
				specs = append(specs, network.LSTM{Hidden: hidden})
			}
			in := network.Shape{c.Steps, c.Features}
			net, err := network.New[float64](in, specs...)
			if err != nil {
				t.Fatal(err)
			}
			w := draw(net.Dim(), seed)
			for i := range w {
				w[i] *= 2
			}
			x := drawn(in, len(c.Lens), 100+seed, 4)
			x.Lens = c.Lens
			agree(t, "outputs", byExample(net.Forward(train, w, x)), c.Outputs)
			grad := make([]float64, net.Dim())
			dx := net.Backward(w, grad, drawn(net.Out(), len(c.Lens), 200+seed, 1))
			agree(t, "gradient", grad, c.Gradient)
			agree(t, "gradient of the inputs", byExample(dx), c.InputGradient)
		})
	}
}

// drawn has the numbers of draw, one example after another.
func drawn(s network.Shape, n, seed int, scale float64) network.Tensor[float64] {
	x := network.NewTensor[float64](s, n)
	for i, v := range draw(n*s.Len(), seed) {
		x.Row(i % s.Len())[i/s.Len()] = scale * v
	}
	return x
}

// byExample is the values of x, one example after another.
func byExample(x network.Tensor[float64]) []float64 {
	v := make([]float64, x.N*x.Shape.Len())
	for i := range v {
		v[i] = x.Row(i % x.Shape.Len())[i/x.Shape.Len()]
	}
	return v
}
