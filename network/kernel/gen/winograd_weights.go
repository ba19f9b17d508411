package main

// winogradWeights writes the products of so many channels of inputs, one number
// each, with a vector of output gradients that is transformed on the way.
func (c *code) winogradWeights(rows int) {
	if !c.wide {
		c.p("UNDEF") // not called: see winogradFused
		c.p("RET")
		return
	}
	const n = 128 // bytes of the examples
	c.arg("acc", "DX", "ldacc", "R10", "v", "SI", "x", "R11", "z", "R12")
	c.p("ADDQ %s, R11", c.slot("next"))
	c.p("ADDQ %s, R12", c.slot("znext"))
	c.p("MOVQ R10, R8")
	c.p("SHLQ $%d, R8", 7-c.shift()) // n rows
	c.p("LEAQ (R8)(R8*2), R9")
	at := [2][2]string{{"(DI)", "(DI)(R8*1)"}, {"(DI)(R8*2)", "(DI)(R9*1)"}}
	for i := range 4 {
		for j := range 4 {
			zero, start, loop := c.label(), c.label(), c.label()
			c.winogradNext()
			c.p("CMPQ %s, $0", c.slot("add"))
			c.p("JEQ %s", zero)
			c.p("MOVQ DX, AX")
			for r := range rows {
				c.load(r, "(AX)", -1)
				c.p("ADDQ R10, AX")
			}
			c.p("JMP %s", start)
			c.at(zero)
			for r := range rows {
				c.zero(r)
			}
			c.at(start)
			c.arg("y", "DI")
			c.p("MOVQ $%d, CX", n/c.size())
			c.p("PCALIGN $32")
			c.at(loop)
			// column is that of A dy.
			column := func(k, to int) {
				switch i {
				case 0:
					c.load(to, at[0][k], -1)
				case 1:
					c.load(to, at[0][k], -1)
					c.p("VADDP@ %s, %s, %s", at[1][k], c.v(to), c.v(to))
				case 2:
					c.load(to, at[0][k], -1)
					c.p("VSUBP@ %s, %s, %s", at[1][k], c.v(to), c.v(to))
				case 3:
					c.load(to, at[1][k], -1)
				}
			}
			const m, other = 16, 17
			switch j {
			case 0:
				column(0, m)
			case 1:
				column(0, m)
				column(1, other)
				c.add(m, other, m)
			case 2:
				column(0, m)
				column(1, other)
				c.sub(m, other, m)
			case 3:
				column(1, m)
			}
			for r := range rows {
				c.p("VFMADD231P@.BCST %d(SI), %s, %s", 4*n*r, c.v(m), c.v(r))
			}
			c.p("ADDQ R10, DI")
			c.p("ADDQ $%d, SI", c.size())
			c.p("DECQ CX")
			c.p("JNZ %s", loop)
			c.p("MOVQ DX, AX")
			for r := range rows {
				c.store(r, "(AX)", -1)
				if r < rows-1 {
					c.p("ADDQ R10, AX")
				}
			}
			c.p("ADDQ %s, DX", c.slot("apart"))
		}
		c.p("ADDQ %s, SI", c.slot("down"))
		c.p("SUBQ $%d, SI", 4*n)
	}
	c.ret()
}

// winogradNext loads what comes next into the cache.
func (c *code) winogradNext() {
	for _, p := range [][5]string{{"R11", "xchannel", "xrow", "xstep", "xahead"}, {"R12", "zchannel", "zrow", "zstep", "zahead"}} {
		place, channel, row, step, count := p[0], p[1], p[2], p[3], p[4]
		loop := c.label()
		c.arg(count, "CX", row, "R13")
		c.p("TESTQ CX, CX")
		end := c.label()
		c.p("JEQ %s", end)
		c.p("ADDQ %s, R13", place)
		c.arg(step, "AX")
		c.at(loop)
		for line := 0; line < 128; line += 64 {
			c.p("PREFETCHT1 %d(%s)", line, place)
			c.p("PREFETCHT1 %d(%s)(AX*1)", line, place)
			c.p("PREFETCHT1 %d(R13)", line)
			c.p("PREFETCHT1 %d(R13)(AX*1)", line)
		}
		c.p("ADDQ %s, %s", c.slot(channel), place)
		c.p("ADDQ %s, R13", c.slot(channel))
		c.p("DECQ CX")
		c.p("JNZ %s", loop)
		c.at(end)
	}
}
