package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestSoftmaxCrossEntropyByHand(t *testing.T) {
	// Logits 1, 2, 3 and label 2, then the same shifted by 1000 with label 0,
	// then two that leave no doubt.
	z := []float64{
		1, 1001, -500, 0,
		2, 1002, 500, math.Inf(-1),
		3, 1003, 0, 0,
	}
	losses, dz := make([]float64, 4), make([]float64, 12)
	SoftmaxCrossEntropy(losses, dz, z, 4, 3, 4, []int32{2, 0, 0, 0}, 1)
	p := []float64{.0900305732, .2447284711, .6652409558}
	wantLosses := []float64{.4076059644, 2.4076059644, 1000, math.Ln2}
	wantGrad := []float64{
		p[0], p[0] - 1, -1, -0.5,
		p[1], p[1], 1, 0,
		p[2] - 1, p[2], 0, 0.5,
	}
	for j, got := range losses {
		if math.Abs(got-wantLosses[j]) > 1e-10 {
			t.Errorf("loss %d = %.11g, want %.10g", j, got, wantLosses[j])
		}
	}
	for j, got := range dz {
		if math.Abs(got-wantGrad[j]) > 1e-10 {
			t.Errorf("dz[%d][%d] = %.11g, want %.10g", j/4, j%4, got, wantGrad[j])
		}
	}
}

func TestSoftmaxCrossEntropyBits(t *testing.T) {
	both(t, testSoftmaxBits[float64], testSoftmaxBits[float32])
}

// The documented arithmetic, column by column, for all tails; the same losses
// without a gradient; the logits and everything around left alone.
func testSoftmaxBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for _, classes := range []int{1, 2, 7, 700, maxClasses, maxClasses + 1} {
		for _, n := range []int{0, 1, 5, 31, 32, 33, 63, 64, 65, 150} {
			if classes > 7 && n%5 != 0 {
				continue // enough for several calls, and for no assembly
			}
			z, dz := newMatrix[T](rng, classes, n, n+3), newMatrix[T](rng, classes, n, n+3)
			losses, alone := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
			labels := make([]int32, n)
			for j := range labels {
				labels[j] = rng.Int32N(int32(classes))
			}
			for j := range z.data {
				z.data[j] *= 5
			}
			before, scale := z.clone(), T(0.3)
			SoftmaxCrossEntropy(losses.data, dz.data, z.data, z.ld, classes, n, labels, scale)
			SoftmaxCrossEntropy(alone.data, nil, z.data, z.ld, classes, n, labels, scale)
			name := fmt.Sprintf("%d classes, n = %d", classes, n)
			dz.check(t, name)
			losses.check(t, name)
			alone.check(t, name)
			if !equal(z.all, before.all) {
				t.Fatalf("%s: the logits have changed", name)
			}
			if !equal(losses.data, alone.data) {
				t.Fatalf("%s: losses with a gradient %v, without %v", name, losses.data, alone.data)
			}
			for j := range n {
				most, s := z.at(0, j), T(0)
				for c := range classes {
					most = max(most, z.at(c, j))
				}
				e := make([]T, classes)
				for c := range e {
					e[c] = exp(z.at(c, j) - most)
					s += e[c]
				}
				label := int(labels[j])
				if want := log(s) - (z.at(label, j) - most); bits(losses.data[j]) != bits(want) {
					t.Fatalf("%s: loss %d = %v, want %v", name, j, losses.data[j], want)
				}
				for c := range classes {
					want := scale / s * e[c]
					if c == label {
						want = bigFMA(scale/s, e[c], -scale)
					}
					if got := dz.at(c, j); bits(got) != bits(want) {
						t.Fatalf("%s: dz[%d][%d] = %v, want %v", name, c, j, got, want)
					}
				}
			}
		}
	}
}

func TestSoftmaxCrossEntropyOutsideTheNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		z, y, loss float64
	}{
		{nan, 1, nan}, {1, nan, nan}, {inf, 1, nan}, {-inf, -inf, nan}, {-inf, 1, inf}, {1, -inf, 0},
	} {
		losses, dz := []float64{7}, []float64{7, 7}
		SoftmaxCrossEntropy(losses, dz, []float64{c.z, c.y}, 1, 2, 1, []int32{0}, 1)
		if bits(losses[0]) != bits(c.loss) || math.IsNaN(dz[0]) != math.IsNaN(c.loss) || math.IsNaN(dz[1]) != math.IsNaN(c.loss) {
			t.Errorf("logits %g, %g, label 0: loss %g, gradient %g, want loss %g", c.z, c.y, losses[0], dz, c.loss)
		}
	}
	for _, label := range []int32{-1, 2} {
		// There is room for a third class: it must not be taken for one.
		z, losses := make([]float64, 8), make([]float64, 2)
		if !panics(func() { SoftmaxCrossEntropy(losses, nil, z, 2, 2, 2, []int32{0, label}, 1) }) {
			t.Errorf("label %d of 2 classes did not panic", label)
		}
	}
}

func TestBinaryCrossEntropy(t *testing.T) { both(t, testBinary[float64], testBinary[float32]) }

// Against arbitrary precision: loss and gradient keep their digits, however
// small they are.
func testBinary[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	loss, dz := []T{0}, []T{0}
	for range 400 {
		z, target := T((rng.Float64()-0.5)*160), T(rng.IntN(5))/4
		BinaryCrossEntropy(loss, dz, []T{z}, 1, []T{target}, 2)
		x, tt := newBig(float64(z)), newBig(float64(target))
		// ln(1+e^z) - t z = ln(1+e^-|z|) + |z| (1-t or t)
		a, u := newBig(0).Abs(x), newBig(0).Sub(newBig(1), tt)
		if z < 0 {
			u.Set(tt)
		}
		wantLoss := bigLog1p(bigExp(newBig(0).Neg(a)))
		wantLoss.Add(wantLoss, a.Mul(a, u))
		wantGrad := bigSigmoid(x)
		wantGrad.Sub(wantGrad, tt).Mul(wantGrad, newBig(2))
		if e := ulps(loss[0], wantLoss); e > 4 {
			t.Errorf("z = %g, t = %g: loss %g, off by %.1f units in the last place", z, target, loss[0], e)
		}
		// For other targets the difference may cancel, to the size of 1.
		if e := ulps(dz[0], wantGrad); e > 4 && (target == 0 || target == 1) {
			t.Errorf("z = %g, t = %g: gradient %g, off by %.1f units in the last place", z, target, dz[0], e)
		}
		if d := newBig(0).Sub(newBig(float64(dz[0])), wantGrad); d.Abs(d).Cmp(newBig(float64(4*epsilon[T]()))) > 0 {
			t.Errorf("z = %g, t = %g: gradient %g, want %.10g", z, target, dz[0], wantGrad)
		}
	}
}

// epsilon is the distance from 1 to the next float.
func epsilon[T Float]() T {
	if double[T]() {
		return 0x1p-52
	}
	return 0x1p-23
}

func TestBinaryCrossEntropyOutsideTheNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct{ z, t, loss, grad float64 }{
		{inf, 1, 0, 0},
		{inf, 0, inf, 1},
		{-inf, 0, 0, 0},
		{-inf, 1, inf, -1},
		{inf, 0.5, inf, 0.5},
		{nan, 0, nan, nan},
		{nan, 1, nan, nan},
		{1, nan, nan, nan},
		{0, 0.5, math.Ln2, 0},
	} {
		loss, dz := []float64{7}, []float64{c.z}
		BinaryCrossEntropy(loss, dz, dz, 1, []float64{c.t}, 1)
		if bits(loss[0]) != bits(c.loss) || bits(math.Abs(dz[0])) != bits(math.Abs(c.grad)) {
			t.Errorf("z = %g, t = %g: loss %g, gradient %g, want %g, %g", c.z, c.t, loss[0], dz[0], c.loss, c.grad)
		}
	}
}

func TestSquaredError(t *testing.T) { both(t, testSquaredError[float64], testSquaredError[float32]) }

func testSquaredError[T Float](t *testing.T) {
	// (3-1)^2 and (5-8)^2: mean 6.5, gradient 2*2/2 and 2*(-3)/2.
	losses, dz := []T{0}, []T{0, 0}
	SquaredError(losses, dz, []T{3, 5}, 1, 2, 1, []T{1, 8}, 1, 10)
	if losses[0] != 6.5 || dz[0] != 20 || dz[1] != -30 {
		t.Errorf("loss %g, gradient %g, want 6.5, [20 -30]", losses, dz)
	}
	rng := rand.New(rand.NewPCG(27, 28))
	for _, out := range []int{1, 3, 700, maxOutputs, maxOutputs + 1} {
		for n := range 150 {
			if n >= 40 && n != 149 || out > 3 && n != 2 && (n != 149 || out != 700) {
				continue // enough for several calls, and for no assembly
			}
			z, targets, dz := newMatrix[T](rng, out, n, n+2), newMatrix[T](rng, out, n, n+5), newMatrix[T](rng, out, n, n+2)
			losses, alone := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
			scale := T(0.7)
			SquaredError(losses.data, dz.data, z.data, z.ld, out, n, targets.data, targets.ld, scale)
			SquaredError(alone.data, nil, z.data, z.ld, out, n, targets.data, targets.ld, scale)
			losses.check(t, "losses")
			dz.check(t, "dz")
			if !equal(losses.data, alone.data) {
				t.Fatalf("out = %d, n = %d: losses with a gradient %v, without %v", out, n, losses.data, alone.data)
			}
			for j := range n {
				var s T
				for c := range out {
					d := z.at(c, j) - targets.at(c, j)
					s = bigFMA(d, d, s)
					if want := scale * 2 / T(out) * d; dz.at(c, j) != want {
						t.Fatalf("out = %d, n = %d: dz[%d][%d] = %v, want %v", out, n, c, j, dz.at(c, j), want)
					}
				}
				if want := s / T(out); losses.data[j] != want {
					t.Fatalf("out = %d, n = %d: loss %d = %v, want %v", out, n, j, losses.data[j], want)
				}
			}
		}
	}
}

// Central differences of the sum of losses, which is what scale = 1 is for.
func TestLossGradientsByDifferences(t *testing.T) {
	const rows, n, h = 3, 4, 1e-5
	rng := rand.New(rand.NewPCG(29, 30))
	labels, targets := []int32{2, 0, 1, 1}, random[float64](rng, rows*n)
	for j := range targets {
		targets[j] = math.Abs(math.Mod(targets[j], 1))
	}
	losses := make([]float64, rows*n)
	for _, c := range []struct {
		name string
		f    func(dz, z []float64)
	}{
		{"softmax", func(dz, z []float64) { SoftmaxCrossEntropy(losses, dz, z, n, rows, n, labels, 1) }},
		{"binary", func(dz, z []float64) { BinaryCrossEntropy(losses, dz, z, rows*n, targets, 1) }},
		{"squared", func(dz, z []float64) { SquaredError(losses, dz, z, n, rows, n, targets, n, 1) }},
	} {
		total := func(z []float64) (s float64) {
			clear(losses)
			c.f(nil, z)
			for _, l := range losses {
				s += l
			}
			return s
		}
		z, dz := random[float64](rng, rows*n), make([]float64, rows*n)
		c.f(dz, z)
		for j := range z {
			v := z[j]
			z[j] = v + h
			up := total(z)
			z[j] = v - h
			down := total(z)
			z[j] = v
			// A difference of sums near 10 in steps of 1e-5: 1e-10 of rounding.
			if want := (up - down) / (2 * h); math.Abs(dz[j]-want) > 1e-9 {
				t.Errorf("%s: dz[%d] = %.12g, want %.12g", c.name, j, dz[j], want)
			}
		}
	}
}
