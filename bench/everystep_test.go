package bench_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// imageData is images of 2x2 to be copied.
func imageData(n int) bench.Data {
	draw := func(n int) bench.Examples {
		e := bench.Examples{N: n}
		for i := range 4 * n {
			e.X = append(e.X, float64(i*7%10)/10)
			e.Y = append(e.Y, float64(i*7%10)/10)
		}
		return e
	}
	return bench.Data{
		In: network.Shape{1, 2, 2}, Out: 4, Image: network.Shape{1, 2, 2}, Loss: loss.MSE,
		Goal:  bench.Goal{Metric: bench.Metric{Name: "rmse"}},
		Train: draw(n), Valid: draw(5), Test: draw(7),
	}
}

func wire(specs ...network.Spec) func(in, out network.Shape) (network.Specs, error) {
	return func(_, _ network.Shape) (network.Specs, error) { return specs, nil }
}

func pose(t *testing.T, d bench.Data, specs ...network.Spec) bench.Objective {
	t.Helper()
	o, err := bench.Supervise(d, bench.Setup{Layers: wire(specs...), Seed: 1, Precision: "float64", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func evaluate(o bench.Objective, w []float64) optimizers.Evaluation {
	evals := make([]optimizers.Evaluation, 1)
	o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 0, evals)
	return evals[0]
}

// The loss of a network with outputs at every step is the weighted mean of those of
// the networks that stop there, with weights 1, 2, 3; its score is that of the last.
func TestEveryStepIsTrainedTheLaterTheMore(t *testing.T) {
	const steps = 3
	spec := network.Pyramid{Features: []int{1, 2}, Steps: steps, Range: 1}
	every := spec
	every.Every = true
	d := imageData(9)
	o := pose(t, d, every)
	w := o.Init()
	got := evaluate(o, w)
	want, grad := 0.0, make([]float64, len(w))
	for step := 1; step <= steps; step++ {
		spec.Steps = step
		alone := evaluate(pose(t, d, spec), w)
		want += alone.Loss * float64(step) / 6
		for i, g := range alone.Grad {
			grad[i] += g * float64(step) / 6
		}
	}
	if math.Abs(got.Loss-want) > 1e-14 {
		t.Errorf("loss %.17g, want %.17g", got.Loss, want)
	}
	for i, g := range got.Grad {
		if math.Abs(g-grad[i]) > 1e-14 {
			t.Errorf("gradient of weight %d = %g, want %g", i, g, grad[i])
		}
	}
	for _, split := range []bench.Split{bench.Valid, bench.Test} {
		got, want := o.Score(w, split), pose(t, d, spec).Score(w, split)
		if math.Abs(got.Loss-want.Loss) > 1e-14 || math.Abs(got.Value-want.Value) > 1e-14 {
			t.Errorf("score on %s data %v, want that of the last step, %v", split, got, want)
		}
	}
	if got, want := o.Constant(), pose(t, d, spec).Constant(); math.Abs(got.Value-want.Value) > 1e-14 || math.Abs(got.Loss-want.Loss) > 1e-14 {
		t.Errorf("a constant scores %v, want %v", got, want)
	}
	if o.Probe(w) == nil {
		t.Error("no probe")
	}
}

// What activity costs is part of the loss that is trained on, and not of the score.
func TestPriceOfActivityIsTrainedOn(t *testing.T) {
	spec := network.Pyramid{Features: []int{1, 2}, Steps: 3, Range: 1}
	dear := spec
	dear.Prior = 0.01
	d := imageData(9)
	free, priced := pose(t, d, spec), pose(t, d, dear)
	w := free.Init()
	// Sigmoids are between 0 and 1, and so is their mean.
	if more := evaluate(priced, w).Loss - evaluate(free, w).Loss; !(more > 0.002 && more < 0.008) {
		t.Errorf("activity adds %g to the loss, want about half of 0.01", more)
	}
	if got, want := priced.Score(w, bench.Test), free.Score(w, bench.Test); got != want {
		t.Errorf("score %v, want %v", got, want)
	}
}

// Sequences end where they end: their last step counts, and the ones before it.
func TestEveryStepOfSequencesOfDifferentLengths(t *testing.T) {
	const steps, n = 4, 4
	for _, kind := range []loss.Kind{loss.SoftmaxCrossEntropy, loss.MSE} {
		d := bench.Data{In: network.Shape{steps, 1}, Out: 2, Loss: kind, Goal: bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}}}
		if kind == loss.MSE {
			d.Goal.Metric.Name = "rmse"
		}
		e := bench.Examples{N: n, X: make([]float64, n*steps), Lens: []int{4, 1, 3, 2}}
		for i, l := range e.Lens {
			for s := range l {
				e.X[i*steps+s] = float64(i+s) - 2
			}
			if kind == loss.MSE {
				e.Y = append(e.Y, float64(i), float64(l))
			} else {
				e.Labels = append(e.Labels, int32(i%2))
			}
		}
		d.Train, d.Valid, d.Test = e, e, e
		o := pose(t, d, network.LSTM{Hidden: 2})
		w := o.Init()
		got := evaluate(o, w).Loss
		// Each example alone, cut off after each of its steps.
		want := 0.0
		for i, l := range e.Lens {
			for s := 1; s <= l; s++ {
				cut := d
				one := bench.Examples{N: 1, X: slices.Clone(e.X[i*steps:][:steps]), Lens: []int{s}}
				clear(one.X[s:])
				if kind == loss.MSE {
					one.Y = e.Y[2*i:][:2]
				} else {
					one.Labels = e.Labels[i:][:1]
				}
				cut.Train, cut.Valid, cut.Test = one, one, one
				last := pose(t, cut, network.LSTM{Hidden: 2}, network.Last{})
				want += evaluate(last, w).Loss * float64(s) / float64(l*(l+1)/2) / n
			}
		}
		if math.Abs(got-want) > 1e-14 {
			t.Errorf("%s: loss %.17g, want %.17g", kind, got, want)
		}
		last := pose(t, d, network.LSTM{Hidden: 2}, network.Last{})
		if got, want := o.Score(w, bench.Test), last.Score(w, bench.Test); math.Abs(got.Loss-want.Loss) > 1e-14 || got.Value != want.Value {
			t.Errorf("%s: score %v, want that of the last steps, %v", kind, got, want)
		}
	}
}

// Pictures are what was given, what the network computes, and what was wanted; of a
// pyramid after every step, whether those are trained on or not.
func TestPicturesAreOfEveryStep(t *testing.T) {
	d := imageData(9)
	spec := network.Pyramid{Features: []int{1, 2}, Steps: 3, Range: 1}
	every := spec
	every.Every = true
	o := pose(t, d, spec, network.Flatten{})
	w := o.Init()
	for _, p := range []bench.Objective{o, pose(t, d, every)} {
		pictures := p.(bench.Painter).Pictures(w, 100)
		if len(pictures) != d.Test.N {
			t.Fatalf("%d pictures, want one of each of %d test examples", len(pictures), d.Test.N)
		}
		net, err := network.New[float64](d.In, every)
		if err != nil {
			t.Fatal(err)
		}
		x := network.NewTensor[float64](d.In, 1)
		for i, picture := range pictures {
			if !slices.Equal(picture.Given.Pixels, d.Test.X[4*i:][:4]) || !slices.Equal(picture.Wanted.Pixels, d.Test.Y[4*i:][:4]) || len(picture.Made) != 3 {
				t.Fatalf("picture %d: %+v", i, picture)
			}
			for f, v := range d.Test.X[4*i:][:4] {
				x.Row(f)[0] = v
			}
			y := net.Forward(network.Pass{}, w, x)
			for s, made := range picture.Made {
				if made.H != 2 || made.W != 2 {
					t.Fatalf("an image of %dx%d, want 2x2", made.H, made.W)
				}
				for f, v := range made.Pixels {
					if want := y.Row(s*4 + f)[0]; math.Abs(v-want) > 1e-15 {
						t.Errorf("picture %d, step %d, pixel %d = %g, want %g", i, s, f, v, want)
					}
				}
			}
		}
	}
	// Another network has an output at the end, and statistics to be fixed.
	dense := pose(t, d, network.Flatten{}, network.BatchNorm{}, network.Dense{Out: 4})
	if p := dense.(bench.Painter).Pictures(dense.Init(), 2); len(p) != 2 || len(p[0].Made) != 1 {
		t.Errorf("%+v, want two pictures with one output each", p)
	}
	d.Image = nil
	flat := pose(t, d, network.Flatten{}, network.Dense{Out: 4})
	if p := flat.(bench.Painter).Pictures(flat.Init(), 2); p != nil {
		t.Errorf("pictures of outputs that are no images: %+v", p)
	}
}

func TestPicturesOfAResult(t *testing.T) {
	task := bench.DefineTask(bench.Task{Name: "copying", Images: true}, struct{}{},
		func(struct{}, uint64, string) (bench.Data, error) { return imageData(9), nil })
	model := bench.DefineModel(bench.Model{Name: "dense"}, struct{}{},
		func(_ struct{}, _, out network.Shape) (network.Specs, error) {
			return network.Specs{network.Flatten{}, network.Dense{Out: out.Len()}}, nil
		})
	l := bench.Lists{Tasks: []bench.Task{task}, Models: []bench.Model{model}}
	r := bench.Result{
		Trial:   bench.Trial{Task: bench.Part{Name: "copying"}, Model: bench.Part{Name: "dense"}, Precision: "float64"},
		Weights: make([]float64, 20),
	}
	r.Weights[16] = 0.25 // a bias
	p, err := l.Pictures(r, 2, "")
	if err != nil || len(p) != 2 || !slices.Equal(p[0].Made[0].Pixels, []float64{0.25, 0, 0, 0}) {
		t.Errorf("%+v, %v, want an output of 0.25 and zeros", p, err)
	}
	r.Weights = r.Weights[:19]
	if _, err := l.Pictures(r, 2, ""); err == nil || err.Error() != "19 weights, want the 20 of the network" {
		t.Errorf("with a weight too few: %v", err)
	}
	r.Trial.Model.Name = "dance"
	if _, err := l.Pictures(r, 2, ""); err == nil || !strings.Contains(err.Error(), `no model called "dance"`) {
		t.Errorf("with a model that is gone: %v", err)
	}
	// There is nothing to show, and nothing wrong with that.
	for _, change := range []func(l *bench.Lists, r *bench.Result){
		func(_ *bench.Lists, r *bench.Result) { r.Weights = nil },
		func(l *bench.Lists, _ *bench.Result) { l.Tasks = nil },
		func(l *bench.Lists, _ *bench.Result) { l.Tasks = []bench.Task{task}; l.Tasks[0].Images = false },
	} {
		l, r := l, r
		change(&l, &r)
		if p, err := l.Pictures(r, 2, ""); p != nil || err != nil {
			t.Errorf("%+v, %v, want neither", p, err)
		}
	}
}

func TestImagesAreChecked(t *testing.T) {
	for _, shape := range []network.Shape{{4}, {1, 2, 3}} {
		d := imageData(9)
		d.Image = shape
		_, err := bench.Supervise(d, bench.Setup{Layers: wire(network.Flatten{}, network.Dense{Out: 4}), Precision: "float64"})
		if err == nil || !strings.HasPrefix(err.Error(), "images of shape ") {
			t.Errorf("images %v of 4 outputs: %v", shape, err)
		}
	}
}
