package main

import (
	"fmt"
	"math"
	"strings"
)

// elementwise writes the functions of one element: activations, losses, and the
// row kernels of softmax and batch normalisation. Each computes what its portable
// twin does, operation by operation.
func elementwise(f *file) {
	activations(f)
	trig(f)
	losses(f)
	norms(f)
	f.constants()
}

// A vec is some vectors that go through the same instructions side by side, each
// with the same number of registers of its own.
type vec struct {
	block
	per int
}

// narrow is the usual shape: seven registers each for four vectors (AVX2: two).
// Z28 to Z31 and Y14 are left, and Y15 for the mask.
const narrow = 7

func (t target) unroll() int { return pick(t, 4, 2) }

// spare is a register that all vectors share.
func (t target) spare() int { return pick(t, 28, 14) }

// all is vector register i of vector v.
func (e vec) reg(v, i int) int { return v*e.per + i }

// A konst is an operand from the table of constants, in every lane.
type konst string

// A maskReg is the mask of a vector: K2 upwards, or on AVX2 its last register.
type maskReg struct{}

// op writes an instruction for each vector. An int is one of its registers.
func (e vec) op(name string, args ...any) {
	for v := range e.count {
		ins, operands := name, make([]string, len(args))
		for i, a := range args {
			switch a := a.(type) {
			case int:
				operands[i] = e.v(e.reg(v, a))
			case konst:
				var register bool
				if operands[i], register = e.constant(a); e.wide && !register {
					ins += ".BCST"
				}
			case maskReg:
				operands[i] = pick(e.target, fmt.Sprintf("K%d", 2+v), fmt.Sprintf("Y%d", e.reg(v, e.per-1)))
			case string:
				operands[i] = a
			default:
				panic(fmt.Sprintf("operand %T", a))
			}
		}
		e.p("%s %s", ins, strings.Join(operands, ", "))
	}
}

// in and out load and store register i of each vector.
func (e vec) in(base string, i int) {
	for v := range e.count {
		e.block.in(v, base, e.reg(v, i))
	}
}

func (e vec) out(base string, i int) {
	for v := range e.count {
		e.block.out(v, base, e.reg(v, i))
	}
}

// set sets register i to a constant.
func (e vec) set(i int, k konst) {
	for v := range e.count {
		operand, register := e.constant(k)
		ins := pick(e.target, "VBROADCASTS@", "VMOVUP@")
		if register {
			ins = "VMOVAP@"
		}
		e.p("%s %s, %s", ins, operand, e.v(e.reg(v, i)))
	}
}

func (e vec) zeros(i int) {
	for v := range e.count {
		e.zero(e.reg(v, i))
	}
}

// Predicates of VCMPPD that do not signal for a quiet NaN.
const (
	equal      = "$0"
	less       = "$17"
	notGreater = "$18" // less or equal
	notAtLeast = "$25" // or unordered
)

// compare sets the mask where register i, by the predicate, is to the constant.
func (e vec) compare(predicate string, k konst, i int) { e.op("VCMPP@", predicate, k, i, maskReg{}) }

// choose sets register i, where the mask is set, to x, a register or constant.
func (e vec) choose(x any, i int) {
	k, constant := x.(konst)
	register := true
	if constant {
		_, register = e.constant(k)
	}
	switch {
	case !e.wide:
		e.op("VBLENDVP@", maskReg{}, x, i, i)
	case register:
		e.op("VMOVAP@", x, maskReg{}, i)
	default:
		e.op("VBROADCASTS@", string(k), maskReg{}, i)
	}
}

// integer is the name of an instruction on integers as wide as T: VPADD.
func (e vec) integer(name string) string {
	return name + map[bool]string{true: "Q", false: "D"}[e.double]
}

// bitwise is the same for one that AVX2 has for all widths: VPAND.
func (e vec) bitwise(name string) string {
	if e.wide {
		return e.integer(name)
	}
	return name
}

// num is a constant in float64, or in float32.
func (c *code) num(x float64, y float32) konst {
	return c.word(math.Float64bits(x), math.Float32bits(y))
}

// table holds the bits of the constants, of float32 and of float64. They are
// repeated over a vector of AVX2; AVX-512 repeats the first by itself.
var table [2][]uint64

func (c *code) word(x uint64, y uint32) konst {
	i := 0
	if c.double {
		i = 1
	} else {
		x = uint64(y)
	}
	for k, have := range table[i] {
		if have == x {
			return konst(fmt.Sprintf("%d(R13)", 32*k))
		}
	}
	table[i] = append(table[i], x)
	return konst(fmt.Sprintf("%d(R13)", 32*(len(table[i])-1)))
}

// useConstants points R13 to the table.
func (c *code) useConstants() {
	c.p("LEAQ elementwiseConstantsF%d<>(SB), R13", 8*c.size())
}

// constants writes the tables.
func (f *file) constants() {
	for i, words := range table {
		name, size := fmt.Sprintf("elementwiseConstantsF%d", 32*(i+1)), 4*(i+1)
		fmt.Fprintln(&f.text)
		for k, w := range words {
			for at := 0; at < 32; at += size {
				fmt.Fprintf(&f.text, "DATA %s<>+%d(SB)/%d, $%#x\n", name, 32*k+at, size, w)
			}
		}
		fmt.Fprintf(&f.text, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n", name, 32*len(words))
	}
}

func (c *code) one() konst { return c.num(1, 1) }

func (c *code) signBit() konst { return c.word(1<<63, 1<<31) }

func (c *code) allButSign() konst { return c.word(1<<63-1, 1<<31-1) }

// expm1 is expm1 of exp.go: from x in a register, which it replaces by r, to q
// and n. raw is n as an integer in the last bits, below those of toInt; temp is
// one more register.
func (e vec) expm1(x, q, n, raw, temp int) {
	toInt := e.num(3<<51, 3<<22)
	const hi64, hi32 = 0x1.62e42fefa39efp-1, 0x1.62e43p-1
	e.set(raw, e.num(math.Log2E, math.Log2E))
	e.op("VFMADD213P@", toInt, x, raw)
	e.op("VSUBP@", toInt, raw, n)
	e.op("VFNMADD231P@", e.num(hi64, hi32), n, x)
	e.op("VFNMADD231P@", e.num(math.Ln2-hi64, math.Ln2-hi32), n, x)
	coefficients := []konst{
		e.num(1./6227020800, 0), e.num(1./479001600, 0), e.num(1./39916800, 0),
		e.num(1./3628800, 0), e.num(1./362880, 0), e.num(1./40320, 0),
	}
	if !e.double {
		coefficients = nil
	}
	coefficients = append(coefficients, e.num(1./5040, 1./5040), e.num(1./720, 1./720),
		e.num(1./120, 1./120), e.num(1./24, 1./24), e.num(1./6, 1./6), e.num(1./2, 1./2))
	e.set(q, coefficients[0])
	for _, k := range coefficients[1:] {
		e.op("VFMADD213P@", k, x, q)
	}
	e.op("VMULP@", x, x, temp)
	e.op("VFMADD213P@", x, temp, q)
}

// fraction is the number of bits that a float's exponent is shifted by.
func (c *code) fraction() string { return map[bool]string{true: "$52", false: "$23"}[c.double] }

// exp sets register 1 to e^ register 0, with 2 and 3. If bounded, it is known to be at
// most 0.
func (e vec) exp(bounded bool) {
	e.set(1, e.num(-746, -104))
	e.op("VMAXP@", 0, 1, 0)
	if !bounded {
		e.set(1, e.num(710, 89))
		e.op("VMINP@", 0, 1, 0)
	}
	e.expm1(0, 1, 2, 3, pick(e.target, 3, 2)) // what is not needed of n
	e.op("VADDP@", e.one(), 1, 1)
	if e.wide {
		e.op("VSCALEFP@", 2, 1, 1) // rounds once, too
		return
	}
	// Twice the bias added, and halved: the halves of n, with the bias.
	toInt64, toInt32 := math.Float64bits(3<<51), math.Float32bits(3<<22)
	e.op(e.integer("VPADD"), e.word(2*1023-toInt64, 2*127-toInt32), 3, 3)
	e.op(e.integer("VPSRL"), "$1", 3, 2)
	e.op(e.integer("VPSUB"), 2, 3, 3)
	e.op(e.integer("VPSLL"), e.fraction(), 2, 2)
	e.op(e.integer("VPSLL"), e.fraction(), 3, 3)
	e.op("VMULP@", 2, 1, 1)
	e.op("VMULP@", 3, 1, 1)
}

// logSum is logSum of log.go: f, a register, becomes ln(1+f) + k*ln 2. The
// other four are overwritten.
func (e vec) logSum(f, k, s, z, half, p int) {
	e.op("VADDP@", e.num(2, 2), f, s)
	e.op("VDIVP@", s, f, s)
	e.op("VMULP@", s, s, z)
	e.op("VMULP@", f, f, half)
	e.op("VMULP@", e.num(0.5, 0.5), half, half)
	poly := []konst{}
	if e.double {
		for _, x := range []float64{
			1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
			2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01,
		} {
			poly = append(poly, e.num(x, 0))
		}
	} else {
		for _, x := range []float32{0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693} {
			poly = append(poly, e.num(0, x))
		}
	}
	e.set(p, poly[0])
	for _, x := range poly[1:] {
		e.op("VFMADD213P@", x, z, p)
	}
	e.op("VFMADD213P@", half, z, p)
	e.op("VMULP@", s, p, p)
	e.op("VFMADD231P@", e.num(1.90821492927058770002e-10, 9.0580006145e-06), k, p)
	e.op("VSUBP@", p, half, half)
	e.op("VSUBP@", half, f, f)
	e.op("VFMADD231P@", e.num(6.93147180369123816490e-01, 6.9313812256e-01), k, f)
}
