package main

import "fmt"

// winograd writes the transforms of winograd.go and the products of its weight
// gradient. Transforms go patch by patch along a row of the image, one vector of
// examples at a time: additions, with neighbouring patches in the first-level
// cache. Strides are in bytes.
func winograd(f *file) {
	// v is [4][channels][4] rows of patches and examples, rows of positions down apart,
	// columns across, and nextv from the end of what is written of a channel to the next.
	// x is images with columns step apart; rows are the offsets of the four rows of a
	// patch, -1 for one outside, which is read at zeros, and then what leads from
	// their ends to the next channel; col is the offset of column 0. Columns from lo
	// on, of which there are span, are in the image, and from the first inner of them
	// on a whole patch is. columns is twice the number of patches.
	f.kernel("winogradInput", "v *T, down int, across int, nextv int, x *T, rows *int, col int, zeros *T, step int, lo int, span int, inner int, n int, columns int, channels int",
		(*code).winogradInput)
	// m is as v. y is images, rows row apart, of which 1 or 2 are written, and so many
	// columns.
	f.kernel("winogradOutput", "y *T, channel int, row int, step int, m *T, down int, across int, ldm int, n int, rows int, columns int, channels int",
		(*code).winogradOutput)
	f.kernel("winogradOutputGrad", "m *T, down int, across int, ldm int, y *T, channel int, row int, step int, n int, rows int, columns int, channels int",
		(*code).winogradOutputGrad)
	// The product of filters u and inputs v, two vectors wide, and the transform of the
	// outputs. t has room for three rows of those of a group. bias may be nil. Of x, ahead
	// channels of four places from next on are loaded into the cache for each group.
	f.kernel("winogradProduct", "y *T, channel int, row int, step int, u *T, v *T, t *T, bias *T, in int, out int, rows int, columns int, x *T, next int, xchannel int, xrow int, xstep int, ahead int",
		(*code).winogradProduct)
	// acc, rows ldacc and positions apart, = or, if add is set, += the products of the
	// inputs v of so many channels and the output gradients y, [2][2][n][ldacc] with
	// channels last, for n examples that are two vectors; one vector of the channels of
	// y. Of x and of z, ahead channels are loaded into the cache for each position.
	for rows := 8; rows <= 16; rows += 4 {
		f.kernel(fmt.Sprintf("winogradWeights%d", rows), "acc *T, apart int, ldacc int, v *T, down int, y *T, add int, x *T, next int, xchannel int, xrow int, xstep int, xahead int, z *T, znext int, zchannel int, zrow int, zstep int, zahead int",
			func(c *code) { c.winogradWeights(rows) })
	}
}

// sub and add write dst = x - y and x + y, for registers.
func (c *code) sub(x, y, dst int) { c.p("VSUBP@ %s, %s, %s", c.v(y), c.v(x), c.v(dst)) }
func (c *code) add(x, y, dst int) { c.p("VADDP@ %s, %s, %s", c.v(y), c.v(x), c.v(dst)) }

// places are the four operands that are at base, so many bytes apart; thrice is
// a register with three times as many.
func places(base, apart, thrice string) [4]string {
	return [4]string{
		fmt.Sprintf("(%s)", base), fmt.Sprintf("(%s)(%s*1)", base, apart),
		fmt.Sprintf("(%s)(%s*2)", base, apart), fmt.Sprintf("(%s)(%s*1)", base, thrice),
	}
}

// strips writes a loop over the CX elements of one patch, a vector at a time: whole
// jumps unless all of it is there, fast takes whole vectors, and slow the rest or
// all of them, AX elements of each. Each time the pointers move on by a vector, and
// finally CX is less than 0 by what that was too much.
func (c *code) strips(pointers []string, whole func(slow string), fast, slow func()) {
	loop, rest, masked, done := c.label(), c.label(), c.label(), c.label()
	next := func() {
		for _, r := range pointers {
			c.p("ADDQ $%d, %s", c.bytes(), r)
		}
	}
	c.arg("n", "CX")
	whole(masked)
	c.p("SUBQ $%d, CX", c.lanes())
	c.p("JLT %s", rest)
	c.p("PCALIGN $32")
	c.at(loop)
	fast()
	next()
	c.p("SUBQ $%d, CX", c.lanes())
	c.p("JGE %s", loop)
	c.at(rest)
	c.p("ADDQ $%d, CX", c.lanes())
	c.p("JEQ %s", done)
	c.at(masked)
	c.p("MOVQ $%d, AX", c.lanes())
	c.p("CMPQ CX, AX")
	c.p("CMOVQLT CX, AX")
	slow()
	next()
	c.p("SUBQ $%d, CX", c.lanes())
	c.p("JGT %s", masked)
	c.at(done)
}

func (c *code) winogradInput() {
	image := []string{"R8", "R9", "R10", "R11"}
	store, column := pick(c.target, 1, 11), pick(c.target, 2, 12) // masks
	c.arg("step", "BX", "across", "SI", "x", "AX", "zeros", "R13", "rows", "R15", "v", "DI")
	c.p("LEAQ (BX)(BX*2), DX")
	c.p("LEAQ (SI)(SI*2), R12")
	c.p("ADDQ %s, AX", c.slot("col"))
	for i, r := range image {
		c.p("MOVQ %d(R15), CX", 8*i)
		c.p("LEAQ (AX)(CX*1), %s", r)
		c.p("TESTQ CX, CX")
		c.p("CMOVQLT R13, %s", r)
	}
	channel, patch := c.label(), c.label()
	c.at(channel)
	c.p("XORQ R14, R14") // column
	c.at(patch)
	body := c.winogradInputRows
	if c.wide {
		body = c.winogradInputWhole
	}
	c.strips(append(image, "DI"), func(slow string) {
		c.p("MOVQ R14, R13")
		c.p("SUBQ %s, R13", c.slot("lo"))
		c.p("CMPQ R13, %s", c.slot("inner"))
		c.p("JCC %s", slow)
	}, func() {
		body(image, func(int) int { return -1 }, -1)
	}, func() {
		for j := range 4 {
			// As many elements of a column as there are, or none.
			c.p("LEAQ %d(R14), R13", j)
			c.p("SUBQ %s, R13", c.slot("lo"))
			c.p("CMPQ R13, %s", c.slot("span"))
			c.p("SBBQ R13, R13")
			c.p("ANDQ AX, R13")
			c.masks("R13", column+j, 1)
		}
		c.masks("AX", store, 1)
		body(image, func(j int) int { return column + j }, store)
	})
	c.nextPatch("DI", image)
	c.p("ADDQ $2, R14")
	c.p("CMPQ R14, %s", c.slot("columns"))
	c.p("JLT %s", patch)
	c.arg("rows", "R15")
	for i, r := range image {
		c.p("ADDQ %d(R15), %s", 32+8*i, r)
	}
	c.p("ADDQ %s, DI", c.slot("nextv"))
	c.p("DECQ %s", c.slot("channels"))
	c.p("JNE %s", channel)
	c.ret()
}

// winogradRow are the rows of the patch that a row of B' takes, the second of which
// it subtracts, or adds for row 1. For columns it is the same.
var winogradRow = [4][2]int{{0, 2}, {1, 2}, {2, 1}, {3, 1}}

// winogradSum writes row i of B', of two registers.
func (c *code) winogradSum(i, x, y, dst int) {
	if i == 1 {
		c.add(x, y, dst)
	} else {
		c.sub(x, y, dst)
	}
}

// winogradColumns writes B of four registers, and stores it at base.
func (c *code) winogradColumns(x [4]int, free int, base string, store int) {
	to := places(base, "SI", "R12")
	for j, p := range winogradRow {
		c.winogradSum(j, x[p[0]], x[p[1]], free+j)
		c.store(free+j, to[j], store)
	}
}

// winogradInputWhole has the patch in 16 registers.
func (c *code) winogradInputWhole(image []string, mask func(j int) int, store int) {
	for i, r := range image {
		for j, place := range places(r, "BX", "DX") {
			c.load(4*i+j, place, mask(j))
		}
	}
	c.p("MOVQ DI, R13")
	for i, p := range winogradRow {
		var x [4]int
		for j := range x {
			x[j] = 16 + 4*(i%2) + j
			c.winogradSum(i, 4*p[0]+j, 4*p[1]+j, x[j])
		}
		c.winogradColumns(x, 24+4*(i%2), "R13", store)
		if i < 3 {
			c.p("ADDQ %s, R13", c.slot("down"))
		}
	}
}

// winogradInputRows loads two rows of it for each row of B'.
func (c *code) winogradInputRows(image []string, mask func(j int) int, store int) {
	c.p("MOVQ DI, R13")
	for i, p := range winogradRow {
		x := [4]int{0, 1, 2, 3}
		for j := range x {
			c.load(j, places(image[p[0]], "BX", "DX")[j], mask(j))
			c.load(4, places(image[p[1]], "BX", "DX")[j], mask(j))
			c.winogradSum(i, j, 4, j)
		}
		c.winogradColumns(x, 5, "R13", store)
		if i < 3 {
			c.p("ADDQ %s, R13", c.slot("down"))
		}
	}
}

// nextPatch moves the pointers on from where strips leaves them: that to the matrices
// to the end of what there was, those to the image by two columns, BX bytes each.
func (c *code) nextPatch(matrices string, image []string) {
	c.p("SHLQ $%d, CX", c.shift())
	c.p("ADDQ CX, %s", matrices)
	c.arg("n", "AX")
	c.p("SHLQ $%d, AX", c.shift())
	c.p("LEAQ (CX)(BX*2), CX")
	c.p("SUBQ AX, CX")
	for _, r := range image {
		c.p("ADDQ CX, %s", r)
	}
}

// nextChannel moves the arguments on by a channel and, if there is one, goes to the
// label; else it returns.
func (c *code) nextChannel(matrices, apart, image, label string) {
	c.arg(apart, "AX", "channel", "CX")
	c.p("ADDQ AX, %s", c.slot(matrices))
	c.p("ADDQ CX, %s", c.slot(image))
	c.p("DECQ %s", c.slot("channels"))
	c.p("JNE %s", label)
	c.ret()
}

func (c *code) winogradOutput() {
	mask := pick(c.target, 1, 15)
	image := []string{"DI", "R8"}
	c.arg("step", "BX", "across", "R10", "rows", "DX")
	c.p("LEAQ (R10)(R10*2), R11")
	channel, patch := c.label(), c.label()
	c.at(channel)
	c.arg("y", "DI", "row", "R8", "m", "SI", "columns", "R9")
	c.p("ADDQ DI, R8")
	c.at(patch)
	body := func(mask int) {
		const x, y, z = 8, 9, 10
		for i := range 4 {
			base, t0, t1 := "R13", 2*i, 2*i+1
			switch i {
			case 0:
				base = "SI"
			case 1:
				c.p("MOVQ SI, R13")
				fallthrough
			default:
				c.p("ADDQ %s, R13", c.slot("down"))
			}
			from := places(base, "R10", "R11")
			c.load(x, from[1], mask)
			c.load(y, from[2], mask)
			c.load(t0, from[0], mask)
			c.load(z, from[3], mask)
			c.add(t0, x, t0)
			c.add(t0, y, t0)
			c.sub(x, y, t1)
			c.add(t1, z, t1)
		}
		for j := range 2 {
			c.add(j, 2+j, j)
			c.add(j, 4+j, j)
			c.sub(2+j, 4+j, 2+j)
			c.add(2+j, 6+j, 2+j)
		}
		for j := range 2 {
			skip := c.label()
			if j == 1 {
				c.p("CMPQ R9, $2")
				c.p("JLT %s", skip)
			}
			below := c.label()
			c.store(j, places("DI", "BX", "")[j], mask)
			c.p("CMPQ DX, $2")
			c.p("JLT %s", below)
			c.store(2+j, places("R8", "BX", "")[j], mask)
			c.at(below)
			if j == 1 {
				c.at(skip)
			}
		}
	}
	c.strips(append(image, "SI"), func(string) {}, func() {
		body(-1)
	}, func() {
		c.masks("AX", mask, 1)
		body(mask)
	})
	c.nextPatch("SI", image)
	c.p("SUBQ $2, R9")
	c.p("JGT %s", patch)
	c.nextChannel("m", "ldm", "y", channel)
}

func (c *code) winogradOutputGrad() {
	store, first := pick(c.target, 1, 11), pick(c.target, 2, 12) // masks
	image := []string{"DI", "R8"}
	c.arg("step", "BX", "across", "R10")
	c.p("LEAQ (R10)(R10*2), R11")
	channel, patch := c.label(), c.label()
	c.at(channel)
	c.arg("y", "DI", "row", "R8", "m", "SI", "columns", "R9")
	c.p("ADDQ DI, R8")
	c.at(patch)
	body := func(mask func(i int) int, store int) {
		for r, base := range image {
			for j := range 2 {
				c.load(2*r+j, places(base, "BX", "")[j], mask(2*r+j))
			}
		}
		for i := range 4 {
			x, y := 4, 5
			switch i {
			case 0:
				x, y = 0, 1
				c.p("MOVQ SI, R13")
			case 1:
				c.add(0, 2, x)
				c.add(1, 3, y)
			case 2:
				c.sub(0, 2, x)
				c.sub(1, 3, y)
			case 3:
				x, y = 2, 3
			}
			if i > 0 {
				c.p("ADDQ %s, R13", c.slot("down"))
			}
			c.add(x, y, 6)
			c.sub(x, y, 7)
			to := places("R13", "R10", "R11")
			for j, r := range []int{x, 6, 7, y} {
				c.store(r, to[j], store)
			}
		}
	}
	c.strips(append(image, "SI"), func(slow string) {
		c.p("CMPQ R9, $2")
		c.p("JLT %s", slow)
		c.p("CMPQ %s, $2", c.slot("rows"))
		c.p("JLT %s", slow)
	}, func() {
		body(func(int) int { return -1 }, -1)
	}, func() {
		// As many elements as there are, or none.
		c.p("XORQ DX, DX")
		for i := range 4 {
			c.p("MOVQ AX, R13")
			if i%2 == 1 {
				c.p("CMPQ R9, $2")
				c.p("CMOVQLT DX, R13")
			}
			if i/2 == 1 {
				c.p("CMPQ %s, $2", c.slot("rows"))
				c.p("CMOVQLT DX, R13")
			}
			c.masks("R13", first+i, 1)
		}
		c.masks("AX", store, 1)
		body(func(i int) int { return first + i }, store)
	})
	c.nextPatch("SI", image)
	c.p("SUBQ $2, R9")
	c.p("JGT %s", patch)
	c.nextChannel("m", "ldm", "y", channel)
}

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
