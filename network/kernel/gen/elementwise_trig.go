package main

import "math"

// trig writes the functions of trig.go, for arguments that are not huge, and what
// tells whether they are.
func trig(f *file) {
	// found is set to whether an element of x is above limit in size; NaN is not.
	f.kernel("anyAbove", "found *uint32, x *T, limit T, n int", func(c *code) {
		c.arg("x", "SI", "limit", "AX", "n", "CX")
		c.useConstants()
		most := vec{block{code: c, count: c.unroll()}, 2}
		most.zeros(0)
		c.each("CX", "DX", c.unroll(), func(b block) {
			e := vec{b, 2}
			e.in("SI", 1)
			e.op("VANDP@", e.allButSign(), 1, 1)
			e.op("VMAXP@", 0, 1, 0) // the old one if NaN
		})
		for v := 1; v < c.unroll(); v++ {
			c.p("VMAXP@ %s, %s, %s", c.v(2*v), c.v(0), c.v(0))
		}
		c.p("VBROADCASTS@ (AX), %s", c.v(1))
		if c.wide {
			c.p("VCMPP@ $30, %s, %s, K1", c.v(1), c.v(0)) // greater, ordered
			c.p("KMOVW K1, AX")
		} else {
			c.p("VCMPP@ $30, %s, %s, %s", c.v(1), c.v(0), c.v(0))
			c.p("VMOVMSKP@ %s, AX", c.v(0))
		}
		c.arg("found", "DI")
		c.p("MOVL AX, (DI)")
		c.ret()
	})
	f.unary("sinVector", narrow, func(e vec) int { return e.sine(0, 1, 2, 3, false) })
	f.unary("cosVector", narrow, func(e vec) int { return e.sine(0, 1, 2, 3, true) })
	f.gradient("sinGradVector", func(e vec) int {
		e.op("VMULP@", e.sine(1, 2, 3, 4, true), 0, 0)
		return 0
	})
	f.gradient("cosGradVector", func(e vec) int {
		e.op("VMULP@", e.sine(1, 2, 3, 4, false), 0, 0)
		e.op("VXORP@", e.signBit(), 0, 0)
		return 0
	})
}

// sine is sin, or cos if half, of trig.go, of register x, where it puts the result.
// raw, n and p are overwritten.
func (e vec) sine(x, raw, n, p int, half bool) int {
	e.set(raw, e.num(1/math.Pi, 1/math.Pi))
	reduce := "VFNMADD231P@"
	if half {
		e.op("VFMADD213P@", e.num(-0.5, -0.5), x, raw)
		e.op("VADDP@", e.num(3<<51, 3<<22), raw, raw)
		e.op("VSUBP@", e.num(3<<51, 3<<22), raw, n)
		e.op("VADDP@", e.num(0.5, 0.5), n, n)
		e.op("VFMSUB231P@", e.num(0x1.921fb54442d18p+1, 0x1.921fb4p+1), n, x)
		reduce = "VFMADD231P@"
	} else {
		e.op("VFMADD213P@", e.num(3<<51, 3<<22), x, raw)
		e.op("VSUBP@", e.num(3<<51, 3<<22), raw, n)
		e.op(reduce, e.num(0x1.921fb54442d18p+1, 0x1.921fb4p+1), n, x)
	}
	e.op(reduce, e.num(0x1.1a62633145c06p-53, 0x1.4442dp-23), n, x)
	e.op(reduce, e.num(0x1.c1cd129024e09p-106, 0x1.84698ap-47), n, x)
	// The parity of n is the last bit of raw.
	e.op(e.integer("VPSLL"), map[bool]string{true: "$63", false: "$31"}[e.double], raw, raw)

	z := n
	e.op("VMULP@", x, x, z)
	var coefficients []konst
	if e.double {
		for _, c := range []float64{
			2.7209990441931673e-15, -7.642975115006906e-13, 1.6058939090098072e-10, -2.5052106860831656e-08,
			2.7557319211009754e-06, -0.00019841269841208494, 0.008333333333333193, -0.16666666666666666,
		} {
			coefficients = append(coefficients, e.num(c, 0))
		}
	} else {
		for _, c := range []float32{2.6054885893245228e-06, -0.0001980947854463011, 0.008333064615726471, -0.16666659712791443} {
			coefficients = append(coefficients, e.num(0, c))
		}
	}
	e.set(p, coefficients[0])
	for _, c := range append(coefficients[1:], e.one()) {
		e.op("VFMADD213P@", c, z, p)
	}
	e.op("VMULP@", p, x, x)
	e.op("VXORP@", raw, x, x)
	return x
}
