package kernel

import (
	"math"
	"unsafe"
)

// What this file has is for measuring the processor: what it could do at most,
// to compare the other functions with. No network needs it.

// Path names the instructions in use: "avx512", "avx2" or "portable".
func Path() string { return current.String() }

// Halve is x = x/2 + 1, steps times for each element of x, with a fused
// multiply-add: 2*steps*len(x) floating-point operations, hardly any of which
// waits for another or for memory. With at least 192 elements in AVX-512's or
// AVX2's registers that is the most a core can do, its peak; on the portable path
// it is what a plain Go loop does, one element at a time, in float32 with the
// emulation that the package comment names, and says nothing of the processor.
//
// After n steps, x is 2 + (x-2)/2^n, as long as that needs no rounding.
func Halve[T Float](x []T, steps int) {
	if current != portable {
		const most = 1 << 10 // a call is some 10 µs, for it cannot be preempted
		group := peakChains * vectorLen[T]()
		for steps > 0 && len(x) >= group {
			for i := 0; i < steps; i += most {
				fmaVectors(&x[0], 0.5, 1, min(most, steps-i))
			}
			x = x[group:]
		}
		if len(x) == 0 {
			return
		}
	}
	for range steps {
		halve(x)
	}
}

// halve is one step of Halve in Go.
func halve[T Float](x []T) {
	if double[T]() {
		for i, v := range x {
			x[i] = fma64(v, 0.5, 1)
		}
		return
	}
	// The product is exact: fma32 without the call, as in axpy.
	for i, v := range x {
		p := 0.5 * float64(v)
		s := p + 1
		if halfway(s) {
			s = roundToOdd(p, 1)
		}
		x[i] = T(s)
	}
}

// ReadBits reads all of x so many times, and returns the bitwise or of its
// elements (in the lower half, for float32); 0 if it reads nothing. It is as fast
// as the cache that x fits into, or memory, delivers: len(x)*times elements. On
// the portable path it is as fast as a plain Go loop.
func ReadBits[T Float](x []T, times int) uint64 {
	var all uint64
	if current == portable {
		for range times {
			for _, v := range x {
				all |= elementBits(v)
			}
		}
		return all
	}
	for times > 0 && len(x) > 0 {
		// What is small is read several times in a call, what is great in parts.
		again := min(times, max(1, chunk/len(x)))
		times -= again
		for rest := x; len(rest) > 0; {
			n := min(chunk, len(rest))
			var lanes [16]T
			orVectors(&lanes[0], &rest[0], n, again)
			for _, v := range lanes {
				all |= elementBits(v)
			}
			rest = rest[n:]
		}
	}
	return all
}

// vectorLen is the number of elements in a vector of the current path.
func vectorLen[T Float]() int {
	if current == avx512 {
		return 64 / int(unsafe.Sizeof(T(0)))
	}
	return 32 / int(unsafe.Sizeof(T(0)))
}

func elementBits[T Float](v T) uint64 {
	if double[T]() {
		return math.Float64bits(float64(v))
	}
	return uint64(math.Float32bits(float32(v)))
}
