package kernel

import "testing"

func TestMDLSTMTouchesNothingOutside(t *testing.T) {
	both(t, testMDLSTMInside[float64], testMDLSTMInside[float32])
}

func testMDLSTMInside[T Float](t *testing.T) {
	f := make([]fence[T], 11)
	for i := range f {
		f[i] = newFence[T](t)
	}
	for _, part := range []func(fence[T], int) []T{fence[T].first, fence[T].last} {
		for n := 1; n < 2*32+4; n++ {
			for _, m := range []int{1, 5} {
				for _, ld := range []int{n, n + 3} {
					size := (m-1)*ld + n
					gates := (5*m-1)*ld + n
					for _, peepholes := range [][]T{nil, part(f[10], 5*m)} {
						MDLSTM(part(f[0], size), part(f[1], size), part(f[2], size), part(f[3], gates), part(f[4], gates),
							part(f[5], size), part(f[6], size), ld, m, n, peepholes)
						MDLSTMGrad(part(f[4], gates), part(f[0], size), part(f[1], size), part(f[7], size), part(f[8], size),
							part(f[3], gates), part(f[5], size), part(f[6], size), part(f[2], size), ld, m, n, peepholes)
					}
				}
			}
		}
	}
}
