package main

import "fmt"

// conv writes the products of convolution: gemmRows1 to gemmRows12, which are
// gemmPanel* with a table of offsets for the rows of B, and dotRows1 to
// dotRows4, dot products of so many rows of A with rows from such a table.
func conv(f *file) {
	for rows := 1; rows <= 12; rows++ {
		f.panel("gemmRows", rows, true)
	}
	for rows := 1; rows <= 4; rows++ {
		f.dotRows(rows)
	}
}

// dotShape is the most rows of A, and the number of rows of B, whose dot products
// have their 16 lanes in registers: 24 of the 32 of AVX-512, 12 of the 16 of
// AVX2. dotTile in conv.go says the same.
func (t target) dotShape() (rows, cols int) {
	switch {
	case t.wide && !t.double:
		return 4, 6
	case t.wide:
		return 3, 4
	case !t.double:
		return 2, 3
	}
	return 1, 3
}

// dotRows writes the dot products of so many rows of A, lda bytes apart, with as
// many rows of B as dotShape says, at offsets in elements, over n columns, into
// dst [rows][cols]. The lanes go from register 8 up, or on AVX2 from 4 up, which
// leaves those below for everything else.
func (f *file) dotRows(rows int) {
	f.kernel(fmt.Sprintf("dotRows%d", rows), "dst *T, a *T, lda int, b *T, offsets *int, n int", func(c *code) {
		most, cols := c.dotShape()
		if rows > most {
			c.p("UNDEF") // not called: see dotTile
			c.p("RET")
			return
		}
		group := 16 / c.lanes()
		acc := func(i, p int) int { return pick(c.target, 8, 4) + (i*cols+p)*group }
		as := []string{"AX", "BX", "SI", "DX"}[:rows]
		bs := []string{"R8", "R9", "R10", "R11", "R12", "R13"}[:cols]

		c.arg("a", "AX", "lda", "CX", "b", "DI", "offsets", "R15")
		for i, r := range as[1:] {
			c.p("LEAQ (%s)(CX*1), %s", as[i], r)
		}
		for p, r := range bs {
			c.p("MOVQ %d(R15), R14", 8*p)
			c.p("LEAQ (DI)(R14*%d), %s", c.size(), r)
		}
		for v := range rows * cols * group {
			c.zero(acc(0, 0) + v)
		}
		// step takes the 16 lanes on, vector by vector. The rows of A are in the
		// first registers, and those of B take turns in the others, of which
		// AVX2 needs one for a mask.
		step := func(mask func(v int) int) {
			first, free := rows, acc(0, 0)-rows
			if !c.wide {
				free = 3 - rows
			}
			for v := range group {
				m := mask(v)
				mem := func(base string) string { return fmt.Sprintf("%d(%s)(CX*1)", v*c.bytes(), base) }
				for i, r := range as {
					c.load(i, mem(r), m)
				}
				for p, r := range bs {
					x := first + p%free
					c.load(x, mem(r), m)
					for i := range as {
						c.p("VFMADD231P@ %s, %s, %s", c.v(x), c.v(i), c.v(acc(i, p)+v))
					}
				}
			}
		}
		loop, rest, total := c.label(), c.label(), c.label()
		c.arg("n", "DI")
		c.p("XORQ CX, CX")
		c.p("SUBQ $16, DI")
		c.p("JLT %s", rest)
		c.p("PCALIGN $32")
		c.at(loop)
		step(func(int) int { return -1 })
		c.p("ADDQ $%d, CX", 16*c.size())
		c.p("SUBQ $16, DI")
		c.p("JGE %s", loop)
		c.at(rest)
		c.p("ADDQ $16, DI")
		c.p("JEQ %s", total)
		if c.wide {
			c.masks("DI", 1, group)
		} else {
			c.masks("DI", 3, 1)
		}
		// Lanes without an element add 0*0, and stay what they are: never -0.
		step(func(v int) int {
			if c.wide {
				return 1 + v
			}
			c.p("VMOVUPS %d(R15), %s", v*c.bytes(), c.v(3)) // see masks
			return 3
		})
		c.at(total)

		c.arg("dst", "DI")
		for i := range rows {
			for p := range cols {
				for v := range group {
					c.p("VMOVAP@ %s, %s", c.v(acc(i, p)+v), c.v(v))
				}
				// On AVX2 in float64, the register above is that of lanes just moved.
				c.tree(0, group, group)
				c.p("VMOVS@ X0, %d(DI)", (i*cols+p)*c.size())
			}
		}
		c.ret()
	})
}
