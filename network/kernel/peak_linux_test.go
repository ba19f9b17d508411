package kernel

import "testing"

func TestMeasuringTouchesNothingOutside(t *testing.T) {
	both(t, testMeasuringOutside[float64], testMeasuringOutside[float32])
}

func testMeasuringOutside[T Float](t *testing.T) {
	x := newFence[T](t)
	for _, part := range []func(fence[T], int) []T{fence[T].first, fence[T].last} {
		for n := range 200 {
			Halve(part(x, n), 2)
			ReadBits(part(x, n), 2)
		}
	}
}
