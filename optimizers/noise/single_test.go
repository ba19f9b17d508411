package noise

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// singleAt is element i of a row, by what the package comment says of its place.
func singleAt(i int, seed, step uint64, row uint32) float32 {
	pair := i % 16
	b := place{seed, step, row, uint32(i/32*8 + pair/2)}.block()
	words := [2][2]uint32{{b.w1, b.w3}, {b.w0, b.w2}}[pair%2]
	x, y := polarSingle(words[0], words[1])
	if i%32 < 16 {
		return x
	}
	return y
}

// A sum of float32 products is rounded once, also where rounding to float64 first would
// put it in the middle between two.
func TestFMA32RoundsOnce(t *testing.T) {
	r := rand.New(NewSource(3, 1))
	draw := func() float32 {
		mantissa := r.Uint32() >> (9 + r.IntN(23)) // short ones, too: products with zeros at the end
		return math.Float32frombits(r.Uint32()&(1<<31) | uint32(90+r.IntN(70))<<23 | mantissa<<r.IntN(2)&(1<<23-1))
	}
	middles := 0
	for range 300_000 {
		x, y, z := draw(), draw(), draw()
		if r.IntN(2) == 0 {
			// 1 - a^2 2^-46 of half a unit in the last place of z: float64 loses the rest.
			a := float32(1+r.IntN(8)) * 0x1p-23
			z = 1 + float32(r.IntN(1<<23))*0x1p-23
			x, y = (1+a)*0x1p-24, 1-a
			if r.IntN(2) == 0 {
				x = -x
			}
			if r.IntN(2) == 0 {
				y, z = -y, -z
			}
		}
		sum := new(big.Float).SetPrec(400).Mul(big.NewFloat(float64(x)), big.NewFloat(float64(y)))
		sum.Add(sum.SetPrec(400), big.NewFloat(float64(z)))
		want, _ := sum.Float32()
		if float32(float64(x)*float64(y)+float64(z)) != want {
			middles++
		}
		if got := fma32(x, y, z); got != want {
			t.Fatalf("fma32(%g, %g, %g) = %g, want %g", x, y, z, got, want)
		}
	}
	if middles == 0 {
		t.Error("none of the sums was in the middle, want some: the test says nothing")
	}
}

// singleEdges are words of radius and angle where chance does not bring them: the
// least and greatest radius, the seams of the logarithm, the axes, the diagonals.
func singleEdges() []uint32 {
	words := []uint32{0, 1, 2, 3, 1 << 22, 1<<24 - 1, 1 << 24, 1 << 30, 3 << 30, 1 << 29}
	for d := range uint32(5) {
		words = append(words, 0x5A827999+d-2, 0x5A827999>>1+d-2, 1<<31+d-2, 1<<31-66+d, 1<<31-130+d) // sqrt(1/2), sqrt(1/8), 1
	}
	for _, w := range words {
		words = append(words, -w)
	}
	return words
}

// horner is a polynomial in float64, from its constant on.
func horner(x float64, coefficients ...float64) float64 {
	p := 0.0
	for i := len(coefficients) - 1; i >= 0; i-- {
		p = float64(p*x) + coefficients[i]
	}
	return p
}

// What the polynomials are off by themselves, with coefficients of float32, in units
// of 2^-24. The bounds of TestPolarSingleAgainstDefinition are made of it.
func TestSinglePolynomials(t *testing.T) {
	logarithm, sine, cosine := 0.0, 0.0, 0.0
	const steps = 100_000
	for i := range steps + 1 {
		part := float64(i) / steps
		s := math.Sqrt2 / 2 * (1 + part) // m, and then m - 1
		if s--; s != 0 {
			p := horner(s, singleL0, singleL1, singleL2, singleL3, singleL4, singleL5, singleL6, singleL7)
			logarithm = max(logarithm, math.Abs(p*s/(-2*math.Log1p(s))-1))
		}
		v := part / 2
		p := horner(v*v, singleS0, singleS1, singleS2, singleS3, singleS4)
		if v > 0 {
			sine = max(sine, math.Abs(p*v/math.Sin(math.Pi*v)-1))
		}
		p = horner(v*v, singleC0, singleC1, singleC2, singleC3, singleC4)
		cosine = max(cosine, math.Abs(p-math.Cos(math.Pi*v)))
	}
	for _, c := range []struct {
		name       string
		got, limit float64
	}{{"logarithm", logarithm, 2.97}, {"sine", sine, 0.72}, {"cosine", cosine, 1.40}} {
		if c.got *= 1 << 24; !(c.got <= c.limit) {
			t.Errorf("%s is off by %.3f * 2^-24, want at most %v", c.name, c.got, c.limit)
		}
	}
}

// Bounds of the error, in units of 2^-24, which is as much as one operation rounds by:
//
//   - s p, relative: 2.97 of the polynomial itself, 1.28 of Horner's scheme (the sum of
//     |s^i p_i / p_0|, where p_i is what remains after i steps), and 1: 5.25;
//   - r^2 = s p - 2 k ln 2: besides, 1, and 0.1 because ln 2 is rounded. k ln 2 is at
//     least twice s p, where it is not 0, so that r^2 >= |s p|: 6.35;
//   - r, its root: half of that, and 1: 4.18;
//   - the sine, relative: 0.72 itself, 1.66 of Horner's scheme, 0.5 because v^2 is
//     rounded, and 1 for p v: 3.88;
//   - the cosine, absolute: 1.40 itself, 1.26 and 0.79 as above: 3.45. On the axis it
//     is its last coefficient: 1.
//
// A product adds 1. x is so within 4.18 + 3.45 + 1 of r and y within 4.18 + 3.88 + 1;
// on the axis, x is within 4.18 + 1 + 1. Products of errors are below 0.001.
func TestPolarSingleAgainstDefinition(t *testing.T) {
	const axis, xLimit, yLimit = 6.19, 8.64, 9.07
	worstAxis, worstX, worstY := 0.0, 0.0, 0.0
	check := func(radius, angle uint32) {
		// What u and v are in float32 is a question of resolution and not of error.
		u := float64(float32(math.Abs(float64(float32(int32(radius))))/0x1p31 + 0x1p-33))
		v := float64(float32(int32(angle))) / 0x1p32
		want := math.Sqrt(-2 * math.Log(u))
		sin, cos := math.Sincos(math.Pi * v)
		if radius>>31 == 1 {
			cos = -cos
		}
		x, y := polarSingle(radius, angle)
		if want == 0 {
			if x != 0 || y != 0 {
				t.Errorf("polarSingle(%#x, %#x) = %v, %v, want 0, 0", radius, angle, x, y)
			}
			return
		}
		worstX = max(worstX, math.Abs(float64(x)-want*cos)/want)
		worstY = max(worstY, math.Abs(float64(y)-want*sin)/want)
		x, _ = polarSingle(radius, 0)
		worstAxis = max(worstAxis, math.Abs(math.Abs(float64(x))/want-1))
	}
	for _, radius := range singleEdges() {
		for _, angle := range singleEdges() {
			check(radius, angle)
		}
	}
	r := rand.New(NewSource(5, 1))
	for range 1_000_000 {
		check(r.Uint32()>>r.IntN(28), r.Uint32()>>r.IntN(28))
	}
	for _, c := range []struct {
		name       string
		got, limit float64
	}{{"x on the axis", worstAxis, axis}, {"x", worstX, xLimit}, {"y", worstY, yLimit}} {
		c.got *= 1 << 24
		t.Logf("%s is within %.2f * 2^-24 of the radius", c.name, c.got)
		if !(c.got <= c.limit) {
			t.Errorf("%s is within %.2f * 2^-24 of the radius, want %v", c.name, c.got, c.limit)
		}
	}
}

// The tails of the distribution that all words of radius and angle make, against those
// of the normal distribution: of each radius r, the part acos(t/r) / (pi/2) of the angles
// gives |x| > t, and each counts for 2^-32. That part falls from 1 at u = 0 to 0, and
// steps of u are 2^-31, half of it for either side, so that the sum is within 2^-32 of the
// integral. Where radius is 0, x is positive: the tail above has 2^-33 more of it than
// the integral, the tail below 2^-33 less. At 5, all of this is a thousandth of the tail.
func TestTailOfSinglesIsEnumerated(t *testing.T) {
	const tolerance = 0x1p-32 + 0x1p-33
	for _, from := range []float64{4, 4.5, 5, 5.5, 6, 6.5} {
		want := normalCDF(-from)
		for first, name := range []string{"x", "-x"} { // -0 is 0: the tail below begins with -1
			sum := 0.0
			for radius := first; ; radius++ {
				word := uint32(radius)
				if first == 1 {
					word = -word
				}
				x, _ := polarSingle(word, 0)
				r := math.Abs(float64(x))
				if r <= from {
					break
				}
				if (x < 0) != (first == 1) {
					t.Fatalf("radius %#x: x = %v, which has not its sign", word, x)
				}
				sum += math.Acos(from/r) / (math.Pi / 2) * 0x1p-32
			}
			if math.Abs(sum-want) > tolerance {
				t.Errorf("%s > %v has the probability %.4g, want %.4g within %.2g", name, from, sum, want, tolerance)
			}
		}
	}
}

// The largest magnitude, and that the sign of the radius is that of x.
func TestPolarSingleLimits(t *testing.T) {
	largest := math.Sqrt(66 * math.Ln2)
	x, y := polarSingle(0, 0) // u = 2^-33
	if math.Abs(float64(x)-largest) > 1e-6 || y != 0 {
		t.Errorf("the largest normal and its twin = %v, %v, want %v and 0", x, y, largest)
	}
	for _, w := range []uint32{1 << 31, 1<<31 - 1} {
		if x, y := polarSingle(w, 12345); x != 0 || y != 0 {
			t.Errorf("polarSingle(%#x) = %v, %v, want 0, 0: u is 1", w, x, y)
		}
	}
	up, _ := polarSingle(1000, 1<<28)
	down, _ := polarSingle(^uint32(999), 1<<28)
	if up != -down || up <= 0 {
		t.Errorf("x = %v, and %v for the radius with the other sign, want a positive number and its negative", up, down)
	}
}
