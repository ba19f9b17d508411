package probe

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func mustNew[T network.Float](t testing.TB, in network.Shape, specs ...network.Spec) *network.Network[T] {
	t.Helper()
	n, err := network.New[T](in, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// normal returns n examples of f values from N(0, 1).
func normal(rng *rand.Rand, f, n int) network.Tensor[float64] {
	x := network.NewTensor[float64](network.Shape{f}, n)
	for i := range f {
		row := x.Row(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
	}
	return x
}

// plain is a network of layers of one width, 64 inputs and 10 outputs.
func plain(t *testing.T, depth int, act, init string, seed uint64) []Layer {
	const width, n, classes = 64, 64, 10
	var specs []network.Spec
	for range depth {
		specs = append(specs, network.Dense{Out: width, Init: init}, network.Activation{Func: act})
	}
	net := mustNew[float64](t, network.Shape{width}, append(specs, network.Dense{Out: classes, Init: init})...)
	rng := newRand(seed)
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(classes))
	}
	w, x := net.Init(rng), normal(rng, width, n)
	return Measure(net, w, x, loss.SoftmaxCrossEntropy, loss.Target[float64]{Labels: labels})
}

// The factor by which the delta changes from a hidden layer to the one below,
// at initialisation. The wanted values were measured with another program, in
// another language, at width 64 over 5 seeds.
func TestFactorOfInitializers(t *testing.T) {
	const depth, seeds = 10, 5
	for _, tt := range []struct {
		act, init string
		want      float64
		low, high float64
	}{
		{"sigmoid", "xavier-uniform", 0.234, 0.20, 0.26},
		{"sigmoid", "uniform", 0.141, 0.12, 0.16},
		{"tanh", "uniform", 0.560, 0.51, 0.61},
		{"tanh", "xavier-uniform", 0.871, 0.82, 0.92},
		{"relu", "he-normal", 0.986, 0.92, 1.06},
		{"relu", "xavier-uniform", 0.710, 0.66, 0.76},
	} {
		var mean float64
		for seed := range uint64(seeds) {
			hidden := plain(t, depth, tt.act, tt.init, seed)[:depth]
			mean += math.Pow(hidden[0].Delta/hidden[depth-1].Delta, 1.0/(depth-1)) / seeds
		}
		if !(mean > tt.low && mean < tt.high) {
			t.Errorf("%s with %s: factor %.3f, want about %.3f, from %v to %v", tt.act, tt.init, mean, tt.want, tt.low, tt.high)
		}
	}
}

// matrices keeps the root mean square of the gradient of every dense layer's
// matrix, without the bias.
type matrices map[string]float64

func (m matrices) Forward(network.Layer, []float64, network.Tensor[float64], network.Tensor[float64]) {
}

func (m matrices) Backward(l network.Layer, _, dw []float64, _ network.Tensor[float64]) {
	if s, ok := l.Spec.(network.Dense); ok {
		m[l.Path] = rms(vector(dw[:len(dw)-s.Out]))
	}
}

// The trap that the verdict avoids: with weights too small for a deep tanh
// network the delta all but vanishes, and the gradients of the first and last
// matrices are of one size (1.1 to 1, measured with another program).
func TestWeightGradientsHideVanishing(t *testing.T) {
	const width, out, depth, n, seeds = 64, 10, 30, 64, 5
	var specs []network.Spec
	for range depth {
		specs = append(specs, network.Dense{Out: width, Init: "uniform"}, network.Activation{Func: "tanh"})
	}
	net := mustNew[float64](t, network.Shape{width}, append(specs, network.Dense{Out: out})...)
	var ratio float64 // ln of its geometric mean
	for seed := range uint64(seeds) {
		rng := newRand(seed)
		w, x, target := net.Init(rng), normal(rng, width, n), loss.Target[float64]{Values: normal(rng, out, n).Data, Stride: n}
		if j := Judge(Measure(net, w, x, loss.MSE, target)); j.Verdict != Vanishing || !(j.Factor > 0.5 && j.Factor < 0.65) || !(j.Ratio < 1e-5) {
			t.Errorf("%+v, want VANISHING by about 0.57 a layer", j)
		}

		m := matrices{}
		net.Watch(m)
		y := net.Forward(network.Pass{Mode: network.Train}, w, x)
		dy := y.With(y.Shape, make([]float64, len(y.Data)))
		loss.Evaluate(loss.MSE, make([]float64, n), dy.Data, y.Data, n, out, n, target, 1)
		net.BackwardWeights(w, make([]float64, net.Dim()), dy)
		ratio += math.Log(m["0.dense"]/m[fmt.Sprintf("%d.dense", 2*depth-2)]) / seeds
	}
	if r := math.Exp(ratio); !(r > 0.3 && r < 3) {
		t.Errorf("ratio of matrix gradients %v, want about 1", r)
	}
}

// No layer passes on more than ||delta|| <= sup|f'| * ||W|| * ||delta above||,
// with the norm of W from power iteration.
func TestBoundOfTheFactor(t *testing.T) {
	const width, n = 20, 8
	net := mustNew[float64](t, network.Shape{width},
		network.Dense{Out: width}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: width, Gain: 20}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: width, Gain: 0.1})
	rng := newRand(1)
	w, x := net.Init(rng), normal(rng, width, n)
	target := loss.Target[float64]{Values: normal(rng, width, n).Data, Stride: n}
	l := Measure(net, w, x, loss.MSE, target)
	for i, b := range []network.Block{net.Blocks()[2], net.Blocks()[4]} {
		bound := 0.25 * spectralNorm(w[b.Off:][:b.Len], width) * l[i+1].Delta
		if got := l[i].Delta; !(got <= bound) || !(got > bound/100) {
			t.Errorf("delta of layer %d is %v, want at most, but not far below, %v", i+1, got, bound)
		}
	}
}

// spectralNorm is the largest singular value of m, n by n.
func spectralNorm(m []float64, n int) float64 {
	v := slices.Repeat([]float64{1}, n)
	var norm float64
	for range 1000 {
		u := make([]float64, n)
		for i := range n {
			for j := range n {
				u[i] += m[i*n+j] * v[j]
			}
		}
		v = make([]float64, n)
		for i := range n {
			for j := range n {
				v[j] += m[i*n+j] * u[i]
			}
		}
		norm = 0
		for _, x := range v {
			norm += x * x
		}
		norm = math.Sqrt(norm)
		for j := range v {
			v[j] /= norm
		}
	}
	return math.Sqrt(norm)
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

// A chain of one unit a layer, with weights 1 and biases 0, at input 0, by
// hand: a1 = sigmoid(0) = .5, a2 = sigmoid(.5) = .6224593312 is the output, and
// the target is one less. So the deltas are 2, 2*a2*(1-a2), and a quarter of
// that.
func TestHandCase(t *testing.T) {
	net := mustNew[float64](t, network.Shape{1},
		network.Dense{Out: 1}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: 1}, network.Activation{Func: "sigmoid"},
		network.Dense{Out: 1})
	const a2 = 0.6224593312018546
	w := []float64{1, 0, 1, 0, 1, 0}
	for _, n := range []int{1, 3} { // the same example, three times
		x := network.NewTensor[float64](network.Shape{1}, n)
		target := loss.Target[float64]{Values: slices.Repeat([]float64{a2 - 1}, n), Stride: n}
		l := Measure(net, w, x, loss.MSE, target)
		if len(l) != 3 {
			t.Fatalf("%d layers, want 3", len(l))
		}
		deltas := []float64{0.5 * a2 * (1 - a2), 2 * a2 * (1 - a2), 2}
		for i, in := range []float64{0, 0.5, a2} { // into the layer
			near(t, fmt.Sprintf("delta %d", i+1), l[i].Delta, deltas[i])
			near(t, fmt.Sprintf("gradient %d", i+1), l[i].Grad, deltas[i]*math.Sqrt((in*in+1)/2))
			near(t, fmt.Sprintf("weight %d", i+1), l[i].Weight, math.Sqrt(0.5))
			near(t, fmt.Sprintf("mean %d", i+1), l[i].Mean, []float64{0.5, a2, a2}[i])
			near(t, fmt.Sprintf("std %d", i+1), l[i].Std, 0)
			if want := fmt.Sprintf("%d.dense", 2*i); l[i].Name != want || l[i].Depth != i+1 {
				t.Errorf("layer %d is %s at depth %d, want %s at depth %d", i, l[i].Name, l[i].Depth, want, i+1)
			}
		}
	}
}

// Dead are units without a slope anywhere, saturated are values; the figures
// are those of the activation that follows, past a batch norm and into the next
// residual.
func TestDeadAndSaturated(t *testing.T) {
	// One input, -1 and 1, to units with these weights and biases.
	measure := func(act string, w, b []float64) Layer {
		net := mustNew[float64](t, network.Shape{1}, network.Dense{Out: len(w)}, network.Activation{Func: act}, network.Dense{Out: 1})
		theta := append(slices.Concat(w, b), make([]float64, len(w)+1)...)
		x := network.Tensor[float64]{Shape: network.Shape{1}, N: 2, Stride: 2, Data: []float64{-1, 1}}
		return Measure(net, theta, x, loss.MSE, loss.Target[float64]{Values: []float64{0, 0}, Stride: 2})[0]
	}
	// z of the units: -3, -1; -1, 1; 1, 3; -1, -1. Slopes 0 at z < 0.
	l := measure("relu", []float64{1, 1, 1, 0}, []float64{-2, 0, 2, -1})
	near(t, "dead of relu", l.Dead, 2.0/4)
	near(t, "saturated of relu", l.Saturated, 5.0/8)
	near(t, "mean of relu", l.Mean, (0+0+0+1+1+3+0+0)/8.0)
	near(t, "std of relu", l.Std, math.Sqrt((1+1+9)/8.0-25.0/64))
	// The slope is 1/4 at 0, 4.5e-2 at 3, 6.6e-3 at 5 and 3.4e-4 at 8; a
	// twentieth of the largest is 1.25e-2.
	l = measure("sigmoid", []float64{0, 1, 0, 4}, []float64{0, 4, 8, -4})
	near(t, "dead of sigmoid", l.Dead, 1.0/4)          // z 8, 8
	near(t, "saturated of sigmoid", l.Saturated, 4./8) // z 5; 8, 8; -8

	net := mustNew[float64](t, network.Shape{1},
		network.Dense{Out: 2},
		network.BatchNorm{},
		network.Residual{Body: network.Specs{network.Activation{Func: "relu"}, network.Dense{Out: 2}}},
		network.Dense{Out: 1},
		network.Dense{Out: 1},
		network.Activation{Func: "sigmoid"},
		network.Activation{Func: "sigmoid"},
	)
	x := network.Tensor[float64]{Shape: network.Shape{1}, N: 2, Stride: 2, Data: []float64{-1, 1}}
	theta := make([]float64, net.Dim())
	theta[6], theta[7] = -1, 5 // beta, with gamma 0
	layers := Measure(net, theta, x, loss.MSE, loss.Target[float64]{Values: []float64{0, 0}, Stride: 2})
	var names []string
	for _, l := range layers {
		names = append(names, l.Name)
	}
	if want := []string{"0.dense", "2.residual.1.dense", "3.dense", "4.dense"}; !slices.Equal(names, want) {
		t.Fatalf("layers %v, want %v", names, want)
	}
	near(t, "dead behind a batch norm", layers[0].Dead, 0.5)
	near(t, "mean behind a batch norm", layers[0].Mean, 2.5)
	near(t, "mean of a layer without activation", layers[2].Mean, 0)
	near(t, "mean of the first activation", layers[3].Mean, 0.5)
}

// The gradient of a deep sigmoid network is below what a float64 can be squared
// to, and still measured.
func TestTinyDeltas(t *testing.T) {
	x := network.Tensor[float64]{Shape: network.Shape{2}, N: 2, Stride: 3, Data: []float64{3e-300, -3e-300, math.NaN(), 1e-300, 1e-300, math.NaN()}}
	if got, want := rms(x), math.Sqrt(5)*1e-300; !(math.Abs(got-want) < 1e-314) {
		t.Errorf("root mean square %v, want %v", got, want)
	}
	l := plain(t, 100, "sigmoid", "uniform", 1)
	j := Judge(l)
	if j.Verdict != Vanishing || !(j.Ratio > 0 && j.Ratio < 1e-70) || !(j.Factor > 0.12 && j.Factor < 0.16) {
		t.Errorf("%+v, want VANISHING by about 0.14 a layer", j)
	}
}

// What overflows stays a number, and JSON.
func TestOverflowIsFinite(t *testing.T) {
	net := mustNew[float64](t, network.Shape{1}, network.Dense{Out: 1}, network.Activation{Func: "relu"}, network.Dense{Out: 1})
	for _, v := range []float64{1e200, math.NaN(), math.Inf(-1)} {
		x := network.Tensor[float64]{Shape: network.Shape{1}, N: 1, Stride: 1, Data: []float64{v}}
		l := Measure(net, []float64{1e200, 0, 1, 0}, x, loss.MSE, loss.Target[float64]{Values: []float64{0}, Stride: 1})
		if j := Judge(l); j.Verdict != Exploding || j.Factor != math.MaxFloat64 || j.Ratio != math.MaxFloat64 {
			t.Errorf("input %v: %+v, want EXPLODING", v, j)
		}
		if _, err := json.Marshal(l); err != nil {
			t.Errorf("input %v: %v", v, err)
		}
	}
}

// float32 networks are measured alike.
func TestPrecisionsAgree(t *testing.T) {
	specs := network.Specs{network.Dense{Out: 8}, network.BatchNorm{}, network.Activation{Func: "tanh"}, network.Dense{Out: 3}}
	f64, f32 := mustNew[float64](t, network.Shape{5}, specs...), mustNew[float32](t, network.Shape{5}, specs...)
	w, x := f64.Init(newRand(1)), normal(newRand(2), 5, 6)
	w32, x32 := make([]float32, len(w)), network.NewTensor[float32](x.Shape, x.N)
	for i, v := range w {
		w32[i] = float32(v)
	}
	for i, v := range x.Data {
		x32.Data[i] = float32(v)
	}
	labels := []int32{0, 1, 2, 0, 1, 2}
	a := Measure(f64, w, x, loss.SoftmaxCrossEntropy, loss.Target[float64]{Labels: labels})
	b := Measure(f32, w32, x32, loss.SoftmaxCrossEntropy, loss.Target[float32]{Labels: labels})
	for i := range a {
		for _, v := range []struct {
			what     string
			f64, f32 float64
		}{
			{"delta", a[i].Delta, b[i].Delta},
			{"gradient", a[i].Grad, b[i].Grad},
			{"weight", a[i].Weight, b[i].Weight},
			{"mean", a[i].Mean, b[i].Mean},
			{"std", a[i].Std, b[i].Std},
		} {
			if !(math.Abs(v.f32-v.f64) < 1e-5) {
				t.Errorf("%s: %s is %v in float32, want %v", a[i].Name, v.what, v.f32, v.f64)
			}
		}
	}
}

// Measure is over when it returns: the passes that follow are not watched. The
// third layer that an observer notes down makes its list grow.
func TestMeasureStopsWatching(t *testing.T) {
	net := mustNew[float64](t, network.Shape{2}, network.Dense{Out: 1})
	w, x := net.Init(newRand(1)), normal(newRand(2), 2, 3)
	Measure(net, w, x, loss.MSE, loss.Target[float64]{Values: []float64{1, 2, 3}, Stride: 3})
	if a := testing.AllocsPerRun(1, func() { net.Forward(network.Pass{}, w, x) }); a != 0 {
		t.Errorf("%v allocations in a pass after Measure, want none", a)
	}
}

// Units that do not tell examples apart have no deviation, however they differ; and
// what goes into an activation is measured before it.
func TestUnitsAndPreactivations(t *testing.T) {
	net := mustNew[float64](t, network.Shape{1}, network.Dense{Out: 2}, network.Activation{Func: "relu"}, network.Dense{Out: 1})
	x := network.Tensor[float64]{Shape: network.Shape{1}, N: 2, Stride: 2, Data: []float64{-1, 1}}
	target := loss.Target[float64]{Values: []float64{0, 0}, Stride: 2}
	// z: -1, 3 and 5, 5; behind the ReLU 0, 3 and 5, 5.
	l := Measure(net, []float64{2, 0, 1, 5, 0, 0, 0}, x, loss.MSE, target)[0]
	near(t, "mean deviation of the units", l.UnitStd, (1.5+0)/2)
	near(t, "deviation before", l.PreStd, math.Sqrt((1+9+25+25)/4.0-9))
	near(t, "deviation", l.Std, math.Sqrt((0+9+25+25)/4.0-13.0*13/16))
	// Without an activation a layer's outputs are both.
	l = Measure(net, []float64{2, 0, 1, 5, 1, 1, 0}, x, loss.MSE, target)[1]
	near(t, "deviation of the output", l.Std, 1.5)
	near(t, "deviation before, of the output", l.PreStd, 1.5)
	near(t, "mean deviation, of the output", l.UnitStd, 1.5)
}
