package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randomBits[T Float](rng *rand.Rand) T {
	if double[T]() {
		return T(math.Float64frombits(rng.Uint64()))
	}
	return T(math.Float32frombits(rng.Uint32()))
}

func TestFMARoundsOnce(t *testing.T) { both(t, testFMA[float64], testFMA[float32]) }

func testFMA[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	check := func(x, y, z T) {
		t.Helper()
		got, want := fma(x, y, z), bigFMA(x, y, z)
		if bits(got) != bits(want) {
			t.Fatalf("fma(%g, %g, %g) = %g, want %g", x, y, z, got, want)
		}
		c := []T{z}
		if Axpy(c, x, []T{y}); bits(c[0]) != bits(want) {
			t.Fatalf("Axpy([%g], %g, [%g]) = %g, want %g", z, x, y, c[0], want)
		}
	}
	for range 5000 {
		check(randomBits[T](rng), randomBits[T](rng), randomBits[T](rng))
		x, y, z := T(rng.NormFloat64()), T(rng.NormFloat64()), T(rng.NormFloat64())
		check(x, y, z)
		check(x, y, T(-float64(x)*float64(y))) // all but the rounding cancels
		check(x, y, 0)
	}
	inf, nan, zero := T(math.Inf(1)), T(math.NaN()), T(math.Copysign(0, -1))
	special := []T{0, zero, 1, -1, inf, -inf, nan, randomBits[T](rng)}
	for _, x := range special {
		for _, y := range special {
			for _, z := range special {
				check(x, y, z)
			}
		}
	}
}

// Rounding a float64 sum to float32 is wrong when the sum has been rounded to
// the middle between two float32s. These are made to be such.
func TestFMA32AtMidpoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	twice := 0 // where rounding twice goes wrong
	check := func(x, y, z float32) {
		t.Helper()
		want := bigFMA(x, y, z)
		if got := fma32(x, y, z); bits(got) != bits(want) {
			t.Fatalf("fma32(%g, %g, %g) = %g, want %g", x, y, z, got, want)
		}
		c := []float32{z}
		if Axpy(c, x, []float32{y}); bits(c[0]) != bits(want) {
			t.Fatalf("Axpy([%g], %g, [%g]) = %g, want %g", z, x, y, c[0], want)
		}
		if bits(float32(float64(x)*float64(y)+float64(z))) != bits(want) {
			twice++
		}
	}
	sign := func(x float64) float32 { return float32(math.Copysign(x, float64(rng.IntN(2))-0.5)) }
	for range 20000 {
		// z plus about half a unit in its last place. A factor one unit off a
		// power of two puts the product 2^-46 of itself off the middle, below
		// the last bit of the sum in float64.
		z := sign(float64(1<<23 + rng.IntN(1<<23)))
		k := float64(rng.IntN(3) - 1)
		x, y := sign(1+k*0x1p-23), float32(0.5*(1-k*0x1p-23))
		scale := math.Ldexp(1, rng.IntN(60)-30)
		check(x*float32(scale), y, z*float32(scale))
		// Subnormal results: z a multiple of the least, and again a half more.
		z = sign(float64(rng.IntN(1<<23)) * 0x1p-149)
		check(x*0x1p-100, y*0x1p-49, z)
		check(x*0x1p-100, y*0x1p-50*float32(1+rng.IntN(1<<20)), z)
		// Results on either side of the least normal number.
		check(x*0x1p-100, y*0x1p-49, sign(0x1p-126-0x1p-149*float64(rng.IntN(2))))
		// And of the greatest.
		check(x*0x1p100, y*0x1p4, sign(math.MaxFloat32))
	}
	// Just below the middle, where the float64 sum is odd already: 362^2 is
	// 2^17 - 28, so the product is 2^-150 * (1 - 2^-29 + 28 * 2^-46).
	check((1+362*0x1p-23)*0x1p-100, (1-362*0x1p-23)*0x1p-50, (1<<22+1)*0x1p-149)
	if twice < 1000 {
		t.Errorf("only %d cases tell one rounding from two: no test", twice)
	}
}

func TestRoundToOdd(t *testing.T) {
	const unit = 0x1p-52 // in the last place of 1
	for _, c := range []struct{ p, z, want float64 }{
		{1, 0, 1},
		{1, unit, 1 + unit},
		{1, unit * 0.01, 1 + unit},
		{1, unit * 0.99, 1 + unit},
		{1 + unit, unit * 0.3, 1 + unit},
		{1 + unit, -unit * 0.3, 1 + unit},
		{1 + 2*unit, -unit * 0.01, 1 + unit},
		{-1 - 2*unit, unit * 0.01, -1 - unit},
		{-1 - 2*unit, -unit * 0.01, -1 - 3*unit},
		{1, -unit * 0.01, 1 - unit/2},
	} {
		if got := roundToOdd(c.p, c.z); got != c.want {
			t.Errorf("roundToOdd(%v, %v) = %v, want %v", c.p, c.z, got, c.want)
		}
	}
}
