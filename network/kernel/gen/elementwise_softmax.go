package main

// softmax writes softmaxCrossEntropy of softmax.go: n columns at a time, in three
// walks over the classes. ld is in bytes, dz may be nil, labels are floats, and
// w has room for n.
func (c *code) softmax() {
	c.arg("losses", "DI", "w", "SI", "labels", "R11", "scale", "R12", "ld", "BX", "n", "CX")
	c.useConstants()
	class := c.v(c.spare())
	next := func() { c.p("VADDP@%s %s, %s, %s", pick(c.target, ".BCST", ""), c.one(), class, class) }
	c.each("CX", "DX", c.unroll(), func(b block) {
		e := vec{b, narrow}
		const max, sum = 5, 6
		largest, found, loop, skip, loss, done := c.label(), c.label(), c.label(), c.label(), c.label(), c.label()

		// The largest logit, and that of the label.
		const label, at = 1, 2
		c.arg("z", "R8", "classes", "R9")
		c.zero(c.spare())
		e.in("R11", label)
		e.in("R8", max)
		e.op("VMOVAP@", max, at)
		c.at(largest)
		c.p("DECQ R9")
		c.p("JLE %s", found)
		c.p("ADDQ BX, R8")
		next()
		e.in("R8", 0)
		e.op("VMAXP@", max, 0, max) // the old one if equal or NaN
		e.op("VCMPP@", equal, class, label, maskReg{})
		e.choose(0, at)
		c.p("JMP %s", largest)
		c.at(found)
		e.op("VSUBP@", max, at, at)
		e.out("DI", at)

		// The exponentials, into dz, and their sum.
		c.arg("z", "R8", "classes", "R9", "dz", "R10")
		e.zeros(sum)
		c.at(loop)
		e.in("R8", 0)
		e.op("VSUBP@", max, 0, 0)
		e.exp(true)
		e.op("VADDP@", 1, sum, sum)
		c.p("TESTQ R10, R10")
		c.p("JEQ %s", skip)
		e.out("R10", 1)
		c.p("ADDQ BX, R10")
		c.at(skip)
		c.p("ADDQ BX, R8")
		c.p("DECQ R9")
		c.p("JNZ %s", loop)

		// The loss, with w out of the way of the logarithm.
		c.p("TESTQ R10, R10")
		c.p("JEQ %s", loss)
		e.op("VBROADCASTS@", "(R12)", 0)
		e.op("VDIVP@", sum, 0, 0)
		e.out("SI", 0)
		c.at(loss)
		e.op("VMOVAP@", sum, 0)
		e.log()
		e.in("DI", 1)
		e.op("VSUBP@", 1, 0, 0)
		e.out("DI", 0)

		// The gradient.
		const fused, scale, w = 2, 4, 5
		c.arg("classes", "R9", "dz", "R10")
		c.p("TESTQ R10, R10")
		c.p("JEQ %s", done)
		c.zero(c.spare())
		e.in("R11", label)
		e.op("VBROADCASTS@", "(R12)", scale)
		e.in("SI", w)
		gradient := c.label()
		c.at(gradient)
		e.in("R10", 0)
		e.op("VMOVAP@", 0, fused)
		e.op("VMULP@", w, 0, 0)
		e.op("VFMSUB213P@", scale, w, fused)
		e.op("VCMPP@", equal, class, label, maskReg{})
		e.choose(fused, 0)
		e.out("R10", 0)
		next()
		c.p("ADDQ BX, R10")
		c.p("DECQ R9")
		c.p("JNZ %s", gradient)
		c.at(done)
	})
	c.ret()
}
