package main

import "fmt"

// singles makes a float32 normal of each half of the words, which are of the radius
// and of the angle, and writes the candidates of Mirror.
func (e *emitter) singles(group int, words bank) {
	x, y := e.pointSingle(words[0], words[1], e.radiusSingle(words[0]))
	// A group of numbers is all x of eight blocks and then all y.
	at := group * e.lanes / 8 * 32
	at += group * e.lanes % 8 * 2
	for i, z := range []reg{x, y} {
		e.widen(z, at+16*i)
	}
	e.give(bank{x, y})
}

// widen makes two vectors of a vector of float32, and the candidates of them, from
// number at of the pass on.
func (e *emitter) widen(z reg, at int) {
	half, high := "Y", "VEXTRACTF64X4"
	if !e.wide() {
		half, high = "X", "VEXTRACTF128"
	}
	w := e.take(2)
	e.op("VCVTPS2PD", fmt.Sprintf("%s%d", half, z), w[0])
	e.op(high, "$1", z, fmt.Sprintf("%s%d", half, z))
	e.op("VCVTPS2PD", fmt.Sprintf("%s%d", half, z), w[1])
	for i, z := range w {
		e.mirror(z, func(array string) string { return fmt.Sprintf("%d(%s)", 8*at+i*e.bytes(), array) })
	}
	e.give(w)
}

// mirror stores the mean and sigma times z more, and less.
func (e *emitter) mirror(z reg, place func(array string) string) {
	x := e.take(2)
	e.op("VMOVUPD", place("R9"), x[0])
	e.op("VMOVAPD", x[0], x[1])
	e.op("VFMADD231PD", place("R10"), z, x[0])
	e.op("VFNMADD231PD", place("R10"), z, x[1])
	e.op("VMOVUPD", x[0], place("DI"))
	e.op("VMOVUPD", x[1], place("R8"))
	e.give(x)
}

// polySingle is poly in float32.
func (e *emitter) polySingle(z, r reg, letter string, degree int) {
	c := func(i int) constant { return constant(fmt.Sprintf("single%s%d", letter, i)) }
	e.either("VPBROADCASTD", "VMOVDQU", c(degree), r)
	for i := degree - 1; i >= 0; i-- {
		e.op("VFMADD213PS", c(i), z, r)
	}
}

// radiusSingle is that of polarSingle, in a new register.
func (e *emitter) radiusSingle(bits reg) reg {
	e.comment("Radius: the uniform u, and that as 2^k m")
	t := e.take(3)
	s, k, p := t[0], t[1], t[2]
	e.op("VCVTDQ2PS", bits, s)
	e.op("VANDPS", constant("singleAbs"), s, s)
	e.either("VPBROADCASTD", "VMOVDQU", constant("singleHalf"), p)
	e.op("VFMADD132PS", constant("singleRadius"), p, s)
	e.op("VPADDD", constant("singleLessRoot"), s, s)
	e.op("VPSRAD", "$23", s, k)
	e.op("VCVTDQ2PS", k, k)
	e.either("VPANDD", "VPAND", constant("singleFraction"), s, s)
	e.op("VPADDD", constant("singleRoot"), s, s)
	e.op("VSUBPS", constant("singleOne"), s, s)

	e.comment("Radius: sqrt(-2 log u)")
	e.polySingle(s, p, "L", 7)
	e.op("VMULPS", p, s, s)
	e.op("VFMADD231PS", constant("singleMinusTwoLn2"), k, s)
	e.op("VSQRTPS", s, s)
	e.give(bank{k, p})
	return s
}

// pointSingle is the point of polarSingle. It frees its arguments.
func (e *emitter) pointSingle(radius, angle, r reg) (x, y reg) {
	e.comment("The angle, in half turns")
	t := e.take(3)
	z, x, y := t[0], t[1], t[2]
	v := angle
	e.op("VCVTDQ2PS", v, v)
	e.op("VMULPS", constant("singleAngle"), v, v)
	e.op("VMULPS", v, v, z)

	e.comment("Sine and cosine, and the sign of the radius")
	e.polySingle(z, y, "S", 4)
	e.op("VMULPS", v, y, y)
	e.polySingle(z, x, "C", 4)
	if e.wide() {
		e.op("VPTERNLOGD", "$0x78", constant("singleSign"), radius, x) // x ^ radius & sign
	} else {
		e.op("VPAND", constant("singleSign"), radius, radius)
		e.op("VPXOR", radius, x, x)
	}
	e.op("VMULPS", r, x, x)
	e.op("VMULPS", r, y, y)
	e.give(bank{z, radius, angle, r})
	return x, y
}
