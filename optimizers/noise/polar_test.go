package noise

import (
	"math"
	"math/big"
	"math/bits"
	"testing"
)

// atanh2 is 2 atanh(s) by its series, for |s| <= 1/3.
func atanh2(s *big.Float) *big.Float {
	square := new(big.Float).Mul(s, s)
	power := new(big.Float).Add(s, s)
	sum := new(big.Float).SetPrec(precision)
	for k := 1.0; k < 140; k += 2 {
		sum.Add(sum, new(big.Float).Quo(power, bigf(k)))
		power.Mul(power, square)
	}
	return sum
}

// bigLog is the logarithm of a positive x: 2 atanh((m-1)/(m+1)) + e log 2.
func bigLog(x float64) *big.Float {
	m, e := math.Frexp(x)
	s := new(big.Float).Quo(new(big.Float).Sub(bigf(m), bigf(1)), new(big.Float).Add(bigf(m), bigf(1)))
	ln2 := atanh2(new(big.Float).Quo(bigf(1), bigf(3)))
	return new(big.Float).Add(atanh2(s), new(big.Float).Mul(bigf(float64(e)), ln2))
}

// exactPolar is polar by arbitrary precision, from its definition.
func exactPolar(word uint64) (x, y *big.Float) {
	square := bigLog(float64(2*(word>>12)+1) * 0x1p-53)
	square.Mul(square, bigf(-2))
	r := new(big.Float).Sqrt(square)
	var low uint64 // the four low bytes in reverse
	for i := range 4 {
		low = low<<8 | word>>(8*i)&0xff
	}
	quarters := float64(2*(low%(1<<30))+1)*0x1p-31 - 0.5
	y, x = bigSinCos(quarters / 4)
	x.Mul(x, r)
	y.Mul(y, r)
	if word&128 != 0 {
		x.Neg(x)
	}
	if word&64 != 0 {
		x, y = y, x
	}
	return x, y
}

// edgeWords have uniforms and angles where chance does not bring them: the least
// and greatest radius, the seams of its logarithm, the axes and the diagonals.
func edgeWords() []uint64 {
	const ones = 1<<64 - 1
	words := []uint64{0, ones, 1 << 12, ones - 1<<12}
	s := NewSource(1, 1)
	for zeros := 8; zeros < 56; zeros += 4 { // u near 0, near 1
		x := s.Uint64() >> zeros
		words = append(words, x, ^x)
	}
	// 2^k sqrt(1/2), and the number near it where the code divides.
	for _, u := range []float64{math.Sqrt2 / 2, math.Float64frombits(0x3FE6A09E << 32), 0.5, math.Sqrt2 / 4} {
		for d := range uint64(5) {
			words = append(words, (uint64(u*0x1p52)+d-2)<<12|s.Uint64()%(1<<12))
		}
	}
	for _, angle := range []uint32{0, 1, 1<<29 - 1, 1 << 29, 1<<30 - 1} {
		for quadrant := range uint32(4) {
			words = append(words, s.Uint64()>>32<<32|uint64(bits.ReverseBytes32(angle|quadrant<<30)))
		}
	}
	return words
}

// The relative error is that of the polynomials, below 2^-37.6 for the sine and
// the cosine, and half of 2^-37.7 for the radius.
func TestPolarIsBoxMuller(t *testing.T) {
	const want = 0x1p-37
	words := edgeWords()
	s := NewSource(1, 2)
	for range 1000 {
		words = append(words, s.Uint64())
	}
	worst, at := 0.0, uint64(0)
	for _, word := range words {
		x, y := polar(word)
		exactX, exactY := exactPolar(word)
		for i, exact := range []*big.Float{exactX, exactY} {
			d := new(big.Float).Sub(bigf([]float64{x, y}[i]), exact)
			if e, _ := d.Quo(d, exact).Float64(); !(math.Abs(e) <= worst) {
				worst, at = math.Abs(e), word
			}
		}
	}
	t.Logf("largest relative error 2^%.2f, at %#x", math.Log2(worst), at)
	if !(worst <= want) {
		t.Errorf("polar(%#x) is off by 2^%.2f of itself, want at most 2^-37", at, math.Log2(worst))
	}
}

// The largest magnitude, the least radius and the step of the angle: what the
// package comment says of tails and resolution.
func TestPolarLimits(t *testing.T) {
	// u = 2^-53; of v the bits that are not shared are those of 0.
	largest := math.Sqrt(106 * math.Ln2)
	x, y := polar(1 << 5)
	if math.Abs(x-largest) > 1e-9 || math.Abs(y) > 1e-7 {
		t.Errorf("the largest normal and its twin = %v, %v, want %v and almost 0", x, y, largest)
	}
	x, y = polar(1<<64 - 1) // u = 1 - 2^-53
	if r := math.Hypot(x, y) / 0x1p-26; math.Abs(r-1) > 1e-9 {
		t.Errorf("least radius = %v * 2^-26, want 1", r)
	}
	const word = 1<<63 | 1<<5 // u = 1/2 to 2^-32
	_, y0 := polar(word)
	_, y1 := polar(word | 1<<24) // the last bit of the angle
	if got, want := (y1-y0)/math.Sqrt(2*math.Ln2), 2*math.Pi*0x1p-32; math.Abs(got/want-1) > 1e-6 {
		t.Errorf("step of the angle = %v, want %v", got, want)
	}
}

// A point has eight images under quarter turns and reflection, all there, each
// of the same probability: quadrant and sign of v.
func TestPolarIsSymmetric(t *testing.T) {
	const top = uint64(0x123456 << 40) // of the radius; the bits that v shares are 0 or 1
	x, y := polar(top | 0x25)
	x, y = math.Abs(x), math.Abs(y)
	seen := map[[2]float64]bool{}
	for _, low := range []uint32{0x25, ^uint32(0x25)} {
		for quadrant := range uint32(4) {
			w := top | uint64(low&^(3<<6)|quadrant<<6)
			px, py := polar(w)
			seen[[2]float64{math.Round(px * 1e6), math.Round(py * 1e6)}] = true
			for _, p := range []float64{math.Abs(px), math.Abs(py)} {
				if math.Abs(p-x) > 1e-6 && math.Abs(p-y) > 1e-6 {
					t.Errorf("polar(%#x) = %v, %v, want an image of %v, %v", w, px, py, x, y)
				}
			}
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d images of %v, %v, want 8: %v", len(seen), x, y, seen)
	}
}
