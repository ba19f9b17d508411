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
	if operation == "uniform" || operation == "mirror" {
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
// the four words. The high halves of the lanes hold anything: VPMULUDQ ignores them.
// For mirror it returns two banks, of the words 1 and 3, which have the words 0 and 2
// in the high halves. The blocks of a row differ in the first word of the counter
// alone, so that in the first rounds some products are the same for all; schedule
// has them in its keys.
func (e *emitter) philox(operation string) []bank {
	e.comment("Philox: the counters")
	take := func() bank { return e.take(e.groups) }
	a, b, c, d, t, u := take(), take(), take(), take(), take(), take()
	spare := e.take(1)
	e.line("\tVMOVD AX, X%d", spare[0])
	e.op("VPBROADCASTD", fmt.Sprintf("X%d", spare[0]), spare[0])
	table := "blocks"
	if operation == "mirror" {
		table = "sorted"
	}
	e.op("VPADDD", func(i int) string {
		return fmt.Sprintf("%s%s<>+%d(SB)", table, e.name, i*e.bytes())
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
		if round == 9 && operation == "mirror" {
			// Of a product, the low half is one word; the high half is to be another.
			e.xorHigh(round, 0, b, u, spare[0])
			e.xorHigh(round, 1, d, t, spare[0])
			e.give(a, b, c, d, spare)
			return []bank{u, t}
		}
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
	return []bank{a, b, c, d}
}

// xorHigh changes the high halves of x by half a key of a round, and by word, which it
// overwrites.
func (e *emitter) xorHigh(round, half int, word, x bank, spare reg) {
	e.xorKey(round, half, nil, word, spare)
	e.op("VPSLLQ", "$32", word, word)
	e.either("VPXORQ", "VPXOR", word, x, x)
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

// pair joins the words of a group to two of 64 bits.
func (e *emitter) pair(group int, words []bank) bank {
	e.comment(fmt.Sprintf("Group %d: join the words", group))
	return bank{e.join(words[0][group], words[1][group]), e.join(words[2][group], words[3][group])}
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
