package models

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
)

// clusters are ten classes of four normal clusters each.
func clusters() bench.Task {
	return bench.DefineTask(bench.Task{Name: "clusters"}, struct{}{}, func(_ struct{}, seed uint64, _ string) (bench.Data, error) {
		rng := rand.New(rand.NewPCG(seed, 1))
		world := data.NewClusters(16, 40, 10, rng)
		draw := func(n int) bench.Examples {
			s := world.Draw(n, 0.35, rng)
			return bench.Examples{N: s.N, X: s.X, Labels: s.Labels}
		}
		return bench.Data{
			In: network.Shape{16}, Out: 10, Loss: loss.SoftmaxCrossEntropy,
			Goal:  bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
			Train: draw(1500), Valid: draw(500), Test: draw(20),
		}, nil
	})
}

// With batch normalisation ten layers of 48 ReLUs learn at a learning rate at which they
// diverge, or get nowhere, without (Ioffe & Szegedy 2015, sec. 4.2.1; Bjorck et al. 2018,
// sec. 3), and so they do where noise takes the stability of the distributions away again
// (Santurkar et al. 2018, sec. 2.2): 300 steps of momentum. A tenth of that rate is good
// for the plain network. A constant predictor has a tenth right.
func TestNormalisedNetworksBearALargerLearningRate(t *testing.T) {
	const depth = `"depth":10,"width":48,"activation":"relu","init":"he-normal"`
	accuracy := func(m bench.Model, lr string, seed uint64) float64 {
		r := bench.Runner{Lists: bench.Lists{
			Tasks: []bench.Task{clusters()}, Models: []bench.Model{m}, Optimizers: []optimizers.Definition{gradient.SGD},
		}}
		res, err := r.Trial(context.Background(), bench.Trial{
			Task: bench.Part{Name: "clusters", Config: json.RawMessage(`{}`)}, Model: bench.Part{Name: m.Name, Config: json.RawMessage(`{` + depth + `}`)},
			Optimizer: bench.Part{Name: gradient.SGD.Name, Config: json.RawMessage(`{"momentum":0.9,"lr":` + lr + `}`)},
			Precision: "float32", GradCost: 3, Seed: seed, Batch: 64, Budget: bench.Budget{Work: 300 * 3 * 64},
		}, nil)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		if res.Status == bench.Diverged {
			return 0
		}
		t.Logf("seed %d: %s, learning rate %s: %v", seed, m.Name, lr, res.Valid)
		return res.Valid.Value
	}
	for seed := range uint64(2) {
		if got := accuracy(rectified(), "0.1", seed); got > 0.5 {
			t.Errorf("seed %d: without normalisation, accuracy %v, want at most 0.5", seed, got)
		}
		for _, m := range []bench.Model{batchnorm(), noisyBatchnorm()} {
			if got := accuracy(m, "0.1", seed); got < 0.95 {
				t.Errorf("seed %d: %s has accuracy %v, want at least 0.95", seed, m.Name, got)
			}
		}
	}
	if got := accuracy(rectified(), "0.01", 0); got < 0.95 {
		t.Errorf("without normalisation, at a tenth of the learning rate, accuracy %v, want at least 0.95", got)
	}
}
