package main

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// A constant of 64 bits, repeated over a vector of AVX2; AVX-512 broadcasts the
// first.
type constant string

const (
	oneBits    = 0x3FF << 52
	singleRoot = 0x3F3504F3 // sqrt(1/2)
)

var constants = []struct {
	name constant
	bits uint64
}{
	{"m0", 0xD2511F53}, // multipliers of Philox
	{"m1", 0xCD9E8D57},
	{"lowHalf", 1<<32 - 1},
	{"bit6", 1 << 6},
	{"sign", 1 << 63},
	{"fraction", 1<<52 - 1},
	{"one", oneBits},
	{"root", 0x3FE6A09E << 32}, // the high word of sqrt(1/2)
	{"oneRoot", oneBits - 0x3FE6A09E<<32},
	{"angleMask", 1<<46 - 1<<16},
	{"angleHalf", math.Float64bits(64) | 1<<15},
	{"angleMiddle", math.Float64bits(64.5)},
	{"magic52", math.Float64bits(0x1p52)}, // an integer in its fraction is added to it
	{"magic84", math.Float64bits(0x1p84)},
	{"magic", math.Float64bits(0x1p84 + 0x1p52)},
	{"exponent0", math.Float64bits(0x1p52 + 0x3FF)},
	{"ulp", math.Float64bits(0x1p-53)},
	{"belowOne", math.Float64bits(1 - 0x1p-53)},
	{"minusTwoLn2", math.Float64bits(-2 * math.Ln2)},
	{"l0", math.Float64bits(-4.000000000016848)},
	{"l1", math.Float64bits(-1.333333304808938)},
	{"l2", math.Float64bits(-0.8000077174054379)},
	{"l3", math.Float64bits(-0.5706997170378515)},
	{"l4", math.Float64bits(-0.47234934570148823)},
	{"s0", math.Float64bits(1.57079632678775)},
	{"s1", math.Float64bits(-0.6459640961024186)},
	{"s2", math.Float64bits(0.07969258184289243)},
	{"s3", math.Float64bits(-0.004681260627579776)},
	{"s4", math.Float64bits(0.0001581950742865496)},
	{"c0", math.Float64bits(0.9999999999999344)},
	{"c1", math.Float64bits(-1.2337005501181886)},
	{"c2", math.Float64bits(0.2536695070914816)},
	{"c3", math.Float64bits(-0.020863467311975636)},
	{"c4", math.Float64bits(0.0009191586040068789)},
	{"c5", math.Float64bits(-2.484597859824764e-05)},

	// The same in float32, or 32 bits.
	{"singleAbs", pair(1<<31 - 1)},
	{"singleSign", pair(1 << 31)},
	{"singleRadius", single(0x1p-31)},
	{"singleHalf", single(0x1p-33)},
	{"singleAngle", single(0x1p-32)},
	{"singleLessRoot", pair(-singleRoot & (1<<32 - 1))},
	{"singleRoot", pair(singleRoot)},
	{"singleFraction", pair(1<<23 - 1)},
	{"singleOne", single(1)},
	{"singleMinusTwoLn2", single(-2 * math.Ln2)},
	{"singleL0", single(-1.9999998807907104)},
	{"singleL1", single(1.0000072717666626)},
	{"singleL2", single(-0.6667011976242065)},
	{"singleL3", single(0.4993981719017029)},
	{"singleL4", single(-0.39800330996513367)},
	{"singleL5", single(0.34501659870147705)},
	{"singleL6", single(-0.32445162534713745)},
	{"singleL7", single(0.20213791728019714)},
	{"singleS0", single(3.1415927410125732)},
	{"singleS1", single(-5.167709827423096)},
	{"singleS2", single(2.550069808959961)},
	{"singleS3", single(-0.5982421040534973)},
	{"singleS4", single(0.07756038755178452)},
	{"singleC0", single(0.9999999403953552)},
	{"singleC1", single(-4.934792995452881)},
	{"singleC2", single(4.058412075042725)},
	{"singleC3", single(-1.3318802118301392)},
	{"singleC4", single(0.2196968048810959)},
}

// single is a float32 in both halves.
func single(x float32) uint64 { return pair(math.Float32bits(x)) }

func pair(bits uint32) uint64 { return uint64(bits)<<32 | uint64(bits) }

// data writes the constants, and the tables that are not one number repeated.
func data() []byte {
	var b bytes.Buffer
	table := func(name string, values []uint64) {
		for i, v := range values {
			fmt.Fprintf(&b, "DATA %s<>+%d(SB)/8, $%#016x\n", name, 8*i, v)
		}
		fmt.Fprintf(&b, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n", name, 8*len(values))
	}
	for _, t := range targets {
		var blocks []uint64 // in the lanes of each group
		for g := range t.groups {
			for _, i := range t.order {
				blocks = append(blocks, uint64(g*t.lanes+i))
			}
		}
		table("blocks"+t.name, blocks)
		slices.Sort(blocks)
		table("sorted"+t.name, blocks)
	}
	// The low four bytes in reverse, on bits 16 to 47; 0x80 stands for 0.
	const even, odd = 0x8080_00010203_8080, 0x8080_08090A0B_8080
	table("reverse", []uint64{even, odd, even, odd, even, odd, even, odd})
	table("interleaveLow", []uint64{0, 1, 8, 9, 2, 3, 10, 11})
	table("interleaveHigh", []uint64{4, 5, 12, 13, 6, 7, 14, 15})
	var values []uint64
	for _, c := range constants {
		values = append(values, c.bits, c.bits, c.bits, c.bits)
	}
	table("constants", values)
	return b.Bytes()
}

func (c constant) String() string {
	for i, k := range constants {
		if k.name == c {
			return fmt.Sprintf("constants<>+%d(SB)", 32*i)
		}
	}
	panic("no constant " + string(c))
}
