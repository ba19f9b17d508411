package bench_test

import (
	"fmt"
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

const (
	seqSteps, seqIn = 6, 2
	seqOut          = 3
)

// kinds of sequence problems: a loss, whether there is a target at every step, whether
// some steps have none, and whether sequences are of different lengths.
type kind struct {
	loss                    loss.Kind
	perStep, masked, ragged bool
}

func (k kind) String() string {
	return fmt.Sprintf("%s, per step %t, masked %t, ragged %t", k.loss, k.perStep, k.masked, k.ragged)
}

func kinds() []kind {
	var all []kind
	for _, ragged := range []bool{false, true} {
		for _, l := range []loss.Kind{loss.SoftmaxCrossEntropy, loss.BinaryCrossEntropy, loss.MSE} {
			all = append(all, kind{l, false, false, ragged}, kind{l, true, false, ragged}, kind{l, true, true, ragged})
		}
		all = append(all, kind{loss.CTC, true, false, ragged})
	}
	return all
}

// data are n, n/2 and n/3 random sequences.
func (k kind) data(n int) bench.Data {
	r := rand.New(rand.NewPCG(11, uint64(n)))
	d := bench.Data{In: network.Shape{seqSteps, seqIn}, Out: seqOut, Loss: k.loss, Goal: bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}}}
	switch k.loss {
	case loss.BinaryCrossEntropy:
		d.Out = 1
	case loss.MSE:
		d.Goal.Metric = bench.Metric{Name: "rmse"}
	case loss.CTC:
		d.Goal.Metric = bench.Metric{Name: "label-error-rate"}
	}
	if k.perStep {
		d.Steps = seqSteps
	}
	targets := max(1, d.Steps)
	draw := func(n int) bench.Examples {
		e := bench.Examples{N: n}
		for range n {
			steps := seqSteps
			if k.ragged {
				steps = 3 + r.IntN(seqSteps-2)
				e.Lens = append(e.Lens, steps)
			}
			for t := range seqSteps {
				for range seqIn {
					v := r.NormFloat64()
					if t >= steps {
						v = 0
					}
					e.X = append(e.X, v)
				}
			}
			if k.loss == loss.CTC {
				labels := []int32{int32(1 + r.IntN(2)), int32(1 + r.IntN(2))}
				e.Labels, e.LabelLens = append(e.Labels, labels...), append(e.LabelLens, r.IntN(3))
				continue
			}
			for t := range targets {
				if k.loss == loss.SoftmaxCrossEntropy {
					e.Labels = append(e.Labels, int32(r.IntN(seqOut)))
				} else {
					for range d.Out {
						e.Y = append(e.Y, float64(r.IntN(2)))
					}
				}
				if k.masked {
					w := float64(r.IntN(3))
					if t == 0 {
						w = 1
					}
					if t >= steps {
						w = 0
					}
					e.Weights = append(e.Weights, w)
				}
			}
		}
		return e
	}
	d.Train, d.Valid, d.Test = draw(n), draw(n/2), draw(n/3)
	return d
}

// recurrent wires an LSTM and the output layer that is asked for.
func recurrent(hidden int) func(_, out network.Shape) (network.Specs, error) {
	return func(_, out network.Shape) (network.Specs, error) {
		if len(out) == 2 {
			return network.Specs{network.LSTM{Hidden: hidden}, network.TimeDense{Out: out[1]}}, nil
		}
		return network.Specs{network.LSTM{Hidden: hidden}, network.Last{}, network.Dense{Out: out[0]}}, nil
	}
}

// stepLoss is the loss of logits z by the book.
func stepLoss(d bench.Data, e bench.Examples, z []float64, at int) float64 {
	total := 0.0
	switch d.Loss {
	case loss.SoftmaxCrossEntropy:
		for _, v := range z {
			total += math.Exp(v)
		}
		return math.Log(total) - z[e.Labels[at]]
	case loss.BinaryCrossEntropy:
		return math.Log1p(math.Exp(z[0])) - e.Y[at]*z[0]
	}
	for c, v := range z {
		total += (v - e.Y[at*d.Out+c]) * (v - e.Y[at*d.Out+c]) / float64(d.Out)
	}
	return total
}

// The loss of a minibatch is the mean over its sequences of the weighted means over
// their steps, each computed here alone and cut to its length.
func TestLossOfSequences(t *testing.T) {
	for _, k := range kinds() {
		d := k.data(150)
		o := supervise(t, d, bench.Setup{Layers: recurrent(4)})
		w := o.Init()
		want := 0.0
		for i := range d.Train.N {
			steps := seqSteps
			if k.ragged {
				steps = d.Train.Lens[i]
			}
			outputs := network.Shape{d.Out}
			if k.perStep {
				outputs = network.Shape{steps, d.Out}
			}
			specs, err := recurrent(4)(nil, outputs)
			if err != nil {
				t.Fatal(err)
			}
			net, err := network.New[float64](network.Shape{steps, seqIn}, specs...)
			if err != nil {
				t.Fatal(err)
			}
			x := network.NewTensor[float64](net.In(), 1)
			copy(x.Data, d.Train.X[i*seqSteps*seqIn:])
			z := net.Forward(network.Pass{}, w, x)
			switch {
			case k.loss == loss.CTC:
				one := []float64{0}
				loss.Evaluate(loss.CTC, one, nil, z.Data, 1, d.Out, 1, loss.Target[float64]{
					Steps: steps, Stride: 1, Labels: d.Train.Labels[2*i : 2*i+2],
					Lens: []int32{int32(steps)}, LabelLens: []int32{int32(d.Train.LabelLens[i])},
				}, 1)
				want += one[0]
			case k.perStep:
				sum, weights := 0.0, 0.0
				for s := range steps {
					weight := 1.0
					if k.masked {
						weight = d.Train.Weights[i*seqSteps+s]
					}
					sum += weight * stepLoss(d, d.Train, z.Data[s*d.Out:][:d.Out], i*seqSteps+s)
					weights += weight
				}
				want += sum / weights
			default:
				want += stepLoss(d, d.Train, z.Data, i)
			}
		}
		want /= float64(d.Train.N)
		evals := make([]optimizers.Evaluation, 1)
		o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 0, evals)
		if !(math.Abs(evals[0].Loss-want) <= 1e-12*want) {
			t.Errorf("%v: loss %.16g, want %.16g", k, evals[0].Loss, want)
		}
	}
}

func TestGradientOfSequences(t *testing.T) {
	for _, k := range kinds() {
		o := supervise(t, k.data(150), bench.Setup{Batch: 70, Layers: recurrent(3)})
		w := o.Init()
		evals := make([]optimizers.Evaluation, 1)
		at := func(w []float64) float64 {
			o.Evaluate(optimizers.NeedLoss, [][]float64{w}, 3, evals)
			return evals[0].Loss
		}
		o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 3, evals)
		grad := slices.Clone(evals[0].Grad)
		for i := 0; i < len(w); i += 3 {
			const h = 1e-5
			v := slices.Clone(w)
			v[i] += h
			up := at(v)
			v[i] -= 2 * h
			want := (up - at(v)) / (2 * h)
			if !(math.Abs(grad[i]-want) < 1e-8) {
				t.Errorf("%v: gradient %d = %g, want %g", k, i, grad[i], want)
			}
		}
	}
}

// The same bits of losses, gradients and scores for any number of cores and size of
// the population; the larger network has several panels to a slab.
func TestSequencesSameBitsForAnyNumberOfThreads(t *testing.T) {
	for _, precision := range []string{"float64", "float32"} {
		for _, k := range kinds() {
			if !k.ragged {
				continue
			}
			for _, hidden := range []int{2, 40} {
				var want []float64
				for _, threads := range []int{1, 2, 3} {
					o := supervise(t, k.data(200), bench.Setup{Batch: 150, Layers: recurrent(hidden), Precision: precision, Threads: threads})
					w := o.Init()
					var got []float64
					for step := range 2 {
						evals := make([]optimizers.Evaluation, 1)
						o.Evaluate(optimizers.NeedGrad, [][]float64{w}, step, evals)
						got = append(append(got, evals[0].Loss), evals[0].Grad...)
						many := make([]optimizers.Evaluation, 5)
						o.Evaluate(optimizers.NeedLoss, slices.Repeat([][]float64{w}, 5), step, many)
						for _, e := range many {
							if e.Loss != evals[0].Loss {
								t.Fatalf("%v, %s: loss %v of a population, want %v as with the gradient", k, precision, e.Loss, evals[0].Loss)
							}
						}
						score := o.Score(w, bench.Valid)
						got = append(got, score.Loss, score.Value)
					}
					if want == nil {
						want = got
					} else if !slices.Equal(got, want) {
						t.Errorf("%v, %s, %d cells: %d threads differ from 1", k, precision, hidden, threads)
					}
				}
			}
		}
	}
}

func TestSequencesDoNotAllocate(t *testing.T) {
	for _, k := range kinds() {
		for _, need := range []optimizers.Need{optimizers.NeedLoss, optimizers.NeedGrad} {
			o := supervise(t, k.data(200), bench.Setup{Batch: 100, Layers: recurrent(3), Threads: 1})
			w := o.Init()
			evals, candidates := make([]optimizers.Evaluation, 2), [][]float64{w, w}
			step := 0
			run := func() { o.Evaluate(need, candidates, step, evals); step++ }
			run()
			run()
			// A new epoch's order takes one generator.
			if n := testing.AllocsPerRun(20, run); n > 3 {
				t.Errorf("%v, need %v: %v allocations a step, want at most 3", k, need, n)
			}
		}
	}
}

// identity passes a sequence of the inputs on, so that scores can be worked out by
// hand: the weights are set to those of the identity.
func identity(t *testing.T, d bench.Data) (bench.Objective, []float64) {
	t.Helper()
	o := supervise(t, d, bench.Setup{Layers: func(_, out network.Shape) (network.Specs, error) {
		return network.Specs{network.TimeDense{Out: out[1], NoBias: true}}, nil
	}})
	w := o.Init()
	for i := range w {
		w[i] = 0
		if i%(d.Out+1) == 0 {
			w[i] = 1
		}
	}
	return o, w
}

func TestScoresOfSequences(t *testing.T) {
	higher := func(name string) bench.Goal { return bench.Goal{Metric: bench.Metric{Name: name, Higher: true}} }
	// Two sequences of outputs, of 3 and 2 steps.
	x := []float64{
		1, 2, 0, 5, 1, 0, 3, 1, 2, // classes 1, 0, 0
		0, 1, 2, 2, 1, 0, 0, 0, 0, // classes 2, 0
	}
	e := bench.Examples{N: 2, X: x, Lens: []int{3, 2}, Labels: []int32{1, 0, 2, 2, 0, 0}}
	class := bench.Data{In: network.Shape{3, 3}, Out: 3, Steps: 3, Loss: loss.SoftmaxCrossEntropy, Train: e, Valid: e, Test: e}
	with := func(d bench.Data, goal bench.Goal, change func(e *bench.Examples)) bench.Data {
		d.Goal = goal
		if change != nil {
			change(&d.Test)
		}
		return d
	}
	value := class
	value.Loss, value.Tolerance = loss.MSE, 1.5
	for _, e := range []*bench.Examples{&value.Train, &value.Valid, &value.Test} {
		e.Labels, e.Y = nil, slices.Clone(x)
		e.Y[0], e.Y[4], e.Y[10] = 2, 4, 2.4 // errors 1 and 3 in the first, 1.4 in the second
		e.Y[17] = 1000                      // after the end
	}
	path := class
	path.Loss = loss.CTC
	for _, e := range []*bench.Examples{&path.Train, &path.Valid, &path.Test} {
		// They read as 1 and 2.
		e.Labels, e.LabelLens = []int32{1, 2, 2, 0}, []int{2, 1}
	}
	for _, tt := range []struct {
		name string
		d    bench.Data
		want float64
	}{
		// Two of three steps of the first, and both of the second.
		{"accuracy", with(class, higher("accuracy"), nil), (2./3 + 1) / 2},
		{"accuracy, weighted", with(class, higher("accuracy"), func(e *bench.Examples) { e.Weights = []float64{0, 1, 3, 5, 0, 0} }), (1./4 + 1) / 2},
		{"sequence-accuracy", with(class, higher("sequence-accuracy"), nil), 0.5},
		{"sequence-accuracy, the wrong step without a target", with(class, higher("sequence-accuracy"), func(e *bench.Examples) { e.Weights = []float64{2, 2, 0, 1, 1, 0} }), 1},
		// Classes 0 and 2 were possible at the last step of the first, and have 3 and 2.
		{"possible classes", with(class, higher("sequence-accuracy"), func(e *bench.Examples) {
			e.Y = []float64{0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0}
		}), 0.5},
		{"rmse", with(value, bench.Goal{Metric: bench.Metric{Name: "rmse"}}, nil), math.Sqrt(((1.+9)/9 + 1.4*1.4/6) / 2)},
		{"accuracy within a tolerance", with(value, higher("accuracy"), nil), (2./3 + 1) / 2},
		{"sequence-accuracy within a tolerance", with(value, higher("sequence-accuracy"), nil), 0.5},
		{"label-error-rate", with(path, bench.Goal{Metric: bench.Metric{Name: "label-error-rate"}}, nil), 1. / 3},
		{"sequence-accuracy of labels", with(path, higher("sequence-accuracy"), nil), 0.5},
	} {
		o, w := identity(t, tt.d)
		if got := o.Score(w, bench.Test).Value; math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("%s = %v, want %v", tt.name, got, tt.want)
		}
	}
}

// between are examples lo to hi of e.
func between(e bench.Examples, lo, hi int) bench.Examples {
	return bench.Examples{
		N: hi - lo, X: rows(e.X, e.N, lo, hi), Labels: rows(e.Labels, e.N, lo, hi), Y: rows(e.Y, e.N, lo, hi),
		Lens: rows(e.Lens, e.N, lo, hi), Weights: rows(e.Weights, e.N, lo, hi), LabelLens: rows(e.LabelLens, e.N, lo, hi),
	}
}

func rows[E any](x []E, n, lo, hi int) []E {
	if x == nil {
		return nil
	}
	return x[lo*len(x)/n : hi*len(x)/n]
}

// Of 450 examples, which are several panels, the scores are the means of those of 170
// and of 280.
func TestScoresOfManySequences(t *testing.T) {
	const n, cut = 450, 170
	for _, k := range kinds() {
		d := k.data(2 * n)
		score := func(lo, hi int) (s bench.Score, weight float64) {
			part := d
			part.Valid = between(d.Valid, lo, hi)
			o := supervise(t, part, bench.Setup{Layers: recurrent(3)})
			s, weight = o.Score(o.Init(), bench.Valid), float64(hi-lo)
			if k.loss == loss.CTC {
				weight = 0
				for _, labels := range part.Valid.LabelLens {
					weight += float64(labels)
				}
			}
			if k.loss == loss.MSE {
				s.Value *= s.Value
			}
			return s, weight
		}
		got, _ := score(0, n)
		a, wa := score(0, cut)
		b, wb := score(cut, n)
		if want := (cut*a.Loss + (n-cut)*b.Loss) / n; math.Abs(got.Loss-want) > 1e-12 {
			t.Errorf("%v: loss %v, want %v", k, got.Loss, want)
		}
		if want := (wa*a.Value + wb*b.Value) / (wa + wb); math.Abs(got.Value-want) > 1e-12 {
			t.Errorf("%v: value %v, want %v", k, got.Value, want)
		}
	}
}

// Errors by label: what was read is 1 2 each time.
func TestLabelErrorRate(t *testing.T) {
	x := []float64{0, 1, 0, 1, 0, 0, 0, 0, 1}
	for _, tt := range []struct {
		labels []int32
		errors float64
	}{
		{[]int32{1, 2}, 0},
		{[]int32{2}, 1},          // one too many
		{[]int32{1}, 1},          // likewise, at the end
		{[]int32{1, 1}, 1},       // one is another
		{[]int32{2, 1}, 2},       // both are, or one is missing and one too many
		{[]int32{1, 2, 1}, 1},    // one is missing
		{[]int32{2, 1, 2}, 1},    // likewise, at the start
		{[]int32{1, 1, 2}, 1},    // likewise
		{[]int32{2, 2, 1}, 2},    // one is missing, and one is another
		{[]int32{2, 1, 2, 1}, 2}, // two are missing
	} {
		n := len(tt.labels)
		// Room for four labels. Long ones have too few steps, but can be misread.
		e := bench.Examples{N: 1, X: x, Labels: append(slices.Clone(tt.labels), make([]int32, 4-n)...), LabelLens: []int{n}}
		o, w := identity(t, bench.Data{
			In: network.Shape{3, 3}, Out: 3, Steps: 3, Loss: loss.CTC, Train: e, Valid: e, Test: e,
			Goal: bench.Goal{Metric: bench.Metric{Name: "label-error-rate"}},
		})
		if got, want := o.Score(w, bench.Test).Value, tt.errors/float64(n); got != want {
			t.Errorf("labels %v: %v, want %v", tt.labels, got, want)
		}
	}
}

// Without the inputs, each step has the frequencies of its classes, to one example of
// the mean over all steps.
func TestConstantOfSequences(t *testing.T) {
	e := bench.Examples{N: 3, X: make([]float64, 6), Labels: []int32{0, 1, 0, 2, 0, 1}}
	d := bench.Data{
		In: network.Shape{2, 1}, Out: 3, Steps: 2, Loss: loss.SoftmaxCrossEntropy,
		Goal:  bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}},
		Train: e, Valid: e, Test: bench.Examples{N: 1, X: []float64{0, 0}, Labels: []int32{0, 2}},
	}
	// All steps: 1/2, 1/3, 1/6. First: (3+1/2)/4; second, class 2: (1+1/6)/4.
	o := supervise(t, d, bench.Setup{Layers: recurrent(1)})
	if got, want := o.Constant(), -(math.Log(3.5/4)+math.Log(7./24))/2; math.Abs(got.Loss-want) > 1e-14 || got.Value != 0.5 {
		t.Errorf("classes: %+v, want loss %v and accuracy 0.5", got, want)
	}
	// Only the second step counts: there are no others.
	for _, e := range []*bench.Examples{&d.Train, &d.Valid, &d.Test} {
		e.Weights = slices.Repeat([]float64{0, 7}, e.N)
	}
	if got, want := supervise(t, d, bench.Setup{Layers: recurrent(1)}).Constant(), -math.Log(1./3); math.Abs(got.Loss-want) > 1e-14 || got.Value != 0 {
		t.Errorf("the last step: %+v, want loss %v and accuracy 0", got, want)
	}
	// Values: the mean of the first step is 2, of the second 5, of all 3.5.
	v := bench.Data{
		In: network.Shape{2, 1}, Out: 1, Steps: 2, Loss: loss.MSE, Goal: bench.Goal{Metric: bench.Metric{Name: "rmse"}},
		Train: bench.Examples{N: 2, X: make([]float64, 4), Y: []float64{1, 5, 3, 5}},
	}
	v.Valid, v.Test = v.Train, bench.Examples{N: 1, X: make([]float64, 2), Y: []float64{0, 0}}
	m1, m2 := (4+3.5)/3, (10+3.5)/3
	if got, want := supervise(t, v, bench.Setup{Layers: recurrent(1)}).Constant(), (m1*m1+m2*m2)/2; math.Abs(got.Loss-want) > 1e-13 || math.Abs(got.Value-math.Sqrt(want)) > 1e-13 {
		t.Errorf("values: %+v, want loss %v", got, want)
	}
	// CTC: two steps and one label of two, which are as frequent. With a blank of
	// probability b the label a is read from a-, -a and aa: 2b(1-b)/2 + (1-b)^2/4,
	// which is largest at b = 1/3: 1/3; tried is 0.35.
	c := kind{loss: loss.CTC, perStep: true}.data(6)
	c.In, c.Steps = network.Shape{2, 1}, 2
	labels := bench.Examples{N: 2, X: make([]float64, 4), Labels: []int32{1, 2}, LabelLens: []int{1, 1}}
	c.Train, c.Valid, c.Test = labels, labels, labels
	got := supervise(t, c, bench.Setup{Layers: recurrent(1)}).Constant()
	if want := -math.Log(0.35*0.65 + 0.65*0.65/4); math.Abs(got.Loss-want) > 1e-13 || got.Value != 1 {
		t.Errorf("ctc: %+v, want loss %v and nothing read", got, want)
	}
}

// A network that makes one vector of all steps is told that it may.
func TestVectorsAsOutputsOfSteps(t *testing.T) {
	d := kind{loss.SoftmaxCrossEntropy, true, false, true}.data(30)
	specs := network.Specs{network.Flatten{}, network.Dense{Out: seqSteps * seqOut}}
	o := supervise(t, d, bench.Setup{Layers: func(_, _ network.Shape) (network.Specs, error) { return specs, nil }})
	if l := o.Score(o.Init(), bench.Valid).Loss; !(l > 0 && l < 20) {
		t.Errorf("loss %g, want it of order 1", l)
	}
	if o.Probe(o.Init()) == nil {
		t.Error("no probe")
	}
}

func TestSuperviseRefusesSequencesItCannotRun(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kind  kind
		spoil func(d *bench.Data)
		want  string
	}{
		{"labels of steps", kind{loss.SoftmaxCrossEntropy, true, false, false}, func(d *bench.Data) { d.Train.Labels = d.Train.Labels[1:] }, "train data: 59 labels, want 60"},
		{"values of steps", kind{loss.MSE, true, false, false}, func(d *bench.Data) { d.Test.Y = nil }, "test data: 0 target values, want 54"},
		{"lengths", kind{loss.MSE, true, false, true}, func(d *bench.Data) { d.Valid.Lens = d.Valid.Lens[1:] }, "valid data: lengths of 4 sequences, want 5"},
		{"a length", kind{loss.MSE, true, false, true}, func(d *bench.Data) { d.Valid.Lens[2] = 7 }, "valid data: length 7 of sequence 2, want 1 to 6"},
		{"no sequences", kind{loss.MSE, false, false, true}, func(d *bench.Data) { d.In = network.Shape{12} }, "train data: lengths of sequences for inputs (12)"},
		{"after the end", kind{loss.MSE, true, false, true}, func(d *bench.Data) { d.Train.Lens[0], d.Train.X[10], d.Train.X[11] = 5, 0, 3 }, "train data: input 3 after the end of sequence 0, want 0"},
		{"weights without steps", kind{loss.MSE, false, false, false}, func(d *bench.Data) { d.Train.Weights = []float64{1} }, "train data: weights of steps, want none"},
		{"number of weights", kind{loss.MSE, true, true, false}, func(d *bench.Data) { d.Train.Weights = d.Train.Weights[1:] }, "train data: 59 weights of steps, want 60"},
		{"no step counts", kind{loss.MSE, true, true, false}, func(d *bench.Data) { clear(d.Train.Weights[:6]) }, "train data: weights of the steps of example 0 add up to 0, want more than 0"},
		{"negative weight", kind{loss.MSE, true, true, false}, func(d *bench.Data) { d.Train.Weights[7] = -1 }, "train data: weight -1 of step 1 of example 1, want at least 0"},
		{"ctc without steps", kind{loss.CTC, true, false, false}, func(d *bench.Data) { d.Steps = 0 }, "ctc: one output for an example, want steps"},
		{"blank as a label", kind{loss.CTC, true, false, false}, func(d *bench.Data) { d.Train.LabelLens[0], d.Train.Labels[1] = 2, 0 }, "train data: label 0 of example 0, want 1 to 2"},
		{"number of labels", kind{loss.CTC, true, false, false}, func(d *bench.Data) { d.Train.LabelLens[0] = 3 }, "train data: 3 labels of example 0, want 0 to 2"},
		{"metric", kind{loss.MSE, true, false, false}, func(d *bench.Data) { d.Goal.Metric.Name = "accuracy" }, `metric "accuracy" cannot be computed for the loss "mse"`},
	} {
		d := tt.kind.data(10)
		tt.spoil(&d)
		if _, err := bench.Supervise(d, bench.Setup{Layers: recurrent(2), Precision: "float64"}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}
