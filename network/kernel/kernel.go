package kernel

import "unsafe"

// Float is the element type of all arithmetic. It is fixed to the two built-in
// types, so that each kernel exists once in assembly for each of them.
type Float interface{ float32 | float64 }

// double reports whether T is float64. The compiler knows the answer, so the
// branch not taken costs nothing.
func double[T Float]() bool { return unsafe.Sizeof(T(0)) == 8 }

// row is row i of a matrix with leading dimension ld, without its padding.
// It panics if the matrix ends before the row does.
func row[T Float](x []T, i, ld, n int) []T { return x[i*ld:][:n:n] }
