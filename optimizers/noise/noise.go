package noise

import "math"

//go:generate go run ./gen

// Uniform fills dst with numbers uniform in [0, 1), multiples of 2^-53.
// Element i depends on seed, step, row and i alone, not on the length of dst,
// which is at most 2^33.
func Uniform(dst []float64, seed, step uint64, row uint32) {
	fillUniform(dst, place{seed, step, row, 0})
}

// Normal fills dst with standard normal numbers, none larger than 8.5 in
// magnitude. Element i depends on seed, step, row and i alone, not on the
// length of dst, which is at most 2^33. The bits are the same on every machine.
func Normal(dst []float64, seed, step uint64, row uint32) {
	fillNormal(dst, place{seed, step, row, 0})
}

// AddNormal adds sigma times what [Normal] gives to dst, with one rounding: the
// perturbation of a candidate without a second vector.
func AddNormal(dst []float64, sigma float64, seed, step uint64, row uint32) {
	addNormal(dst, place{seed, step, row, 0}, sigma)
}

// Below are the definitions of these, and what machines without assembly for
// them run: dst is filled from the block that p names on.

func uniformPortable(dst []float64, p place) {
	even := len(dst) &^ 1
	for i := 0; i < even; i += 2 {
		dst[i], dst[i+1] = uniforms(p.block())
		p.index++
	}
	if even < len(dst) {
		dst[even], _ = uniforms(p.block())
	}
}

func normalPortable(dst []float64, p place) {
	even := len(dst) &^ 1
	for i := 0; i < even; i += 2 {
		dst[i], dst[i+1] = normals(p.block())
		p.index++
	}
	if even < len(dst) {
		dst[even], _ = normals(p.block())
	}
}

func addNormalPortable(dst []float64, p place, sigma float64) {
	even := len(dst) &^ 1
	for i := 0; i < even; i += 2 {
		x, y := normals(p.block())
		dst[i], dst[i+1] = math.FMA(sigma, x, dst[i]), math.FMA(sigma, y, dst[i+1])
		p.index++
	}
	if even < len(dst) {
		x, _ := normals(p.block())
		dst[even] = math.FMA(sigma, x, dst[even])
	}
}

// uniforms makes two of a block, from the highest 53 bits of each half.
func uniforms(b block) (u, v float64) {
	x, y := b.pair()
	return float64(x>>11) * 0x1p-53, float64(y>>11) * 0x1p-53
}

// normals makes two of a block (Box & Muller 1958,
// doi:10.1214/aoms/1177706645): a point whose squared radius is exponential and
// whose angle is uniform.
func normals(b block) (x, y float64) {
	p, q := b.pair()
	// The highest 52 bits as the fraction of a number in [1, 2): exact, and in
	// every instruction set. 2 - it is in (0, 1], of which the log is finite.
	const one = 0x3FF << 52
	r := math.Sqrt(-2 * log(2-math.Float64frombits(p>>12|one)))
	sin, cos := SinCos(math.Float64frombits(q>>12|one) - 1)
	return float64(r * cos), float64(r * sin)
}
