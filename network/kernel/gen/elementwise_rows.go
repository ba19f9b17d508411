package main

import "fmt"

// losses writes the kernels of softmax.go and loss.go.
func losses(f *file) {
	f.kernel("softmaxColumns", "losses *T, dz *T, z *T, ld int, classes int, n int, labels *T, w *T, scale T", (*code).softmax)
	// dz may be nil.
	f.kernel("binaryVector", "losses *T, dz *T, z *T, targets *T, scale T, n int", func(c *code) {
		c.arg("losses", "DI", "dz", "R8", "z", "SI", "targets", "BX", "scale", "AX", "n", "CX")
		c.useConstants()
		c.p("VBROADCASTS@ (AX), %s", c.v(c.spare()))
		c.each("CX", "DX", pick(c.target, 2, 1), func(b block) {
			e := vec{b, 14}
			const z, a, u, exp = 5, 6, 7, 8
			skip := c.label()
			e.in("SI", z)
			e.in("BX", 0)
			e.set(u, e.one())
			e.op("VSUBP@", 0, u, u)
			e.compare(less, e.num(0, 0), z)
			e.choose(0, u)
			e.op("VANDP@", e.allButSign(), z, a)
			e.op("VORP@", e.signBit(), z, 0)
			e.exp(true)
			e.op("VMOVAP@", 1, exp)
			e.compare(equal, e.num(0, 0), u)
			e.choose(e.num(0, 0), a)
			e.log1p(exp)
			e.op("VFMADD213P@", 0, u, a)
			e.out("DI", a)
			c.p("TESTQ R8, R8")
			c.p("JEQ %s", skip)
			e.op("VADDP@", e.one(), exp, 0)
			e.op("VDIVP@", 0, exp, 0) // v
			e.op("VSUBP@", 0, u, 1)
			e.op("VSUBP@", u, 0, 2)
			e.compare(less, e.num(0, 0), z)
			e.choose(2, 1)
			e.op("VMULP@", c.v(c.spare()), 1, 1)
			e.out("R8", 1)
			c.at(skip)
		})
		c.ret()
	})
	// dz may be nil. scale is its factor, count the number of rows as a float.
	f.kernel("squaredColumns", "losses *T, dz *T, z *T, ld int, rows int, n int, targets *T, ldt int, scale T, count T", func(c *code) {
		c.arg("losses", "DI", "ld", "R11", "n", "CX", "ldt", "R12", "scale", "AX", "count", "R14")
		const sum, factor = 3, 4
		c.each("CX", "DX", c.unroll(), func(b block) {
			e := vec{b, narrow}
			loop, skip := c.label(), c.label()
			c.arg("dz", "R8", "z", "SI", "targets", "BX", "rows", "R9")
			e.zeros(sum)
			e.op("VBROADCASTS@", "(AX)", factor)
			c.at(loop)
			e.in("SI", 0)
			e.in("BX", 1)
			e.op("VSUBP@", 1, 0, 0)
			e.op("VFMADD231P@", 0, 0, sum)
			c.p("TESTQ R8, R8")
			c.p("JEQ %s", skip)
			e.op("VMULP@", factor, 0, 0)
			e.out("R8", 0)
			c.p("ADDQ R11, R8")
			c.at(skip)
			c.p("ADDQ R11, SI")
			c.p("ADDQ R12, BX")
			c.p("DECQ R9")
			c.p("JNZ %s", loop)
			e.op("VBROADCASTS@", "(R14)", factor)
			e.op("VDIVP@", factor, sum, sum)
			e.out("DI", sum)
		})
		c.ret()
	})
}

// norms writes the rows of batchnorm.go.
func norms(f *file) {
	normSums(f)
	scalars := func(c *code, pairs ...string) []string {
		var regs []string
		for i, name := range pairs {
			r := c.v(pick(c.target, 24, 10) + i)
			c.arg(name, "AX")
			c.p("VBROADCASTS@ (AX), %s", r)
			regs = append(regs, r)
		}
		return regs
	}
	const unroll = 4 // of two registers
	f.kernel("inferVector", "y *T, x *T, mean T, invstd T, gamma T, beta T, n int", func(c *code) {
		c.arg("y", "DI", "x", "SI", "n", "CX")
		s := scalars(c, "mean", "invstd", "gamma", "beta")
		c.each("CX", "DX", unroll, func(b block) {
			e := vec{b, 2}
			e.in("SI", 0)
			e.op("VSUBP@", s[0], 0, 0)
			e.op("VMULP@", s[1], 0, 0)
			e.op("VFMADD213P@", s[3], s[2], 0)
			e.out("DI", 0)
		})
		c.ret()
	})
	f.kernel("normGradVector", "dx *T, dy *T, x *T, mean T, invstd T, meanDy T, meanDot T, scale T, n int", func(c *code) {
		c.arg("dx", "DI", "dy", "SI", "x", "BX", "n", "CX")
		s := scalars(c, "mean", "invstd", "meanDy", "meanDot", "scale")
		c.each("CX", "DX", unroll, func(b block) {
			e := vec{b, 2}
			e.in("SI", 0)
			e.in("BX", 1)
			e.op("VSUBP@", s[0], 1, 1)
			e.op("VMULP@", s[1], 1, 1)
			e.op("VSUBP@", s[2], 0, 0)
			e.op("VFNMADD231P@", s[3], 1, 0)
			e.op("VMULP@", s[4], 0, 0)
			e.out("DI", 0)
		})
		c.ret()
	})
}

// normSums writes the sums of batchnorm.go, in 16 lanes as in reduce.go. The rows
// that squares takes at once, and the two sums of normSums, keep each other's
// additions from waiting.
func normSums(f *file) {
	const temp, temp2, scalar, scalar2 = 8, 9, 10, 11 // and 12 to 15 for the masks of AVX2
	for _, rows := range []int{1, 2} {
		f.kernel(fmt.Sprintf("squares%d", rows), "dst *T, x *T, ldx int, mean *T, n int", func(c *code) {
			group := 16 / c.lanes()
			c.arg("x", "R9", "ldx", "BX", "mean", "AX", "n", "CX")
			for i := range rows {
				c.p("VBROADCASTS@ %d(AX), %s", i*c.size(), c.v(scalar+i))
			}
			c.sumLanes(rows*group, []string{"R9"}, func(v, mask int) {
				for i := range rows {
					c.load(temp, fmt.Sprintf("%d(R9)%s", v*c.bytes(), []string{"", "(BX*1)"}[i]), mask)
					c.p("VSUBP@ %s, %s, %s", c.v(scalar+i), c.v(temp), c.v(temp))
					c.keep(temp, mask)
					c.p("VFMADD231P@ %s, %s, %s", c.v(temp), c.v(temp), c.v(i*group+v))
				}
			})
			c.arg("dst", "DI")
			for i := range rows {
				c.tree(i*group, group, temp)
				c.p("VMOVS@ X%d, %d(DI)", i*group, i*c.size())
			}
			c.ret()
		})
	}
	// dst is the sum of dy*xhat and that of dy.
	f.kernel("normSums", "dst *T, dy *T, x *T, mean T, invstd T, n int", func(c *code) {
		group := 16 / c.lanes()
		c.arg("dy", "R9", "x", "R10", "mean", "AX", "invstd", "BX", "n", "CX")
		c.p("VBROADCASTS@ (AX), %s", c.v(scalar))
		c.p("VBROADCASTS@ (BX), %s", c.v(scalar2))
		c.sumLanes(2*group, []string{"R9", "R10"}, func(v, mask int) {
			c.load(temp, fmt.Sprintf("%d(R10)", v*c.bytes()), mask)
			c.p("VSUBP@ %s, %s, %s", c.v(scalar), c.v(temp), c.v(temp))
			c.p("VMULP@ %s, %s, %s", c.v(scalar2), c.v(temp), c.v(temp))
			c.keep(temp, mask)
			c.load(temp2, fmt.Sprintf("%d(R9)", v*c.bytes()), mask)
			c.p("VFMADD231P@ %s, %s, %s", c.v(temp2), c.v(temp), c.v(v))
			c.p("VADDP@ %s, %s, %s", c.v(temp2), c.v(group+v), c.v(group+v))
		})
		c.arg("dst", "DI")
		c.tree(0, group, temp)
		c.tree(group, group, temp)
		c.p("VMOVS@ X0, (DI)")
		c.p("VMOVS@ X%d, %d(DI)", group, c.size())
		c.ret()
	})
}

// sumLanes writes a loop over CX elements of arrays, with so many registers from
// 0 on that start at 0. step adds vector v of the 16 lanes; those without an
// element have to add 0.
func (c *code) sumLanes(sums int, bases []string, step func(v, mask int)) {
	group := 16 / c.lanes()
	for r := range sums {
		c.zero(r)
	}
	loop, rest, done := c.label(), c.label(), c.label()
	c.p("SUBQ $16, CX")
	c.p("JLT %s", rest)
	c.p("PCALIGN $32")
	c.at(loop)
	for v := range group {
		step(v, -1)
	}
	for _, base := range bases {
		c.p("ADDQ $%d, %s", 16*c.size(), base)
	}
	c.p("SUBQ $16, CX")
	c.p("JGE %s", loop)
	c.at(rest)
	c.p("ADDQ $16, CX")
	c.p("JEQ %s", done)
	first := pick(c.target, 1, 12)
	c.masks("CX", first, group)
	for v := range group {
		step(v, first+v)
	}
	c.at(done)
}

// keep makes those elements of register i zero that mask leaves out.
func (c *code) keep(i, mask int) {
	switch {
	case mask < 0:
	case c.wide:
		c.p("VMOVAP@.Z %s, K%d, %s", c.v(i), mask, c.v(i))
	default:
		c.p("VANDP@ %s, %s, %s", c.v(mask), c.v(i), c.v(i))
	}
}
