package noise

import (
	"math/bits"
	"os"

	"golang.org/x/sys/cpu"
)

// A path is a way to compute the same bits.
type path int

const (
	portable path = iota
	avx2
	avx512
)

// has says which paths this machine can take.
var has = [...]bool{
	portable: true,
	avx2:     cpu.X86.HasAVX2 && cpu.X86.HasFMA,
	avx512:   cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL,
}

// taken is the path that is taken; only tests change it.
var taken = choose(os.Getenv("JOUST_KERNEL"))

// choose returns the path that is asked for, or else the best. Complaints about
// the name are left to package network/kernel, which reads the same variable.
func choose(name string) path {
	switch {
	case name == "portable":
		return portable
	case name == "avx2" && has[avx2]:
		return avx2
	case has[avx512]:
		return avx512
	case has[avx2]:
		return avx2
	}
	return portable
}

// A schedule is a place as the assembly reads it: the index of the block, and
// the keys of the rounds. What is the same for all blocks of a row in the first
// three rounds of philox is in their keys: in round 0 the product of c2, so that
// c0 and c1 after it are the same; in round 1 that of c0, so that c3 is.
type schedule struct {
	index uint32
	keys  [10][2]uint32
}

func (p place) schedule() schedule {
	s := schedule{index: p.index}
	for i := range uint32(10) {
		s.keys[i] = [2]uint32{uint32(p.seed) + i*weyl0, uint32(p.seed>>32) + i*weyl1}
	}
	c0, c1 := bits.Mul32(mul1, uint32(p.step))
	c0 ^= p.row ^ s.keys[0][0]
	hi, c3 := bits.Mul32(mul0, c0)
	s.keys[0][1] ^= uint32(p.step >> 32)
	s.keys[1][0] ^= c1
	s.keys[1][1] ^= hi
	s.keys[2][1] ^= c3
	return s
}

const (
	// Numbers in one call of the assembly, which cannot be preempted: some 10 us.
	chunk = 4096
	// Numbers in the vectors of one pass. What is left of dst after whole passes
	// is copied to and from an array of that length.
	longest = max(passAVX512, passAVX2)
)

func fillUniform(dst []float64, p place) {
	if taken == portable {
		uniformPortable(dst, p)
		return
	}
	s := p.schedule()
	for len(dst) >= longest {
		part := dst[:whole(len(dst))]
		uniformVector(part, &s)
		s.index += uint32(len(part) / 2)
		dst = dst[len(part):]
	}
	if len(dst) > 0 {
		var rest [longest]float64
		uniformVector(rest[:], &s)
		copy(dst, rest[:])
	}
}

func fillNormal(dst []float64, p place) {
	if taken == portable {
		normalPortable(dst, p)
		return
	}
	s := p.schedule()
	for len(dst) >= longest {
		part := dst[:whole(len(dst))]
		normalVector(part, &s)
		s.index += uint32(len(part) / 2)
		dst = dst[len(part):]
	}
	if len(dst) > 0 {
		var rest [longest]float64
		normalVector(rest[:], &s)
		copy(dst, rest[:])
	}
}

func addNormal(dst []float64, p place, sigma float64) {
	if taken == portable {
		addNormalPortable(dst, p, sigma)
		return
	}
	s := p.schedule()
	for len(dst) >= longest {
		part := dst[:whole(len(dst))]
		addNormalVector(part, &s, sigma)
		s.index += uint32(len(part) / 2)
		dst = dst[len(part):]
	}
	if len(dst) > 0 {
		var rest [longest]float64
		copy(rest[:], dst)
		addNormalVector(rest[:], &s, sigma)
		copy(dst, rest[:])
	}
}

// whole is how many of n numbers the next call makes: whole passes.
func whole(n int) int { return min(chunk, n-n%longest) }

// These call by name and not by a function value, through which the schedule
// would escape to the heap.

func uniformVector(dst []float64, s *schedule) {
	if taken == avx512 {
		uniformAVX512(dst, s)
	} else {
		uniformAVX2(dst, s)
	}
}

func normalVector(dst []float64, s *schedule) {
	if taken == avx512 {
		normalAVX512(dst, s)
	} else {
		normalAVX2(dst, s)
	}
}

func addNormalVector(dst []float64, s *schedule, sigma float64) {
	if taken == avx512 {
		addNormalAVX512(dst, s, sigma)
	} else {
		addNormalAVX2(dst, s, sigma)
	}
}
