package network

import (
	"fmt"
)

// steps is what recurrent layers share: the inputs of a batch of sequences, one step
// at a time, and which of them have ended.
//
// A sequence that has ended is computed on with the others, from inputs of 0, and its
// outputs are set to 0 after each step, so that its state stays finite. As the
// gradient of those outputs is taken as 0, so is all that they add to any gradient.
type steps[T Float] struct {
	total, in int       // steps of the longest sequence that there may be, values of each
	x         Tensor[T] // the last input, not its own
	reached   int       // steps of its longest sequence
	least     int       // and of its shortest
	own       []T       // [in][N]: inputs of one step
	ld        int       // leading dimension of that, and of what the layer has itself
}

// newSteps says what is wrong with in as the shape of sequences.
func newSteps[T Float](in Shape) (steps[T], error) {
	if len(in) != 2 {
		return steps[T]{}, fmt.Errorf("want a sequence, (T, F), got %v", in)
	}
	return steps[T]{total: in[0], in: in[1]}, nil
}

// begin takes the inputs of a forward pass.
func (s *steps[T]) begin(x Tensor[T]) {
	s.x, s.reached, s.least = x, x.longest(s.total), s.total
	for _, n := range x.Lens {
		s.least = min(s.least, n)
	}
	s.ld = paddedStride[T](x.N)
}

// inputs are those of step t and their leading dimension, until the next call.
func (s *steps[T]) inputs(t int) (x []T, ld int) {
	if t < s.least {
		return s.x.Data[t*s.in*s.x.Stride:], s.x.Stride
	}
	s.own = grow(s.own, s.in*s.ld)
	s.gather(s.own, s.x, t, s.in, s.in)
	return s.own, s.ld
}

// gather brings the first rows of step t of x, which has pitch of them, into dst, with
// 0 for what has ended.
func (s *steps[T]) gather(dst []T, x Tensor[T], t, pitch, rows int) {
	for f := range rows {
		copy(dst[f*s.ld:], x.Row(t*pitch+f))
	}
	s.silence(dst, t, rows)
}

// silence sets rows to 0 in the examples that have ended before step t.
func (s *steps[T]) silence(x []T, t, rows int) {
	if t < s.least {
		return
	}
	for i, n := range s.x.Lens {
		if n > t {
			continue
		}
		for f := range rows {
			x[f*s.ld+i] = 0
		}
	}
}

// rows is how to walk rows of the layer's own, the padding left out: count stretches
// of length values, ld apart.
func (s *steps[T]) rows(rows int) (count, length int) {
	if s.ld == s.x.N {
		return 1, rows * s.ld
	}
	return rows, s.x.N
}

// A horizon says how far errors go back in time: those of a block of so many steps,
// from its end over so many.
type horizon struct{ block, over int }

// newHorizon checks a layer's K1 and K2.
func newHorizon(k1, k2, total int) (horizon, error) {
	if k1 < 0 || k2 < 0 {
		return horizon{}, fmt.Errorf("k1 is %d and k2 is %d, want at least 1, or 0 for all steps", k1, k2)
	}
	if k2 == 0 && k1 > 0 {
		return horizon{}, fmt.Errorf("k1 is %d without a k2, want both, or k2 alone", k1)
	}
	if k1 > k2 {
		return horizon{}, fmt.Errorf("k1 is %d and k2 is %d, want k1 at most k2, or errors are lost", k1, k2)
	}
	if k2 == 0 {
		k2 = total
	}
	if k1 == 0 {
		k1 = k2
	}
	return horizon{k1, k2}, nil
}

// before is the sweep that ends at step last: it goes back to step first, with the
// errors of the steps from block on. The next sweep ends before that.
func (h horizon) before(last int) (first, block int) {
	block = last / h.block * h.block
	return max(0, block+h.block-h.over), block
}

// overlap says that a step is in more than one sweep.
func (h horizon) overlap() bool { return h.over > h.block }

// A piece is a buffer, and the length that it needs.
type piece[T Float] struct {
	dst *[]T
	len int
}

// carve cuts pieces out of memory, which it returns, reallocated if it is too small.
// Buffers that lie whole pages apart would compete for the same cache sets: a kernel
// that walks eight of them in step takes twice as long (measured). So they are set
// apart by a few lines.
func carve[T Float](memory []T, pieces ...piece[T]) []T {
	const gap = 8 * cacheLine / 4 // elements: 8 lines, or 16
	total := 0
	for _, p := range pieces {
		total += gap + p.len
	}
	memory = grow(memory, total)
	rest := memory
	for _, p := range pieces {
		*p.dst, rest = rest[gap:][:p.len:p.len], rest[gap+p.len:]
	}
	return memory
}
