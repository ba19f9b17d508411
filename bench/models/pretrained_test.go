package models

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/pretrain"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/gradient"
)

func TestPretrainedModelsAreSigmoidNetworks(t *testing.T) {
	sigmoid := network.Activation{Func: "sigmoid"}
	want := network.Specs{
		network.Flatten{}, network.Dense{Out: 3}, sigmoid, network.Dense{Out: 3}, sigmoid, network.Dense{Out: 2, Gain: 4},
	}
	for _, m := range []bench.Model{dbn(), autoencoder()} {
		_, specs := build(t, m, `{"depth":2,"width":3,"gain":4}`, "", network.Shape{2, 2}, 2)
		if diff := cmp.Diff(want, specs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", m.Name, diff)
		}
	}
	_, specs := build(t, lsuv(), `{"depth":1,"width":3,"activation":"tanh"}`, "", network.Shape{4}, 2)
	if diff := cmp.Diff(network.Specs{
		network.Dense{Out: 3, Init: "orthogonal"}, network.Activation{Func: "tanh"}, network.Dense{Out: 2, Init: "orthogonal"},
	}, specs); diff != "" {
		t.Errorf("lsuv (-want +got):\n%s", diff)
	}
}

func TestStagesAreWhatTheConfigurationSays(t *testing.T) {
	cd := pretrain.DefaultCD()
	cd.Epochs, cd.K, cd.Rate, cd.Persistent, cd.Anneal, cd.Draw = 7, 3, 0.02, true, true, false
	re := pretrain.DefaultReconstruct()
	re.Epochs, re.Rate, re.Noise = 9, 0.3, 0
	measured := pretrain.DefaultLSUV()
	measured.Examples = 50
	for _, c := range []struct {
		model  bench.Model
		config string
		want   pretrain.Stage
	}{
		{dbn(), `{"epochs":7,"k":3,"lr":0.02,"persistent":true,"draw":false}`, pretrain.Contrastive{CD: cd}},
		{dbn(), `{}`, pretrain.Contrastive{CD: pretrain.DefaultCD()}},
		{autoencoder(), `{"epochs":9,"lr":0.3,"noise":0,"tied":false,"loss":"mse"}`, pretrain.Autoencoding{Squared: true, Reconstruct: re}},
		{autoencoder(), `{}`, pretrain.Autoencoding{Tied: true, Reconstruct: pretrain.DefaultReconstruct()}},
		{lsuv(), `{"examples":50}`, measured},
	} {
		got, err := c.model.Stage(json.RawMessage(c.config))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.model.Name, c.config, diff)
		}
	}
	if _, err := dbn().Stage(json.RawMessage(`{"epoch":1}`)); err == nil {
		t.Error("an unknown parameter is no error")
	}
}

// strips are images 4 x 4 of two classes, a bright row and a bright column, at one of
// four places.
func strips() bench.Task {
	draw := func(n int, seed uint64) bench.Examples {
		e := bench.Examples{N: n}
		rng := rand.New(rand.NewPCG(seed, 1))
		for i := range n {
			x, at := make([]float64, 16), rng.IntN(4)
			for k := range 4 {
				if i%2 == 0 {
					x[4*at+k] = 1
				} else {
					x[4*k+at] = 1
				}
			}
			e.X, e.Labels = append(e.X, x...), append(e.Labels, int32(i%2))
		}
		return e
	}
	return bench.DefineTask(bench.Task{Name: "strips"}, struct{}{}, func(_ struct{}, seed uint64, _ string) (bench.Data, error) {
		return bench.Data{
			In: network.Shape{1, 4, 4}, Out: 2, Loss: loss.SoftmaxCrossEntropy,
			Goal:  bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
			Train: draw(200, seed), Valid: draw(20, seed+1), Test: draw(20, seed+2),
		}, nil
	})
}

// What the deep belief network imagines are strips of the class that it is asked for:
// nearer to one of the four than to any of the other class.
func TestImaginedImagesAreOfTheirClass(t *testing.T) {
	l := bench.Lists{Tasks: []bench.Task{strips()}, Models: All()}
	trial := bench.Trial{
		Task: bench.Part{Name: "strips", Config: json.RawMessage(`{}`)}, Seed: 3,
		Model: bench.Part{Name: "dbn", Config: json.RawMessage(`{"depth":2,"width":20,"epochs":50}`)},
	}
	s, ok, err := bench.Imagine(context.Background(), l, trial, "")
	if err != nil || !ok {
		t.Fatalf("ok %v, error %v", ok, err)
	}
	if len(s.Imagined) != 2 || s.Height != 4 || s.Width != 4 || len(s.Real[0]) == 0 {
		t.Fatalf("%d classes of %d x %d, %d real ones, want 2 of 4 x 4, and some", len(s.Imagined), s.Height, s.Width, len(s.Real[0]))
	}
	right, all := 0, 0
	for class, images := range s.Imagined {
		for _, x := range images {
			distance := [2]float64{math.Inf(1), math.Inf(1)}
			for at := range 4 {
				var d [2]float64
				for i, v := range x {
					for c, on := range []bool{i/4 == at, i%4 == at} {
						if on {
							v = 1 - v
						}
						d[c] += v * v
						if on {
							v = 1 - v
						}
					}
				}
				for c := range d {
					distance[c] = min(distance[c], d[c])
				}
			}
			all++
			if distance[class] < distance[1-class] {
				right++
			}
		}
	}
	if right < all*8/10 { // chance: a half
		t.Errorf("%d of %d images are of their class, want 8 of 10", right, all)
	}
}

func TestWhoImaginesNothing(t *testing.T) {
	l := bench.Lists{Tasks: []bench.Task{strips()}, Models: All()}
	for _, name := range []string{"plain", "autoencoder", "lsuv"} {
		_, ok, err := bench.Imagine(context.Background(), l, bench.Trial{
			Task: bench.Part{Name: "strips", Config: json.RawMessage(`{}`)}, Model: bench.Part{Name: name, Config: json.RawMessage(`{}`)},
		}, "")
		if ok || err != nil {
			t.Errorf("%s: %v, %v, want false and no error", name, ok, err)
		}
	}
	if _, _, err := bench.Imagine(context.Background(), l, bench.Trial{Model: bench.Part{Name: "dbm"}}, ""); err == nil {
		t.Error("an unknown model is no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := bench.Imagine(ctx, l, bench.Trial{
		Task: bench.Part{Name: "strips", Config: json.RawMessage(`{}`)}, Model: bench.Part{Name: "dbn", Config: json.RawMessage(`{}`)},
	}, ""); err == nil {
		t.Error("no error although it was interrupted")
	}
}

// Pretraining, which is charged, saves a network of 4 sigmoid layers of 16 units from
// its vanishing gradient: momentum then solves strips within a budget in which, from
// random weights, it stays at chance, a half.
func TestPretrainingSavesADeepNetwork(t *testing.T) {
	accuracy := func(m bench.Model, config string, seed uint64) float64 {
		r := bench.Runner{Lists: bench.Lists{
			Tasks: []bench.Task{strips()}, Models: []bench.Model{m}, Optimizers: []optimizers.Definition{gradient.Momentum},
		}}
		res, err := r.Trial(context.Background(), bench.Trial{
			Task: bench.Part{Name: "strips", Config: json.RawMessage(`{}`)}, Model: bench.Part{Name: m.Name, Config: json.RawMessage(config)},
			Optimizer: bench.Part{Name: gradient.Momentum.Name, Config: json.RawMessage(`{"lr":0.1}`)},
			Precision: "float64", GradCost: 3, Seed: seed, Batch: 20, Budget: bench.Budget{Work: 3e5},
		}, nil)
		if err != nil || res.Status != bench.Exhausted {
			t.Fatalf("%s: %s (%s), %v", m.Name, res.Status, res.Reason, err)
		}
		t.Logf("%s: %v", m.Name, res.Valid)
		return res.Valid.Value
	}
	for seed := range uint64(2) {
		if got := accuracy(plain(), `{"width":16}`, seed); got > 0.7 {
			t.Errorf("plain, seed %d: accuracy %g, want at most 0.7", seed, got)
		}
		for _, m := range []bench.Model{dbn(), autoencoder()} {
			if got := accuracy(m, `{"width":16,"epochs":200}`, seed); got < 0.9 {
				t.Errorf("%s, seed %d: accuracy %g, want 0.9", m.Name, seed, got)
			}
		}
	}
}
