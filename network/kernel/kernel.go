package kernel

//go:generate go run ./gen

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

// Float is the element type of all arithmetic. It is fixed to the two built-in
// types, so that each kernel exists once in assembly for each of them.
type Float interface{ float32 | float64 }

// double reports whether T is float64. The compiler knows the answer, so the
// branch not taken costs nothing.
func double[T Float]() bool { return unsafe.Sizeof(T(0)) == 8 }

// row is row i of a matrix with leading dimension ld, without its padding.
// It panics if the matrix ends before the row does.
func row[T Float](x []T, i, ld, n int) []T { return x[i*ld:][:n:n] }

// matrixEnd panics unless m rows of n in rows of ld are in x, as [row] would. The
// assembly believes what it is told.
func matrixEnd[T Float](x []T, ld, m, n int) {
	if ld < 0 {
		panic("kernel: negative leading dimension")
	}
	_ = x[(m-1)*ld:][:n]
}

// A path is the set of instructions in use. All give the same bits.
type path uint8

const (
	portable path = iota // Go
	avx2                 // AVX2 and FMA
	avx512               // AVX-512 F, DQ, BW and VL; what it lacks, as avx2
)

func (p path) String() string { return [...]string{"portable", "avx2", "avx512"}[p] }

// choose returns the path that name, the value of JOUST_KERNEL, asks for, or if
// that is empty the last of those that the processor has. It panics if it does
// not have it: the program is to run there or not at all.
func choose(name string, have []path) path {
	if name == "" {
		return have[len(have)-1]
	}
	var names []string
	for _, p := range have {
		names = append(names, p.String())
	}
	i := slices.Index(names, name)
	if i < 0 {
		panic(fmt.Sprintf("kernel: JOUST_KERNEL=%s, want one of those that this processor has: %s",
			name, strings.Join(names, ", ")))
	}
	return have[i]
}

// chunk is how many elements one call into assembly may have where it takes each
// once: a goroutine in it cannot be preempted, and this is some 50 µs from memory.
const chunk = 1 << 15
