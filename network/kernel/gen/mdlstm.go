package main

// mdlstm writes the kernels of mdlstm.go, each without peepholes and with. The gates
// i, u, l, o and g are rows, gate bytes apart; the peepholes are five numbers.
func mdlstm(f *file) {
	table = [2][]uint64{} // of this file alone
	for _, peepholes := range []bool{false, true} {
		name, param := "Vector", ""
		if peepholes {
			name, param = "PeepholeVector", ", peepholes *T"
		}
		f.kernel("mdlstm"+name, "h *T, c *T, tanhC *T, gates *T, z *T, gate int, up *T, left *T"+param+", n int",
			func(c *code) { c.mdlstm(peepholes) })
		f.kernel("mdlstmGrad"+name, "dz *T, dup *T, dleft *T, dh *T, dc *T, gates *T, gate int, up *T, left *T, tanhC *T"+param+", n int",
			func(c *code) { c.mdlstmGrad(peepholes) })
	}
	f.constants()
}

// The rows of the gates, and the peepholes.
const (
	gridInput = iota
	gridUp
	gridLeft
	gridOutput
	gridCell

	peepInputUp = iota - 5
	peepInputLeft
	peepUp
	peepLeft
	peepOutput
)

// gridGate returns the register with the address of a row of the matrix at base, R14
// unless it is the first. BX has the distance of the rows.
func (c *code) gridGate(row int, base string) string {
	switch row {
	case gridInput:
		return base
	case gridUp:
		c.p("LEAQ (%s)(BX*1), R14", base)
	case gridCell:
		c.p("LEAQ (%s)(BX*4), R14", base)
	default:
		c.p("LEAQ (%s)(BX*2), R14", base)
		if row == gridOutput {
			c.p("ADDQ BX, R14")
		}
	}
	return "R14"
}

// mdlstm is mdlstmCell of mdlstm.go.
func (c *code) mdlstm(peepholes bool) {
	c.arg("h", "DI", "c", "SI", "tanhC", "R8", "gates", "R10", "z", "AX", "gate", "BX", "up", "R9", "left", "R11", "n", "CX")
	c.useConstants()
	c.each("CX", "DX", c.unroll(), func(b block) {
		e := vec{b, narrow}
		// see adds a peephole times the state at base to register 0.
		see := func(peephole int, base string) {
			if peepholes {
				e.in(base, 1)
				e.peephole(peephole, 2)
				e.op("VFMADD231P@", 1, 2, 0)
			}
		}
		e.in("AX", 0)
		see(peepInputUp, "R9")
		see(peepInputLeft, "R11")
		e.out("R10", e.sigmoid())
		e.in(c.gridGate(gridUp, "AX"), 0)
		see(peepUp, "R9")
		e.out(c.gridGate(gridUp, "R10"), e.sigmoid())
		e.in(c.gridGate(gridLeft, "AX"), 0)
		see(peepLeft, "R11")
		e.out(c.gridGate(gridLeft, "R10"), e.sigmoid())
		e.in(c.gridGate(gridCell, "AX"), 0)
		g := e.tanh()
		e.out(c.gridGate(gridCell, "R10"), g)
		e.in("R10", 0)
		e.op("VMULP@", g, 0, 0)
		for gate, state := range []string{"R9", "R11"} {
			e.in(c.gridGate(gridUp+gate, "R10"), 1)
			e.in(state, 2)
			e.op("VFMADD231P@", 2, 1, 0)
		}
		e.out("SI", 0)
		e.in(c.gridGate(gridOutput, "AX"), 0)
		see(peepOutput, "SI")
		e.out(c.gridGate(gridOutput, "R10"), e.sigmoid())
		e.in("SI", 0)
		t := e.tanh()
		e.out("R8", t)
		e.in(c.gridGate(gridOutput, "R10"), 0)
		e.op("VMULP@", t, 0, 0)
		e.out("DI", 0)
	})
	c.ret()
}

// mdlstmGrad is mdlstmCellGrad of mdlstm.go. There is no register for the address of
// tanhC, which is read once.
func (c *code) mdlstmGrad(peepholes bool) {
	c.arg("dz", "DI", "dup", "SI", "dleft", "R8", "dh", "R9", "dc", "R12", "gates", "AX", "gate", "BX", "up", "R10", "left", "R11", "n", "CX")
	c.useConstants()
	c.each("CX", "DX", c.unroll(), func(b block) {
		e := vec{b, narrow}
		const d, dzi = 6, 2
		e.in("R9", 0) // dh
		c.arg("tanhC", "R14")
		e.in("R14", 1)
		e.in(c.gridGate(gridOutput, "AX"), 2)
		e.op("VMULP@", 1, 0, 3) // do
		e.op("VMULP@", 2, 0, 0) // dtanh c
		e.sigmoidSlope(3, 2, 4) // dzo
		e.out(c.gridGate(gridOutput, "DI"), 3)
		e.in("R12", d)
		e.tanhSlope(4, 1)
		e.op("VFMADD231P@", 4, 0, d)
		if peepholes {
			e.peephole(peepOutput, 4)
			e.op("VFMADD231P@", 4, 3, d)
		}
		e.in("AX", 0) // i
		e.in(c.gridGate(gridCell, "AX"), 1)
		e.op("VMULP@", 1, d, dzi) // di
		e.op("VMULP@", 0, d, 3)   // dg
		e.sigmoidSlope(dzi, 0, 4)
		e.out("DI", dzi)
		e.tanhSlope(4, 1)
		e.op("VMULP@", 4, 3, 3) // dzg
		e.out(c.gridGate(gridCell, "DI"), 3)
		for way, at := range [][2]string{{"R10", "SI"}, {"R11", "R8"}} {
			e.in(c.gridGate(gridUp+way, "AX"), 0) // u or l
			e.in(at[0], 1)                        // the state
			e.op("VMULP@", 1, d, 3)
			e.in(at[1], 5) // its gradient
			e.op("VFMADD231P@", 0, d, 5)
			e.sigmoidSlope(3, 0, 4)
			e.out(c.gridGate(gridUp+way, "DI"), 3)
			if peepholes {
				e.peephole(peepInputUp+way, 4)
				e.op("VFMADD231P@", 4, dzi, 5)
				e.peephole(peepUp+way, 4)
				e.op("VFMADD231P@", 4, 3, 5)
			}
			e.out(at[1], 5)
		}
	})
	c.ret()
}
