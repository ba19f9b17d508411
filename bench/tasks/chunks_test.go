package tasks

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

func TestChunksAreTwoSequences(t *testing.T) {
	d, err := chunksConfig{Lag: 20, N: 2, Fresh: 2}.data(1, "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.In, network.Shape{21, 22}) || d.Out != 1 || d.Loss != loss.BinaryCrossEntropy {
		t.Errorf("%v to %d by %s, want (21, 22) to 1 by binary cross-entropy", d.In, d.Out, d.Loss)
	}
	for part, e := range map[string]bench.Examples{"train": d.Train, "valid": d.Valid, "test": d.Test} {
		if e.N != 2 || !slices.Equal(e.Y, []float64{0, 1}) {
			t.Errorf("%s: %d sequences, classes %v, want 2, one of each", part, e.N, e.Y)
		}
	}
	noisy, err := chunksConfig{Lag: 20, Noise: 0.1, N: 200, Fresh: 100}.data(1, "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := chunksConfig{Lag: 20, Noise: 0.1, N: 200, Fresh: 100}.data(2, "")
	if err != nil {
		t.Fatal(err)
	}
	if noisy.Train.N != 200 || noisy.Test.N != 100 || slices.Equal(noisy.Train.X, other.Train.X) || slices.Equal(noisy.Valid.X, noisy.Test.X) {
		t.Errorf("%d and %d sequences, want 200 and 100, others for each seed and part", noisy.Train.N, noisy.Test.N)
	}
	o, err := named(t, "chunks").New(json.RawMessage(`{"lag":3,"noise":0,"n":2,"fresh":2}`), setup(1, ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Constant().Value; got != 0.5 {
		t.Errorf("a constant has accuracy %g, want 0.5", got)
	}
	if goal := o.Goal(); goal.Target == nil || *goal.Target != 1 {
		t.Errorf("goal %+v, want accuracy 1", goal)
	}
}

func TestCornerBitIsBalanced(t *testing.T) {
	c := cornerConfig{N: 100, Size: 5, Fresh: 40, Goal: 0.95}
	d, err := c.data(1, "")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.In, network.Shape{1, 5, 5}) || d.Out != 1 || d.Train.N != 100 || d.Valid.N != 40 || d.Test.N != 40 {
		t.Errorf("%v to %d, %d, %d and %d examples", d.In, d.Out, d.Train.N, d.Valid.N, d.Test.N)
	}
	for i, y := range d.Train.Y {
		if (d.Train.X[i*25] > 0) != (y == 1) {
			t.Errorf("image %d begins with %g, class %g", i, d.Train.X[i*25], y)
		}
	}
	other, err := c.data(2, "")
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(d.Train.X, other.Train.X) || slices.Equal(d.Valid.X, d.Test.X) {
		t.Error("the images are those of another seed or part")
	}
	o, err := named(t, "corner-bit").New(json.RawMessage(`{"n":10,"fresh":10}`), setup(1, ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Constant().Value; got != 0.5 {
		t.Errorf("a constant has accuracy %g, want 0.5", got)
	}
}

// What optimizers are told includes what layers lose by themselves, whether they ask for
// the gradient or not, on any number of cores; and the gradient is the slope of it.
func TestLossIncludesWhatLayersLose(t *testing.T) {
	evaluate := func(threads int, need optimizers.Need, w ...[]float64) []optimizers.Evaluation {
		s := setup(1, "")
		s.Threads = threads
		s.Layers = func(_, out network.Shape) (network.Specs, error) {
			return network.Specs{network.Chunker{Levels: 2, Hidden: 3, Surprise: 0.95, Collapse: 0.5}, network.Dense{Out: out.Len()}}, nil
		}
		o, err := named(t, "chunks").New(json.RawMessage(`{"lag":4,"noise":0,"n":2,"fresh":2}`), s)
		if err != nil {
			t.Fatal(err)
		}
		if w == nil {
			w = [][]float64{o.Init()}
		}
		evals := make([]optimizers.Evaluation, len(w))
		o.Evaluate(need, w, 0, evals)
		if score := o.Score(w[0], bench.Valid).Loss; !(evals[0].Loss > score+1) {
			t.Errorf("loss %g, want it above that of the classes alone, %g, by that of the predictions", evals[0].Loss, score)
		}
		return evals
	}
	graded := evaluate(1, optimizers.NeedGrad)[0]
	for _, threads := range []int{1, 3} {
		if plain := evaluate(threads, optimizers.NeedLoss)[0].Loss; plain != graded.Loss {
			t.Errorf("%d threads: loss %g alone, want %g as with the gradient", threads, plain, graded.Loss)
		}
	}
	s := setup(1, "")
	s.Layers = func(_, out network.Shape) (network.Specs, error) {
		return network.Specs{network.Chunker{Levels: 1, Hidden: 3}, network.Dense{Out: out.Len()}}, nil
	}
	o, err := named(t, "chunks").New(json.RawMessage(`{"lag":4,"noise":0,"n":2,"fresh":2}`), s)
	if err != nil {
		t.Fatal(err)
	}
	w := o.Init()
	evals := make([]optimizers.Evaluation, 1)
	o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 0, evals)
	grad := slices.Clone(evals[0].Grad)
	for i := range w {
		const h = 1e-5
		old := w[i]
		w[i] = old + h
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
		above := evals[0].Loss
		w[i] = old - h
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
		w[i] = old
		if slope := (above - evals[0].Loss) / (2 * h); !(math.Abs(grad[i]-slope) <= 1e-6*max(1e-3, math.Abs(slope))) {
			t.Errorf("gradient of weight %d is %g, want the slope %g", i, grad[i], slope)
		}
	}
}
