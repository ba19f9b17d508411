package main

import "fmt"

// vector writes the kernels of vector.go, and the table of masks for AVX2.
func vector(f *file) {
	// All ones, then all zeros: the mask for n elements starts n before the zeros.
	fmt.Fprintln(&f.text)
	for i := range 32 {
		fmt.Fprintf(&f.text, "DATA ·maskTable+%d(SB)/8, $%d\n", 8*i, i/16-1)
	}
	fmt.Fprintln(&f.text, "GLOBL ·maskTable(SB), RODATA|NOPTR, $256")

	const unroll = 4
	f.kernel("axpyVector", "y *T, a T, x *T, n int", func(c *code) {
		c.arg("y", "DI", "a", "AX", "x", "SI", "n", "CX")
		c.p("VBROADCASTS@ (AX), %s", c.v(14))
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "SI", v)
				b.in(v, "DI", v+unroll)
				b.p("VFMADD231P@ %s, %s, %s", b.v(v), b.v(14), b.v(v+unroll))
				b.out(v, "DI", v+unroll)
			}
		})
		c.ret()
	})
	f.kernel("scaleVector", "y *T, a T, n int", func(c *code) {
		c.arg("y", "DI", "a", "AX", "n", "CX")
		c.p("VBROADCASTS@ (AX), %s", c.v(14))
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "DI", v)
				b.p("VMULP@ %s, %s, %s", b.v(14), b.v(v), b.v(v))
				b.out(v, "DI", v)
			}
		})
		c.ret()
	})
	for _, k := range []struct{ name, op string }{{"addVector", "VADDP@"}, {"mulVector", "VMULP@"}} {
		f.kernel(k.name, "y *T, x *T, n int", func(c *code) {
			c.arg("y", "DI", "x", "SI", "n", "CX")
			c.each("CX", "DX", unroll, func(b block) {
				for v := range b.count {
					b.in(v, "SI", v)
					b.in(v, "DI", v+unroll)
					b.p(k.op+" %s, %s, %s", b.v(v), b.v(v+unroll), b.v(v+unroll))
					b.out(v, "DI", v+unroll)
				}
			})
			c.ret()
		})
	}
	f.kernel("sum2Vector", "dst *T, x *T, y *T, b T, n int", func(c *code) {
		c.arg("dst", "DI", "x", "SI", "y", "BX", "b", "AX", "n", "CX")
		c.p("VBROADCASTS@ (AX), %s", c.v(14))
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "BX", v)
				b.in(v, "SI", v+unroll)
				b.p("VFMADD231P@ %s, %s, %s", b.v(v), b.v(14), b.v(v+unroll))
				b.out(v, "DI", v+unroll)
			}
		})
		c.ret()
	})
}
