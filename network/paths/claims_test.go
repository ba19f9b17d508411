package paths

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

const heNormal = "he-normal"

// fully is a layer of n units with He's weights.
func fully(n int) network.Dense { return network.Dense{Out: n, Init: heNormal, NoBias: true} }

// rho is the correlation of the gradients of the first output at orthogonal inputs,
// those of n examples, averaged over nets: the statistics of batch norms are those of
// the examples, and constant.
func rho(t *testing.T, width, examples, nets int, specs network.Specs) float64 {
	t.Helper()
	in := network.Shape{width}
	n := network64(t, in, append(specs, network.Dense{Out: 1, Init: heNormal})...)
	sum := 0.0
	for seed := range nets {
		rng := newRand(uint64(seed))
		w, x := n.Init(rng), normal(rng, in, examples)
		n.Forward(network.Pass{Mode: network.Calibrate}, w, x)
		n.Forward(network.Pass{Mode: network.Infer}, w, x)
		dy := network.NewTensor[float64](network.Shape{1}, examples)
		for i := range examples {
			dy.Row(0)[i] = 1
		}
		sum += Correlation(n.Backward(w, make([]float64, n.Dim()), dy))
	}
	return sum / float64(nets)
}

func TestCorrelationHandCases(t *testing.T) {
	for _, tt := range []struct {
		g    []float64 // of three examples in the plane
		want float64
	}{
		{[]float64{1, 1, 1, 2, 2, 2}, 1},
		{[]float64{1, 0, -1, 0, 2, 0}, -1.0 / 6}, // products 0, 0, -1; squares 1, 4, 1
		{[]float64{3, 0, 0, 0, 4, 0}, 0},
	} {
		if got := Correlation(tensor{Shape: network.Shape{2}, N: 3, Stride: 3, Data: tt.g}); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("correlation of %v is %v, want %v", tt.g, got, tt.want)
		}
	}
}

func TestShatteringProbe(t *testing.T) {
	for _, l := range []int{1, 2, 3, 4, 6, 8} {
		ff, ffbn, res, resbn := network.Specs{}, network.Specs{}, network.Specs{}, network.Specs{}
		for range l {
			ff = append(ff, fully(200), relu)
			ffbn = append(ffbn, fully(200), network.BatchNorm{}, relu)
			res = append(res, network.Residual{Body: network.Specs{relu, fully(200)}})
			resbn = append(resbn, network.Residual{Body: network.Specs{network.BatchNorm{}, relu, fully(200)}})
		}
		t.Logf("L %d: ff %.4f ffbn %.4f res %.4f resbn %.4f", l, rho(t, 200, 256, 6, ff), rho(t, 200, 256, 6, ffbn), rho(t, 200, 256, 6, res), rho(t, 200, 256, 6, resbn))
	}
}

func TestPreservationProbe(t *testing.T) {
	for _, l := range []int{2, 4, 8, 16, 32} {
		for _, out := range []int{1, 10} {
			res := network.Specs{fully(48)}
			parts := []network.Specs{{fully(48)}}
			for range l {
				res = append(res, network.Residual{Body: network.Specs{network.BatchNorm{}, relu, fully(48)}})
				parts = append(parts, network.Specs{network.BatchNorm{}, relu, fully(48)})
			}
			res = append(res, network.BatchNorm{}, relu, network.Dense{Out: out, Init: heNormal})
			parts = append(parts, network.Specs{network.BatchNorm{}, relu, network.Dense{Out: out, Init: heNormal}})
			var dev [2]float64
			for i, p := range [][]network.Specs{Parts(res), parts} {
				in := network.Shape{16}
				c := mustNew(t, in, p...)
				n := network64(t, in, slices.Concat(p...)...)
				w := n.Init(newRand(1))
				c.Forward(train, w, normal(newRand(2), in, 128))
				r := c.Preservation(w, normal(newRand(3), network.Shape{out}, 128))
				for _, v := range r[1 : l+1] {
					dev[i] += math.Abs(v-1) / float64(l)
				}
			}
			t.Logf("L %d out %d: res %.4f plain %.4f", l, out, dev[0], dev[1])
		}
	}
}
