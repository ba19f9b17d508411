package models

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// A share of the hidden layers, rounded, is amplified; which ones is the seed's
// choice, and it chooses differently.
func TestAmplifiedChoosesLayers(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		for _, tt := range []struct {
			ratio float64
			want  int
		}{{0, 0}, {0.1, 1}, {0.5, 5}, {0.75, 8}, {1, 10}} {
			_, specs := build(t, amplified(), fmt.Sprintf(`{"depth":10,"ratio":%v,"factor":3,"seed":%d}`, tt.ratio, seed), "", network.Shape{4}, 2)
			var at []int
			for i, s := range specs {
				if a, ok := s.(network.Amplify); ok {
					at = append(at, i-len(at))
					if a.Factor != 3 {
						t.Errorf("factor %v, want 3", a.Factor)
					}
					if _, ok := specs[i-1].(network.Dense); !ok {
						t.Errorf("layer %d is amplified behind %T, want a weight layer", i, specs[i-1])
					}
				}
			}
			if len(at) != tt.want {
				t.Errorf("ratio %v amplifies %d of 10 layers, want %d", tt.ratio, len(at), tt.want)
			}
			if tt.ratio == 0.5 {
				seen[fmt.Sprint(at)] = true
			}
		}
	}
	if len(seen) < 15 {
		t.Errorf("20 seeds make %d choices of 252, want more", len(seen))
	}
}

// What goes by the sign of the gradient takes the same steps, bit for bit, through
// an amplified network as through the plain one; gradient descent does not, and
// Adam all but does.
func TestAmplificationIsNothingToSigns(t *testing.T) {
	const n, steps = 32, 30
	in := network.Shape{3}
	rng := rand.New(rand.NewPCG(5, 6))
	x := network.NewTensor[float64](in, n)
	for i := range x.Data {
		x.Data[i] = rng.NormFloat64()
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(2))
	}
	train := func(def optimizers.Definition, config, factor string) []float64 {
		t.Helper()
		net, _ := build(t, amplified(), `{"depth":5,"width":6,"activation":"tanh","factor":`+factor+`}`, "", in, 2)
		var blocks []optimizers.Block
		for _, b := range net.Blocks() {
			blocks = append(blocks, optimizers.Block(b))
		}
		opt, err := def.New(json.RawMessage(config), optimizers.Problem{Init: net.Init(rand.New(rand.NewPCG(1, 1))), Blocks: blocks, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		for range steps {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatal(err)
			}
			y := net.Forward(network.Pass{Mode: network.Train}, rows[0], x)
			losses, dy, grad := make([]float64, n), make([]float64, len(y.Data)), make([]float64, net.Dim())
			loss.Evaluate(loss.SoftmaxCrossEntropy, losses, dy, y.Data, y.Stride, 2, n, loss.Target[float64]{Labels: labels}, 1.0/n)
			net.BackwardWeights(rows[0], grad, y.With(y.Shape, dy))
			mean := 0.0
			for _, l := range losses {
				mean += l / n
			}
			if err := opt.Tell([]optimizers.Evaluation{{Loss: mean, Grad: grad}}); err != nil {
				t.Fatal(err)
			}
		}
		return slices.Clone(opt.(optimizers.Recommender).Recommend())
	}
	distance := func(a, b []float64) float64 {
		d := 0.0
		for i := range a {
			d = max(d, max(a[i]-b[i], b[i]-a[i]))
		}
		return d
	}
	for _, tt := range []struct {
		name, config string
		low, high    float64 // of the distance after 30 steps
	}{
		{"rprop", `{}`, 0, 0},
		{"rprop", `{"variant":"rprop-"}`, 0, 0},
		{"rprop", `{"variant":"rprop+"}`, 0, 0},
		{"rprop", `{"variant":"irprop+"}`, 0, 0},
		{"signsgd", `{}`, 0, 0},
		{"sgd", `{"lr":0.1}`, 1e-2, 10},
		{"adam", `{"lr":0.001}`, 0, 1e-4}, // its eps is not amplified; a step is 1e-3
	} {
		i := slices.IndexFunc(builtin.All(), func(d optimizers.Definition) bool { return d.Name == tt.name })
		def := builtin.All()[i]
		plain := train(def, tt.config, "1")
		for _, factor := range []string{"2", "7"} {
			if d := distance(plain, train(def, tt.config, factor)); !(d >= tt.low && d <= tt.high) {
				t.Errorf("%s %s: factor %s moves a weight by %v, want %v to %v", tt.name, tt.config, factor, d, tt.low, tt.high)
			}
		}
	}
}
