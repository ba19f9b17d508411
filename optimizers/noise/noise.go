package noise

import (
	"fmt"
	"math"
)

//go:generate go run ./gen

// Uniform fills dst with numbers uniform in [0, 1), multiples of 2^-53.
// Element i depends on seed, step, row and i alone, not on the length of dst,
// which is at most 2^33.
func Uniform(dst []float64, seed, step uint64, row uint32) {
	fillUniform(dst, place{seed, step, row, 0})
}

// Normal fills dst with standard normal numbers, none larger than 8.58 in
// magnitude; the package comment says how fine they are. Element i depends on
// seed, step, row and i alone, not on the length of dst, which is at most 2^34.
// The bits are the same on every machine.
func Normal(dst []float64, seed, step uint64, row uint32) {
	fillNormal(dst, place{seed, step, row, 0})
}

// NormalFrom is the part of what [Normal] gives that begins with element first, a
// multiple of 4.
func NormalFrom(dst []float64, seed, step uint64, row uint32, first int) {
	fillNormal(dst, from(first, place{seed, step, row, 0}))
}

// from is the place of element first of the row of normals at p.
func from(first int, p place) place {
	if first < 0 || first%4 != 0 {
		panic(fmt.Sprintf("noise: elements from %d on, want a multiple of 4", first))
	}
	p.index = uint32(first / 4)
	return p
}

// AddNormal adds sigma times what [Normal] gives to dst, with one rounding: the
// perturbation of a candidate without a second vector.
func AddNormal(dst []float64, sigma float64, seed, step uint64, row uint32) {
	addNormal(dst, place{seed, step, row, 0}, sigma)
}

// Mirror sets up to mean + sigma z and down to mean - sigma z, with one rounding
// each: a pair of candidates that are as far from the mean on both sides, for one
// row of numbers. z are normals as well, but not those of [Normal]: they are computed
// in float32, and none is larger than 6.77 in magnitude.
// They are elements first, a multiple of 32, and further of a row that seed, step and
// row say, and have the same bits on every machine. All have the length of up, and up
// and down share no memory with each other or with the rest.
func Mirror(up, down, mean, sigma []float64, seed, step uint64, row uint32, first int) {
	n := len(up)
	if first%group != 0 {
		panic(fmt.Sprintf("noise: a pair of candidates from element %d on, want a multiple of %d", first, group))
	}
	mirror(up, down[:n], mean[:n], sigma[:n], from(first, place{seed, step, row, 0}))
}

// Below are the definitions of these, and what machines without assembly for
// them run: dst is filled from the block that p names on. A block has two
// uniforms, or four normals.

func uniformPortable(dst []float64, p place) {
	for len(dst) >= 2 {
		x, y := p.block().pair()
		dst[0], dst[1] = uniform(x), uniform(y)
		dst = dst[2:]
		p.index++
	}
	if len(dst) > 0 {
		x, _ := p.block().pair()
		dst[0] = uniform(x)
	}
}

func normalPortable(dst []float64, p place) {
	for len(dst) >= 4 {
		z := normals(p.block())
		dst[0], dst[1], dst[2], dst[3] = z[0], z[1], z[2], z[3]
		dst = dst[4:]
		p.index++
	}
	if len(dst) > 0 {
		z := normals(p.block())
		copy(dst, z[:])
	}
}

func addNormalPortable(dst []float64, p place, sigma float64) {
	for len(dst) > 0 {
		z := normals(p.block())
		n := min(len(dst), len(z))
		for i := range n {
			dst[i] = math.FMA(sigma, z[i], dst[i])
		}
		dst = dst[n:]
		p.index++
	}
}

func mirrorPortable(up, down, mean, sigma []float64, p place) {
	for len(up) > 0 {
		z := singles(p)
		n := min(len(up), len(z))
		for i, z := range z[:n] {
			up[i] = math.FMA(sigma[i], float64(z), mean[i])
			down[i] = math.FMA(-sigma[i], float64(z), mean[i])
		}
		up, down, mean, sigma = up[n:], down[n:], mean[n:], sigma[n:]
		p.index += groupBlocks
	}
}

// uniform is the highest 53 bits as a fraction.
func uniform(bits uint64) float64 { return float64(bits>>11) * 0x1p-53 }

// normals makes four of a block, two of each half.
func normals(b block) (z [4]float64) {
	p, q := b.pair()
	z[0], z[1] = polar(p)
	z[2], z[3] = polar(q)
	return z
}
