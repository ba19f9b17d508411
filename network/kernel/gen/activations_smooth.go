package main

import "math"

// expMin is that of exp.go.
func (c *code) expMin() konst { return c.num(-746, -104) }

func (c *code) expMax() konst { return c.num(746, 104) }

// smooth writes the functions of activations_smooth.go.
func smooth(f *file) {
	f.function("scaledTanhVector", "p T, q T, ", func(e vec) int {
		e.op("VMULP@", param1, 0, 0)
		r := e.tanh()
		e.op("VMULP@", param0, r, r)
		return r
	})
	f.slope("scaledTanhGradVector", "p T, q T, ", func(e vec) int {
		e.op("VDIVP@", param0, 0, 0)
		e.set(1, e.one())
		e.op("VFNMADD231P@", 0, 0, 1)
		e.op("VMULP@", param1, 1, 1)
		return 1
	})
	f.function("softplusVector", "", vec.softplus)
	f.slope("softplusGradVector", "", vec.sigmoid)
	f.function("swishVector", "", func(e vec) int {
		e.atLeast(e.expMin(), 0, 1)
		e.move(0, 6)
		r := e.sigmoid()
		e.op("VMULP@", 6, r, r)
		return r
	})
	f.slope("swishGradVector", "", func(e vec) int {
		e.atLeast(e.expMin(), 0, 1)
		e.atMost(e.expMax(), 0, 1)
		e.move(0, 6)
		return e.gateSlope(6)
	})
	f.function("geluTanhVector", "", func(e vec) int {
		e.atLeast(e.num(-40, -40), 0, 1)
		e.move(0, 6)
		e.op("VMULP@", 0, 0, 0)
		e.geluTanhSum(geluTanh2, 0, 1)
		e.op("VMULP@", 6, 1, 0)
		r := e.sigmoid()
		e.op("VMULP@", 6, r, r)
		return r
	})
	f.slope("geluTanhGradVector", "", func(e vec) int {
		e.atLeast(e.num(-40, -40), 0, 1)
		e.atMost(e.num(40, 40), 0, 1)
		e.move(0, 6)
		e.op("VMULP@", 0, 0, 7)
		e.geluTanhSum(geluTanh2, 7, 1)
		e.op("VMULP@", 6, 1, 0)
		e.geluTanhSum(3*geluTanh2, 7, 8)
		e.op("VMULP@", 6, 8, 8)
		return e.gateSlope(8)
	})
	f.function("mishVector", "", func(e vec) int {
		e.atLeast(e.expMin(), 0, 1)
		e.mishParts()
		e.op("VDIVP@", 7, 4, 4)
		e.op("VMULP@", 6, 4, 4)
		return 4
	})
	f.slope("mishGradVector", "", func(e vec) int {
		e.atLeast(e.expMin(), 0, 1)
		e.atMost(e.expMax(), 0, 1)
		e.mishParts()
		e.op("VDIVP@", 7, 4, 8) // n/h
		e.set(9, e.one())
		e.choose(1, 9) // top
		e.op("VMULP@", 5, 9, 9)
		e.op("VADDP@", 7, 4, 4)
		e.op("VMULP@", 4, 9, 9)
		e.op("VADDP@", e.one(), 1, 1)
		e.op("VMULP@", 7, 1, 1)
		e.op("VMULP@", 7, 1, 1)
		e.op("VDIVP@", 1, 9, 9)
		e.op("VFMADD213P@", 8, 6, 9)
		return 9
	})
}

// gateSlope returns s*(1 + x*(1-s)), with s the sigmoid of register 0, by gates of
// activations_smooth.go.
func (e vec) gateSlope(x int) int {
	e.move(0, 5)
	e.op("VORP@", e.signBit(), 0, 0)
	e.exp(true)
	e.op("VADDP@", e.one(), 1, 2)
	e.set(3, e.one())
	e.op("VDIVP@", 2, 3, 3)
	e.op("VDIVP@", 2, 1, 4)
	const s, rest = 9, 4
	e.move(3, s)
	e.compare(less, e.num(0, 0), 5)
	e.choose(4, s)
	e.choose(3, rest)
	e.op("VFMADD213P@", e.one(), x, rest)
	e.op("VMULP@", s, rest, rest)
	return rest
}

const (
	geluTanh1 = 2 * 0.797884560802865355879892119868763736951717262329869315331851659
	geluTanh2 = 0.044715 * geluTanh1
)

// geluTanhSum sets register to to k*v + geluTanh1.
func (e vec) geluTanhSum(k float64, v, to int) {
	e.set(to, e.num(k, float32(k)))
	e.op("VFMADD213P@", e.num(geluTanh1, geluTanh1), v, to)
}

// softplus is softplus of activations_smooth.go.
func (e vec) softplus() int {
	e.move(0, 6)
	e.op("VORP@", e.signBit(), 0, 0)
	e.exp(true)
	e.move(1, 7)
	e.log1p(7)
	e.zeros(2)
	e.op("VMAXP@", 6, 2, 2)
	e.op("VADDP@", 2, 0, 0)
	return 0
}

// log1p is log1p of log.go: register 0 becomes ln(1+x), with 1 to 4 and 9.
func (e vec) log1p(x int) {
	e.compare(less, e.num(math.Sqrt2-1, math.Sqrt2-1), x)
	e.op("VSUBP@", e.one(), x, 0)
	e.op("VMULP@", e.num(0.5, 0.5), 0, 0)
	e.choose(x, 0)
	e.set(1, e.one())
	e.choose(e.num(0, 0), 1)
	e.logSum(0, 1, 2, 3, 4, 9)
}

// mishParts is mishParts of activations_smooth.go, of z in register 0: z in 6, e in
// 1, n in 4, h in 7, and h-n in 5. The mask is that of negative z.
func (e vec) mishParts() {
	e.move(0, 6)
	e.op("VORP@", e.signBit(), 0, 0)
	e.exp(true)
	e.op("VADDP@", e.num(2, 2), 1, 2)
	e.op("VMULP@", 1, 2, 2)
	e.set(4, e.num(2, 2))
	e.op("VFMADD213P@", e.one(), 1, 4)
	e.op("VADDP@", 1, 1, 5)
	e.op("VMULP@", 1, 5, 5)
	e.compare(less, e.num(0, 0), 6)
	e.choose(2, 4)
	e.choose(e.num(2, 2), 5)
	e.op("VADDP@", 5, 4, 7)
}
