package main

import "fmt"

// uniforms makes two uniforms of each block, the highest 53 bits of each half,
// and stores them.
func (e *emitter) uniforms(group int, x bank) {
	e.comment("Uniform: the highest 53 bits")
	e.op("VPSRLQ", "$11", x, x)
	if e.wide() {
		e.op("VCVTUQQ2PD", x, x)
	} else {
		high := e.take(2)
		e.op("VPSRLQ", "$32", x, high)
		e.op("VPOR", constant("magic84"), high, high)
		e.op("VPBLENDD", "$0xAA", constant("magic52"), x, x)
		e.op("VSUBPD", constant("magic"), high, high)
		e.op("VADDPD", high, x, x)
		e.give(high)
	}
	e.op("VMULPD", constant("ulp"), x, x)
	out := e.take(2)
	e.op("VUNPCKLPD", x[1], x[0], out[0])
	e.op("VUNPCKHPD", x[1], x[0], out[1])
	for i, r := range out {
		e.op("VMOVUPD", r, fmt.Sprintf("%d(DI)", (2*group+i)*e.bytes()))
	}
	e.give(out, x)
}

// normals makes four normals of each block, two of each half, and stores them, or
// adds sigma times them.
func (e *emitter) normals(group int, bits bank, operation string) {
	r := e.radius(bits)
	x, y := e.point(bits, r)

	e.comment("The four of each block beside each other")
	lo, hi := e.take(2), e.take(2)
	e.op("VUNPCKLPD", y, x, lo)
	e.op("VUNPCKHPD", y, x, hi)
	e.give(x, y)
	out := e.take(4)
	if e.wide() {
		for i, two := range []bank{lo, hi} {
			e.op("VMOVAPD", two[0], out[2*i])
			e.op("VPERMT2PD", two[1], e.low, out[2*i])
			e.op("VMOVAPD", two[0], out[2*i+1])
			e.op("VPERMT2PD", two[1], e.high, out[2*i+1])
		}
	} else {
		for i, two := range []bank{lo, hi} {
			e.op("VPERM2F128", "$0x20", two[1], two[0], out[2*i])
			e.op("VPERM2F128", "$0x31", two[1], two[0], out[2*i+1])
		}
	}
	e.give(lo, hi)
	place := func(i int) string { return fmt.Sprintf("%d(DI)", (4*group+i)*e.bytes()) }
	if operation == "addNormal" {
		sigma := e.sigma
		if !e.wide() {
			s := e.take(1)
			defer e.give(s)
			sigma = s[0]
			e.op("VBROADCASTSD", "sigma+32(FP)", sigma)
		}
		e.op("VFMADD213PD", place, sigma, out)
	}
	e.op("VMOVUPD", out, place)
	e.give(out)
}

// poly is Horner's rule in z, highest coefficient first.
func (e *emitter) poly(z, r bank, first constant, rest ...constant) {
	e.load(first, r)
	for _, c := range rest {
		e.op("VFMADD213PD", c, z, r)
	}
}

// radius is that of polar, in a new bank.
func (e *emitter) radius(bits bank) bank {
	n := len(bits)
	e.comment("Radius: the uniform u, and that as 2^k m")
	x, k, d, z, p := e.take(n), e.take(n), e.take(n), e.take(n), e.take(n)
	e.op("VPSRLQ", "$12", bits, x)
	e.either("VPORQ", "VPOR", constant("one"), x, x)
	e.op("VSUBPD", constant("belowOne"), x, x)
	e.op("VPADDQ", constant("oneRoot"), x, x)
	e.op("VPSRLQ", "$52", x, k)
	e.either("VPORQ", "VPOR", constant("magic52"), k, k)
	e.op("VSUBPD", constant("exponent0"), k, k)
	e.either("VPANDQ", "VPAND", constant("fraction"), x, x)
	e.op("VPADDQ", constant("root"), x, x)

	e.comment("Radius: sqrt(-2 log u)")
	e.op("VADDPD", constant("one"), x, d)
	e.op("VSUBPD", constant("one"), x, x)
	e.op("VDIVPD", d, x, x)
	e.op("VMULPD", x, x, z)
	e.poly(z, p, "l4", "l3", "l2", "l1", "l0")
	e.op("VMULPD", p, x, x)
	e.op("VFMADD231PD", constant("minusTwoLn2"), k, x)
	e.op("VSQRTPD", x, x)
	e.give(k, d, z, p)
	return x
}

// point is the point of polar, in new banks. It frees its arguments.
func (e *emitter) point(bits, r bank) (x, y bank) {
	n := len(bits)
	e.comment("The angle, in quarter turns")
	v, z, sin, cos := e.take(n), e.take(n), e.take(n), e.take(n)
	e.op("VPSHUFB", e.reverse, bits, v)
	if e.wide() {
		e.op("VPTERNLOGQ", "$0xEA", constant("angleHalf"), e.angleMask, v) // v & mask | half
	} else {
		e.op("VPAND", e.angleMask, v, v)
		e.op("VPOR", constant("angleHalf"), v, v)
	}
	e.op("VSUBPD", constant("angleMiddle"), v, v)
	e.op("VMULPD", v, v, z)

	e.comment("Sine and cosine, of which bit 7 is the sign")
	e.poly(z, sin, "s4", "s3", "s2", "s1", "s0")
	e.op("VMULPD", v, sin, sin)
	e.poly(z, cos, "c5", "c4", "c3", "c2", "c1", "c0")
	e.op("VPSLLQ", "$56", bits, z)
	if e.wide() {
		e.op("VPTERNLOGQ", "$0x78", constant("sign"), z, cos) // cos ^ z & sign
	} else {
		e.op("VPAND", constant("sign"), z, z)
		e.op("VPXOR", z, cos, cos)
	}

	e.comment("The point: exchanged if bit 6 is set")
	e.op("VMULPD", r, sin, sin)
	e.op("VMULPD", r, cos, cos)
	x, y = v, z
	if e.wide() {
		mask := func(i int) string { return fmt.Sprintf("K%d", i+1) }
		e.op("VPTESTMQ", constant("bit6"), bits, mask)
		e.op("VBLENDMPD", sin, cos, mask, x)
		e.op("VBLENDMPD", cos, sin, mask, y)
	} else {
		e.op("VPSLLQ", "$57", bits, bits)
		e.op("VBLENDVPD", bits, sin, cos, x)
		e.op("VBLENDVPD", bits, cos, sin, y)
	}
	e.give(bits, r, sin, cos)
	return x, y
}
