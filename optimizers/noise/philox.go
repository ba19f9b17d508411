package noise

import "math/bits"

// A block is the output of Philox: four words of 32 random bits.
type block struct{ w0, w1, w2, w3 uint32 }

// philox is Philox4x32-10: ten rounds over a counter of four words under a key
// of two (Salmon et al. 2011, doi:10.1145/2063384.2063405). For
// each key it maps counters to blocks one to one.
func philox(c0, c1, c2, c3, k0, k1 uint32) block {
	for range 10 {
		hi0, lo0 := bits.Mul32(mul0, c0)
		hi1, lo1 := bits.Mul32(mul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += weyl0
		k1 += weyl1
	}
	return block{c0, c1, c2, c3}
}

const (
	mul0, mul1   = 0xD2511F53, 0xCD9E8D57 // multipliers of the words 0 and 2
	weyl0, weyl1 = 0x9E3779B9, 0xBB67AE85 // what each round adds to the key
)

// A place is a block of a row. It has four fields, as many as the compiler keeps
// in registers.
type place struct {
	seed, step uint64
	row, index uint32
}

// block is the one at p: the key is the seed, and the counter says where the
// block belongs. This layout is fixed; every stored result depends on it.
func (p place) block() block {
	return philox(p.index, p.row, uint32(p.step), uint32(p.step>>32), uint32(p.seed), uint32(p.seed>>32))
}

// pair joins the words of a block to two of 64 bits, the first word lowest.
func (b block) pair() (x, y uint64) {
	return uint64(b.w1)<<32 | uint64(b.w0), uint64(b.w3)<<32 | uint64(b.w2)
}
