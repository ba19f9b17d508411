package host

import (
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"
)

const (
	// pieceBytes are looked at by one goroutine at a time: enough that they do
	// not get into each other's way, and a part of any cache.
	pieceBytes = 512 << 10
	// atOnce is how many bytes of candidates are looked at before they are handed
	// out. To wake another core takes as long as to look at so many.
	atOnce = 1 << 20
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

// scan returns a hash of numbers, and the index of one that is not finite or -1.
// Candidates of a large network are in no cache: it goes over them once, at about
// the speed of memory.
//
// The hash tells whether a plugin has asked for the same again, not whether it
// wants to deceive. Eight sums take every eighth number each, xor and then an
// odd multiplier, so that a number that changes alone changes its sum.
func scan(data []byte) (hash uint64, bad int) {
	// All bits of the exponent are one where one more is a carry into the sign.
	const sign, one = 1 << 63, 1 << 52
	var carry uint64
	// Variables of their own, since those of an array are not kept in registers.
	var h0, h1, h2, h3, h4, h5, h6, h7 uint64 = 1, 2, 3, 4, 5, 6, 7, 8
	b := data
	for ; len(b) >= 64; b = b[64:] {
		x0, x1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x2, x3 := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		h0, h1, h2, h3 = (h0^x0)*odd, (h1^x1)*odd, (h2^x2)*odd, (h3^x3)*odd
		carry |= (x0&^sign + one) | (x1&^sign + one) | (x2&^sign + one) | (x3&^sign + one)
		x0, x1 = binary.LittleEndian.Uint64(b[32:]), binary.LittleEndian.Uint64(b[40:])
		x2, x3 = binary.LittleEndian.Uint64(b[48:]), binary.LittleEndian.Uint64(b[56:])
		h4, h5, h6, h7 = (h4^x0)*odd, (h5^x1)*odd, (h6^x2)*odd, (h7^x3)*odd
		carry |= (x0&^sign + one) | (x1&^sign + one) | (x2&^sign + one) | (x3&^sign + one)
	}
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		h0 = (h0 ^ x) * odd
		carry |= x&^sign + one
	}
	if carry&sign != 0 {
		for i := range len(data) / 8 {
			if x := floatAt(data, i); math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, i
			}
		}
		// It was changed meanwhile, in shared memory.
	}
	for _, v := range []uint64{h0, h1, h2, h3, h4, h5, h6, h7} {
		hash = mix(hash, v) + uint64(len(data))
	}
	return hash, -1
}
