package pretrain

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

func sigmoidNet(hidden ...int) network.Specs {
	s := network.Specs{network.Flatten{}}
	for _, h := range hidden {
		s = append(s, network.Dense{Out: h}, network.Activation{Func: "sigmoid"})
	}
	return append(s, network.Dense{Out: 2})
}

func build(t *testing.T, in network.Shape, specs network.Specs) *network.Network[float64] {
	t.Helper()
	n, err := network.New[float64](in, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// stages are all of them, with settings for a fast test.
func stages() map[string]Stage {
	cd := DefaultCD()
	cd.Epochs = 3
	re := DefaultReconstruct()
	re.Epochs = 3
	return map[string]Stage{
		"contrastive": Contrastive{cd}, "autoencoding": Autoencoding{Reconstruct: re},
		"tied": Autoencoding{Tied: true, Squared: true, Reconstruct: re}, "lsuv": DefaultLSUV(),
	}
}

// 4 inputs, 3 and 5 hidden units, 2 outputs: 12 + 15 + 10 multiply-adds a pass.
func TestStagesAreCharged(t *testing.T) {
	const m, n = 12 + 15 + 10, 40
	specs, in := sigmoidNet(3, 5), network.Shape{2, 2}
	w := build(t, in, specs).Init(seeded(1))
	x := make([]float64, 4*n)
	for i := range x {
		x[i] = float64(i * i % 7 % 2)
	}
	passes := func(multiplyAdds int) int64 { return int64(math.Ceil(float64(multiplyAdds) / m)) }
	for _, c := range []struct {
		stage Stage
		want  int64
	}{
		// (3+2k) D H an example and epoch, and 12 to hand it on once.
		{Contrastive{CD{K: 1, Epochs: 3, Batch: 10}}, passes(n * (3*5*(12+15) + 12))},
		{Contrastive{CD{K: 4, Epochs: 2, Batch: 15, Persistent: true}}, passes(n * (2*11*(12+15) + 12))},
		{Autoencoding{Reconstruct: Reconstruct{Epochs: 2, Batch: 7}}, passes(n * (2*5*(12+15) + 12))},
	} {
		cost, err := c.stage.Cost(in, specs, n)
		if err != nil {
			t.Fatal(err)
		}
		spent, err := c.stage.Run(context.Background(), in, specs, slices.Clone(w), x, seeded(2))
		if err != nil {
			t.Fatal(err)
		}
		if cost != c.want || spent != c.want {
			t.Errorf("%+v: cost %d, spent %d, want %d", c.stage, cost, spent, c.want)
		}
	}
	// LSUV forwards each layer at least twice: to measure it, and again when scaled.
	lsuv := LSUV{Examples: 30, Tolerance: 0, Tries: 4}
	cost, err := lsuv.Cost(in, specs, n)
	if err != nil {
		t.Fatal(err)
	}
	spent, err := lsuv.Run(context.Background(), in, specs, w, x, seeded(2))
	if err != nil {
		t.Fatal(err)
	}
	if cost != 5*30 || spent < 2*30 || spent > cost {
		t.Errorf("LSUV: cost %d, want %d; spent %d, want from %d on", cost, 5*30, spent, 2*30)
	}
}

// After LSUV the pre-activations of every layer have a variance of 1, to its
// tolerance, whatever the activations, the depth and the inputs.
func TestUnitVarianceInEveryLayer(t *testing.T) {
	rng := seeded(1)
	x := make([]float64, 300*6)
	for i := range x {
		x[i] = 3*rng.NormFloat64() + 1
	}
	for _, activation := range []string{"sigmoid", "tanh", "relu"} {
		specs := network.Specs{}
		for range 12 {
			specs = append(specs, network.Dense{Out: 20, Init: "orthogonal"}, network.Activation{Func: activation})
		}
		specs = append(specs, network.Dense{Out: 3, Init: "orthogonal"})
		in := network.Shape{6}
		net := build(t, in, specs)
		w := net.Init(seeded(2))
		s := DefaultLSUV()
		s.Examples = 0
		if _, err := s.Run(context.Background(), in, specs, w, x, seeded(3)); err != nil {
			t.Fatal(err)
		}
		v := network.NewTensor[float64](in, 300)
		columns(v, x)
		o := &variances{}
		net.Watch(o)
		net.Forward(network.Pass{Mode: network.Train}, w, v)
		if len(o.of) != 13 {
			t.Fatalf("%s: %d dense layers seen, want 13", activation, len(o.of))
		}
		for l, got := range o.of {
			near(t, activation+": variance of a layer", got, 1, 0.1)
			_ = l
		}
		for _, b := range net.Blocks() {
			if b.FanIn == 0 && slices.ContainsFunc(w[b.Off:][:b.Len], func(v float64) bool { return v != 0 }) {
				t.Errorf("%s: %s has changed, want biases of 0", activation, b.Name)
			}
		}
	}
}

// variances of the outputs of dense layers, by the book.
type variances struct{ of []float64 }

func (o *variances) Forward(l network.Layer, _ []float64, _, y network.Tensor[float64]) {
	if _, ok := l.Spec.(network.Dense); !ok {
		return
	}
	var n, sum, squares float64
	for i := range y.Shape.Len() {
		for _, v := range y.Row(i) {
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	o.of = append(o.of, squares/n-sum/n*sum/n)
}

func (*variances) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// A stage changes the hidden layers and leaves the output layer to supervision, and
// equal seeds give equal bits.
func TestStagesAreRepeatableAndLeaveTheOutputLayer(t *testing.T) {
	specs, in := sigmoidNet(5, 4), network.Shape{6}
	net := build(t, in, specs)
	w := net.Init(seeded(1))
	rng := seeded(2)
	unit, real := make([]float64, 6*50), make([]float64, 6*50)
	for i := range unit {
		unit[i], real[i] = rng.Float64(), 5*rng.NormFloat64()+2
	}
	for name, s := range stages() {
		for what, x := range map[string][]float64{"from 0 to 1": unit, "real": real} {
			before := slices.Clone(x)
			a, b := slices.Clone(w), slices.Clone(w)
			for _, to := range [][]float64{a, b} {
				if _, err := s.Run(context.Background(), in, specs, to, x, seeded(3)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if !slices.Equal(a, b) {
				t.Errorf("%s, inputs %s: the same seed gives other weights", name, what)
			}
			if !slices.Equal(x, before) {
				t.Errorf("%s: the inputs have changed", name)
			}
			for _, block := range net.Blocks() {
				same := slices.Equal(w[block.Off:][:block.Len], a[block.Off:][:block.Len])
				output := block.Off >= net.Dim()-5*2
				if name != "lsuv" && same != output {
					t.Errorf("%s, inputs %s: block %s the same: %v, want %v", name, what, block.Name, same, output)
				}
			}
			for i, v := range a {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%s, inputs %s: weight %d is %g", name, what, i, v)
				}
			}
		}
	}
}

// What a stage has learned of standardised inputs holds for the inputs as they are.
func TestStandardisingIsUndone(t *testing.T) {
	x := []float64{5, 100, 7, 100, 6, 100, 10, 100}
	y, s := standardise(x, 2)
	w, c := []float64{0.5, -2, 3, 1}, []float64{0.25, -1}
	want := sigmoidLayer(y, 2, 2, w, c)
	s.undo(w, c)
	for i, got := range sigmoidLayer(x, 2, 2, w, c) {
		near(t, "feature", got, want[i], 1e-14)
	}
	for i := range 4 {
		if y[2*i+1] != 0 {
			t.Errorf("a constant input becomes %g, want 0", y[2*i+1])
		}
	}
	if z, s := standardise([]float64{0, 1, 0.5}, 1); s != nil || z[2] != 0.5 {
		t.Error("inputs from 0 to 1 are scaled, want them as they are")
	}
}

func TestNetworksThatStagesCannotHelpAreErrors(t *testing.T) {
	for _, specs := range []network.Specs{
		{network.Conv{Channels: 2, Kernel: 2}, network.Flatten{}, network.Dense{Out: 2}},
		{network.Flatten{}},
		{network.Flatten{}, network.Dense{Out: 3}, network.Dense{Out: 2}},
		{network.Flatten{}, network.Dense{Out: 3, NoBias: true}, network.Activation{Func: "sigmoid"}, network.Dense{Out: 2}},
		{network.Flatten{}, network.Dense{Out: 3}, network.Activation{Func: "tanh"}, network.Dense{Out: 2}},
	} {
		for name, s := range stages() {
			if name == "lsuv" && len(specs) > 2 && specs[0] == (network.Flatten{}) {
				continue // any dense layers do
			}
			_, err := s.Cost(network.Shape{1, 4, 4}, specs, 10)
			if err == nil {
				t.Errorf("%s of %v: no error, want one", name, specs)
			}
		}
	}
}

func TestStagesStopWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	specs, in := sigmoidNet(5, 4), network.Shape{6}
	for name, s := range stages() {
		w := build(t, in, specs).Init(seeded(1))
		if _, err := s.Run(ctx, in, specs, w, make([]float64, 60), seeded(1)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want %v", name, err, context.Canceled)
		}
	}
}

// Without hidden layers there is nothing to pretrain, and nothing to pay.
func TestNothingToPretrain(t *testing.T) {
	specs, in := network.Specs{network.Dense{Out: 2}}, network.Shape{6}
	w := build(t, in, specs).Init(seeded(1))
	before := slices.Clone(w)
	for _, s := range []Stage{Contrastive{DefaultCD()}, Autoencoding{Reconstruct: DefaultReconstruct()}} {
		spent, err := s.Run(context.Background(), in, specs, w, make([]float64, 60), seeded(1))
		if err != nil || spent != 0 || !slices.Equal(w, before) {
			t.Errorf("%T: spent %d, error %v, changed %v; want nothing of it", s, spent, err, !slices.Equal(w, before))
		}
	}
}
