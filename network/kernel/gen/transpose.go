package main

import "fmt"

// transpose writes the transpose of as many rows as a vector of AVX2 has
// elements, by any multiple of that many columns. It is the same on either path:
// it moves data, and 512 bits would only add a step.
func transpose(f *file) {
	f.kernel("transposeStrip", "dst *T, ldd int, src *T, lds int, n int", func(c *code) {
		c.wide = false
		c.arg("dst", "DI", "ldd", "R9", "src", "SI", "lds", "BX", "n", "CX")
		c.p("LEAQ (BX)(BX*2), R8")
		c.p("LEAQ (R9)(R9*2), R10")
		c.p("LEAQ (SI)(BX*4), DX")
		size := c.lanes()
		loop, done := c.label(), c.label()
		c.p("SUBQ $%d, CX", size)
		c.p("JLT %s", done)
		c.p("PCALIGN $32")
		c.at(loop)
		for i := range size {
			c.load(i, fmt.Sprintf("(%s)%s", []string{"SI", "DX"}[i/4], []string{"", "(BX*1)", "(BX*2)", "(R8*1)"}[i%4]), -1)
		}
		var out []int
		if c.double {
			out = c.transpose4()
		} else {
			out = c.transpose8()
		}
		for j, r := range out {
			if j == 4 {
				c.p("LEAQ (DI)(R9*4), DI")
			}
			c.store(r, "(DI)"+[]string{"", "(R9*1)", "(R9*2)", "(R10*1)"}[j%4], -1)
		}
		c.p("LEAQ (DI)(R9*4), DI")
		c.p("ADDQ $%d, SI", c.bytes())
		c.p("ADDQ $%d, DX", c.bytes())
		c.p("SUBQ $%d, CX", size)
		c.p("JGE %s", loop)
		c.at(done)
		c.ret()
	})
}

// transpose4 transposes registers 0 to 3 into the four that it returns.
func (c *code) transpose4() []int {
	for i := 0; i < 4; i += 2 {
		c.p("VUNPCKLPD Y%d, Y%d, Y%d", i+1, i, i+4) // columns 0 and 2 of rows i and i+1
		c.p("VUNPCKHPD Y%d, Y%d, Y%d", i+1, i, i+5) // 1 and 3
	}
	for j := range 4 {
		c.p("VPERM2F128 $%#x, Y%d, Y%d, Y%d", []int{0x20, 0x31}[j/2], 6+j%2, 4+j%2, j)
	}
	return []int{0, 1, 2, 3}
}

// transpose8 transposes registers 0 to 7 into the eight that it returns.
func (c *code) transpose8() []int {
	for i := 0; i < 8; i += 2 {
		c.p("VUNPCKLPS Y%d, Y%d, Y%d", i+1, i, i+8) // columns 0 1 | 4 5 of rows i and i+1
		c.p("VUNPCKHPS Y%d, Y%d, Y%d", i+1, i, i+9) // 2 3 | 6 7
	}
	for i := 0; i < 8; i += 4 { // four rows; column j | j+4 goes to register i+j
		for j := range 4 {
			c.p("VSHUFPS $%#x, Y%d, Y%d, Y%d", []int{0x44, 0xee}[j%2], i+10+j/2, i+8+j/2, i+j)
		}
	}
	for j := range 8 {
		c.p("VPERM2F128 $%#x, Y%d, Y%d, Y%d", []int{0x20, 0x31}[j/4], 4+j%4, j%4, 8+j)
	}
	return []int{8, 9, 10, 11, 12, 13, 14, 15}
}
