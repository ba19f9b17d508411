package main

import "fmt"

// winograd writes the transforms of winograd.go and the products of its weight
// gradient. Transforms go patch by patch along a row of the image, one vector of
// examples at a time: additions, with neighbouring patches in the first-level
// cache. Strides are in bytes.
func winograd(f *file) {
	// v is [4][4] matrices, positions apart, of [channels][patches][n], channels ldv
	// apart. x is an image of channels channel apart and columns step apart; rows are
	// the offsets of the four rows of a patch, where those of the first patch
	// begin, -1 for one outside, which is read at zeros. Columns from lo on, of which
	// there are span, are in the image; col is the place of column 0. inner is the
	// number of columns from lo on at which a whole patch fits.
	f.kernel("winogradInput", "v *T, positions int, ldv int, x *T, channel int, rows *int, col int, zeros *T, step int, lo int, span int, inner int, n int, patches int, channels int",
		(*code).winogradInput)
	// m is as v. y is an image, with rows row apart, of which 1 or 2 are written, and
	// so many columns.
	f.kernel("winogradOutput", "y *T, channel int, row int, step int, m *T, positions int, ldm int, n int, rows int, columns int, channels int",
		(*code).winogradOutput)
	f.kernel("winogradOutputGrad", "m *T, positions int, ldm int, y *T, channel int, row int, step int, n int, rows int, columns int, channels int",
		(*code).winogradOutputGrad)
	// acc [rows][columns][16] += the products of the rows of a with the rows of b, in
	// 16 lanes. rows and columns are multiples of 4.
	f.kernel("winogradDots", "acc *T, a *T, lda int, b *T, ldb int, n int, rows int, columns int",
		(*code).winogradDots)
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
	c.arg("step", "BX", "positions", "SI")
	c.p("LEAQ (BX)(BX*2), DX")
	c.p("LEAQ (SI)(SI*2), R12")
	channel, patch := c.label(), c.label()
	c.at(channel)
	c.arg("x", "AX", "zeros", "R13", "rows", "R15", "v", "DI")
	c.p("ADDQ %s, AX", c.slot("col"))
	for i, r := range image {
		c.p("MOVQ %d(R15), CX", 8*i)
		c.p("LEAQ (AX)(CX*1), %s", r)
		c.p("TESTQ CX, CX")
		c.p("CMOVQLT R13, %s", r)
	}
	c.p("XORQ R14, R14") // column
	c.at(patch)
	// body writes the four rows of the transform: each takes two of the patch.
	body := func(mask func(j int) int, store int) {
		for i, p := range [][2]int{{0, 2}, {1, 2}, {2, 1}, {3, 1}} {
			base, op := "R13", "VSUBP@"
			switch i {
			case 0:
				base = "DI"
			case 1:
				c.p("LEAQ (DI)(SI*4), R13")
				op = "VADDP@"
			default:
				c.p("LEAQ (R13)(SI*4), R13")
			}
			x, y := places(image[p[0]], "BX", "DX"), places(image[p[1]], "BX", "DX")
			for j := range 4 {
				c.load(j, x[j], mask(j))
				if m := mask(j); m >= 0 {
					c.load(4, y[j], m)
					c.p("%s %s, %s, %s", op, c.v(4), c.v(j), c.v(j))
				} else {
					c.p("%s %s, %s, %s", op, y[j], c.v(j), c.v(j))
				}
			}
			to := places(base, "SI", "R12")
			c.sub(0, 2, 0)
			c.add(1, 2, 4)
			c.sub(2, 1, 2)
			c.sub(3, 1, 3)
			for j, r := range []int{0, 4, 2, 3} {
				c.store(r, to[j], store)
			}
		}
	}
	c.strips(append(image, "DI"), func(slow string) {
		c.p("MOVQ R14, R13")
		c.p("SUBQ %s, R13", c.slot("lo"))
		c.p("CMPQ R13, %s", c.slot("inner"))
		c.p("JCC %s", slow)
	}, func() {
		body(func(int) int { return -1 }, -1)
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
		body(func(j int) int { return column + j }, store)
	})
	c.nextPatch("DI", image)
	c.p("ADDQ $2, R14")
	c.p("MOVQ R14, R13")
	c.p("SHRQ $1, R13")
	c.p("CMPQ R13, %s", c.slot("patches"))
	c.p("JLT %s", patch)
	c.nextChannel("v", "ldv", "x", channel)
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
	c.arg("step", "BX", "positions", "R10", "rows", "DX")
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
				c.p("LEAQ (SI)(R10*4), R13")
			default:
				c.p("LEAQ (R13)(R10*4), R13")
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
	c.arg("step", "BX", "positions", "R10")
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
			base := "R13"
			x, y := 4, 5
			switch i {
			case 0:
				base = "SI"
				x, y = 0, 1
			case 1:
				c.p("LEAQ (SI)(R10*4), R13")
				c.add(0, 2, x)
				c.add(1, 3, y)
			case 2:
				c.p("LEAQ (R13)(R10*4), R13")
				c.sub(0, 2, x)
				c.sub(1, 3, y)
			case 3:
				c.p("LEAQ (R13)(R10*4), R13")
				x, y = 2, 3
			}
			c.add(x, y, 6)
			c.sub(x, y, 7)
			to := places(base, "R10", "R11")
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

// winogradDots writes the products of rows, four of a (AVX2: two) by four of b at
// once, and one vector of the lanes.
func (c *code) winogradDots() {
	rows, group := pick(c.target, 4, 2), 16/c.lanes()
	as, bs := []string{"R8", "R9", "R10", "R11"}[:rows], []string{"R12", "R13", "R14", "SI"}
	acc := func(i, p int) int { return 4*i + p }
	a, b := 4*rows, 5*rows // b is a register, or two that take turns
	c.arg("columns", "DX")
	c.p("SHLQ $%d, DX", 4+c.shift()) // a row of acc
	down, across := c.label(), c.label()
	c.at(down)
	c.arg("acc", "DI", "b", "R12")
	c.at(across)
	c.arg("a", "R8", "lda", "AX", "ldb", "CX")
	for i, r := range as[1:] {
		c.p("LEAQ (%s)(AX*1), %s", as[i], r)
	}
	for i, r := range bs[1:] {
		c.p("LEAQ (%s)(CX*1), %s", bs[i], r)
	}
	for v := range group {
		lanes := func(do func(i int, mem string, mask int)) {
			c.p("MOVQ DI, AX")
			for i := range rows {
				for p := range 4 {
					do(acc(i, p), fmt.Sprintf("%d(AX)", 16*p*c.size()+v*c.bytes()), -1)
				}
				if i < rows-1 {
					c.p("ADDQ DX, AX")
				}
			}
		}
		step := func(mask int) {
			mem := func(base string) string { return fmt.Sprintf("%d(%s)(CX*1)", v*c.bytes(), base) }
			for i, r := range as {
				c.load(a+i, mem(r), mask)
			}
			for p, r := range bs {
				x := b + p%pick(c.target, 2, 1)
				c.load(x, mem(r), mask)
				for i := range rows {
					c.p("VFMADD231P@ %s, %s, %s", c.v(x), c.v(a+i), c.v(acc(i, p)))
				}
			}
		}
		loop, rest, done := c.label(), c.label(), c.label()
		lanes(c.load)
		c.arg("n", "BX")
		c.p("XORQ CX, CX")
		c.p("SUBQ $16, BX")
		c.p("JLT %s", rest)
		c.p("PCALIGN $32")
		c.at(loop)
		step(-1)
		c.p("ADDQ $%d, CX", 16*c.size())
		c.p("SUBQ $16, BX")
		c.p("JGE %s", loop)
		c.at(rest)
		c.p("ADDQ $16, BX")
		c.p("JEQ %s", done)
		first := pick(c.target, 1, 12)
		c.masks("BX", first, group)
		step(first + v)
		c.at(done)
		lanes(c.store)
	}
	c.p("ADDQ $%d, DI", 4*16*c.size())
	c.arg("ldb", "CX", "acc", "AX")
	c.p("LEAQ (R12)(CX*4), R12")
	c.p("ADDQ DX, AX")
	c.p("CMPQ DI, AX")
	c.p("JLT %s", across)
	c.arg("acc", "DI", "lda", "AX")
	c.p("LEAQ (DI)(DX*%d), DI", rows)
	c.p("MOVQ DI, %s", c.slot("acc"))
	c.p("LEAQ (R8)(AX*%d), R8", rows)
	c.p("MOVQ R8, %s", c.slot("a"))
	c.p("SUBQ $%d, %s", rows, c.slot("rows"))
	c.p("JGT %s", down)
	c.ret()
}
