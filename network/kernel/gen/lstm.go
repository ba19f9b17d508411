package main

import "fmt"

// lstm writes the kernels of lstm.go, each without peepholes and with. The gates
// i, f, o and g are rows, gate bytes apart; the peepholes are three numbers.
func lstm(f *file) {
	table = [2][]uint64{} // of this file alone
	for _, peepholes := range []bool{false, true} {
		name, param := "Vector", ""
		if peepholes {
			name, param = "PeepholeVector", ", peepholes *T"
		}
		f.kernel("lstm"+name, "h *T, c *T, tanhC *T, gates *T, z *T, gate int, prev *T"+param+", n int",
			func(c *code) { c.lstm(peepholes) })
		f.kernel("lstmGrad"+name, "dz *T, dc *T, dh *T, gates *T, gate int, prev *T, tanhC *T"+param+", n int",
			func(c *code) { c.lstmGrad(peepholes) })
	}
	f.constants()
}

// The rows of the gates.
const (
	inputGate = iota
	forgetGate
	outputGate
	cellInput
)

// gate returns the register with the address of a row of the matrix at base, R14
// unless it is the first. BX has the distance of the rows.
func (c *code) gate(row int, base string) string {
	switch row {
	case inputGate:
		return base
	case forgetGate:
		c.p("LEAQ (%s)(BX*1), R14", base)
	default:
		c.p("LEAQ (%s)(BX*2), R14", base)
		if row == cellInput {
			c.p("ADDQ BX, R14")
		}
	}
	return "R14"
}

// peephole sets register i to the weight of a gate.
func (e vec) peephole(gate, i int) {
	e.arg("peepholes", "R14")
	e.op("VBROADCASTS@", fmt.Sprintf("%d(R14)", gate*e.size()), i)
}

// sigmoidSlope sets register x to x*(y*(1-y)), and overwrites temp.
func (e vec) sigmoidSlope(x, y, temp int) {
	e.set(temp, e.one())
	e.op("VSUBP@", y, temp, temp)
	e.op("VMULP@", temp, y, temp)
	e.op("VMULP@", temp, x, x)
}

// tanhSlope sets register x to 1-y*y.
func (e vec) tanhSlope(x, y int) {
	e.set(x, e.one())
	e.op("VFNMADD231P@", y, y, x)
}

// lstm is lstmCell of lstm.go. The functions wait for each other: four vectors side by
// side are worth more than registers for all the constants.
func (c *code) lstm(peepholes bool) {
	c.arg("h", "DI", "c", "SI", "tanhC", "R8", "gates", "R10", "z", "AX", "gate", "BX", "prev", "R9", "n", "CX")
	c.useConstants()
	c.eachKept("CX", "DX", 6, func(e vec) {
		// The functions leave registers 5 and 6 alone, but for sigmoid's mask in the last.
		const state, output = 4, 5
		sigmoid := func(gate int) int {
			e.in(c.gate(gate, "AX"), 0)
			switch {
			case !peepholes:
			case gate == outputGate:
				e.peephole(gate, 2)
				e.op("VFMADD231P@", state, 2, 0)
			default:
				e.in("R9", 1)
				e.peephole(gate, 2)
				e.op("VFMADD231P@", 1, 2, 0)
			}
			y := e.sigmoid()
			e.out(c.gate(gate, "R10"), y)
			return y
		}
		e.op("VMOVAP@", sigmoid(inputGate), state)
		e.in(c.gate(cellInput, "AX"), 0)
		e.op("VMOVAP@", 0, output)
		g := e.tanhSigned(output)
		e.out(c.gate(cellInput, "R10"), g)
		e.op("VMULP@", g, state, state)
		f := sigmoid(forgetGate)
		e.in("R9", 0)
		e.op("VFMADD231P@", 0, f, state)
		e.out("SI", state)
		e.op("VMOVAP@", sigmoid(outputGate), output)
		e.op("VMOVAP@", state, 0)
		t := e.tanhSigned(state)
		e.out("R8", t)
		e.op("VMULP@", t, output, output)
		e.out("DI", output)
	})
	c.ret()
}

// lstmGrad is lstmCellGrad of lstm.go.
func (c *code) lstmGrad(peepholes bool) {
	c.arg("dz", "DI", "dc", "SI", "dh", "R9", "gates", "AX", "gate", "BX", "prev", "R10", "tanhC", "R11", "n", "CX")
	c.useConstants()
	c.each("CX", "DX", c.unroll(), func(b block) {
		e := vec{b, narrow}
		const dc = 6
		e.in("R9", 0)                     // dh
		e.in("R11", 1)                    // tanh c
		e.in(c.gate(outputGate, "AX"), 2) // o
		e.op("VMULP@", 1, 0, 3)           // do
		e.op("VMULP@", 2, 0, 0)           // dtanh c
		e.sigmoidSlope(3, 2, 4)           // dzo
		e.out(c.gate(outputGate, "DI"), 3)
		e.in("SI", dc)
		e.tanhSlope(4, 1)
		e.op("VFMADD231P@", 4, 0, dc)
		if peepholes {
			e.peephole(outputGate, 4)
			e.op("VFMADD231P@", 4, 3, dc)
		}
		e.in("AX", 0)                    // i
		e.in(c.gate(cellInput, "AX"), 1) // g
		e.op("VMULP@", 1, dc, 2)         // di
		e.op("VMULP@", 0, dc, 3)         // dg
		e.sigmoidSlope(2, 0, 4)          // dzi
		e.out("DI", 2)
		e.tanhSlope(4, 1)
		e.op("VMULP@", 4, 3, 3) // dzg
		e.out(c.gate(cellInput, "DI"), 3)
		e.in(c.gate(forgetGate, "AX"), 0) // f
		e.in("R10", 1)                    // prev
		e.op("VMULP@", 1, dc, 3)          // df
		e.op("VMULP@", 0, dc, dc)
		e.sigmoidSlope(3, 0, 4) // dzf
		e.out(c.gate(forgetGate, "DI"), 3)
		if peepholes {
			e.peephole(inputGate, 4)
			e.op("VFMADD231P@", 4, 2, dc)
			e.peephole(forgetGate, 4)
			e.op("VFMADD231P@", 4, 3, dc)
		}
		e.out("SI", dc)
	})
	c.ret()
}
