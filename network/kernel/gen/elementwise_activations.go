package main

import "math"

// unary writes dst = body(src): body is given register 0 of vectors with so many
// registers (AVX2: narrow), and returns the one with the result.
func (f *file) unary(name string, per int, body func(vec) int) {
	f.kernel(name, "dst *T, src *T, n int", func(c *code) {
		c.arg("dst", "DI", "src", "SI", "n", "CX")
		c.useConstants()
		c.eachKept("CX", "DX", per, func(e vec) {
			e.in("SI", 0)
			e.out("DI", body(e))
		})
		c.ret()
	})
}

// gradient writes dx = body(dy, y): body is given dy in register 0 and y in 1.
func (f *file) gradient(name string, body func(vec) int) {
	f.kernel(name, "dx *T, dy *T, y *T, n int", func(c *code) {
		c.arg("dx", "DI", "dy", "SI", "y", "BX", "n", "CX")
		c.useConstants()
		c.each("CX", "DX", c.unroll(), func(b block) {
			e := vec{b, narrow}
			e.in("SI", 0)
			e.in("BX", 1)
			e.out("DI", body(e))
		})
		c.ret()
	})
}

func activations(f *file) {
	f.unary("expVector", 5, func(e vec) int {
		e.exp(false)
		return 1
	})
	f.unary("logVector", narrow, vec.log)
	f.unary("sigmoidVector", 5, vec.sigmoid)
	f.unary("tanhVector", 5, vec.tanh)
	f.unary("reluVector", 5, func(e vec) int {
		e.zeros(1)
		e.op("VMAXP@", 0, 1, 0) // the second operand, 0, if equal or NaN
		return 0
	})
	f.gradient("sigmoidGradVector", func(e vec) int {
		e.set(2, e.one())
		e.op("VSUBP@", 1, 2, 2)
		e.op("VMULP@", 2, 1, 1)
		e.op("VMULP@", 1, 0, 0)
		return 0
	})
	f.gradient("tanhGradVector", func(e vec) int {
		e.set(2, e.one())
		e.op("VFNMADD231P@", 1, 1, 2)
		e.op("VMULP@", 2, 0, 0)
		return 0
	})
	f.gradient("reluGradVector", func(e vec) int {
		e.compare(notGreater, e.num(0, 0), 1)
		e.choose(e.num(0, 0), 0)
		return 0
	})
}

// sigmoid is sigmoid of elementwise.go, of register 0, with 1 to 3 and the mask. It
// returns the register that it is in.
func (e vec) sigmoid() int {
	e.compare(less, e.num(0, 0), 0)
	e.op("VORP@", e.signBit(), 0, 0)
	e.exp(true)
	e.op("VADDP@", e.one(), 1, 2)
	e.set(3, e.one())
	e.choose(1, 3)
	e.op("VDIVP@", 2, 3, 1)
	return 1
}

// tanh is tanh of elementwise.go, of register 0, with 1 to 4.
func (e vec) tanh() int {
	e.op("VMOVAP@", 0, 4)
	return e.tanhSigned(4)
}

// tanhSigned is tanh of register 0, which x, not one of 0 to 3, has too.
func (e vec) tanhSigned(x int) int {
	e.op("VORP@", e.signBit(), 0, 0)
	e.op("VADDP@", 0, 0, 0)
	e.set(1, e.num(-40, -40))
	e.op("VMAXP@", 0, 1, 0)
	e.expm1(0, 1, 2, 3, 2)
	toInt64, toInt32 := math.Float64bits(3<<51), math.Float32bits(3<<22)
	e.op(e.integer("VPADD"), e.word(1023-toInt64, 127-toInt32), 3, 3)
	e.op(e.integer("VPSLL"), e.fraction(), 3, 3) // p
	e.op("VSUBP@", e.one(), 3, 2)
	e.op("VFMADD213P@", 2, 3, 1) // t
	e.op("VADDP@", e.num(2, 2), 1, 2)
	e.op("VDIVP@", 2, 1, 1)
	if e.wide {
		const choose = "$0xd8" // where the constant has a 1, x, otherwise the quotient
		e.op(e.integer("VPTERNLOG"), choose, e.signBit(), x, 1)
		return 1
	}
	e.op("VANDP@", e.allButSign(), 1, 1)
	e.op("VANDP@", e.signBit(), x, 0)
	e.op("VORP@", 0, 1, 1)
	return 1
}

// log is log and split of log.go.
func (e vec) log() int {
	const one64, half64 = 0x3ff0000000000000, 0x3fe6a09e00000000
	const one32, half32 = 0x3f800000, 0x3f3504f3
	e.op("VMOVAP@", 0, 5)
	e.compare(less, e.num(0x1p-1022, 0x1p-126), 0)
	e.op("VMULP@", e.num(0x1p54, 0x1p25), 0, 2)
	e.choose(2, 0)
	e.zeros(1)
	e.choose(e.num(54, 25), 1)
	e.op(e.integer("VPADD"), e.word(one64-half64, one32-half32), 0, 0)
	// The exponent as a float: put below the bits of 2^52, and that subtracted.
	e.op(e.integer("VPSRL"), e.fraction(), 0, 2)
	e.op(e.bitwise("VPOR"), e.num(0x1p52, 0x1p23), 2, 2)
	e.op("VSUBP@", e.num(0x1p52+1023, 0x1p23+127), 2, 2)
	e.op("VSUBP@", 1, 2, 1)
	e.op(e.bitwise("VPAND"), e.word(1<<52-1, 1<<23-1), 0, 0)
	e.op(e.integer("VPADD"), e.word(half64, half32), 0, 0)
	e.op("VSUBP@", e.one(), 0, 0)
	e.logSum(0, 1, 2, 3, 4, 6)
	e.compare(equal, e.num(math.Inf(1), float32(math.Inf(1))), 5)
	e.choose(5, 0)
	e.compare(equal, e.num(0, 0), 5)
	e.choose(e.num(math.Inf(-1), float32(math.Inf(-1))), 0)
	e.compare(notAtLeast, e.num(0, 0), 5)
	e.choose(e.num(math.NaN(), float32(math.NaN())), 0)
	return 0
}
