package main

import "math"

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
			// log1p
			e.compare(less, e.num(math.Sqrt2-1, math.Sqrt2-1), exp)
			e.op("VSUBP@", e.one(), exp, 0)
			e.op("VMULP@", e.num(0.5, 0.5), 0, 0)
			e.choose(exp, 0)
			e.set(1, e.one())
			e.choose(e.num(0, 0), 1)
			e.logSum(0, 1, 2, 3, 4, 9)
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
	scalars := func(c *code, pairs ...string) []string {
		var regs []string
		for i, name := range pairs {
			r := c.v(pick(c.target, 28, 11) + i)
			c.arg(name, "AX")
			c.p("VBROADCASTS@ (AX), %s", r)
			regs = append(regs, r)
		}
		return regs
	}
	const unroll = 4 // of two registers
	f.kernel("centreVector", "d *T, x *T, mean T, n int", func(c *code) {
		c.arg("d", "DI", "x", "SI", "n", "CX")
		s := scalars(c, "mean")
		c.each("CX", "DX", unroll, func(b block) {
			e := vec{b, 2}
			e.in("SI", 0)
			e.op("VSUBP@", s[0], 0, 0)
			e.out("DI", 0)
		})
		c.ret()
	})
	f.kernel("normaliseVector", "y *T, xhat *T, invstd T, gamma T, beta T, n int", func(c *code) {
		c.arg("y", "DI", "xhat", "SI", "n", "CX")
		s := scalars(c, "invstd", "gamma", "beta")
		c.each("CX", "DX", unroll, func(b block) {
			e := vec{b, 2}
			e.in("SI", 0)
			e.op("VMULP@", s[0], 0, 0)
			e.out("SI", 0)
			e.op("VFMADD213P@", s[2], s[1], 0)
			e.out("DI", 0)
		})
		c.ret()
	})
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
	f.kernel("normGradVector", "dx *T, dy *T, xhat *T, meanDy T, meanDot T, scale T, n int", func(c *code) {
		c.arg("dx", "DI", "dy", "SI", "xhat", "BX", "n", "CX")
		s := scalars(c, "meanDy", "meanDot", "scale")
		c.each("CX", "DX", unroll, func(b block) {
			e := vec{b, 2}
			e.in("SI", 0)
			e.in("BX", 1)
			e.op("VSUBP@", s[0], 0, 0)
			e.op("VFNMADD231P@", s[1], 1, 0)
			e.op("VMULP@", s[2], 0, 0)
			e.out("DI", 0)
		})
		c.ret()
	})
}
