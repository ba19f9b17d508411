package main

import "fmt"

// winogradProduct writes the product and output transform for groups of three
// outputs and, for a rest of two or four, of two: with the four positions of a row,
// and two vectors, that is 24 accumulators, which leaves eight registers to load to.
func (c *code) winogradProduct() {
	if !c.wide {
		c.p("UNDEF") // not called: see winogradFused
		c.p("RET")
		return
	}
	c.arg("y", "DI", "channel", "R10", "row", "R9", "step", "DX", "u", "BX", "t", "R8", "bias", "R12", "x", "R11", "out", "R15")
	c.p("ADDQ %s, R11", c.slot("next"))
	two, next := c.label(), c.label()
	c.at(next)
	c.p("CMPQ R15, $2")
	c.p("JEQ %s", two)
	c.p("CMPQ R15, $4")
	c.p("JEQ %s", two)
	c.winogradGroup(3, next)
	c.at(two)
	c.winogradGroup(2, next)
}

func (c *code) winogradGroup(group int, next string) {
	const vectors = 2
	acc := func(j, o, v int) int { return (j*group+o)*vectors + v }
	first := 4 * group * vectors // registers from here on are free
	free := 32 - first
	kept := func(i, o, v, j int) string {
		return fmt.Sprintf("%d(R8)", (((i*group+o)*vectors+v)*2+j)*c.bytes())
	}
	c.arg("v", "SI")
	for i := range 4 {
		c.winogradAhead(i, group)
		for r := range first {
			c.zero(r)
		}
		if i == 1 {
			none := c.label()
			c.p("TESTQ R12, R12")
			c.p("JEQ %s", none)
			for o := range group {
				for v := range vectors {
					c.p("VBROADCASTS@ %d(R12), %s", o*c.size(), c.v(acc(1, o, v)))
				}
			}
			c.p("ADDQ $%d, R12", group*c.size())
			c.at(none)
		}
		loop := c.label()
		c.arg("in", "CX")
		c.p("PCALIGN $32")
		c.at(loop)
		turn := 0
		take := func() int {
			turn++
			return first + turn%free
		}
		for j := range 4 {
			var x [vectors]int
			for v := range x {
				x[v] = take()
				c.load(x[v], fmt.Sprintf("%d(SI)", (j*vectors+v)*c.bytes()), -1)
			}
			for o := range group {
				w := take()
				c.p("VBROADCASTS@ %d(BX), %s", (j*group+o)*c.size(), c.v(w))
				for v := range x {
					c.p("VFMADD231P@ %s, %s, %s", c.v(x[v]), c.v(w), c.v(acc(j, o, v)))
				}
			}
		}
		c.p("ADDQ $%d, SI", 4*vectors*c.bytes())
		c.p("ADDQ $%d, BX", 4*group*c.size())
		c.p("DECQ CX")
		c.p("JNZ %s", loop)
		// The columns of the output transform, m1 - m2 + m3 in place of m1.
		for o := range group {
			for v := range vectors {
				m := func(j int) int { return acc(j, o, v) }
				c.add(m(0), m(1), m(0))
				c.add(m(0), m(2), m(0))
				c.sub(m(1), m(2), m(1))
				c.add(m(1), m(3), m(1))
				for j := range 2 {
					if i < 3 {
						c.store(m(j), kept(i, o, v, j), -1)
					}
				}
			}
		}
	}
	// And the rows: the last is in registers, of which those of m2 and m3 are free.
	for j := range 2 {
		done := c.label()
		c.p("MOVQ DI, AX")
		if j == 1 {
			c.p("CMPQ %s, $2", c.slot("columns"))
			c.p("JLT %s", done)
			c.p("ADDQ DX, AX")
		}
		c.p("MOVQ AX, R13")
		for o := range group {
			for v := range vectors {
				const x, y, z = 31, 30, 29
				c.load(x, kept(0, o, v, j), -1)
				c.load(y, kept(1, o, v, j), -1)
				c.load(z, kept(2, o, v, j), -1)
				c.add(x, y, x)
				c.add(x, z, x)
				c.sub(y, z, y)
				c.add(y, acc(j, o, v), acc(j, o, v))
				c.store(x, fmt.Sprintf("%d(AX)", v*c.bytes()), -1)
			}
			c.p("ADDQ R10, AX")
		}
		c.p("CMPQ %s, $2", c.slot("rows"))
		c.p("JLT %s", done)
		for o := range group {
			for v := range vectors {
				c.store(acc(j, o, v), fmt.Sprintf("%d(R13)(R9*1)", v*c.bytes()), -1)
			}
			c.p("ADDQ R10, R13")
		}
		c.at(done)
	}
	for range group {
		c.p("ADDQ R10, DI")
	}
	c.p("SUBQ $%d, R15", group)
	c.p("JGT %s", next)
	c.ret()
}

// winogradAhead loads place i of 2x2 into the cache: of the outputs of this group, and
// of some channels of the inputs that come next.
func (c *code) winogradAhead(i, group int) {
	c.p("MOVQ DI, AX")
	c.p("MOVQ R11, R13")
	if i%2 == 1 {
		c.p("ADDQ DX, AX")
		c.p("ADDQ %s, R13", c.slot("xstep"))
	}
	if i/2 == 1 {
		c.p("ADDQ R9, AX")
		c.p("ADDQ %s, R13", c.slot("xrow"))
	}
	for range group {
		c.p("PREFETCHT0 (AX)")
		c.p("PREFETCHT0 64(AX)")
		c.p("ADDQ R10, AX")
	}
	c.ahead("R13", "xchannel", "ahead")
	if i == 3 {
		c.p("MOVQ R13, R11")
		c.p("SUBQ %s, R11", c.slot("xstep"))
		c.p("SUBQ %s, R11", c.slot("xrow"))
	}
}

// ahead loads two lines of so many channels from place on, which it moves there.
func (c *code) ahead(place, channel, count string) {
	loop := c.label()
	c.arg(count, "CX", channel, "AX")
	c.at(loop)
	c.p("PREFETCHT1 (%s)", place)
	c.p("PREFETCHT1 64(%s)", place)
	c.p("ADDQ AX, %s", place)
	c.p("DECQ CX")
	c.p("JNZ %s", loop)
}
