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
