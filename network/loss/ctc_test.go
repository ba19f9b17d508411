package loss

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
)

// Losses and gradients agree with torch.nn.CTCLoss of PyTorch 1.13 at float64, of
// Debian 12's python3-torch: testdata/ctc.py made the figures.
func TestCTCAgreesWithPyTorch(t *testing.T) {
	content, err := os.ReadFile("testdata/ctc.json")
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Cases []struct {
			Steps, Classes int
			Lens           []int32
			Labels         [][]int32
			Losses         []float64
			Gradient       []float64
		}
	}
	if err := json.Unmarshal(content, &figures); err != nil {
		t.Fatal(err)
	}
	if len(figures.Cases) != 5 {
		t.Fatalf("%d cases, want 5", len(figures.Cases))
	}
	for seed, c := range figures.Cases {
		n := len(c.Lens)
		z := make([]float64, c.Steps*c.Classes*n)
		for i := range z { // draw of testdata/ctc.py, times 6
			z[i] = 6 * (float64(uint32(i*2654435761+seed*40503+12345))/(1<<32) - 0.5)
		}
		target := Target[float64]{Steps: c.Steps, Stride: n, Lens: c.Lens}
		for j, labels := range c.Labels {
			target.LabelLens = append(target.LabelLens, int32(len(labels)))
			for u, l := range labels {
				if u*n >= len(target.Labels) {
					target.Labels = append(target.Labels, make([]int32, n)...)
				}
				target.Labels[u*n+j] = l
			}
		}
		losses, dz := make([]float64, n), make([]float64, len(z))
		Evaluate(CTC, losses, dz, z, n, c.Classes, n, target, 1)
		for j, want := range c.Losses {
			if !(math.Abs(losses[j]-want) <= 1e-10*want) {
				t.Errorf("case %d: loss %d is %.15g, want %.15g", seed, j, losses[j], want)
			}
		}
		for i, want := range c.Gradient {
			if !(math.Abs(dz[i]-want) <= 1e-10) {
				t.Errorf("case %d: gradient %d is %.15g, want %.15g", seed, i, dz[i], want)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		z    []float64
		want []int32
	}{
		{nil, nil},
		{[]float64{9, 0, 0}, nil},
		{[]float64{0, 1, 0, 0, 1, 0}, []int32{1}},
		{[]float64{0, 1, 0, 1, 0, 0, 0, 1, 0}, []int32{1, 1}},
		{[]float64{0, 1, 0, 0, 0, 1}, []int32{1, 2}},
		{[]float64{0, 1, 0, 0, nan, 1, 0, 0, 1}, []int32{1, 2}},
		{[]float64{nan, 1, 0}, nil},
	} {
		if got := Decode(nil, tt.z, 3); !slices.Equal(got, tt.want) {
			t.Errorf("Decode(%v) = %v, want %v", tt.z, got, tt.want)
		}
	}
}

func ExampleDecode() {
	fmt.Println(Decode(nil, []float64{
		5, 1, 0, // blank
		0, 5, 1, // 1
		0, 5, 1, // 1 still
		5, 0, 1, // blank
		0, 5, 1, // 1 again
		0, 1, 5, // 2
	}, 3))
	// Output:
	// [1 1 2]
}
