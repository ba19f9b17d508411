package main

import "fmt"

// gemm writes gemmPanel1 to gemmPanel12: a product with so many rows of A and C,
// which are accumulators in registers, two vectors wide. The strides are in
// bytes. start is 0 to start at zero, 1 at C, 2 at bias; k is at least 1.
//
// Twelve rows of two vectors are 24 of the 32 registers of AVX-512, which leaves
// two for B and the rest for A. AVX2 has 16 and gets six rows.
func gemm(f *file) {
	for rows := 1; rows <= 12; rows++ {
		f.panel("gemmPanel", rows, false)
	}
}

// panel writes a product with so many rows. The rows of B are ldb apart, or
// where a table of offsets, in elements, says.
func (f *file) panel(name string, rows int, table bool) {
	where := "ldb int"
	if table {
		where = "offsets *int"
	}
	params := "c *T, ldc int, a *T, rs int, cs int, b *T, " + where + ", n int, k int, bias *T, start int"
	if !table {
		params += ", w *float64, ldw int"
	}
	f.kernel(fmt.Sprintf("%s%d", name, rows), params,
		func(c *code) {
			if !c.wide && rows > 6 {
				c.p("UNDEF") // not called: see panelRows
				c.p("RET")
				return
			}
			c.arg("c", "DX", "ldc", "R12", "rs", "BX", "cs", "R13", "b", "SI")
			if !table {
				c.arg("ldb", "R11")
			}
			c.arg("n", "DI")
			c.p("LEAQ (BX)(BX*2), R8")
			loop, rest, one, done := c.label(), c.label(), c.label(), c.label()
			c.p("SUBQ $%d, DI", 2*c.lanes())
			c.p("JLT %s", rest)
			c.at(loop)
			c.tile(rows, 2, false, table)
			c.p("ADDQ $%d, SI", 2*c.bytes())
			c.p("ADDQ $%d, DX", 2*c.bytes())
			if !table && !c.double {
				c.p("ADDQ $%d, %s", 4*c.bytes(), c.slot("w"))
			}
			c.p("SUBQ $%d, DI", 2*c.lanes())
			c.p("JGE %s", loop)
			c.at(rest)
			c.p("ADDQ $%d, DI", 2*c.lanes())
			c.p("JEQ %s", done)
			c.p("SUBQ $%d, DI", c.lanes())
			c.p("JLE %s", one)
			c.tile(rows, 2, true, table)
			c.ret()
			c.at(one)
			c.p("ADDQ $%d, DI", c.lanes())
			c.tile(rows, 1, true, table)
			c.at(done)
			c.ret()
		})
}

// tile writes the product of rows by so many vectors of columns. If masked, only
// the first DI elements of the last vector are there.
func (c *code) tile(rows, vectors int, masked, table bool) {
	acc := func(i, v int) int { return i*vectors + v }
	b := func(v int) int { return rows*vectors + v }
	// A's elements take turns in the registers that are left.
	first := rows*vectors + vectors
	free := pick(c.target, 32, 16) - first
	mask := make([]int, vectors)
	for v := range mask {
		mask[v] = -1
	}
	if masked {
		mask[vectors-1] = 1
		if !c.wide {
			mask[vectors-1] = 15
			free--
		}
		c.masks("DI", mask[vectors-1], 1)
	}
	mem := func(v int, base string) string { return fmt.Sprintf("%d(%s)", v*c.bytes(), base) }

	// Rows 0, 4 and 8 of A have a pointer each.
	bases := []string{"AX", "R9", "R10"}[:(rows+3)/4]
	c.arg("a", "AX", "start", "CX")
	for i, base := range bases[1:] {
		c.p("LEAQ (AX)(BX*%d), %s", 4*(i+1), base)
	}
	fromC, fromBias, start := c.label(), c.label(), c.label()
	c.p("CMPQ CX, $1")
	c.p("JEQ %s", fromC)
	c.p("JGT %s", fromBias)
	for r := range rows * vectors {
		c.zero(r)
	}
	c.p("JMP %s", start)
	c.at(fromBias)
	c.arg("bias", "CX")
	for i := range rows {
		for v := range vectors {
			c.p("VBROADCASTS@ %d(CX), %s", i*c.size(), c.v(acc(i, v)))
		}
	}
	c.p("JMP %s", start)
	c.at(fromC)
	c.p("MOVQ DX, CX")
	for i := range rows {
		for v := range vectors {
			c.load(acc(i, v), mem(v, "CX"), mask[v])
		}
		if i < rows-1 {
			c.p("ADDQ R12, CX")
		}
	}
	c.at(start)
	if table {
		// C is large and is written once: what comes from memory for it, whole
		// lines, is on the way while the sums are computed.
		c.p("MOVQ DX, CX")
		for i := range rows {
			for line := 0; line < vectors*c.bytes(); line += 64 {
				c.p("PREFETCHT0 %d(CX)", line)
			}
			if i < rows-1 {
				c.p("ADDQ R12, CX")
			}
		}
	}
	c.arg("k", "CX")
	row := "R14"
	if table {
		c.arg("offsets", "R11")
		row = fmt.Sprintf("SI)(R14*%d", c.size())
	} else {
		c.p("MOVQ SI, R14")
	}
	step := func() {
		if table {
			c.p("MOVQ (R11), R14")
		}
		for v := range vectors {
			c.load(b(v), mem(v, row), mask[v])
		}
		for i := range rows {
			x := c.v(first + i%free)
			c.p("VBROADCASTS@ (%s)%s, %s", bases[i/4], []string{"", "(BX*1)", "(BX*2)", "(R8*1)"}[i%4], x)
			for v := range vectors {
				c.p("VFMADD231P@ %s, %s, %s", c.v(b(v)), x, c.v(acc(i, v)))
			}
		}
		if table {
			c.p("ADDQ $8, R11")
		} else {
			c.p("ADDQ R11, R14")
		}
		for _, base := range bases {
			c.p("ADDQ R13, %s", base)
		}
	}
	// Two steps to a jump: a loop half as long is predicted to end when it does.
	loop, rest, done := c.label(), c.label(), c.label()
	c.p("SUBQ $2, CX")
	c.p("JLT %s", rest)
	c.p("PCALIGN $32")
	c.at(loop)
	step()
	step()
	c.p("SUBQ $2, CX")
	c.p("JGE %s", loop)
	c.at(rest)
	c.p("ADDQ $2, CX")
	c.p("JEQ %s", done)
	step()
	c.at(done)
	store := func() {
		c.p("MOVQ DX, CX")
		for i := range rows {
			for v := range vectors {
				c.store(acc(i, v), mem(v, "CX"), mask[v])
			}
			if i < rows-1 {
				c.p("ADDQ R12, CX")
			}
		}
	}
	if table || c.double {
		store()
		return
	}
	narrow, end := c.label(), c.label()
	c.arg("ldw", "R14")
	c.p("TESTQ R14, R14")
	c.p("JEQ %s", narrow)
	c.widened(rows, vectors, mask[vectors-1])
	c.p("JMP %s", end)
	c.at(narrow)
	store()
	c.at(end)
}

// widened stores a tile of float32 as float64, in rows R14 apart.
func (c *code) widened(rows, vectors, mask int) {
	// The first registers after the sums are free now.
	free := rows * vectors
	full := [2]int{-1, -1}
	masks := full
	switch {
	case mask < 0:
	case c.wide:
		c.p("KSHIFTRW $8, K%d, K2", mask)
		masks = [2]int{mask, 2}
	default:
		c.p("VPMOVSXDQ X%d, Y%d", mask, free+1)
		c.p("VEXTRACTI128 $1, Y%d, X%d", mask, free+2)
		c.p("VPMOVSXDQ X%d, Y%d", free+2, free+2)
		masks = [2]int{free + 1, free + 2}
	}
	double := *c
	double.double = true
	half := pick(c.target, "Y", "X")
	c.arg("w", "CX")
	for i := range rows {
		for v := range vectors {
			sum, m := i*vectors+v, full
			if v == vectors-1 {
				m = masks
			}
			c.p("VCVTPS2PD %s%d, %s", half, sum, c.v(free))
			double.store(free, fmt.Sprintf("%d(CX)", 2*v*c.bytes()), m[0])
			c.p("%s $1, %s, %s%d", pick(c.target, "VEXTRACTF64X4", "VEXTRACTF128"), c.v(sum), half, sum)
			c.p("VCVTPS2PD %s%d, %s", half, sum, c.v(free))
			double.store(free, fmt.Sprintf("%d(CX)", (2*v+1)*c.bytes()), m[1])
		}
		if i < rows-1 {
			c.p("ADDQ R14, CX")
		}
	}
}
