package main

// rows writes the sums over rows of rows.go. What is summed stays in registers while
// all rows are gone through, a block of vectors from each.
func rows(f *file) {
	f.kernel("axpysVector", "y *T, a *T, x *[]T, from int, rows int, n int", func(c *code) {
		unroll := pick(c.target, 8, 4)
		factor := 2 * unroll
		c.arg("y", "DI", "n", "CX")
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "DI", v)
			}
			b.eachRow(map[string]int{"a": factor}, func(row string) {
				for v := range b.count {
					b.in(v, row, v+unroll)
					b.p("VFMADD231P@ %s, %s, %s", b.v(v+unroll), b.v(factor), b.v(v))
				}
			})
			for v := range b.count {
				b.out(v, "DI", v)
			}
		})
		c.ret()
	})
	f.kernel("momentsVector", "first *T, second *T, mean *T, a *T, b *T, x *[]T, from int, rows int, n int", func(c *code) {
		unroll := pick(c.target, 8, 2)
		factors, spare := pick(c.target, 30, 13), pick(c.target, 3, 2)
		c.arg("first", "DI", "second", "SI", "mean", "R12", "n", "CX")
		c.each("CX", "DX", unroll, func(b block) {
			for v := range b.count {
				b.in(v, "R12", 3*v)
				b.in(v, "DI", 3*v+1)
				b.in(v, "SI", 3*v+2)
			}
			b.eachRow(map[string]int{"a": factors, "b": factors + 1}, func(row string) {
				for v := range b.count {
					d, square := 3*unroll+2*(v%spare), 3*unroll+2*(v%spare)+1
					b.in(v, row, d)
					b.p("VSUBP@ %s, %s, %s", b.v(3*v), b.v(d), b.v(d))
					b.p("VMULP@ %s, %s, %s", b.v(d), b.v(d), b.v(square))
					b.p("VFMADD231P@ %s, %s, %s", b.v(d), b.v(factors), b.v(3*v+1))
					b.p("VFMADD231P@ %s, %s, %s", b.v(square), b.v(factors+1), b.v(3*v+2))
				}
			})
			for v := range b.count {
				b.out(v, "DI", 3*v+1)
				b.out(v, "SI", 3*v+2)
			}
		})
		c.ret()
	})
}

// eachRow writes a loop over the slices at x, of which body is given the register that
// points to element from, and the parameters that are factors, in vector registers. It
// asks for the next block of each row while it goes through this one: rows are long and
// often not in a cache, and too many for the processor to foresee. It takes AX, BX and
// R8 to R11.
func (b block) eachRow(factors map[string]int, body func(row string)) {
	loop := b.label()
	b.arg("x", "R8", "rows", "R9", "from", "R10")
	b.p("SHLQ $%d, R10", b.shift())
	for _, param := range []string{"a", "b"} {
		if _, ok := factors[param]; ok {
			b.arg(param, map[string]string{"a": "AX", "b": "BX"}[param])
		}
	}
	b.at(loop)
	b.p("MOVQ (R8), R11")
	b.p("ADDQ R10, R11")
	for _, param := range []string{"a", "b"} {
		if register, ok := factors[param]; ok {
			general := map[string]string{"a": "AX", "b": "BX"}[param]
			b.p("VBROADCASTS@ (%s), %s", general, b.v(register))
			b.p("ADDQ $%d, %s", b.size(), general)
		}
	}
	if b.count > 1 {
		for at := 0; at < b.count*b.bytes(); at += 64 {
			b.p("PREFETCHT0 %d(R11)(DX*1)", b.count*b.bytes()+at)
		}
	}
	body("R11")
	b.p("ADDQ $24, R8") // a slice
	b.p("DECQ R9")
	b.p("JNE %s", loop)
}
