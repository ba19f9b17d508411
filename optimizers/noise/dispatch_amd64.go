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
	avx512:   cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL,
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

// An operation is what a row is filled with.
type operation int

const (
	opUniform operation = iota
	opNormal
	opAddNormal
)

func fillUniform(dst []float64, p place)              { fill(opUniform, dst, p, 0) }
func fillNormal(dst []float64, p place)               { fill(opNormal, dst, p, 0) }
func addNormal(dst []float64, p place, sigma float64) { fill(opAddNormal, dst, p, sigma) }

// chunk is how many blocks one call of the assembly makes, which cannot be
// preempted: some 10 µs.
const chunk = 2048

// few numbers take less time one by one.
const few = 4

// passes are the blocks in one pass of the loop of each path.
var passes = [...]int{avx2: passAVX2, avx512: passAVX512}

// fill fills dst with whole passes of the fastest path and then, since they are
// shorter, of AVX2; so few numbers as are left go through a copy.
func fill(op operation, dst []float64, p place, sigma float64) {
	perBlock := 4
	if op == opUniform {
		perBlock = 2
	}
	if taken == portable || len(dst) <= few {
		op.portable(dst, p, sigma)
		return
	}
	s := p.schedule()
	for path := taken; path > portable; path-- {
		pass := perBlock * passes[path]
		for len(dst) >= pass {
			part := dst[:min(perBlock*chunk, len(dst)-len(dst)%pass)]
			op.vector(path, part, &s, sigma)
			s.index += uint32(len(part) / perBlock)
			dst = dst[len(part):]
		}
	}
	if len(dst) > few {
		var rest [4 * passAVX2]float64
		copy(rest[:], dst)
		op.vector(avx2, rest[:perBlock*passAVX2], &s, sigma)
		copy(dst, rest[:])
		return
	}
	p.index = s.index
	op.portable(dst, p, sigma)
}

func (op operation) portable(dst []float64, p place, sigma float64) {
	switch op {
	case opUniform:
		uniformPortable(dst, p)
	case opNormal:
		normalPortable(dst, p)
	case opAddNormal:
		addNormalPortable(dst, p, sigma)
	}
}

// vector calls by name and not by a function value, through which the schedule
// would escape to the heap.
func (op operation) vector(path path, dst []float64, s *schedule, sigma float64) {
	switch {
	case path == avx512 && op == opUniform:
		uniformAVX512(dst, s)
	case path == avx512 && op == opNormal:
		normalAVX512(dst, s)
	case path == avx512:
		addNormalAVX512(dst, s, sigma)
	case op == opUniform:
		uniformAVX2(dst, s)
	case op == opNormal:
		normalAVX2(dst, s)
	default:
		addNormalAVX2(dst, s, sigma)
	}
}

// mirror makes whole passes of the fastest path and then of AVX2, as fill does. What
// is left has copies, so that no path reads or writes beyond the end.
func mirror(up, down, mean, sigma []float64, p place) {
	if taken != portable {
		s := p.schedule()
		for path := taken; path > portable; path-- {
			pass := 4 * passes[path]
			for len(up) >= pass {
				n := min(4*chunk, len(up)-len(up)%pass)
				mirrorVector(path, up[:n], &s, &down[0], &mean[0], &sigma[0])
				s.index += uint32(n / 4)
				up, down, mean, sigma = up[n:], down[n:], mean[n:], sigma[n:]
			}
		}
		if len(up) > 0 {
			var rest [4][4 * passAVX2]float64
			copy(rest[2][:], mean)
			copy(rest[3][:], sigma)
			mirrorVector(avx2, rest[0][:], &s, &rest[1][0], &rest[2][0], &rest[3][0])
			copy(up, rest[0][:])
			copy(down[:len(up)], rest[1][:])
		}
		return
	}
	mirrorPortable(up, down, mean, sigma, p)
}

func mirrorVector(path path, up []float64, s *schedule, down, mean, sigma *float64) {
	if path == avx512 {
		mirrorAVX512(up, s, down, mean, sigma)
	} else {
		mirrorAVX2(up, s, down, mean, sigma)
	}
}
