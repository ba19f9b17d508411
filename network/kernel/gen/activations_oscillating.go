package main

// The parts of pi of activations_oscillating.go.
func (c *code) piHi() konst { return c.num(0x1.921fb54442d18p+1, 0x1.921fb6p+1) }

func (c *code) piLo() konst { return c.num(0x1.1a62633145c07p-53, -0x1.777a5cp-24) }

// oscillating writes the functions of activations_oscillating.go, for arguments
// that are not huge.
func oscillating(f *file) {
	f.function("gcuVector", "", func(e vec) int {
		e.move(0, 5)
		r := e.sine(0, 1, 2, 3, true)
		e.op("VMULP@", 5, r, r)
		return r
	})
	f.slope("gcuGradVector", "", func(e vec) int {
		e.move(0, 1)
		e.move(0, 5)
		cosine := e.sine(1, 2, 3, 4, true)
		sine := e.sine(5, 2, 3, 4, false)
		e.op("VFNMADD231P@", 0, sine, cosine)
		return cosine
	})
	f.function("ssuVector", "", func(e vec) int {
		e.move(0, 5)
		return e.ssu()
	})
	f.slope("ssuGradVector", "", func(e vec) int {
		e.sincSlope()
		return 7
	})
	f.function("dsuVector", "", func(e vec) int {
		e.move(0, 5)
		r := e.ssu()
		e.op("VADDP@", e.piHi(), 5, 1)
		e.op("VADDP@", e.piLo(), 1, 1)
		e.set(2, e.piHi())
		e.op("VDIVP@", 1, 2, 2)
		e.op("VMULP@", 2, r, r)
		return r
	})
	f.slope("dsuGradVector", "", func(e vec) int {
		e.op("VANDP@", e.allButSign(), 0, 0)
		e.sincSlope()
		e.op("VADDP@", e.piHi(), 0, 8)
		e.op("VADDP@", e.piLo(), 8, 8) // v
		e.op("VMULP@", e.piHi(), 5, 5)
		e.op("VDIVP@", 6, 5, 5)
		e.op("VDIVP@", 8, 5, 5)
		e.op("VADDP@", 5, 7, 7)
		e.set(9, e.piHi())
		e.op("VDIVP@", 8, 9, 9)
		e.op("VMULP@", 9, 7, 7)
		return 7
	})
}

// ssu is ssu of activations_oscillating.go, of z in registers 0 and 5.
func (e vec) ssu() int {
	r := e.sine(0, 1, 2, 3, false)
	e.set(4, e.piHi())
	e.op("VSUBP@", 5, 4, 4)
	e.op("VADDP@", e.piLo(), 4, 4)
	e.op("VMULP@", e.piHi(), r, r)
	e.op("VDIVP@", 4, r, r)
	return r
}

// sincSlope is sincSlope of activations_oscillating.go, of z in register 0: the
// slope in 7, the sine in 5, u in 6.
func (e vec) sincSlope() {
	e.op("VSUBP@", e.piHi(), 0, 6)
	e.op("VSUBP@", e.piLo(), 6, 6)
	e.move(0, 1)
	e.move(0, 5)
	e.sine(1, 2, 3, 4, true)
	e.sine(5, 2, 3, 4, false)
	e.op("VDIVP@", 6, 5, 7)
	e.op("VSUBP@", 1, 7, 7)
	e.op("VDIVP@", 6, 7, 7)
	e.op("VMULP@", 6, 6, 8)
	e.horner(9, 8, sincSlope64, sincSlope32)
	e.op("VMULP@", 6, 9, 9)
	e.op("VANDP@", e.allButSign(), 6, 10)
	e.compare(less, e.num(2, 2), 10)
	e.choose(9, 7)
	e.op("VMULP@", e.piHi(), 7, 7)
}

var sincSlope64 = []float64{
	24. / 15511210043330985984000000, -22. / 25852016738884976640000, 20. / 51090942171709440000,
	-18. / 121645100408832000, 16. / 355687428096000, -14. / 1307674368000, 12. / 6227020800,
	-10. / 39916800, 8. / 362880, -6. / 5040, 4. / 120, -2. / 6,
}

var sincSlope32 = []float32{
	-14. / 1307674368000, 12. / 6227020800, -10. / 39916800, 8. / 362880, -6. / 5040, 4. / 120, -2. / 6,
}
