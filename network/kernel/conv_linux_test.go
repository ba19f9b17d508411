package kernel

import "testing"

func TestConvolutionTouchesNothingOutside(t *testing.T) {
	both(t, testConvolutionOutside[float64], testConvolutionOutside[float32])
}

func testConvolutionOutside[T Float](t *testing.T) {
	a, b, c, s := newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t)
	for _, part := range []func(fence[T], int) []T{fence[T].first, fence[T].last} {
		for n := 1; n < 2*32+4; n++ {
			for _, m := range []int{1, 2, 3, 4, 5, 12} {
				// Two groups with one value between them, in C and in B; the first
				// and the last row of B are at its ends.
				bn := part(b, 2*n+4)
				offsets := []int{0, 3, 2}
				GemmRows(m, 2, n, part(c, m*(2*n+1)), 2*n+1, n+1, part(a, 3*m), 3, 1, bn, n+1, offsets, part(s, m), false)
				GemmRows(m, 2, n, part(c, m*(2*n+1)), 2*n+1, n+1, part(a, 3*m), 1, m, bn, n+1, offsets, nil, true)
				DotRows(m, n, part(c, 3*m), 3, part(a, m*n), n, part(b, n+3), offsets)
			}
		}
	}
}
