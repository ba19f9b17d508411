package kernel

import (
	"slices"
	"syscall"
	"testing"
	"unsafe"
)

// A fence is memory between two pages that cannot be touched: one element too
// many, even read and ignored, is a fault.
type fence[T Float] struct{ all []T }

func newFence[T Float](t *testing.T) fence[T] {
	const inside = 320
	page := syscall.Getpagesize()
	mem, err := syscall.Mmap(-1, 0, (inside+2)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal("mmap: ", err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(mem) })
	for _, edge := range [][]byte{mem[:page], mem[len(mem)-page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal("mprotect: ", err)
		}
	}
	return fence[T]{unsafe.Slice((*T)(unsafe.Pointer(&mem[page])), inside*page/int(unsafe.Sizeof(T(0))))}
}

// first and last are n elements just inside the one end and the other.
func (f fence[T]) first(n int) []T { return f.all[:n:n] }
func (f fence[T]) last(n int) []T  { return f.all[len(f.all)-n:] }

func TestNothingOutsideIsTouched(t *testing.T) {
	both(t, testNothingOutside[float64], testNothingOutside[float32])
}

func testNothingOutside[T Float](t *testing.T) {
	d, x, y, s := newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t)
	for _, part := range []func(fence[T], int) []T{fence[T].first, fence[T].last} {
		for n := range 2*32 + 4 {
			dn, xn, yn := part(d, n), part(x, n), part(y, n)
			Axpy(dn, 2, xn)
			Scale(dn, 2)
			Add(dn, xn)
			Sum2(dn, xn, yn, 2)
			Div(dn, xn)
			Clamp(dn, -1, 1)
			Adam(dn, xn, yn, part(s, n), AdamStep{})
			for rows := range 6 {
				x := slices.Repeat([][]T{xn}, rows)
				Axpys(dn, make([]T, rows), x, 0)
				Moments(dn, part(s, n), yn, make([]T, rows), make([]T, rows), x, 0)
			}
			for _, f := range []func(dst, src []T){Exp[T], Log[T], Sigmoid[T], Tanh[T], ReLU[T], Sin[T], Cos[T]} {
				f(dn, xn)
			}
			for _, f := range []func(dx, dy, z []T){SigmoidGrad[T], TanhGrad[T], ReLUGrad[T], SinGrad[T], CosGrad[T]} {
				f(dn, xn, yn)
			}
			for _, m := range []int{1, 2, 5, 12} {
				if n == 0 {
					continue
				}
				// Rows without padding, and with: the last row ends at the edge.
				for _, ld := range []int{n, n + 3} {
					size := (m-1)*ld + n
					dm, xm, ym := part(d, size), part(x, size), part(y, size)
					RowSums(part(s, m), xm, ld, m, n, true)
					RowDots(part(s, m), xm, ld, ym, ld, m, n, false)
					// dst is n x m.
					Transpose(part(d, n*m), m, xm, ld, m, n)
					// C is m x n, A is m x 3, B is 3 x n.
					Gemm(m, n, 3, dm, ld, part(s, 3*m), 3, 1, part(y, 2*ld+n), ld, part(x, m), false)
					Gemm(m, n, 3, dm, ld, part(s, 3*m), 1, m, part(y, 2*ld+n), ld, nil, true)
					gates := (4*m-1)*ld + n
					for _, peepholes := range [][]T{nil, part(s, 3*m)} {
						LSTM(dm, xm, ym, part(d, gates), part(x, gates), ym, ld, m, n, peepholes)
						LSTMGrad(part(d, gates), xm, ym, part(x, gates), xm, ym, ld, m, n, peepholes)
					}
				}
			}
		}
	}
}

func TestConversionsTouchNothingOutside(t *testing.T) {
	both(t, testConversionsInside[float64], testConversionsInside[float32])
}

func testConversionsInside[T Float](t *testing.T) {
	wide, narrow := newFence[float64](t), newFence[T](t)
	for n := range 2*32 + 4 {
		Narrow(narrow.first(n), wide.first(n))
		Narrow(narrow.last(n), wide.last(n))
		Widen(wide.first(n), narrow.first(n))
		Widen(wide.last(n), narrow.last(n))
		AddWide(wide.first(n), narrow.first(n))
		AddWide(wide.last(n), narrow.last(n))
		for _, m := range []int{1, 2, 5, 12} {
			if n == 0 {
				continue
			}
			for _, ld := range []int{n, n + 3} {
				size := (m-1)*ld + n
				a, b := make([]T, 3*m), make([]T, 3*n)
				GemmWide(m, n, 3, wide.first(size), ld, narrow.first(size), ld, a, 3, 1, b, n, true)
				GemmWide(m, n, 3, wide.last(size), ld, narrow.last(size), ld, a, 3, 1, b, n, false)
			}
		}
	}
}
