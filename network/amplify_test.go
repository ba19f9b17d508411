package network_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// A factor of 1 changes nothing, and then the layer keeps all that layers promise.
func TestAmplifyBy1(t *testing.T) {
	one := network.Amplify{Factor: 1}
	tanh := network.Activation{Func: "tanh"}
	netcheck.Layer(t, network.Shape{3}, network.Dense{Out: 4}, one, tanh, network.Dense{Out: 2}, one)
	netcheck.Layer(t, network.Shape{2, 3, 4}, one, network.Conv{Channels: 3, Kernel: 2}, one, network.BatchNorm{}, one, tanh)
	netcheck.Layer(t, network.Shape{3}, network.Residual{Body: network.Specs{network.Dense{Out: 3}, one, tanh}}, one)
	netcheck.Sequences(t, network.Shape{4, 3}, one, network.LSTM{Hidden: 3}, one, network.Last{})
}

// The gradient of layer l of a chain grows by k to the number of amplified layers
// from l on; exactly, with k a power of 2.
func TestAmplifyChain(t *testing.T) {
	const depth, width, n = 6, 5, 7
	chosen := []bool{true, false, true, true, false, true}
	for _, k := range []float64{2, 0.25, 3} {
		var plain, amplified network.Specs
		for l := range depth {
			dense, act := network.Dense{Out: width}, network.Activation{Func: "sigmoid"}
			plain = append(plain, dense, act)
			amplified = append(amplified, dense)
			if chosen[l] {
				amplified = append(amplified, network.Amplify{Factor: k})
			}
			amplified = append(amplified, act)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		x, dy := network.NewTensor[float64](network.Shape{width}, n), network.NewTensor[float64](network.Shape{width}, n)
		for i := range x.Data {
			x.Data[i], dy.Data[i] = rng.NormFloat64(), rng.NormFloat64()
		}
		var out, grads, inputs [2][]float64
		var blocks []network.Block
		for i, specs := range []network.Specs{plain, amplified} {
			net, err := network.New[float64](network.Shape{width}, specs...)
			if err != nil {
				t.Fatal(err)
			}
			w := net.Init(rand.New(rand.NewPCG(3, 4)))
			out[i] = net.Forward(network.Pass{Mode: network.Train}, w, x).Data
			grads[i], blocks = make([]float64, net.Dim()), net.Blocks()
			inputs[i] = net.Backward(w, grads[i], dy).Data
		}
		for i, v := range out[0] {
			if v != out[1][i] {
				t.Fatalf("output %d is %v, want %v: amplification is of the gradient alone", i, out[1][i], v)
			}
		}
		same := func(what string, got, plain []float64, above int) {
			t.Helper()
			want := 1.0
			for range above {
				want *= k
			}
			largest := 0.0 // sums cancel
			for _, g := range plain {
				largest = max(largest, math.Abs(want*g))
			}
			for i, g := range plain {
				if k != 3 && got[i] != want*g || !(math.Abs(got[i]-want*g) <= 1e-14*largest) {
					t.Errorf("factor %v, %s, value %d: %v, want %v times %v", k, what, i, got[i], want, g)
				}
			}
		}
		for l := range depth {
			above := 0
			for _, c := range chosen[l:] {
				if c {
					above++
				}
			}
			for _, b := range blocks[2*l : 2*l+2] {
				same(b.Name, grads[1][b.Off:][:b.Len], grads[0][b.Off:][:b.Len], above)
			}
		}
		same("inputs", inputs[1], inputs[0], 4)
	}
}

func TestAmplifyFactor(t *testing.T) {
	for _, f := range []float64{0, -1, math.Inf(1), math.NaN()} {
		_, err := network.New[float64](network.Shape{1}, network.Amplify{Factor: f})
		if err == nil || !strings.Contains(err.Error(), "want a finite number above 0") {
			t.Errorf("factor %v: error %v, want one that says what is right", f, err)
		}
	}
}
