package network_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

const noEps = 1e-30 // vanishes beside a variance of about 1

// At gamma 1 and beta 0 a batch of 1, 2, 3, 4 becomes -3, -1, 1, 3 over the
// root of 5.
func TestBatchNormHandCase(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1}, network.BatchNorm{Eps: noEps})
	x := network.Tensor[float64]{Shape: network.Shape{1}, N: 4, Stride: 4, Data: []float64{1, 2, 3, 4}}
	y := n.Forward(train, []float64{1, 0}, x)
	near(t, "outputs", values(y), []float64{-1.3416407865, -.4472135955, .4472135955, 1.3416407865}, 1e-10)
	// Calibrated on it, the variance is the unbiased 5/3: so is that of 5.
	n.Forward(network.Pass{Mode: network.Calibrate}, []float64{1, 0}, x)
	five := network.Tensor[float64]{Shape: network.Shape{1}, N: 1, Stride: 1, Data: []float64{5}}
	y = n.Forward(network.Pass{Mode: network.Infer}, []float64{2, 7}, five)
	near(t, "output with those statistics", values(y), []float64{2*2.5/math.Sqrt(5.0/3) + 7}, 1e-14)
}

// The default eps is 1e-5, added to the variance: here of that size.
func TestBatchNormEps(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1}, network.BatchNorm{})
	d := math.Sqrt(3e-5)
	x := network.Tensor[float64]{Shape: network.Shape{1}, N: 2, Stride: 2, Data: []float64{-d, d}}
	near(t, "outputs", values(n.Forward(train, []float64{1, 0}, x)), []float64{-math.Sqrt(0.75), math.Sqrt(0.75)}, 1e-14)
}

// The gradient of the inputs is orthogonal, feature by feature, to what the
// normalisation removes: a shift, and a stretch of the outputs.
func TestBatchNormGradientInvariants(t *testing.T) {
	for _, in := range []network.Shape{{4}, {4, 3, 2}} {
		n := mustNew[float64](t, in, network.BatchNorm{Eps: noEps})
		w := []float64{1, 2, -0.5, 3, 0, 1, 2, 3}
		x, dy := normal(newRand(1), in, 9), normal(newRand(2), in, 9)
		y := values(n.Forward(train, w, x))
		dx := values(n.Backward(w, make([]float64, 8), dy))
		each := len(y) / 4
		for f := range 4 {
			var sum, dot float64
			for i := f * each; i < (f+1)*each; i++ {
				sum += dx[i]
				dot += dx[i] * (y[i] - w[4+f]) / w[f]
			}
			if math.Abs(sum) > 1e-13 || math.Abs(dot) > 1e-13 {
				t.Errorf("%v: feature %d: sum of dx %v, of dx*xhat %v, want 0", in, f, sum, dot)
			}
		}
	}
}

// Below a batch norm the size of the weights does not matter: c W gives the
// same outputs, and a gradient smaller by c.
func TestBatchNormMakesScaleIrrelevant(t *testing.T) {
	const c = 7
	n := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 4, NoBias: true}, network.BatchNorm{Eps: noEps})
	w, x, dy := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 9), normal(newRand(3), network.Shape{4}, 9)
	y, dw := slices.Clone(values(n.Forward(train, w, x))), make([]float64, len(w))
	n.BackwardWeights(w, dw, dy)
	for i := range 12 {
		w[i] *= c
		dw[i] /= c
	}
	got := make([]float64, len(w))
	near(t, "outputs", values(n.Forward(train, w, x)), y, 1e-13)
	n.BackwardWeights(w, got, dy)
	near(t, "gradient", got, dw, 1e-13)
}

// With the statistics of a batch kept, that batch gives the same outputs but
// for the root of n/(n-1), and eps; images have n for each position.
func TestCalibrate(t *testing.T) {
	for _, in := range []network.Shape{{3}, {3, 2, 5}} {
		const n, eps = 6, 0.01
		net := mustNew[float64](t, in, network.BatchNorm{Eps: eps})
		w, x := []float64{1, 1, 1, 0, 0, 0}, normal(newRand(1), in, n)
		y := slices.Clone(values(net.Forward(network.Pass{Mode: network.Calibrate}, w, x)))
		if got := values(net.Forward(train, w, x)); !slices.Equal(got, y) {
			t.Errorf("%v: Calibrate computes other outputs than Train", in)
		}
		count := float64(n * in.Len() / 3)
		each := len(y) / 3
		for f := range 3 {
			// The biased variance of y is v/(v+eps).
			var v float64
			for _, u := range y[f*each : (f+1)*each] {
				v += u * u / count
			}
			v = eps * v / (1 - v)
			for i := range each {
				y[f*each+i] *= math.Sqrt((v + eps) / (v*count/(count-1) + eps))
			}
		}
		infer := network.Pass{Mode: network.Infer}
		near(t, "inferred", values(net.Forward(infer, w, x)), y, 1e-12)

		// Training in between changes nothing, nor does it in a clone, whose
		// calibration is not that of the original.
		want := slices.Clone(values(net.Forward(infer, w, x)))
		clone := net.Clone()
		net.Forward(train, w, normal(newRand(5), in, n))
		near(t, "inferred after training", values(net.Forward(infer, w, x)), want, 0)
		near(t, "inferred by a clone", values(clone.Forward(infer, w, x)), want, 0)
		clone.Forward(network.Pass{Mode: network.Calibrate}, w, normal(newRand(5), in, n))
		near(t, "inferred after a clone was calibrated", values(net.Forward(infer, w, x)), want, 0)
		if got := values(clone.Forward(infer, w, x)); slices.Equal(got, want) {
			t.Errorf("%v: a second Calibrate changes nothing", in)
		}
		// One example at a time is what inference is for.
		one := x
		one.N = 1
		if got := net.Forward(infer, w, one).Row(0)[0]; got != want[0] {
			t.Errorf("%v: inferred alone %v, want %v", in, got, want[0])
		}
	}
}

func TestBatchNormMisuse(t *testing.T) {
	n := mustNew[float64](t, network.Shape{2}, network.Residual{Body: network.Specs{network.BatchNorm{}}})
	w, one, two := n.Init(newRand(1)), network.NewTensor[float64](network.Shape{2}, 1), normal(newRand(2), network.Shape{2}, 2)
	infer := network.Pass{Mode: network.Infer}
	if got := panics(t, func() { n.Forward(train, w, one) }); !strings.Contains(got, "needs a minibatch of at least 2 examples") {
		t.Errorf("batch of 1: %s", got)
	}
	if got := panics(t, func() { n.Forward(infer, w, two) }); !strings.Contains(got, "calibrated before Infer") {
		t.Errorf("never calibrated: %s", got)
	}
	if got := panics(t, func() { n.Clone().Forward(infer, w, two) }); !strings.Contains(got, "calibrated before Infer") {
		t.Errorf("clone of one never calibrated: %s", got)
	}
	n.Forward(network.Pass{Mode: network.Calibrate}, w, two)
	n.Forward(infer, w, two)
	if !n.BatchStatistics() {
		t.Error("BatchStatistics = false with a batch norm in a residual")
	}
	if mustNew[float64](t, network.Shape{2}, network.Dense{Out: 2}).BatchStatistics() {
		t.Error("BatchStatistics = true without a batch norm")
	}
}

// Backward after Infer is the gradient with the statistics as constants: examples do
// not see each other, and the slope along random directions is that of finite
// differences.
func TestBatchNormGradientWithFixedStatistics(t *testing.T) {
	for _, tt := range []struct {
		in    network.Shape
		specs network.Specs
	}{
		{network.Shape{3}, network.Specs{network.Dense{Out: 4}, network.BatchNorm{}, tanhLayer, network.BatchNorm{}}},
		{network.Shape{2, 3, 2}, network.Specs{tanhLayer, network.BatchNorm{}, tanhLayer}},
	} {
		n := mustNew[float64](t, tt.in, tt.specs...)
		w, x := n.Init(newRand(1)), normal(newRand(2), tt.in, 6)
		for i := range w {
			w[i] += 0.1 * float64(i%5)
		}
		dy := normal(newRand(3), n.Out(), 6)
		n.Forward(network.Pass{Mode: network.Calibrate}, w, normal(newRand(4), tt.in, 9))
		infer := network.Pass{Mode: network.Infer}
		loss := func() (sum float64) {
			for i, y := range values(n.Forward(infer, w, x)) {
				sum += y * values(dy)[i]
			}
			return sum
		}
		loss()
		dw := make([]float64, len(w))
		dx := slices.Clone(values(n.Backward(w, dw, dy)))
		for _, v := range []struct {
			what   string
			at, dv []float64
		}{{"weights", w, dw}, {"inputs", x.Data, dx}} {
			const h = 1e-6
			old, u, along := slices.Clone(v.at), make([]float64, len(v.at)), 0.0
			rng := newRand(5)
			for i := range u {
				u[i] = rng.NormFloat64()
				along += u[i] * v.dv[i]
				v.at[i] = old[i] + h*u[i]
			}
			above := loss()
			for i := range u {
				v.at[i] = old[i] - h*u[i]
			}
			slope := (above - loss()) / (2 * h)
			copy(v.at, old)
			if !(math.Abs(slope-along) < 1e-7*max(1, math.Abs(along))) {
				t.Errorf("%v: gradient of the %s is %v along a direction, want %v", tt.in, v.what, along, slope)
			}
		}
		// One example alone has the gradient that it has among others.
		one, d := x, dy
		one.N, d.N = 1, 1
		n.Forward(infer, w, one)
		alone := n.Backward(w, dw, d)
		for f := range tt.in.Len() {
			if got, want := alone.Row(f)[0], dx[f*6]; got != want {
				t.Errorf("%v: gradient of input %d alone is %v, want %v", tt.in, f, got, want)
			}
		}
	}
}
