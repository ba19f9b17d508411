package main

import "fmt"

// peakChains is how many vectors of sums are under way at once: the processors
// that start most, two in a cycle, take four or five cycles for each.
const peakChains = 12

// peak writes the kernels of peak.go.
func peak(f *file) {
	fmt.Fprintf(&f.stubs, "\n// peakChains is how many vectors fmaVectors takes.\nconst peakChains = %d\n", peakChains)
	fmt.Fprintf(&f.other, "\nconst peakChains = %d\n", peakChains)
	f.kernel("fmaVectors", "x *T, half T, one T, n int", func(c *code) {
		c.arg("x", "DI", "half", "AX", "one", "BX", "n", "CX")
		half, one := peakChains, peakChains+1
		c.p("VBROADCASTS@ (AX), %s", c.v(half))
		c.p("VBROADCASTS@ (BX), %s", c.v(one))
		for i := range peakChains {
			c.load(i, fmt.Sprintf("%d(DI)", i*c.bytes()), -1)
		}
		loop := c.label()
		c.p("PCALIGN $32")
		c.at(loop)
		for i := range peakChains {
			c.p("VFMADD213P@ %s, %s, %s", c.v(one), c.v(half), c.v(i)) // x = half*x + one
		}
		c.p("DECQ CX")
		c.p("JNZ %s", loop)
		for i := range peakChains {
			c.store(i, fmt.Sprintf("%d(DI)", i*c.bytes()), -1)
		}
		c.ret()
	})
	const unroll = 8
	f.kernel("orVectors", "dst *T, x *T, n int, times int", func(c *code) {
		c.arg("dst", "DI", "x", "SI", "times", "R8")
		for v := range unroll {
			c.zero(v)
		}
		again := c.label()
		c.at(again)
		c.arg("n", "CX")
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				if b.mask < 0 {
					b.p("VORP@ %s, %s, %s", b.mem(v, "SI"), b.v(v), b.v(v))
				} else {
					b.in(v, "SI", unroll)
					b.p("VORP@ %s, %s, %s", b.v(unroll), b.v(v), b.v(v))
				}
			}
		})
		c.p("DECQ R8")
		c.p("JNZ %s", again)
		for half := unroll / 2; half > 0; half /= 2 {
			for v := range half {
				c.p("VORP@ %s, %s, %s", c.v(v+half), c.v(v), c.v(v))
			}
		}
		c.store(0, "(DI)", -1)
		c.ret()
	})
}
