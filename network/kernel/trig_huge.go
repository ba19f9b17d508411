package kernel

import (
	"math"
	mathbits "math/bits"
)

// reduceHuge returns the integer n nearest x/pi + quarter/2, modulo 2, and
// r = x + quarter*pi/2 - n*pi rounded to about half a unit in the last place, for
// a finite x from 2^15 on.
//
// x is m * 2^e with an integer m of 53 bits, so that of 1/pi the digits of 2^(1-e)
// and above contribute multiples of 2. The next 192 leave, times m, an error below
// 2^-138, where r/pi is at least 2^-62 in size for any float64.
func reduceHuge(x float64, quarter uint64) (n int64, r float64) {
	b := math.Float64bits(x)
	m := b&(1<<52-1) | 1<<52
	e := int(b>>52) - 1023 - 52

	// 192 bits of 1/pi, from the one of 2^-e on: from bit e+63 of the table, whose
	// first word has those of 2^63 to 2^0.
	at := e + 63
	word, shift := at/64, uint(at%64)
	var w [3]uint64
	for i := range w {
		w[i] = inversePi[word+i]<<shift | inversePi[word+i+1]>>(64-shift)
	}
	// m*w, modulo 2^192: the highest bit is 1, and the others a fraction.
	h2, y2 := mathbits.Mul64(m, w[2])
	h1, y1 := mathbits.Mul64(m, w[1])
	y1, carry := mathbits.Add64(y1, h2, 0)
	y0 := m*w[0] + h1 + carry
	y0 += quarter << 62

	// The nearest integer, and what is left, from -1/2 to 1/2: its size is y0, y1,
	// y2 after a binary point.
	n = int64((y0 + 1<<62) >> 63)
	y0, y1, y2 = y0<<1|y1>>63, y1<<1|y2>>63, y2<<1
	negative := y0>>63 != 0
	if negative {
		var borrow uint64
		y2, borrow = mathbits.Sub64(0, y2, 0)
		y1, borrow = mathbits.Sub64(0, y1, borrow)
		y0, _ = mathbits.Sub64(0, y0, borrow)
	}
	zeros := mathbits.LeadingZeros64(y0)
	y0 = y0<<zeros | y1>>(64-zeros)
	y1 = y1<<zeros | y2>>(64-zeros)

	// As a sum of two numbers, times pi as a sum of two.
	const (
		pi1 = 0x1.921fb54442d18p+1
		pi2 = 0x1.1a62633145c07p-53
	)
	hi := float64(y0>>11) * 0x1p-53
	lo := float64(y0<<53|y1>>11) * 0x1p-117
	r = hi * pi1
	r += math.FMA(lo, pi1, math.FMA(hi, pi2, math.FMA(hi, pi1, -r)))
	r = math.Ldexp(r, -zeros)
	if negative {
		r = -r
	}
	return n, r
}

// inversePi is 1/pi after 64 zeros before the binary point, enough of it for the
// greatest float64.
var inversePi = [20]uint64{
	0, 0x517cc1b727220a94, 0xfe13abe8fa9a6ee0, 0x6db14acc9e21c820,
	0xff28b1d5ef5de2b0, 0xdb92371d2126e970, 0x0324977504e8c90e, 0x7f0ef58e5894d39f,
	0x74411afa975da242, 0x74ce38135a2fbf20, 0x9cc8eb1cc1a99cfa, 0x4e422fc5defc941d,
	0x8ffc4bffef02cc07, 0xf79788c5ad05368f, 0xb69b3f6793e584db, 0xa7a31fb34f2ff516,
	0xba93dd63f5f2f8bd, 0x9e839cfbc5294975, 0x35fdafd88fc6ae84, 0x2b0198237e3db5d5,
}
