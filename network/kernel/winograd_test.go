package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestWinogradScratch(t *testing.T) {
	both(t, testWinogradScratch[float64], testWinogradScratch[float32])
}

func testWinogradScratch[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, step := range []int{1, 2, 5} {
	for _, g := range [][4]int{{6, 7, 1, 32},{4, 4, 0, 1}, {4, 4, 1, 3}, {5, 6, 1, 16}, {7, 3, 2, 17}, {3, 5, 2, 40}, {1, 1, 1, 2}} {
		h, wd, pad, n := g[0], g[1], g[2], g[3]
		const in, out = 3, 7
		oh, ow := h+2*pad-2, wd+2*pad-2
		x := make([]T, in*h*wd*n)
		for i := range x {
			x[i] = T(rng.IntN(9) - 4)
		}
		w := make([]T, in*out*9)
		for i := range w {
			w[i] = T(rng.IntN(9) - 4)
		}
		xs, ys := Image{in, h, wd, n}, Image{out, oh, ow, n}
		patches := (ow + 1) / 2
		zeros := make([]T, (2*patches+2)*n)
		u := make([]T, WinogradFilterLen(out, in))
		WinogradFilter(u, w, in*9, 9, out, in, false)
		y := make([]T, out*oh*ow*n)
		for r := 0; r < oh; r += 2 {
			for p := 0; p < patches; p += step {
				count := min(step, patches-p)
				v, m := make([]T, WinogradLen[T](in, count, n)), make([]T, WinogradLen[T](out, count, n))
				at := Patches{r, 2*p, count, n}
				WinogradInput(v, x, xs, at, pad, zeros)
				WinogradProduct(y, ys, at, u, nil, v, m, x, xs, pad, at)
			}
		}
		for o := range out {
			for r := range oh {
				for c := range ow {
					for e := range n {
						var s T
						for i := range in {
							for a := range 3 {
								for b := range 3 {
									yy, xx := r+a-pad, c+b-pad
									if yy >= 0 && yy < h && xx >= 0 && xx < wd {
										s += w[(o*in+i)*9+3*a+b] * x[((i*h+yy)*wd+xx)*n+e]
									}
								}
							}
						}
						if got := y[((o*oh+r)*ow+c)*n+e]; got != s {
							t.Fatal(fmt.Sprint(g, o, r, c, e, got, s))
						}
					}
				}
			}
		}
	}
	}
}
