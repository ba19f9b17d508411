package probe

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// survey takes that of specs at their initial weights, on normal inputs and targets.
func survey(t *testing.T, in network.Shape, n int, seed uint64, specs ...network.Spec) Survey {
	t.Helper()
	net := mustNew[float64](t, in, specs...)
	rng := newRand(seed)
	w := net.Init(rng)
	return Take(net, w, images(rng.NormFloat64, in, n), loss.MSE, values(images(rng.NormFloat64, net.Out(), n)))
}

func images(draw func() float64, in network.Shape, n int) network.Tensor[float64] {
	x := network.NewTensor[float64](in, n)
	for f := range in.Len() {
		for i := range n {
			x.Row(f)[i] = draw()
		}
	}
	return x
}

func values(y network.Tensor[float64]) loss.Target[float64] {
	return loss.Target[float64]{Values: y.Data, Stride: y.Stride}
}

// Orthogonal linear layers neither stretch nor shrink anything.
func TestOrthogonalLinear(t *testing.T) {
	const width = 20
	dense := network.Dense{Out: width, Init: "orthogonal"}
	s := survey(t, network.Shape{width}, 32, 1, dense, dense, dense)
	for _, p := range append(s.Stages, Stage{"through", s.Through, 1}) {
		for _, v := range []float64{p.Chi, p.Largest, p.Smallest, p.Norm} {
			within(t, p.Name, v, 1, 1e-9)
		}
	}
	if len(s.Stages) != 3 || s.Stages[1].Name != "1.dense" {
		t.Errorf("stages %+v, want the three layers", s.Stages)
	}
}

// The Jacobian of a linear layer is its matrix.
func TestJacobianOfALinearLayer(t *testing.T) {
	const in, out = 7, 4
	net := mustNew[float64](t, network.Shape{in}, network.Dense{Out: out})
	w, rng := net.Init(newRand(3)), newRand(4)
	want := SingularValues(w, out, in)
	s := Take(net, w, normal(rng, in, 16), loss.MSE, values(normal(rng, out, 16)))
	square := 0.0
	for _, v := range w[:out*in] {
		square += v * v
	}
	for _, p := range []Spectrum{s.Stages[0].Spectrum, s.Through} {
		within(t, "chi", p.Chi, square/out, 1e-12)
		within(t, "largest singular value", p.Largest, want[0], 1e-12)
		within(t, "smallest singular value", p.Smallest, want[3], 1e-12)
	}
}

// Mean-field theory: chi is the variance of the weights, times the fan-in, times
// E f'(z)^2. That of ReLU is 1/2, so that He's weights make it 1 and N(0, 1/n) 1/2.
// Two 300-unit layers, ten seeds: a few percent of noise.
func TestMeanFieldChi(t *testing.T) {
	const width, seeds = 300, 10
	relu := network.Activation{Func: "relu"}
	for _, tt := range []struct {
		name       string
		gain, want float64
	}{{"He", 1, 1}, {"N(0, 1/n)", math.Sqrt2 / 2, 0.5}} {
		dense := network.Dense{Out: width, Init: "he-normal", Gain: tt.gain}
		net := mustNew[float64](t, network.Shape{width}, dense, relu, dense, relu)
		chi := 0.0
		for seed := range uint64(seeds) {
			rng := newRand(seed)
			w := net.Init(rng)
			x := normal(rng, width, 8)
			for _, s := range stages(net, w) {
				chi += s.chi(x, 8) / (2 * seeds)
				x = s.net.Forward(network.Pass{}, s.w, x)
			}
		}
		within(t, tt.name+": chi", chi, tt.want, 0.03*tt.want)
	}
}

// Random signs estimate what the whole matrix says, and a wide stage is left to them.
func TestHutchinson(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	net := mustNew[float64](t, network.Shape{12}, network.Dense{Out: 30, Gain: 2}, tanh, network.Dense{Out: 20}, tanh)
	w, x := net.Init(newRand(1)), normal(newRand(2), 12, fewExamples)
	whole := stage{from: 0, to: 4}.of(net, w)
	exact := whole.spectrum(x).Chi
	within(t, "chi by signs", whole.chi(x, 4000), exact, 0.02*exact)
	wide := mustNew[float64](t, network.Shape{3}, network.Dense{Out: widest + 1})
	s := stages(wide, wide.Init(newRand(1)))[0].spectrum(normal(newRand(2), 3, 4))
	if !(s.Chi > 0) || !math.IsNaN(s.Largest) || !math.IsNaN(s.Smallest) {
		t.Errorf("of %d outputs: %+v, want chi alone", widest+1, s)
	}
}

// Jacobians are finite differences, of convolutions and residuals, and of examples
// that share their batch's statistics.
func TestJacobiansByDifferences(t *testing.T) {
	tanh := network.Activation{Func: "tanh"}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"conv", network.Shape{2, 4, 3}, network.Specs{network.Conv{Channels: 3, Kernel: 3, Same: true}, tanh}},
		{"residual", network.Shape{5}, network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 5}, tanh}}}},
		{"batchnorm", network.Shape{4}, network.Specs{network.Dense{Out: 6}, network.BatchNorm{}, tanh}},
		{"batchnorm of images", network.Shape{1, 3, 2}, network.Specs{network.Conv{Channels: 2, Kernel: 2}, network.BatchNorm{}}},
		{"lstm", network.Shape{3, 2}, network.Specs{network.LSTM{Hidden: 3}, network.Last{}}},
	} {
		net := mustNew[float64](t, tt.in, tt.specs...)
		rng := newRand(5)
		w, x := net.Init(rng), images(rng.NormFloat64, tt.in, 6)
		whole := stage{from: 0, to: len(tt.specs)}.of(net, w)
		in, out := tt.in.Len(), net.Out().Len()
		for k, j := range whole.jacobians(x) {
			for i := range in {
				const h = 1e-5
				at := func(d float64) []float64 {
					x.Row(i)[k] += d
					defer func() { x.Row(i)[k] -= d }()
					y := net.Forward(network.Pass{Mode: network.Train}, w, x)
					v := make([]float64, out)
					for u := range v {
						v[u] = y.Row(u)[k]
					}
					return v
				}
				above, below := at(h), at(-h)
				for u := range out {
					if want := (above[u] - below[u]) / (2 * h); !(math.Abs(j[u*in+i]-want) < 1e-8) {
						t.Fatalf("%s, example %d: d output %d / d input %d = %v, want %v", tt.name, k, u, i, j[u*in+i], want)
					}
				}
			}
		}
	}
}

// Blocks whose branch is 0 hand on what they get; a batch norm network has stages
// with one weight layer each.
func TestStages(t *testing.T) {
	zero := network.Residual{Body: network.Specs{network.Activation{Func: "relu"}, network.Dense{Out: 6, Gain: 1e-12}}}
	s := survey(t, network.Shape{4}, 16, 1, network.Dense{Out: 6}, zero, zero, network.BatchNorm{}, network.Activation{Func: "relu"}, network.Dense{Out: 2})
	var names []string
	for _, p := range s.Stages {
		names = append(names, p.Name)
	}
	if want := []string{"0.dense", "1.residual", "2.residual", "5.dense"}; !slices.Equal(names, want) {
		t.Fatalf("stages %q, want %q", names, want)
	}
	within(t, "norm through a block of nothing", s.Stages[1].Norm, 1, 1e-9)
	within(t, "singular value of a block of nothing", s.Stages[1].Largest, 1, 1e-9)
	if len(s.Layers) != 4 { // those in the blocks have ranks and gradients of their own
		t.Errorf("%d layers, want 4", len(s.Layers))
	}
	s = survey(t, network.Shape{4}, 16, 1, network.Activation{Func: "tanh"})
	if len(s.Stages) != 0 || len(s.Layers) != 0 {
		t.Errorf("a network without weights has %+v, want nothing", s)
	}
}

// Norms of gradients along the whole network multiply up.
func TestNormsMultiply(t *testing.T) {
	relu := network.Activation{Func: "relu"}
	net := mustNew[float64](t, network.Shape{5}, network.Dense{Out: 8}, relu, network.Dense{Out: 7}, relu, network.Dense{Out: 3})
	rng := newRand(1)
	w, x, y := net.Init(rng), normal(rng, 5, 16), normal(rng, 3, 16)
	s := Take(net, w, x, loss.MSE, values(y))
	out := net.Forward(network.Pass{Mode: network.Train}, w, x)
	dy := out.With(out.Shape, make([]float64, len(out.Data)))
	loss.Evaluate(loss.MSE, make([]float64, 16), dy.Data, out.Data, out.Stride, 3, 16, values(y), 1)
	dx := net.Backward(w, make([]float64, net.Dim()), dy)
	product := 1.0
	for _, p := range s.Stages {
		product *= p.Norm
	}
	within(t, "product of the norms", product, total(dx)/total(dy), 1e-12)
}

// Data of rank 2 stay so in a linear layer, and a ReLU adds dimensions.
func TestRankOfActivations(t *testing.T) {
	const in, n = 6, 64
	rng := newRand(1)
	x := network.NewTensor[float64](network.Shape{in}, n)
	for i := range n {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		for f := range in {
			x.Row(f)[i] = 5 + a*float64(f) + b*math.Cos(float64(f))
		}
	}
	linear := mustNew[float64](t, network.Shape{in}, network.Dense{Out: 9}, network.Dense{Out: 1})
	l := Take(linear, linear.Init(newRand(2)), x, loss.MSE, values(normal(rng, 1, n))).Layers[0]
	if !(l.Rank > 1 && l.Rank < 2+1e-9) || !(l.Stable >= 1 && l.Stable < 2+1e-9) {
		t.Errorf("ranks %v and %v of a linear layer on data of rank 2, want from 1 to 2", l.Rank, l.Stable)
	}
	bent := mustNew[float64](t, network.Shape{in}, network.Dense{Out: 9}, network.Activation{Func: "sigmoid"}, network.Dense{Out: 1})
	if b := Take(bent, bent.Init(newRand(2)), x, loss.MSE, values(normal(rng, 1, n))).Layers[0]; !(b.Rank > l.Rank) {
		t.Errorf("rank %v behind a sigmoid, want more than the %v before", b.Rank, l.Rank)
	}
}

// Of the same example many times, every part has the gradient of all.
func TestNoiseOfEqualExamples(t *testing.T) {
	net := mustNew[float64](t, network.Shape{2}, network.Dense{Out: 3}, network.Activation{Func: "tanh"}, network.Dense{Out: 1})
	x := network.NewTensor[float64](network.Shape{2}, 32)
	for i := range 32 {
		x.Row(0)[i], x.Row(1)[i] = 0.5, -1
	}
	target := loss.Target[float64]{Values: make([]float64, 32), Stride: 32}
	for i, l := range Take(net, net.Init(newRand(1)), x, loss.MSE, target).Layers {
		within(t, "cosine", l.Cosine, 1, 1e-12)
		within(t, "sign", l.Sign, 1, 0)
		within(t, "confusion", l.Confusion, 1, 1e-12)
		if !(l.SNR > 1e20) {
			t.Errorf("layer %d: signal to noise %v, want all but infinite", i, l.SNR)
		}
	}
}

// Linear regression has the Hessian 2 X'X / n, whose eigenvalues are known from the
// singular values of the inputs. The landscape is that of a quarter of the examples.
func TestSharpnessOfLinearRegression(t *testing.T) {
	const in, n = 5, 64
	net := mustNew[float64](t, network.Shape{in}, network.Dense{Out: 1, NoBias: true})
	rng := newRand(1)
	x := normal(rng, in, n)
	s := Take(net, net.Init(rng), x, loss.MSE, values(normal(rng, 1, n)))
	var few []float64
	for f := range in {
		few = append(few, x.Row(f)[:n/4]...)
	}
	largest := SingularValues(few, in, n/4)[0]
	want := 2 * largest * largest / (n / 4)
	within(t, "sharpness", s.Sharpness, want, 1e-6*want)
	if !(s.Beta > 0 && s.Beta <= want*(1+1e-9)) || !(s.Range > 0) || !(s.Change > 0) {
		t.Errorf("landscape %+v, want a beta of at most %v", s.Landscape, want)
	}
}

// What overflows stays a number, and ends.
func TestSurveyOfOverflow(t *testing.T) {
	net := mustNew[float64](t, network.Shape{2}, network.Dense{Out: 3}, network.Activation{Func: "relu"}, network.Dense{Out: 1})
	x := normal(newRand(1), 2, 16)
	for _, v := range []float64{1e200, math.NaN(), math.Inf(1)} {
		w := slices.Repeat([]float64{v}, net.Dim())
		s := Take(net, w, x, loss.MSE, values(normal(newRand(2), 1, 16)))
		figures := []float64{s.Change, s.Range, s.Beta, s.Sharpness, s.Through.Chi, s.Through.Largest, s.Through.Smallest}
		for _, l := range s.Layers {
			figures = append(figures, l.Cosine, l.Sign, l.SNR, l.Confusion, l.Rank, l.Stable)
		}
		for _, p := range s.Stages {
			figures = append(figures, p.Chi, p.Largest, p.Smallest, p.Norm)
		}
		for i, f := range figures {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				t.Errorf("weights %v: figure %d is %v, want a finite number", v, i, f)
			}
		}
	}
}

// A survey has the same bits every time, and leaves the network unwatched.
func TestSurveyIsDeterministic(t *testing.T) {
	specs := network.Specs{network.Dense{Out: 8}, network.BatchNorm{}, network.Activation{Func: "tanh"}, network.Dense{Out: 2}}
	a, b := survey(t, network.Shape{3}, 24, 1, specs...), survey(t, network.Shape{3}, 24, 1, specs...)
	if len(a.Layers) != 2 || a.Layers[0] != b.Layers[0] || a.Stages[1] != b.Stages[1] || a.Landscape != b.Landscape {
		t.Errorf("%+v and %+v, want equal ones", a, b)
	}
}
