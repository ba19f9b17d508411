package main

import "fmt"

// reduce writes the sums over one row and over several: the addition of a lane
// waits for the one before, so that several rows at once are several times as
// fast. The strides are in bytes.
func reduce(f *file) {
	for _, rows := range []int{1, 4} {
		f.kernel(fmt.Sprintf("rowSums%d", rows), "dst *T, x *T, ldx int, n int, accumulate int",
			func(c *code) { c.rowSums(rows, false) })
		f.kernel(fmt.Sprintf("rowDots%d", rows), "dst *T, x *T, ldx int, y *T, ldy int, n int, accumulate int",
			func(c *code) { c.rowSums(rows, true) })
	}
}

// rowSums writes the sum of x, or of x*y if dot is set, over so many rows.
func (c *code) rowSums(rows int, dot bool) {
	group := 16 / c.lanes() // vectors for the 16 lanes
	// Four rows of four vectors, float64 on AVX2, are all the registers there
	// are: there, two rows at a time.
	part := rows
	if rows*group > 8 {
		part = rows / 2
	}
	c.arg("dst", "DI", "x", "SI", "ldx", "BX")
	if dot {
		c.arg("y", "DX", "ldy", "R11")
		c.p("LEAQ (R11)(R11*2), R12")
	}
	c.p("LEAQ (BX)(BX*2), R8")
	for i := 0; i < rows; i += part {
		if i > 0 {
			c.p("LEAQ (SI)(BX*%d), SI", part)
			if dot {
				c.p("LEAQ (DX)(R11*%d), DX", part)
			}
			c.p("ADDQ $%d, DI", part*c.size())
		}
		c.rowSumsPart(part, group, dot)
	}
	c.ret()
}

func (c *code) rowSumsPart(rows, group int, dot bool) {
	acc := func(i, v int) int { return i*group + v }
	c.arg("n", "CX")
	// Pointers to the first vector of each row: R9 + a multiple of the stride.
	c.p("MOVQ SI, R9")
	if dot {
		c.p("MOVQ DX, R10")
	}
	for r := range rows * group {
		c.zero(r)
	}
	at := func(i, v int, base, stride, stride3 string) string {
		return fmt.Sprintf("%d(%s)", v*c.bytes(), base) + []string{"", "(" + stride + "*1)", "(" + stride + "*2)", "(" + stride3 + "*1)"}[i]
	}
	const temp, temp2 = 8, 9 // and 12 to 15 for the masks of AVX2
	step := func(mask func(v int) int) {
		for v := range group {
			for i := range rows {
				x, y := at(i, v, "R9", "BX", "R8"), at(i, v, "R10", "R11", "R12")
				c.load(temp, x, mask(v))
				if dot {
					c.load(temp2, y, mask(v))
					c.p("VFMADD231P@ %s, %s, %s", c.v(temp2), c.v(temp), c.v(acc(i, v)))
				} else {
					c.p("VADDP@ %s, %s, %s", c.v(temp), c.v(acc(i, v)), c.v(acc(i, v)))
				}
			}
		}
	}
	loop, rest, total := c.label(), c.label(), c.label()
	c.p("SUBQ $16, CX")
	c.p("JLT %s", rest)
	c.p("PCALIGN $32")
	c.at(loop)
	step(func(int) int { return -1 })
	c.p("ADDQ $%d, R9", 16*c.size())
	if dot {
		c.p("ADDQ $%d, R10", 16*c.size())
	}
	c.p("SUBQ $16, CX")
	c.p("JGE %s", loop)
	c.at(rest)
	c.p("ADDQ $16, CX")
	c.p("JEQ %s", total)
	first := pick(c.target, 1, 12)
	c.masks("CX", first, group)
	// Lanes without an element add 0, or 0*0, and stay what they are: never -0.
	step(func(v int) int { return first + v })
	c.at(total)

	c.arg("accumulate", "CX")
	for i := range rows {
		r := acc(i, 0)
		c.tree(r, group, temp)
		x := fmt.Sprintf("X%d", r)
		plain := c.label()
		c.p("TESTQ CX, CX")
		c.p("JEQ %s", plain)
		c.p("VADDS@ %d(DI), %s, %s", i*c.size(), x, x)
		c.at(plain)
		c.p("VMOVS@ %s, %d(DI)", x, i*c.size())
	}
}

// tree adds the 16 lanes in the group of vectors from r on: lanes l and l+8, then
// l and l+4, l and l+2, l and l+1. The sum is in the first lane of r.
func (c *code) tree(r, group, temp int) {
	add := func(kind string, i, j int) { // i += j
		c.p("VADDP@ %s%d, %s%d, %s%d", kind, j, kind, i, kind, i)
	}
	full := pick(c.target, "Z", "Y")
	for half := group / 2; half > 0; half /= 2 {
		for v := range half {
			add(full, r+v, r+v+half)
		}
	}
	if c.wide {
		c.p("VEXTRACTF64X4 $1, Z%d, Y%d", r, temp)
		add("Y", r, temp)
	}
	c.p("VEXTRACTF128 $1, Y%d, X%d", r, temp)
	add("X", r, temp)
	if !c.double {
		c.p("VPERMILPS $0xee, X%d, X%d", r, temp)
		add("X", r, temp)
		c.p("VPERMILPS $0x55, X%d, X%d", r, temp)
	} else {
		c.p("VPERMILPD $1, X%d, X%d", r, temp)
	}
	c.p("VADDS@ X%d, X%d, X%d", temp, r, r)
}
