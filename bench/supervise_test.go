package bench_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// blobs are n examples of three classes in the plane, in train, validation and
// test parts of n, n/2 and n/3 examples.
func blobs(n int) bench.Data {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) bench.Examples {
		e := bench.Examples{N: n}
		for range n {
			c := r.IntN(3)
			e.Labels = append(e.Labels, int32(c))
			e.X = append(e.X, float64(c)+0.3*r.NormFloat64(), float64(c*c)+0.3*r.NormFloat64())
		}
		return e
	}
	return bench.Data{
		In: network.Shape{2}, Out: 3, Loss: loss.SoftmaxCrossEntropy,
		Goal:  bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
		Train: draw(n), Valid: draw(n / 2), Test: draw(n / 3),
	}
}

func mlp(norm bool) func(_, _ network.Shape) (network.Specs, error) { return hidden(5, norm) }

func hidden(units int, norm bool) func(_, _ network.Shape) (network.Specs, error) {
	return func(_, out network.Shape) (network.Specs, error) {
		specs := network.Specs{network.Dense{Out: units}}
		if norm {
			specs = append(specs, network.BatchNorm{})
		}
		return append(specs, network.Activation{Func: "tanh"}, network.Dense{Out: out.Len()}), nil
	}
}

func supervise(t *testing.T, d bench.Data, s bench.Setup) bench.Objective {
	t.Helper()
	if s.Layers == nil {
		s.Layers = mlp(false)
	}
	if s.Precision == "" {
		s.Precision = "float64"
	}
	o, err := bench.Supervise(d, s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The loss is the mean of -log softmax over the whole minibatch, whatever the
// panels; computed here example by example, from the weights alone.
func TestLossIsTheMeanOverTheMinibatch(t *testing.T) {
	d := blobs(301) // not a multiple of the panel
	o := supervise(t, d, bench.Setup{})
	w := o.Init()
	for i := range w {
		w[i] += 0.1 * float64(i%7)
	}
	evals := make([]optimizers.Evaluation, 1)
	o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
	want := 0.0
	for i := range d.Train.N {
		z := forward(w, d.Train.X[2*i:2*i+2])
		sum := 0.0
		for _, v := range z {
			sum += math.Exp(v)
		}
		want += math.Log(sum) - z[d.Train.Labels[i]]
	}
	want /= float64(d.Train.N)
	if math.Abs(evals[0].Loss-want) > 1e-13*want {
		t.Errorf("loss %.17g, want %.17g", evals[0].Loss, want)
	}
}

// forward is the 2-5-3 tanh network by the book.
func forward(w, x []float64) (z [3]float64) {
	var h [5]float64
	for i := range h {
		h[i] = math.Tanh(w[2*i]*x[0] + w[2*i+1]*x[1] + w[10+i])
	}
	for c := range z {
		z[c] = w[30+c]
		for i, v := range h {
			z[c] += w[15+5*c+i] * v
		}
	}
	return z
}

func TestGradientIsThatOfTheLoss(t *testing.T) {
	for _, norm := range []bool{false, true} {
		o := supervise(t, blobs(150), bench.Setup{Batch: 70, Layers: mlp(norm)})
		w := o.Init()
		evals := make([]optimizers.Evaluation, 1)
		loss := func(w []float64) float64 {
			o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 3, evals)
			return evals[0].Loss
		}
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 3, evals)
		atW, grad := evals[0].Loss, slices.Clone(evals[0].Grad)
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 3, evals)
		if !slices.Equal(evals[0].Grad, grad) {
			t.Errorf("norm %v: the gradient differs the second time", norm)
		}
		if got := loss(w); got != atW {
			t.Errorf("loss %.17g alone and %.17g with its gradient, want the same bits", got, atW)
		}
		for i := range w {
			const h = 1e-5
			v := slices.Clone(w)
			v[i] += h
			up := loss(v)
			v[i] -= 2 * h
			want := (up - loss(v)) / (2 * h)
			if math.Abs(grad[i]-want) > 1e-8 {
				t.Errorf("norm %v: gradient %d = %g, want %g", norm, i, grad[i], want)
			}
		}
	}
}

// A network whose examples influence each other sees its minibatch whole.
func TestBatchStatisticsAreThoseOfTheWholeMinibatch(t *testing.T) {
	d := blobs(150)
	o := supervise(t, d, bench.Setup{Layers: mlp(true)})
	specs, err := mlp(true)(d.In, d.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	net, err := network.New[float64](d.In, specs...)
	if err != nil {
		t.Fatal(err)
	}
	x := network.NewTensor[float64](d.In, d.Train.N)
	for n := range d.Train.N {
		x.Row(0)[n], x.Row(1)[n] = d.Train.X[2*n], d.Train.X[2*n+1]
	}
	w := o.Init()
	z := net.Forward(network.Pass{Mode: network.Train}, w, x)
	want := 0.0
	for n := range d.Train.N {
		sum := 0.0
		for c := range d.Out {
			sum += math.Exp(z.Row(c)[n])
		}
		want += math.Log(sum) - z.Row(int(d.Train.Labels[n]))[n]
	}
	want /= float64(d.Train.N)
	evals := make([]optimizers.Evaluation, 1)
	o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
	if math.Abs(evals[0].Loss-want) > 1e-13 {
		t.Errorf("loss %.16g, want %.16g", evals[0].Loss, want)
	}
	// Before they are scored, the statistics are fixed on training data; these
	// are few, so on all of them. With the biased variance the outputs would be
	// those above, and n/(n-1) is the only difference.
	d.Valid = d.Train
	if got := supervise(t, d, bench.Setup{Layers: mlp(true)}).Score(w, bench.Valid).Loss; got == want || math.Abs(got-want) > 0.01*want {
		t.Errorf("validation loss on the training data %g, want about %g", got, want)
	}
}

// The same bits for any number of cores, of losses, gradients and scores, and
// at both precisions, with and without batch statistics. The large network has
// several panels to a slab, which only a population is evaluated in.
func TestSameBitsForAnyNumberOfThreads(t *testing.T) {
	for _, precision := range []string{"float64", "float32"} {
		for name, layers := range map[string]func(_, _ network.Shape) (network.Specs, error){
			"small": mlp(false), "with batch statistics": hidden(500, true), "large": hidden(500, false),
		} {
			for _, batch := range []int{0, 200} {
				want := threeSteps(t, bench.Setup{Batch: batch, Layers: layers, Precision: precision, Threads: 1})
				for _, threads := range []int{2, 3, 8} {
					got := threeSteps(t, bench.Setup{Batch: batch, Layers: layers, Precision: precision, Threads: threads})
					if !slices.Equal(got, want) {
						t.Errorf("%s, %s, batch %d: %d threads differ from 1", precision, name, batch, threads)
					}
				}
			}
		}
	}
}

// threeSteps is every number that three steps give.
func threeSteps(t *testing.T, s bench.Setup) (all []float64) {
	t.Helper()
	o := supervise(t, blobs(333), s)
	w := o.Init()
	for step := range 3 {
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, step, evals)
		all = append(append(all, evals[0].Loss), evals[0].Grad...)
		for _, n := range []int{1, 2, 11} {
			many := make([]optimizers.Evaluation, n)
			o.Evaluate(optimizers.NeedLoss, slices.Repeat([][]float64{w}, n), step, many)
			for _, e := range many {
				if e.Loss != evals[0].Loss {
					t.Errorf("%d candidates, %d threads: loss %.17g, want %.17g as with the gradient", n, s.Threads, e.Loss, evals[0].Loss)
				}
			}
		}
		score := o.Score(w, bench.Valid)
		all = append(all, score.Loss, score.Value)
		for i, g := range evals[0].Grad {
			w[i] -= 0.5 * g
		}
	}
	return all
}

// An epoch shows every example once; epochs differ; a step's minibatch depends
// on the step alone, not on what was evaluated before.
func TestMinibatches(t *testing.T) {
	d := blobs(60)
	for i := range d.Train.N { // the example's number is its input
		d.Train.X[2*i], d.Train.X[2*i+1], d.Train.Labels[i] = float64(i), 0, 0
	}
	const batch = 7
	seen := make(map[int][]float64) // losses by step
	o := supervise(t, d, bench.Setup{Batch: batch, Seed: 5})
	// One linear probe: the loss of a network whose only active weight makes
	// the loss strictly increasing in the input, so that sums tell batches
	// apart.
	w := make([]float64, len(o.Init()))
	w[0], w[15] = 1e-3, -1
	at := func(o bench.Objective, step int) float64 {
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, step, evals)
		return evals[0].Loss
	}
	for step := range 60 {
		seen[step] = append(seen[step], at(o, step))
	}
	fresh := supervise(t, d, bench.Setup{Batch: batch, Seed: 5, Threads: 3})
	for _, step := range []int{59, 3, 17, 4, 0, 30} {
		if got := at(fresh, step); got != seen[step][0] {
			t.Errorf("step %d: another minibatch when steps are visited in another order", step)
		}
	}
	// 60 steps of 7 are 7 epochs of 60: each epoch's mean is that of all.
	total := 0.0
	for step := range 60 {
		total += seen[step][0]
	}
	all := at(supervise(t, d, bench.Setup{}), 0)
	if got := total / 60; math.Abs(got-all) > 1e-12 {
		t.Errorf("mean over seven epochs %.15g, want that of all examples, %.15g", got, all)
	}
	// 3 steps of 20 are an epoch: the next is in another order.
	third := supervise(t, d, bench.Setup{Batch: 20, Seed: 5})
	if at(third, 0) == at(third, 3) || at(third, 3) == at(third, 6) {
		t.Error("two epochs are in the same order")
	}
	if other := supervise(t, d, bench.Setup{Batch: batch, Seed: 6}); at(other, 0) == seen[0][0] {
		t.Error("another seed has the same first minibatch")
	}
}

// The targets of a regression come along: two minibatches of 130, which are more
// than a panel, are the whole.
func TestMinibatchesOfRegression(t *testing.T) {
	d := blobs(260)
	d.Loss, d.Goal.Metric = loss.MSE, bench.Metric{Name: "rmse"}
	for _, e := range []*bench.Examples{&d.Train, &d.Valid, &d.Test} {
		for i := range e.N {
			x := e.X[2*i:]
			e.Y = append(e.Y, x[0]+x[1], x[0]*x[1], float64(e.Labels[i]))
		}
		e.Labels = nil
	}
	for _, layers := range []func(_, _ network.Shape) (network.Specs, error){mlp(false), hidden(500, false)} {
		evals := make([]optimizers.Evaluation, 1)
		at := func(o bench.Objective, step int) float64 {
			o.Evaluate(optimizers.NeedLoss, [][]float64{o.Init()}, step, evals)
			return evals[0].Loss
		}
		half := supervise(t, d, bench.Setup{Batch: 130, Layers: layers})
		got, want := (at(half, 0)+at(half, 1))/2, at(supervise(t, d, bench.Setup{Layers: layers}), 0)
		if math.Abs(got-want) > 1e-13*want {
			t.Errorf("mean loss of two halves %.17g, want that of the whole, %.17g", got, want)
		}
	}
}

func TestAutoBatch(t *testing.T) {
	for n, want := range map[int]int{bench.AutoBatchLimit: bench.AutoBatchLimit, bench.AutoBatchLimit + 1: bench.AutoBatchSize} {
		if got := supervise(t, blobs(n), bench.Setup{Batch: bench.AutoBatch}).Batch(); got != want {
			t.Errorf("%d examples: batch %d, want %d", n, got, want)
		}
	}
	if got := supervise(t, blobs(50), bench.Setup{Batch: 1000}).Batch(); got != 50 {
		t.Errorf("batch %d of 50 examples", got)
	}
}

func TestScores(t *testing.T) {
	d := blobs(200)
	o := supervise(t, d, bench.Setup{})
	w := o.Init()
	for i := range w {
		w[i] *= 3
	}
	right, sum := 0, 0.0
	for i := range d.Test.N {
		z := forward(w, d.Test.X[2*i:2*i+2])
		best, exp := 0, 0.0
		for c, v := range z {
			exp += math.Exp(v)
			if v > z[best] {
				best = c
			}
		}
		if best == int(d.Test.Labels[i]) {
			right++
		}
		sum += math.Log(exp) - z[d.Test.Labels[i]]
	}
	got := o.Score(w, bench.Test)
	if want := float64(right) / float64(d.Test.N); got.Value != want {
		t.Errorf("accuracy %g, want %g", got.Value, want)
	}
	if want := sum / float64(d.Test.N); math.Abs(got.Loss-want) > 1e-12 {
		t.Errorf("loss %g, want %g", got.Loss, want)
	}
	w[0] = math.NaN()
	if got := o.Score(w, bench.Test); !math.IsInf(got.Loss, 1) || got.Value != 0 {
		t.Errorf("score of NaN weights %+v, want +Inf and nothing right", got)
	}
}

func TestConstantPredictor(t *testing.T) {
	// Two thirds of class 1 in training; half in test.
	d := bench.Data{
		In: network.Shape{1}, Out: 1, Loss: loss.BinaryCrossEntropy,
		Goal:  bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
		Train: bench.Examples{N: 3, X: []float64{0, 0, 0}, Y: []float64{1, 1, 0}},
		Valid: bench.Examples{N: 1, X: []float64{0}, Y: []float64{1}},
		Test:  bench.Examples{N: 2, X: []float64{0, 0}, Y: []float64{1, 0}},
	}
	got := supervise(t, d, bench.Setup{}).Constant()
	if want := -(math.Log(2./3) + math.Log(1./3)) / 2; math.Abs(got.Loss-want) > 1e-15 || got.Value != 0.5 {
		t.Errorf("binary: %+v, want loss %g and accuracy 0.5", got, want)
	}
	d.Train.Y, d.Test = []float64{1, 0, 0}, bench.Examples{N: 4, X: make([]float64, 4), Y: []float64{0, 0, 0, 1}}
	if got := supervise(t, d, bench.Setup{}).Constant(); got.Value != 0.75 {
		t.Errorf("binary: accuracy %g of always class 0, want 0.75", got.Value)
	}
	d.Test = bench.Examples{N: 2, X: []float64{0, 0}}
	// Training mean 2; test errors 1 and -3: mse 5.
	d.Loss, d.Goal.Metric, d.Scale = loss.MSE, bench.Metric{Name: "rmse"}, 10
	d.Train.Y, d.Test.Y = []float64{1, 2, 3}, []float64{1, 5}
	got = supervise(t, d, bench.Setup{}).Constant()
	if math.Abs(got.Loss-5) > 1e-15 || math.Abs(got.Value-10*math.Sqrt(5)) > 1e-13 {
		t.Errorf("regression: %+v, want loss 5 and rmse %g", got, 10*math.Sqrt(5))
	}
	// Softmax: classes 0, 0, 1, 2 in training.
	s := blobs(12)
	s.Train = bench.Examples{N: 4, X: make([]float64, 8), Labels: []int32{0, 0, 1, 2}}
	s.Test = bench.Examples{N: 2, X: make([]float64, 4), Labels: []int32{0, 1}}
	got = supervise(t, s, bench.Setup{}).Constant()
	if want := (math.Log(2) + math.Log(4)) / 2; math.Abs(got.Loss-want) > 1e-15 || got.Value != 0.5 {
		t.Errorf("softmax: %+v, want loss %g and accuracy 0.5", got, want)
	}
}

func TestSuperviseRefusesWhatItCannotRun(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*bench.Data, *bench.Setup)
		want  string
	}{
		{"empty part", func(d *bench.Data, _ *bench.Setup) { d.Test = bench.Examples{} }, "test data: no examples"},
		{"short inputs", func(d *bench.Data, _ *bench.Setup) { d.Train.X = d.Train.X[1:] }, "train data: 19 input values, want 20"},
		{"label", func(d *bench.Data, _ *bench.Setup) { d.Valid.Labels[1] = 3 }, "valid data: label 3 of example 1, want 0 to 2"},
		{"metric", func(d *bench.Data, _ *bench.Setup) { d.Goal.Metric.Name = "rmse" }, `metric "rmse" cannot be computed`},
		{"precision", func(_ *bench.Data, s *bench.Setup) { s.Precision = "float16" }, `precision "float16", want float64 or float32`},
		{"one example and batch norm", func(_ *bench.Data, s *bench.Setup) { s.Batch, s.Layers = 1, mlp(true) }, "a minibatch of 1, want at least 2"},
		{"output", func(_ *bench.Data, s *bench.Setup) {
			s.Layers = func(_, _ network.Shape) (network.Specs, error) { return network.Specs{network.Dense{Out: 4}}, nil }
		}, "output has shape (4), want (3)"},
	} {
		d, s := blobs(10), bench.Setup{Layers: mlp(false), Precision: "float64"}
		tt.spoil(&d, &s)
		if _, err := bench.Supervise(d, s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestFloat32AgreesWithFloat64(t *testing.T) {
	d := blobs(100)
	var losses [2]float64
	var grads [2][]float64
	for i, precision := range []string{"float64", "float32"} {
		o := supervise(t, d, bench.Setup{Precision: precision})
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedGrad, [][]float64{o.Init()}, 0, evals)
		losses[i], grads[i] = evals[0].Loss, evals[0].Grad
	}
	if rel := math.Abs(losses[0]/losses[1] - 1); rel == 0 || rel > 1e-6 {
		t.Errorf("losses %g and %g differ by %g, want a little, at most 1e-6", losses[0], losses[1], rel)
	}
	for i := range grads[0] {
		if math.Abs(grads[0][i]-grads[1][i]) > 1e-6 {
			t.Errorf("gradient %d: %g and %g", i, grads[0][i], grads[1][i])
		}
	}
}

// A step allocates nothing but what starting goroutines takes.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for _, need := range []optimizers.Need{optimizers.NeedLoss, optimizers.NeedGrad} {
		for _, precision := range []string{"float64", "float32"} {
			o := supervise(t, blobs(200), bench.Setup{Batch: 100, Precision: precision, Threads: 1})
			w := o.Init()
			evals, candidates := make([]optimizers.Evaluation, 2), [][]float64{w, w}
			step := 0
			run := func() { o.Evaluate(need, candidates, step, evals); step++ }
			run()
			// A new epoch's order takes one generator.
			if n := testing.AllocsPerRun(50, run); n > 3 {
				t.Errorf("need %v, %s: %v allocations a step, want at most 3", need, precision, n)
			}
		}
	}
}
