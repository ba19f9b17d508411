package main

import "math"

// moreActivations writes the functions of activations*.go and their derivatives.
func moreActivations(f *file) {
	table = [2][]uint64{} // of this file alone
	piecewise(f)
	smooth(f)
	f.function("geluVector", "", vec.gelu)
	f.slope("geluGradVector", "", vec.geluSlope)
	oscillating(f)
	f.constants()
}

// roomy are vectors with as many registers as there are: the loops are long, and
// processors overlap them. Y15, and with a choice to make Y14, are for masks.
const roomy = 15

// Registers of [roomy] that keep what is loaded before or outside the function.
const (
	dyReg  = 11
	param0 = 12
	param1 = 13
)

// function writes dst = body(src): body is given register 0, and param0 and param1
// if there are parameters, such as "a T, b T, ". It returns the one with the result.
func (f *file) function(name, params string, body func(vec) int) {
	f.kernel(name, "dst *T, src *T, "+params+"n int", func(c *code) {
		c.arg("dst", "DI", "src", "SI", "n", "CX")
		c.useConstants()
		c.parameters()
		c.each("CX", "DX", 1, func(b block) {
			e := vec{b, roomy}
			e.in("SI", 0)
			e.out("DI", body(e))
		})
		c.ret()
	})
}

// slope writes dx = dy * body(x).
func (f *file) slope(name, params string, body func(vec) int) {
	f.kernel(name, "dx *T, dy *T, x *T, "+params+"n int", func(c *code) {
		c.arg("dx", "DI", "dy", "SI", "x", "BX", "n", "CX")
		c.useConstants()
		c.parameters()
		c.each("CX", "DX", 1, func(b block) {
			e := vec{b, roomy}
			e.in("SI", dyReg)
			e.in("BX", 0)
			r := body(e)
			e.op("VMULP@", dyReg, r, r)
			e.out("DI", r)
		})
		c.ret()
	})
}

// parameters loads those named p and q.
func (c *code) parameters() {
	for i, name := range []string{"p", "q"} {
		for _, have := range c.params {
			if have == name {
				c.arg(name, "AX")
				c.p("VBROADCASTS@ (AX), %s", c.v(param0+i))
			}
		}
	}
}

const greater = "$30" // ordered, as less

// atLeast is clamp of exp.go with the lower bound, of register x.
func (e vec) atLeast(k konst, x, temp int) {
	e.set(temp, k)
	e.op("VMAXP@", x, temp, x)
}

func (e vec) atMost(k konst, x, temp int) {
	e.set(temp, k)
	e.op("VMINP@", x, temp, x)
}

func (e vec) move(from, to int) { e.op("VMOVAP@", from, to) }

// horner is horner of activations.go: p becomes the polynomial in x.
func (e vec) horner(p, x int, c64 []float64, c32 []float32) {
	var k []konst
	if e.double {
		for _, c := range c64 {
			k = append(k, e.num(c, 0))
		}
	} else {
		for _, c := range c32 {
			k = append(k, e.num(0, c))
		}
	}
	e.set(p, k[0])
	for _, c := range k[1:] {
		e.op("VFMADD213P@", c, x, p)
	}
}

// piecewise writes those of activations.go.
func piecewise(f *file) {
	f.function("softsignVector", "", func(e vec) int {
		e.atLeast(e.num(-math.MaxFloat64, -math.MaxFloat32), 0, 1)
		e.atMost(e.num(math.MaxFloat64, math.MaxFloat32), 0, 1)
		e.op("VANDP@", e.allButSign(), 0, 1)
		e.op("VADDP@", e.one(), 1, 1)
		e.op("VDIVP@", 1, 0, 0)
		return 0
	})
	f.slope("softsignGradVector", "", func(e vec) int {
		e.op("VANDP@", e.allButSign(), 0, 0)
		e.op("VADDP@", e.one(), 0, 0)
		e.op("VMULP@", 0, 0, 0)
		e.set(1, e.one())
		e.op("VDIVP@", 0, 1, 1)
		return 1
	})
	f.function("leakyReLUVector", "p T, ", func(e vec) int {
		e.op("VMULP@", param0, 0, 1)
		e.compare(less, e.num(0, 0), 0)
		e.choose(1, 0)
		return 0
	})
	f.slope("leakyReLUGradVector", "p T, ", func(e vec) int {
		e.set(1, e.one())
		e.compare(notGreater, e.num(0, 0), 0)
		e.choose(param0, 1)
		return 1
	})
	f.function("eluVector", "p T, q T, ", func(e vec) int {
		e.move(0, 6)
		e.atLeast(e.num(-40, -40), 0, 1)
		e.atMost(e.num(0, 0), 0, 1)
		e.negativeExpm1()
		e.op("VMULP@", param1, 1, 1)
		e.op("VMULP@", param0, 6, 2)
		e.compare(greater, e.num(0, 0), 6)
		e.choose(2, 1)
		return 1
	})
	f.slope("eluGradVector", "p T, q T, ", func(e vec) int {
		e.op("VADDP@", param1, 0, 1)
		e.compare(greater, e.num(0, 0), 0)
		e.choose(param0, 1)
		return 1
	})
	f.function("stepVector", "", func(e vec) int {
		e.move(0, 1)
		e.compare(notGreater, e.num(0, 0), 0)
		e.choose(e.num(0, 0), 1)
		e.compare(greater, e.num(0, 0), 0)
		e.choose(e.one(), 1)
		return 1
	})
	f.function("quadraticVector", "", func(e vec) int {
		e.op("VADDP@", e.one(), 0, 1)
		e.op("VMULP@", 1, 0, 0)
		return 0
	})
	f.slope("quadraticGradVector", "", func(e vec) int {
		e.set(1, e.num(2, 2))
		e.op("VFMADD213P@", e.one(), 0, 1)
		return 1
	})
	cubic := func(e vec) int {
		e.op("VMULP@", param0, 0, 1)
		e.op("VFMADD213P@", e.one(), 0, 1)
		return 1
	}
	f.function("cubicVector", "p T, ", func(e vec) int {
		e.op("VMULP@", cubic(e), 0, 0)
		return 0
	})
	f.slope("cubicGradVector", "p T, ", cubic)
}

// negativeExpm1 sets register 1 to e^ register 0 - 1, for one from -40 to 0, with
// 2, 3 and 4: fma(p, q, p-1) with p = 2^n.
func (e vec) negativeExpm1() {
	e.expm1(0, 1, 2, 3, 4)
	toInt64, toInt32 := math.Float64bits(3<<51), math.Float32bits(3<<22)
	e.op(e.integer("VPADD"), e.word(1023-toInt64, 127-toInt32), 3, 3)
	e.op(e.integer("VPSLL"), e.fraction(), 3, 3)
	e.op("VSUBP@", e.one(), 3, 2)
	e.op("VFMADD213P@", 2, 3, 1)
}
