package network_test

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/network"
)

// deepStack is depth dense layers without biases, each with the activation.
func deepStack(depth, width int, init, act string) network.Specs {
	var s network.Specs
	for range depth {
		s = append(s, network.Dense{Out: width, Init: init, NoBias: true}, network.Activation{Func: act})
	}
	return s
}

// secondMoments is the mean square of the activations of every layer, for normal
// inputs.
func secondMoments(t *testing.T, seed uint64, width, count int, specs network.Specs) []float64 {
	t.Helper()
	in := network.Shape{width}
	n := mustNew[float64](t, in, specs...)
	m := &momentWatch{}
	n.Watch(m)
	n.Forward(train, n.Init(newRand(seed)), normal(newRand(seed+100), in, count))
	return m.squares
}

type momentWatch struct{ squares []float64 }

func (m *momentWatch) Forward(l network.Layer, _ []float64, _, y network.Tensor[float64]) {
	if _, ok := l.Spec.(network.Activation); ok {
		square := 0.
		for _, v := range values(y) {
			square += v * v
		}
		m.squares = append(m.squares, square/float64(y.Shape.Len()*y.N))
	}
}

func (*momentWatch) Backward(network.Layer, []float64, []float64, network.Tensor[float64]) {}

// Of thirty layers of rectifiers the signal passes with He's weights, and is halved
// by every layer with N(0, 1/fan-in), which Glorot's are in layers of one width (He
// et al. 2015, sec. 2.2): by 2^-29 from the first to the last. The logarithm of one
// draw has a variance v of about 5*30/128, and is low by v/2; the mean of 8 is off by
// four standard errors, 1.5, and that, at most.
func TestSecondMomentsOfThirtyRectifiedLayers(t *testing.T) {
	for _, c := range []struct {
		init string
		want float64
	}{{"he-normal", 1}, {"lecun-normal", 0x1p-29}, {"xavier-uniform", 0x1p-29}} {
		const seeds = 8
		mean := 0.
		for seed := range uint64(seeds) {
			s := secondMoments(t, seed, 128, 16, deepStack(30, 128, c.init, "relu"))
			r := s[29] / s[0]
			if c.init == "he-normal" && !(r > 0.01 && r < 100) || c.init == "lecun-normal" && !(r < 1e-7) {
				t.Errorf("%s, seed %d: the last layer has %g of the first one's square", c.init, seed, r)
			}
			mean += math.Log(r) / seeds
		}
		got := math.Exp(mean)
		t.Logf("%s: %.2g, predicted %.2g", c.init, got, c.want)
		if math.Abs(math.Log(got/c.want)) > math.Log(8) {
			t.Errorf("%s: the last layer has %g of the first one's square, want %g within a factor of 8", c.init, got, c.want)
		}
	}
}

// With LeCun's weights SELU keeps mean 0 and variance 1 through thirty layers
// (Klambauer et al. 2017), and a rectifier does not.
func TestSELUKeepsMeanAndVariance(t *testing.T) {
	const width, count = 256, 128
	in := network.Shape{width}
	for _, act := range []string{"selu", "relu"} {
		n := mustNew[float64](t, in, deepStack(30, width, "lecun-normal", act)...)
		y := values(n.Forward(train, n.Init(newRand(1)), normal(newRand(2), in, count)))
		var mean, square float64
		for _, v := range y {
			mean += v / float64(len(y))
			square += v * v / float64(len(y))
		}
		variance := square - mean*mean
		t.Logf("%s: mean %.3f, variance %.3g", act, mean, variance)
		if keeps := math.Abs(mean) < 0.1 && variance > 0.8 && variance < 1.2; keeps != (act == "selu") {
			t.Errorf("%s: mean %v and variance %v after thirty layers, want 0 within 0.1 and 1 within 0.2 for selu alone", act, mean, variance)
		}
	}
}

// A deep linear network of square orthogonal matrices is one: all its singular
// values are 1 (Saxe et al. 2014), while those of a product of Gaussian matrices
// spread, further with every layer.
func TestOrthogonalLayersAreDynamicalIsometries(t *testing.T) {
	const width = 20
	in := network.Shape{width}
	gram := func(depth int, init string) (diagonal [width]float64, off float64) {
		n := mustNew[float64](t, in, deepStack(depth, width, init, "identity")...)
		x := network.NewTensor[float64](in, width)
		for f := range width {
			x.Row(f)[f] = 1
		}
		y := n.Forward(train, n.Init(newRand(4)), x) // the product of the matrices
		for a := range width {
			for b := range width {
				d := 0.
				for f := range width {
					d += y.Row(f)[a] * y.Row(f)[b]
				}
				if a == b {
					diagonal[a] = d
				} else {
					off = max(off, math.Abs(d))
				}
			}
		}
		return diagonal, off
	}
	for _, depth := range []int{1, 10, 100} {
		d, off := gram(depth, "orthogonal")
		for _, v := range d {
			if math.Abs(v-1) > 1e-10 || off > 1e-10 {
				t.Fatalf("depth %d: the product has a column of square %v, and inner products up to %g, want 1 and 0", depth, v, off)
			}
		}
	}
	// What one direction keeps, over the geometric mean: exp of twice the log spread.
	spread := func(depth int) float64 {
		d, _ := gram(depth, "lecun-normal")
		var mean, largest float64
		for _, v := range d {
			mean += math.Log(v) / width
		}
		for _, v := range d {
			largest = max(largest, math.Abs(math.Log(v)-mean))
		}
		return largest
	}
	if a, b := spread(2), spread(100); !(b > 2*a) {
		t.Errorf("log spread of Gaussian products: %v of 2 layers and %v of 100, want it to grow", a, b)
	}
}

// Biases are drawn where a layer says so, and 0 elsewhere.
func TestBiasStd(t *testing.T) {
	n := mustNew[float64](t, network.Shape{2}, network.Dense{Out: 10000, BiasStd: 0.5}, network.Dense{Out: 3})
	w := n.Init(newRand(1))
	for _, b := range n.Blocks() {
		square := 0.
		for _, v := range w[b.Off:][:b.Len] {
			square += v * v / float64(b.Len)
		}
		switch b.Name {
		case "0.dense.b":
			// The standard error of a variance is the variance times the root of 2/n.
			if math.Abs(square-0.25) > 4*0.25*math.Sqrt(2./10000) || b.Scale != 0.5 {
				t.Errorf("%s: variance %v, scale %v, want 0.25 and 0.5", b.Name, square, b.Scale)
			}
		case "1.dense.b":
			if square != 0 || b.Scale != 0 {
				t.Errorf("%s: squares %v, scale %v, want 0", b.Name, square, b.Scale)
			}
		}
	}
	for _, std := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := network.New[float64](network.Shape{2}, network.Dense{Out: 1, BiasStd: std}); err == nil {
			t.Errorf("bias_std %v: no error", std)
		}
	}
}
