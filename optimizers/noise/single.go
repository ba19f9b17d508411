package noise

import "math"

// A group is what the normals of float32 come in: those of eight blocks, sixteen
// pairs. First are the x of all pairs and then the y, so that vectors of pairs need
// no shuffling.
const (
	groupBlocks = 8
	group       = 4 * groupBlocks
)

// singles makes the group that begins with the block at p.
func singles(p place) (z [group]float32) {
	for b := range groupBlocks {
		w := p.block()
		z[2*b], z[16+2*b] = polarSingle(w.w1, w.w3)
		z[2*b+1], z[16+2*b+1] = polarSingle(w.w0, w.w2)
		p.index++
	}
	return z
}

// The polynomials of polarSingle. Of those of their degree they have the least error
// (Remez's algorithm), relative but for the cosine's: it is 0 at both ends.
const (
	singleRoot = 0x3F3504F3 // sqrt(1/2)

	// -2 ln(1+s) / s.
	singleL0 = -1.9999998807907104
	singleL1 = 1.0000072717666626
	singleL2 = -0.6667011976242065
	singleL3 = 0.4993981719017029
	singleL4 = -0.39800330996513367
	singleL5 = 0.34501659870147705
	singleL6 = -0.32445162534713745
	singleL7 = 0.20213791728019714
	// sin(pi v) / v, in v^2.
	singleS0 = 3.1415927410125732
	singleS1 = -5.167709827423096
	singleS2 = 2.550069808959961
	singleS3 = -0.5982421040534973
	singleS4 = 0.07756038755178452
	// cos(pi v), in v^2.
	singleC0 = 0.9999999403953552
	singleC1 = -4.934792995452881
	singleC2 = 4.058412075042725
	singleC3 = -1.3318802118301392
	singleC4 = 0.2196968048810959
)

// polarSingle is what polar is, in float32, with 32 bits for the radius and as many
// for the angle: of these as signed numbers,
//
//	u = |radius| / 2^31 + 1 / 2^33                uniform in (0, 1]
//	v = angle / 2^32                              uniform in [-1/2, 1/2]
//	r = sqrt(-2 ln u), x = r cos(pi v), y = r sin(pi v)
//
// and x has the sign of radius, so that the angle is any. A float32 is the finer the
// smaller u is, and keeps all of its 31 bits where r is above 3.2. Near 1 it is
// coarsest: the least r but 0 is 2^-11.5, and one pair in 2^25 is 0.
//
// Each operation is rounded by itself.
func polarSingle(radius, angle uint32) (x, y float32) {
	u := fma32(abs32(float32(int32(radius))), 0x1p-31, 0x1p-33)
	// u = 2^k m with m in [sqrt(1/2), sqrt(2)).
	b := int32(math.Float32bits(u)) - singleRoot
	k := float32(b >> 23)
	s := math.Float32frombits(uint32(b&(1<<23-1)+singleRoot)) - 1
	p := fma32(s, singleL7, singleL6)
	p = fma32(s, p, singleL5)
	p = fma32(s, p, singleL4)
	p = fma32(s, p, singleL3)
	p = fma32(s, p, singleL2)
	p = fma32(s, p, singleL1)
	p = fma32(s, p, singleL0)
	r := float32(math.Sqrt(float64(fma32(k, -2*math.Ln2, float32(s*p))))) // rounding twice is exact

	v := float32(float32(int32(angle)) * 0x1p-32)
	z := float32(v * v)
	p = fma32(z, singleS4, singleS3)
	p = fma32(z, p, singleS2)
	p = fma32(z, p, singleS1)
	p = fma32(z, p, singleS0)
	sin := p * v
	p = fma32(z, singleC4, singleC3)
	p = fma32(z, p, singleC2)
	p = fma32(z, p, singleC1)
	p = fma32(z, p, singleC0)
	cos := math.Float32frombits(math.Float32bits(p) ^ radius&(1<<31))
	return r * cos, r * sin
}

func abs32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// fma32 returns x*y + z, rounded once to float32. The product is exact in float64,
// so that only the sum is rounded before the result is. Rounding twice is wrong where
// the first makes a number of it that is in the middle between two of float32: with
// 28 bits or more of zeros at its end. Such a sum is rounded to odd first (Boldo &
// Melquiond 2008, doi:10.1109/TC.2007.70819): its last bit is 1 if it is not exact.
func fma32(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	if math.Float64bits(s)<<36 == 0 {
		// p + z = s + e exactly (Knuth's TwoSum).
		t := s - p
		e := (p - (s - t)) + (float64(z) - t)
		if e != 0 {
			bits := math.Float64bits(s)
			if (e > 0) == (s > 0) {
				bits++ // away from zero
			} else {
				bits--
			}
			s = math.Float64frombits(bits)
		}
	}
	return float32(s)
}
