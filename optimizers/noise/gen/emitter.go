package main

import (
	"bytes"
	"fmt"
	"strings"
)

// A target is an instruction set. A loop pass makes some groups of blocks of
// Philox, one block in each lane of 64 bits, instruction by instruction in turn,
// so that one group computes while another waits.
type target struct {
	name   string
	letter string // of its registers
	lanes  int
	regs   int
	groups int
	order  []int // the block in each lane; interleave puts them in order
}

var targets = []target{
	{"AVX512", "Z", 8, 32, 4, []int{0, 4, 1, 5, 2, 6, 3, 7}},
	{"AVX2", "Y", 4, 16, 2, []int{0, 2, 1, 3}},
}

// blocks of a pass.
func (t target) blocks() int { return t.lanes * t.groups }

// bytes of a vector.
func (t target) bytes() int { return 8 * t.lanes }

// wide reports whether the target is AVX-512.
func (t target) wide() bool { return t.lanes == 8 }

// A reg is a vector register. A bank is some that go through the same
// instructions side by side.
type (
	reg  int
	bank []reg
)

// An emitter writes one function.
type emitter struct {
	target
	text bytes.Buffer
	free []reg

	// What all passes share.
	mul0, mul1 any // multipliers of Philox: registers, or on AVX2 constants
	angleMask  any
	reverse    any // bytes, for the angle
	low, high  reg // indices for interleave
	sigma      reg
}

func newEmitter(t target) *emitter {
	e := &emitter{target: t}
	for r := range reg(t.regs) {
		e.free = append(e.free, r)
	}
	return e
}

// take takes n free registers.
func (e *emitter) take(n int) bank {
	if n > len(e.free) {
		panic(fmt.Sprintf("%s: %d registers wanted, %d are free", e.name, n, len(e.free)))
	}
	b := append(bank(nil), e.free[:n]...)
	e.free = e.free[n:]
	return b
}

// give gives registers back.
func (e *emitter) give(banks ...bank) {
	for _, b := range banks {
		e.free = append(e.free, b...)
	}
}

func (e *emitter) line(format string, args ...any) { fmt.Fprintf(&e.text, format+"\n", args...) }

func (e *emitter) comment(text string) { e.line("\n\t// %s", text) }

// op writes an instruction for each register of the banks among its operands,
// or once. Other operands are registers, constants, text, and functions that
// give the text for register i of the banks.
func (e *emitter) op(name string, operands ...any) {
	count := 1
	for _, o := range operands {
		if b, ok := o.(bank); ok {
			count = len(b)
		}
	}
	for i := range count {
		var texts []string
		mnemonic := name
		for _, o := range operands {
			switch o := o.(type) {
			case bank:
				texts = append(texts, fmt.Sprintf("%s%d", e.letter, o[i]))
			case reg:
				texts = append(texts, fmt.Sprintf("%s%d", e.letter, o))
			case constant:
				if e.wide() && !strings.HasPrefix(name, "VPBROADCAST") {
					mnemonic += ".BCST"
				}
				texts = append(texts, o.String())
			case string:
				texts = append(texts, o)
			case func(i int) string:
				texts = append(texts, o(i))
			default:
				panic(fmt.Sprintf("operand %v of type %T", o, o))
			}
		}
		e.line("\t%s %s", mnemonic, strings.Join(texts, ", "))
	}
}

// either is op with the name for the target: what AVX-512 renamed.
func (e *emitter) either(avx512, avx2 string, operands ...any) {
	if e.wide() {
		e.op(avx512, operands...)
	} else {
		e.op(avx2, operands...)
	}
}

// load fills registers with a constant.
func (e *emitter) load(c constant, to any) { e.either("VPBROADCASTQ", "VMOVDQU", c, to) }
