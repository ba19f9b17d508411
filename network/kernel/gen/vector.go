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
	f.kernel("axpy4Vector", "y *T, a *T, x0 *T, x1 *T, x2 *T, x3 *T, n int", func(c *code) {
		c.arg("y", "DI", "a", "AX", "x0", "R8", "x1", "R9", "x2", "R10", "x3", "R11", "n", "CX")
		const a = 10
		for k := range 4 {
			c.p("VBROADCASTS@ %d(AX), %s", k*c.size(), c.v(a+k))
		}
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "DI", v)
			}
			for k := range 4 {
				for v := range b.count {
					b.in(v, fmt.Sprintf("R%d", 8+k), v+unroll)
					b.p("VFMADD231P@ %s, %s, %s", b.v(v+unroll), b.v(a+k), b.v(v))
				}
			}
			for v := range b.count {
				b.out(v, "DI", v)
			}
		})
		c.ret()
	})
	f.kernel("momentsVector", "first *T, second *T, mean *T, x *T, a T, b T, n int", func(c *code) {
		c.arg("first", "DI", "second", "SI", "mean", "R12", "x", "R8", "a", "AX", "b", "BX", "n", "CX")
		c.moments(1)
	})
	f.kernel("moments4Vector", "first *T, second *T, mean *T, x0 *T, x1 *T, x2 *T, x3 *T, a *T, b *T, n int", func(c *code) {
		c.arg("first", "DI", "second", "SI", "mean", "R12", "x0", "R8", "x1", "R9", "x2", "R10", "x3", "R11", "a", "AX", "b", "BX", "n", "CX")
		c.moments(4)
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

// moments is the body for so many rows, from register R8 on. Their factors take the
// registers that are left.
func (c *code) moments(rows int) {
	factors, unroll := pick(c.target, 16, 7), pick(c.target, 3, 1)
	for k := range rows {
		c.p("VBROADCASTS@ %d(AX), %s", k*c.size(), c.v(factors+2*k))
		c.p("VBROADCASTS@ %d(BX), %s", k*c.size(), c.v(factors+2*k+1))
	}
	c.each("CX", "DX", unroll, func(b block) {
		for v := range b.count {
			b.in(v, "R12", 5*v)
			b.in(v, "DI", 5*v+1)
			b.in(v, "SI", 5*v+2)
		}
		for k := range rows {
			for v := range b.count {
				mean, first, second, d, square := b.v(5*v), b.v(5*v+1), b.v(5*v+2), b.v(5*v+3), b.v(5*v+4)
				b.in(v, fmt.Sprintf("R%d", 8+k), 5*v+3)
				b.p("VSUBP@ %s, %s, %s", mean, d, d)
				b.p("VMULP@ %s, %s, %s", d, d, square)
				b.p("VFMADD231P@ %s, %s, %s", d, b.v(factors+2*k), first)
				b.p("VFMADD231P@ %s, %s, %s", square, b.v(factors+2*k+1), second)
			}
		}
		for v := range b.count {
			b.out(v, "DI", 5*v+1)
			b.out(v, "SI", 5*v+2)
		}
	})
	c.ret()
}
