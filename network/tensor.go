package network

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/joust-bench/joust/network/kernel"
)

// Float is the element type of a network: float64, the default, or float32.
type Float = kernel.Float

// A Shape is the shape of one example, without the batch: (F) a vector,
// (T, F) a sequence, (C, H, W) an image.
type Shape []int

// Len is the number of values in one example.
func (s Shape) Len() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// String is the shape as the comments write it, such as (1, 28, 28).
func (s Shape) String() string {
	dims := make([]string, len(s))
	for i, d := range s {
		dims[i] = strconv.Itoa(d)
	}
	return "(" + strings.Join(dims, ", ") + ")"
}

// A Tensor is a batch of N examples of one shape, batch innermost: value f of
// example n, with f counted row-major over Shape, is Data[f*Stride+n]. The
// columns from N to Stride are padding; they may hold anything.
type Tensor[T Float] struct {
	Shape  Shape
	N      int
	Stride int   // at least N; see [NewTensor] for why it may be more
	Data   []T   // Shape.Len()*Stride values; the padding of the last row may be missing
	Lens   []int // valid steps of each sequence, len N; nil: all of them
	// Examples is nil, or the same values one example after another, as the gradient
	// of a [Dense] layer needs them of its inputs: value f of example n is
	// Examples[n*ExampleStride+f]. Whoever changes Data changes them too.
	Examples      []T
	ExampleStride int
}

// NewTensor returns a zero tensor. Its stride keeps rows from landing on the
// same cache sets: a power-of-two distance in bytes would make every row of a
// column evict the one before (a tenth of the speed, measured), so such
// strides are padded by one cache line.
func NewTensor[T Float](s Shape, n int) Tensor[T] {
	stride := paddedStride[T](n)
	return Tensor[T]{Shape: s, N: n, Stride: stride, Data: make([]T, s.Len()*stride)}
}

// Row is value f of every example, len N.
func (x Tensor[T]) Row(f int) []T { return x.Data[f*x.Stride:][:x.N:x.N] }

// KeepExamples makes x have Examples, zero.
func (x *Tensor[T]) KeepExamples() {
	x.ExampleStride = paddedStride[T](x.Shape.Len())
	x.Examples = make([]T, x.N*x.ExampleStride)
}

// With returns a tensor of the same examples, and lengths, with other values.
func (x Tensor[T]) With(s Shape, data []T) Tensor[T] {
	x.Shape, x.Data, x.Examples = s, data, nil
	return x
}

// Slice is examples lo to hi, where they are.
func (x Tensor[T]) Slice(lo, hi int) Tensor[T] {
	x.Data, x.N = x.Data[lo:], hi-lo
	if x.Examples != nil {
		x.Examples = x.Examples[lo*x.ExampleStride:]
	}
	if x.Lens != nil {
		x.Lens = x.Lens[lo:hi]
	}
	return x
}

// check says what is wrong with x as a batch of examples of shape s.
func (x Tensor[T]) check(s Shape) error {
	switch {
	case !slices.Equal(x.Shape, s):
		return fmt.Errorf("examples of shape %v, want %v", x.Shape, s)
	case x.N < 1:
		return fmt.Errorf("%d examples, want at least 1", x.N)
	case x.Stride < x.N:
		return fmt.Errorf("stride %d, want at least the %d examples", x.Stride, x.N)
	case len(x.Data) < (s.Len()-1)*x.Stride+x.N:
		return fmt.Errorf("%d values, want %d rows of stride %d", len(x.Data), s.Len(), x.Stride)
	case x.Examples != nil && (x.ExampleStride < s.Len() || len(x.Examples) < (x.N-1)*x.ExampleStride+s.Len()):
		return fmt.Errorf("%d values example by example, want %d of stride %d", len(x.Examples), x.N, x.ExampleStride)
	}
	return nil
}

// resize makes t a tensor of n examples of shape s, in the memory it has if
// that is enough. What it holds is then left over from before, and has to be
// overwritten.
func (t *Tensor[T]) resize(s Shape, n, stride int) {
	t.Shape, t.N, t.Stride = s, n, stride
	t.Data = grow(t.Data, s.Len()*stride)
}

// grow returns s with length n, reallocated only if it is too small.
func grow[T Float](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// spans is how to walk the values of a, b and c in step, leaving the padding
// out: count stretches of length values, stretch i from i times the stride of
// each. Without padding that is a single stretch.
func spans[T Float](a, b, c Tensor[T]) (count, length int) {
	if a.Stride == a.N && b.Stride == b.N && c.Stride == c.N {
		return 1, a.Shape.Len() * a.N
	}
	return a.Shape.Len(), a.N
}

const (
	cacheLine = 64 // bytes
	// A first-level cache of 32 or 48 KiB maps addresses 4 KiB apart to the
	// same set, of 8 or 12 lines. Rows 1 KiB apart share 4 sets: 32 to 48 rows
	// of a column fill them. Rows 512 bytes apart, or less, leave room for the
	// 64 rows or more that a layer of ordinary width has.
	cacheAlias = 1024 // bytes
)

// paddedStride is the distance between rows of n values.
func paddedStride[T Float](n int) int {
	size := int(unsafe.Sizeof(T(0)))
	if n*size%cacheAlias == 0 {
		return n + cacheLine/size
	}
	return n
}
