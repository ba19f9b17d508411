package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestBatchNormByHand(t *testing.T) {
	y, mean, invstd := make([]float64, 4), []float64{0}, []float64{0}
	BatchNorm(y, []float64{1, 2, 3, 4}, 4, 1, 4, []float64{2}, []float64{10}, 0, mean, invstd)
	// (x - 2.5) / sqrt(1.25)
	want := []float64{-1.3416407865, -.4472135955, .4472135955, 1.3416407865}
	for j := range want {
		if math.Abs(y[j]-(2*want[j]+10)) > 1e-9 {
			t.Errorf("y[%d] = %.10f, want %.10f", j, y[j], 2*want[j]+10)
		}
	}
	if mean[0] != 2.5 || math.Abs(invstd[0]*invstd[0]-0.8) > 1e-15 {
		t.Errorf("mean, invstd = %v, %v, want 2.5, sqrt(0.8)", mean[0], invstd[0])
	}
	// One example has no spread: it becomes beta.
	BatchNorm(y[:1], []float64{7}, 1, 1, 1, []float64{2}, []float64{10}, 1e-5, mean, invstd)
	if y[0] != 10 {
		t.Errorf("one example: y = %v, want 10", y[0])
	}
}

func TestBatchNormBits(t *testing.T) {
	both(t, testBatchNormBits[float64], testBatchNormBits[float32])
}

// The documented arithmetic for all tails, in place and not, forward and
// backward; nothing else written; inference with the same statistics the same.
func testBatchNormBits[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	const m, eps = 7, 1e-5 // four rows at a time, then two, then one
	gamma, beta := random[T](rng, m), random[T](rng, m)
	for n := range 50 {
		name, ld := fmt.Sprintf("n = %d", n), n+3
		next := func() matrix[T] { return newMatrix[T](rng, m, n, ld) }
		x, y, infer, dy, dx := next(), next(), next(), next(), next()
		inY := x.clone()
		mean, invstd := random[T](rng, m), random[T](rng, m)
		dgamma, dbeta := random[T](rng, m), random[T](rng, m)
		dgamma0, dbeta0 := append([]T(nil), dgamma...), append([]T(nil), dbeta...)

		BatchNorm(y.data, x.data, ld, m, n, gamma, beta, eps, mean, invstd)
		BatchNorm(inY.data, inY.data, ld, m, n, gamma, beta, eps, mean, invstd)
		BatchNormInfer(infer.data, x.data, ld, m, n, gamma, beta, mean, invstd)
		BatchNormGrad(dx.data, dgamma, dbeta, dy.data, x.data, ld, m, n, gamma, mean, invstd)
		for _, a := range []matrix[T]{x, y, infer, dx, inY} {
			a.check(t, name)
		}
		if n == 0 {
			if !equal(dgamma, dgamma0) || !equal(dbeta, dbeta0) {
				t.Error("no examples have a gradient")
			}
			continue
		}
		if !equal(y.data, infer.data) || !equal(y.data, inY.data) {
			t.Fatalf("%s: inference or in place differs", name)
		}
		for i := range m {
			s, one := []T{0}, func(a matrix[T]) []T { return a.data[i*ld:][:n] }
			RowSums(s, one(x), n, 1, n, false)
			mu := s[0] / T(n)
			d, xhat := make([]T, n), make([]T, n)
			for j := range d {
				d[j] = x.at(i, j) - mu
			}
			RowDots(s, d, n, d, n, 1, n, false)
			inv := 1 / T(math.Sqrt(float64(s[0]/T(n)+eps)))
			if mean[i] != mu || invstd[i] != inv {
				t.Fatalf("%s: mean, invstd = %v, %v, want %v, %v", name, mean[i], invstd[i], mu, inv)
			}
			for j := range d {
				xhat[j] = d[j] * inv
			}
			RowDots(s, one(dy), n, xhat, n, 1, n, false)
			sumDot := s[0]
			RowSums(s, one(dy), n, 1, n, false)
			sumDy := s[0]
			if dgamma[i] != dgamma0[i]+sumDot || dbeta[i] != dbeta0[i]+sumDy {
				t.Fatalf("%s: dgamma, dbeta = %v, %v, want %v, %v", name, dgamma[i], dbeta[i], dgamma0[i]+sumDot, dbeta0[i]+sumDy)
			}
			for j := range n {
				if want := bigFMA(gamma[i], xhat[j], beta[i]); y.at(i, j) != want {
					t.Fatalf("%s: y[%d][%d] = %v, want %v", name, i, j, y.at(i, j), want)
				}
				want := gamma[i] * inv * bigFMA(-xhat[j], sumDot/T(n), dy.at(i, j)-sumDy/T(n))
				if dx.at(i, j) != want {
					t.Fatalf("%s: dx[%d][%d] = %v, want %v", name, i, j, dx.at(i, j), want)
				}
			}
		}
		over := dy.clone()
		BatchNormGrad(over.data, dgamma, dbeta, over.data, x.data, ld, m, n, gamma, mean, invstd)
		BatchNormGrad(x.data, dgamma, dbeta, dy.data, x.data, ld, m, n, gamma, mean, invstd)
		if !equal(over.data, dx.data) || !equal(x.data, dx.data) {
			t.Fatalf("%s: the gradient in place differs", name)
		}
	}
}

// Central differences of sum(w*y), for dx, dgamma and dbeta.
func TestBatchNormGradByDifferences(t *testing.T) {
	const m, n, eps, h = 2, 5, 1e-3, 1e-5
	rng := rand.New(rand.NewPCG(33, 34))
	x, w := random[float64](rng, m*n), random[float64](rng, m*n)
	gamma, beta := random[float64](rng, m), random[float64](rng, m)
	y, mean, invstd := make([]float64, m*n), make([]float64, m), make([]float64, m)
	value := func() (s float64) {
		BatchNorm(y, x, n, m, n, gamma, beta, eps, mean, invstd)
		for j := range y {
			s += w[j] * y[j]
		}
		return s
	}
	value()
	dx, dgamma, dbeta := make([]float64, m*n), make([]float64, m), make([]float64, m)
	BatchNormGrad(dx, dgamma, dbeta, w, x, n, m, n, gamma, mean, invstd)
	for _, c := range []struct {
		name    string
		v, grad []float64
	}{{"x", x, dx}, {"gamma", gamma, dgamma}, {"beta", beta, dbeta}} {
		for j, v := range c.v {
			c.v[j] = v + h
			up := value()
			c.v[j] = v - h
			down := value()
			c.v[j] = v
			if want := (up - down) / (2 * h); math.Abs(c.grad[j]-want) > 1e-8 {
				t.Errorf("d%s[%d] = %.10g, want %.10g", c.name, j, c.grad[j], want)
			}
		}
	}
	// What cannot change y has no gradient: a shift of a row, and, but for eps,
	// a stretch of it.
	for i := range m {
		var sum, dot float64
		for j := range n {
			sum += dx[i*n+j]
			dot += dx[i*n+j] * (x[i*n+j] - mean[i]) * invstd[i]
		}
		if math.Abs(sum) > 1e-14 || math.Abs(dot) > 1e-2 {
			t.Errorf("row %d: sum of dx = %g, of dx*xhat = %g, want 0, about 0", i, sum, dot)
		}
	}
}
