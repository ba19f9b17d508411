package main

import "fmt"

// prepare loads what all passes share.
func (e *emitter) prepare(operation string) {
	e.mul0, e.mul1, e.angleMask = constant("m0"), constant("m1"), constant("angleMask")
	e.reverse = "reverse<>(SB)"
	if e.wide() { // AVX2 has too few registers
		r := e.take(2)
		e.mul0, e.mul1 = r[0], r[1]
		e.load("m0", r[0])
		e.load("m1", r[1])
	}
	if operation == "uniform" {
		return
	}
	if e.wide() {
		r := e.take(4)
		e.angleMask, e.low, e.high, e.reverse = r[0], r[1], r[2], r[3]
		e.load("angleMask", r[0])
		e.op("VMOVDQU64", "reverse<>(SB)", r[3])
		e.op("VMOVDQU64", "interleaveLow<>(SB)", e.low)
		e.op("VMOVDQU64", "interleaveHigh<>(SB)", e.high)
	}
	if operation == "addNormal" && e.wide() {
		e.sigma = e.take(1)[0]
		e.op("VBROADCASTSD", "sigma+32(FP)", e.sigma)
	}
}

// philox makes a block in each lane of each group, and returns the registers of
// the four words by group. The high halves of the lanes hold anything: VPMULUDQ
// ignores them. The blocks of a row differ in the first word of the counter
// alone, so that in the first rounds some products are the same for all; schedule
// has them in its keys.
func (e *emitter) philox() [][4]reg {
	e.comment("Philox: the counters")
	take := func() bank { return e.take(e.groups) }
	a, b, c, d, t, u := take(), take(), take(), take(), take(), take()
	spare := e.take(1)
	e.line("\tVMOVD AX, X%d", spare[0])
	e.op("VPBROADCASTD", fmt.Sprintf("X%d", spare[0]), spare[0])
	e.op("VPADDD", func(i int) string {
		return fmt.Sprintf("blocks%s<>+%d(SB)", e.name, i*e.bytes())
	}, spare[0], a)

	e.comment("Philox: round 0")
	e.op("VPMULUDQ", e.mul0, a, d)
	e.op("VPSRLQ", "$32", d, c)
	e.xorKey(0, 1, nil, c, spare[0])

	e.comment("Philox: round 1")
	e.op("VPMULUDQ", e.mul1, c, b)
	e.op("VPSRLQ", "$32", b, a)
	e.xorKey(1, 0, nil, a, spare[0])
	e.xorKey(1, 1, nil, d, spare[0])
	c, d = d, c

	for round := 2; round < 10; round++ {
		e.comment(fmt.Sprintf("Philox: round %d", round))
		e.op("VPMULUDQ", e.mul0, a, t)
		e.op("VPMULUDQ", e.mul1, c, u)
		e.op("VPSRLQ", "$32", u, a)
		e.op("VPSRLQ", "$32", t, c)
		e.xorKey(round, 0, b, a, spare[0])
		if round == 2 {
			e.xorKey(round, 1, nil, c, spare[0])
		} else {
			e.xorKey(round, 1, d, c, spare[0])
		}
		b, u = u, b
		d, t = t, d
	}
	e.give(t, u, spare)
	var words [][4]reg
	for g := range e.groups {
		words = append(words, [4]reg{a[g], b[g], c[g], d[g]})
	}
	return words
}

// xorKey changes x by half a key of a round, and by a word if there is one.
func (e *emitter) xorKey(round, half int, word, x bank, spare reg) {
	key := fmt.Sprintf("%d(SI)", 4+8*round+4*half)
	switch {
	case !e.wide():
		e.op("VPBROADCASTD", key, spare)
		if word == nil {
			e.op("VPXOR", spare, x, x)
			return
		}
		// The word was there before x is, and is not needed again.
		e.op("VPXOR", spare, word, word)
		e.op("VPXOR", word, x, x)
	case word != nil:
		e.op("VPTERNLOGD.BCST", "$0x96", key, word, x)
	default:
		e.op("VPXORD.BCST", key, x, x)
	}
}

// join puts the low halves of two words together, into the register of the high,
// and frees that of the low.
func (e *emitter) join(low, high reg) reg {
	e.op("VPSLLQ", "$32", high, high)
	if e.wide() {
		e.op("VPTERNLOGQ", "$0xF8", constant("lowHalf"), low, high) // high | low & mask
	} else {
		e.op("VPBLENDD", "$0x55", low, high, high)
	}
	e.give(bank{low})
	return high
}
