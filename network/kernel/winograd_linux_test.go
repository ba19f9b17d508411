package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestWinogradTouchesNothingOutside(t *testing.T) {
	both(t, testWinogradOutside[float64], testWinogradOutside[float32])
}

func testWinogradOutside[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(57, 58))
	x, y, u, v, m, s, z := newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t), newFence[T](t)
	for _, part := range []func(fence[T], int) []T{fence[T].first, fence[T].last} {
		for n := 1; n <= 33; n++ {
			const in, out = 2, 3
			for _, pad := range []int{0, 1, 2} {
				c := newWinogradCase[T](rng, in, out, 3, 4, pad, n, 0)
				c.x, c.dy = part(x, len(c.x)), part(y, len(c.dy))
				for most := 1; most <= 2; most++ {
					c.patches(most, func(p Patches) {
						vn, mn := part(v, WinogradLen[T](in, p.Count, n)), part(m, WinogradLen[T](out, p.Count, n))
						un, zn := part(u, WinogradFilterLen(out, in)), part(z, (2*p.Count+1)*n+n)
						WinogradInput(vn, c.x, c.in, p, pad, zn)
						WinogradProduct(c.dy, c.out, p, un, part(s, out), vn, mn, c.x, c.in, pad, p)
						WinogradOutputGrad(mn, c.dy, c.out, p)
						WinogradOutput(c.dy, c.out, p, mn)
						grad := WinogradGradLen[T](out, p.Count, n)
						WinogradWeights(part(s, WinogradSumLen(out, in)), true, c.dy, c.out, p, vn, part(m, grad), c.x, c.in, pad, p)
					})
				}
			}
		}
	}
}
