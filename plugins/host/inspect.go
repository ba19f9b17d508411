package host

import (
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"

	"github.com/joust-bench/joust/plugins/protocol"
)

const (
	// pieceBytes are looked at by one goroutine at a time: enough that they do
	// not get into each other's way, and a part of any cache.
	pieceBytes = 512 << 10
	// atOnce is how many bytes of candidates are looked at before they are handed
	// out. To wake another core takes as long as to look at so many.
	atOnce = 4 << 20
)

// An inspection is the pass over candidates that finds weights that are not
// finite, and makes the hash that a restart is proven by. It may go on beside
// the evaluation of what it looks at.
type inspection struct {
	data   []byte
	next   atomic.Int64 // piece
	pieces []piece
	others sync.WaitGroup
}

type piece struct {
	hash uint64
	bad  int // index of a weight in the piece; -1: none
}

// inspect starts to look at the numbers in data, or does, if they are few.
func inspect(data []byte) *inspection {
	i := &inspection{data: data, pieces: make([]piece, (len(data)+pieceBytes-1)/pieceBytes)}
	if len(data) > atOnce {
		i.others.Go(i.work)
	} else {
		i.work()
	}
	return i
}

// work looks at pieces until somebody has all of them.
func (i *inspection) work() {
	for k := i.next.Add(1) - 1; k < int64(len(i.pieces)); k = i.next.Add(1) - 1 {
		from := int(k) * pieceBytes
		p := &i.pieces[k]
		p.hash, p.bad = scan(i.data[from:min(from+pieceBytes, len(i.data))])
	}
}

// result helps to finish, and returns the hash and the index of the first number
// that is not finite, or -1.
func (i *inspection) result() (hash uint64, bad int) {
	i.work()
	i.others.Wait()
	for k, p := range i.pieces {
		if p.bad >= 0 {
			return 0, k*(pieceBytes/8) + p.bad
		}
		hash = mix(hash, p.hash)
	}
	return hash, -1
}

// odd is 2⁶⁴ over the golden ratio.
const odd = 0x9e3779b97f4a7c15

func mix(hash, v uint64) uint64 { return (hash ^ v ^ v>>29) * odd }

// blockNumbers is how many numbers are hashed without regard to their order.
const blockNumbers = 512

// scan returns a hash of numbers, and the index of one that is not finite or -1.
// Candidates of a large network are in no cache: it goes over them once, at about
// the speed of memory, with two additions a number.
//
// A sum that is finite has none that is not; what else overflows it is looked at
// again. The hash tells whether a plugin has asked for the same again, not whether
// it wants to deceive: in each block it is of eight sums of the bits of every
// eighth number, so that a number that changes alone changes it.
func scan(data []byte) (hash uint64, bad int) {
	hash = uint64(len(data))
	total := 0.0
	for at := 0; at < len(data); at += 8 * blockNumbers {
		sum, h := scanBlock(data[at:min(at+8*blockNumbers, len(data))])
		total += sum
		for _, v := range h {
			hash = mix(hash, v)
		}
	}
	if total-total != 0 { // NaN, or infinite
		for i := range len(data) / 8 {
			if x := floatAt(data, i); math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, i
			}
		}
		// They overflowed, or were changed meanwhile, in shared memory.
	}
	return hash, -1
}

// scanBlock returns a sum of the numbers, and sums of the bits of every eighth.
func scanBlock(data []byte) (sum float64, h [8]uint64) {
	// Variables of their own, since those of an array are not kept in registers.
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	var h0, h1, h2, h3, h4, h5, h6, h7 uint64
	v := protocol.Floats(data)
	for ; len(v) >= 8 && len(data) >= 64; v, data = v[8:], data[64:] {
		s0 += v[0]
		h0 += binary.LittleEndian.Uint64(data)
		s1 += v[1]
		h1 += binary.LittleEndian.Uint64(data[8:])
		s2 += v[2]
		h2 += binary.LittleEndian.Uint64(data[16:])
		s3 += v[3]
		h3 += binary.LittleEndian.Uint64(data[24:])
		s4 += v[4]
		h4 += binary.LittleEndian.Uint64(data[32:])
		s5 += v[5]
		h5 += binary.LittleEndian.Uint64(data[40:])
		s6 += v[6]
		h6 += binary.LittleEndian.Uint64(data[48:])
		s7 += v[7]
		h7 += binary.LittleEndian.Uint64(data[56:])
	}
	h = [8]uint64{h0, h1, h2, h3, h4, h5, h6, h7}
	sum = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7
	for k, x := range v {
		sum += x
		h[k] += binary.LittleEndian.Uint64(data[8*k:])
	}
	return sum, h
}
