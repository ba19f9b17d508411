package main

import "fmt"

// vector writes the kernels of vector.go and adam.go, and the table of masks for AVX2.
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
	for _, k := range []struct{ name, op string }{{"addVector", "VADDP@"}, {"mulVector", "VMULP@"}, {"divVector", "VDIVP@"}} {
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
	f.kernel("clampVector", "y *T, low T, high T, n int", func(c *code) {
		c.arg("y", "DI", "low", "AX", "high", "BX", "n", "CX")
		c.p("VBROADCASTS@ (AX), %s", c.v(13))
		c.p("VBROADCASTS@ (BX), %s", c.v(14))
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "DI", v)
				// Of NaN and a bound the result is the number before it here, which
				// is the second of Intel's operands.
				b.p("VMAXP@ %s, %s, %s", b.v(v), b.v(13), b.v(v))
				b.p("VMINP@ %s, %s, %s", b.v(v), b.v(14), b.v(v))
				b.out(v, "DI", v)
			}
		})
		c.ret()
	})
	f.kernel("adamVector", "w *T, m *T, v *T, grad *T, c *T, n int", func(c *code) {
		c.arg("w", "DI", "m", "SI", "v", "R8", "grad", "R9", "c", "AX", "n", "CX")
		const b1, c1, b2, c2, size, root, eps = 8, 9, 10, 11, 12, 13, 14
		for i := range 7 {
			c.p("VBROADCASTS@ %d(AX), %s", i*c.size(), c.v(b1+i))
		}
		c.each("CX", "DX", 2, func(b block) {
			for k := range b.count {
				g, m, v, t := 4*k, 4*k+1, 4*k+2, 4*k+3
				b.in(k, "R9", g)
				b.in(k, "SI", m)
				b.in(k, "R8", v)
				b.p("VMULP@ %s, %s, %s", b.v(c1), b.v(g), b.v(t))
				b.p("VMULP@ %s, %s, %s", b.v(b1), b.v(m), b.v(m))
				b.p("VADDP@ %s, %s, %s", b.v(t), b.v(m), b.v(m))
				b.p("VMULP@ %s, %s, %s", b.v(c2), b.v(g), b.v(t))
				b.p("VMULP@ %s, %s, %s", b.v(g), b.v(t), b.v(t))
				b.p("VMULP@ %s, %s, %s", b.v(b2), b.v(v), b.v(v))
				b.p("VADDP@ %s, %s, %s", b.v(t), b.v(v), b.v(v))
				b.out(k, "SI", m)
				b.out(k, "R8", v)
				b.in(k, "DI", g)
				b.p("VSQRTP@ %s, %s", b.v(v), b.v(v))
				b.p("VMULP@ %s, %s, %s", b.v(root), b.v(v), b.v(v))
				b.p("VADDP@ %s, %s, %s", b.v(eps), b.v(v), b.v(v))
				b.p("VMULP@ %s, %s, %s", b.v(size), b.v(m), b.v(m))
				b.p("VDIVP@ %s, %s, %s", b.v(v), b.v(m), b.v(m))
				b.p("VSUBP@ %s, %s, %s", b.v(m), b.v(g), b.v(g))
				b.out(k, "DI", g)
			}
		})
		c.ret()
	})
}
