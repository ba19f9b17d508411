package network_test

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func TestGradientsOfRandomLayers(t *testing.T) {
	half := network.Dropout{Rate: 0.5}
	noise := network.Noise{Shift: 0.5, Scale: 1.25, ShiftSpread: 0.1, ScaleSpread: 0.1}
	for _, tt := range []struct {
		name  string
		in    network.Shape
		specs network.Specs
	}{
		{"dropout", network.Shape{9}, network.Specs{half, network.Dense{Out: 8}, tanhLayer, network.Dropout{Rate: 0.2}, network.Dense{Out: 3}, half}},
		{"no dropout", network.Shape{5}, network.Specs{network.BatchNorm{}, network.Dropout{}, network.BatchNorm{}}},
		{"no dropout after a residual that needs the memory", network.Shape{3}, network.Specs{
			network.Residual{Body: network.Specs{network.Dense{Out: 3}}, Shortcut: network.Specs{network.Dense{Out: 3}}},
			network.Dropout{},
			network.BatchNorm{},
		}},
		{"dropout of images", network.Shape{2, 4, 3}, network.Specs{half, network.BatchNorm{}, half, network.Flatten{}, network.Dense{Out: 2}}},
		{"dropout in a residual", network.Shape{6}, network.Specs{network.Residual{
			Body: network.Specs{network.BatchNorm{}, half, network.Dense{Out: 6}}, Shortcut: network.Specs{half},
		}, network.BatchNorm{}}},
		{"noise", network.Shape{5}, network.Specs{network.Dense{Out: 6, NoBias: true}, network.BatchNorm{}, noise, tanhLayer, network.Dense{Out: 2}, noise}},
		{"noise of images", network.Shape{2, 4, 3}, network.Specs{network.BatchNorm{}, noise, network.BatchNorm{}, noise}},
	} {
		t.Run(tt.name, func(t *testing.T) { netcheck.Layer(t, tt.in, tt.specs...) })
	}
	netcheck.Sequences(t, network.Shape{4, 3}, network.LSTM{Hidden: 5}, half, network.LSTM{Hidden: 2})
}

// randomly are networks whose training steps draw random numbers.
var randomly = network.Specs{
	network.Dropout{Rate: 0.3},
	network.Residual{Body: network.Specs{network.Noise{Shift: 1, Scale: 2, ShiftSpread: 0.5, ScaleSpread: 0.5}, network.Dropout{Rate: 0.5}}},
}

// What is drawn is a function of seed, step, layer, example and value: the same for
// whoever computes it, in whatever parts; any of them changes it.
func TestRandomChoicesBelongToTheStep(t *testing.T) {
	in := network.Shape{5}
	const n = 23
	net, x := mustNew[float64](t, in, randomly...), normal(newRand(1), in, n)
	pass := network.Pass{Mode: network.Train, Seed: 3, Step: 7}
	want := slices.Clone(values(net.Forward(pass, nil, x)))

	clone := net.Clone()
	clone.Forward(network.Pass{Mode: network.Train, Seed: 3, Step: 8}, nil, x)
	near(t, "outputs of a clone, after another step", values(clone.Forward(pass, nil, x)), want, 0)

	for lo := 0; lo < n; lo += 6 {
		part := x.Slice(lo, min(lo+6, n))
		p := pass
		p.First = lo
		y := net.Forward(p, nil, part)
		for f := range 5 {
			near(t, "outputs of a part", y.Row(f), want[f*n+lo:][:part.N], 0)
		}
	}
	for what, p := range map[string]network.Pass{
		"seed":  {Mode: network.Train, Seed: 4, Step: 7},
		"step":  {Mode: network.Train, Seed: 3, Step: 8},
		"first": {Mode: network.Train, Seed: 3, Step: 7, First: 1},
	} {
		if got := values(net.Forward(p, nil, x)); slices.Equal(got, want) {
			t.Errorf("another %s draws the same", what)
		}
	}
	// Two layers draw for themselves: of the values that pass the first, the second
	// drops half.
	two := mustNew[float64](t, in, network.Dropout{Rate: 0.5}, network.Dropout{Rate: 0.5})
	ones := network.NewTensor[float64](in, 1000)
	for i := range ones.Data {
		ones.Data[i] = 1
	}
	passed := 0.0
	for _, v := range values(two.Forward(pass, nil, ones)) {
		passed += v / 4 / 5000
	}
	if tol := 5 * math.Sqrt(0.25*0.75/5000); math.Abs(passed-0.25) > tol {
		t.Errorf("a share of %v passes two layers, want 1/4 within %v", passed, tol)
	}
}

// Outside of training they are the identity, for gradients too.
func TestRandomLayersRest(t *testing.T) {
	in := network.Shape{5}
	net, x, dy := mustNew[float64](t, in, randomly[0], randomly[1].(network.Residual).Body[0]), normal(newRand(1), in, 9), normal(newRand(2), in, 9)
	for _, mode := range []network.Mode{network.Infer, network.Calibrate} {
		near(t, "outputs", values(net.Forward(network.Pass{Mode: mode, Seed: 1}, nil, x)), values(x), 0)
		near(t, "gradient", values(net.Backward(nil, nil, dy)), values(dy), 0)
	}
	if net.BatchStatistics() {
		t.Error("BatchStatistics = true, want false: examples do not see each other")
	}
}

// The share that is dropped, and the mean of the outputs, are as they should be,
// within five standard deviations, for values of one example and for examples of one
// value.
func TestDropoutRate(t *testing.T) {
	for _, rate := range []float64{0.1, 0.5, 0.9} {
		for _, shape := range [][2]int{{20000, 1}, {1, 20000}, {150, 133}} {
			in := network.Shape{shape[0]}
			net := mustNew[float64](t, in, network.Dropout{Rate: rate})
			x := network.NewTensor[float64](in, shape[1])
			for i := range x.Data {
				x.Data[i] = 1
			}
			y := values(net.Forward(network.Pass{Mode: network.Train, Seed: 9, Step: 2}, nil, x))
			var dropped, mean float64
			for _, v := range y {
				if v == 0 {
					dropped++
				}
				mean += v / float64(len(y))
			}
			m := float64(len(y))
			if got, want, tol := dropped/m, rate, 5*math.Sqrt(rate*(1-rate)/m); math.Abs(got-want) > tol {
				t.Errorf("%v: dropped %v, want %v within %v", shape, got, want, tol)
			}
			if tol := 5 * math.Sqrt(rate/(1-rate)/m); math.Abs(mean-1) > tol {
				t.Errorf("%v, rate %v: mean %v, want 1 within %v", shape, rate, mean, tol)
			}
		}
	}
}

// moments returns the mean and the variance of x.
func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// Shift and scale of a feature, over the steps, have the moments of their uniform
// distributions, and what is drawn for each example those of its own; within five
// standard deviations.
func TestNoiseMoments(t *testing.T) {
	const (
		steps, examples                        = 4000, 20
		shift, scale, shiftSpread, scaleSpread = 0.5, 1.25, 0.2, 0.1
	)
	in := network.Shape{2}
	net := mustNew[float64](t, in, network.Noise{Shift: shift, Scale: scale, ShiftSpread: shiftSpread, ScaleSpread: scaleSpread})
	dy := network.NewTensor[float64](in, examples)
	for i := range dy.Data {
		dy.Data[i] = 1
	}
	zero := network.NewTensor[float64](in, examples)
	var s, m, ds, dm []float64 // means over the examples of a step, and deviations from it
	for step := range steps {
		y := values(net.Forward(network.Pass{Mode: network.Train, Seed: 5, Step: step}, nil, zero)) // m' alone
		scales := values(net.Backward(nil, nil, dy))
		for f := range 2 {
			for _, v := range []struct {
				values       []float64
				means, parts *[]float64
			}{{scales, &s, &ds}, {y, &m, &dm}} {
				mean, variance := moments(v.values[f*examples:][:examples])
				*v.means, *v.parts = append(*v.means, mean), append(*v.parts, variance*examples/(examples-1))
			}
		}
	}
	check := func(what string, got, want, variance float64) {
		t.Helper()
		if tol := 5 * math.Sqrt(variance/(2*steps)); math.Abs(got-want) > tol {
			t.Errorf("%s: %v, want %v within %v", what, got, want, tol)
		}
	}
	within := func(v, spread float64) float64 { return v + spread/examples } // variance of a mean
	const uniformShift, uniformScale = shift * shift / 3, (scale - 1) * (scale - 1) / 12
	jitter, stretch := shiftSpread*shiftSpread/3, scaleSpread*scaleSpread
	meanM, varM := moments(m)
	meanS, varS := moments(s)
	check("mean shift", meanM, 0, within(uniformShift, jitter))
	check("mean scale", meanS, (1+scale)/2, within(uniformScale, stretch))
	check("variance of the shift", varM, within(uniformShift, jitter), 4.0/5*uniformShift*uniformShift)
	check("variance of the scale", varS, within(uniformScale, stretch), 2*varS*varS)
	meanDM, _ := moments(dm)
	meanDS, _ := moments(ds)
	// Of N(0, 1) the fourth moment is 3; a variance of n has one of 2/(n-1).
	check("variance of what is added to a value", meanDM, jitter, 2*jitter*jitter/(examples-1))
	check("variance of what multiplies a value", meanDS, stretch, 2*stretch*stretch/(examples-1))
	_, lag := moments(m)
	var cross float64
	for i := 2; i < len(m); i++ {
		cross += m[i] * m[i-2] / lag
	}
	if z := cross / math.Sqrt(float64(len(m))); math.Abs(z) > 5 {
		t.Errorf("shifts of one step and the next: correlation %v standard deviations off 0", z)
	}
}
