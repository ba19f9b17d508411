package main

import "fmt"

// convert writes the kernels of convert.go. A vector of float32 is two of
// float64, which stand at twice the offset.
func convert(f *file) {
	f.kernel("narrowVector", "dst *T, src *float64, n int", func(c *code) {
		c.arg("dst", "DI", "src", "SI", "n", "CX")
		c.each("CX", "DX", 4, func(b block) {
			for v := range b.count {
				if b.double {
					b.in(v, "SI", v)
					b.out(v, "DI", v)
					continue
				}
				b.halves(func(h, mask int) {
					b.as64().load(2*v+h, b.half(v, h, "SI"), mask)
					b.p("VCVTPD2PS%s %s, %s", pick(b.target, "", "Y"), b.v(2*v+h), b.narrow(2*v+h))
				})
				b.p("%s $1, %s, %s, %s", pick(b.target, "VINSERTF64X4", "VINSERTF128"), b.narrow(2*v+1), b.v(2*v), b.v(2*v))
				b.out(v, "DI", 2*v)
			}
		})
		c.ret()
	})
	for _, add := range []bool{false, true} {
		name := map[bool]string{false: "widenVector", true: "addWideVector"}[add]
		f.kernel(name, "dst *float64, src *T, n int", func(c *code) {
			c.arg("dst", "DI", "src", "SI", "n", "CX")
			c.each("CX", "DX", 4, func(b block) {
				for v := range b.count {
					if b.double {
						b.in(v, "SI", v)
						if add {
							b.in(v, "DI", v+4)
							b.p("VADDPD %s, %s, %s", b.v(v), b.v(v+4), b.v(v))
						}
						b.out(v, "DI", v)
						continue
					}
					b.in(v, "SI", 10)
					b.halves(func(h, mask int) {
						source := b.narrow(10)
						if h == 1 {
							source = b.narrow(11)
							b.p("%s $1, %s, %s", pick(b.target, "VEXTRACTF64X4", "VEXTRACTF128"), b.v(10), source)
						}
						b.p("VCVTPS2PD %s, %s", source, b.v(h))
						if add {
							b.as64().load(h+2, b.half(v, h, "DI"), mask)
							b.p("VADDPD %s, %s, %s", b.v(h), b.v(h+2), b.v(h))
						}
						b.as64().store(h, b.half(v, h, "DI"), mask)
					})
				}
			})
			c.ret()
		})
	}
}

// halves calls f for the two halves of a vector of float32, each with the mask
// for the float64 that they are: negative, or a register.
func (b block) halves(f func(h, mask int)) {
	if b.mask < 0 {
		f(0, -1)
		f(1, -1)
		return
	}
	if b.wide {
		b.p("KSHIFTRW $8, K1, K2")
		f(0, 1)
		f(1, 2)
		return
	}
	b.p("VPMOVSXDQ X15, Y14")
	b.p("VEXTRACTI128 $1, Y15, X13")
	b.p("VPMOVSXDQ X13, Y13")
	f(0, 14)
	f(1, 13)
}

// half is the place of one half of vector v of the block in an array of float64.
func (b block) half(v, h int, base string) string {
	return fmt.Sprintf("%d(%s)(%s*2)", (2*v+h)*b.bytes(), base, b.offset)
}

// as64 writes code for float64, whatever the precision.
func (b block) as64() *code {
	c := *b.code
	c.double = true
	return &c
}

// narrow is the lower half of vector register i.
func (b block) narrow(i int) string { return fmt.Sprintf("%s%d", pick(b.target, "Y", "X"), i) }
