package kernel

import "unsafe"

// winogradFused reports whether patches and examples are as many as winogradProduct
// takes at once, two vectors: then transformed outputs stay in registers.
func winogradFused[T Float](patches, n int) bool {
	return current == avx512 && patches == 1 && n*int(unsafe.Sizeof(T(0))) == 128
}

// WinogradProduct sets the outputs of patches as in [WinogradOutput] to A' m A, where
// position by position m is the product of the transformed filters u of len(bias)
// channels, see [WinogradFilter], and the transformed inputs v of in channels, see
// [WinogradInput]. bias may be nil. m is memory of WinogradLen(s.Channels, patches, n)
// values.
//
// next is the place in x of the patch that is to be transformed next; what of it lies
// below and to the right of the patches that were, is loaded into the cache meanwhile.
//
// Arithmetic: the products as [Gemm], those of position (1, 1) from the bias on, and
// then as WinogradOutput.
func WinogradProduct[T Float](y []T, s Image, row, col int, u, bias, v, m []T, patches, n int, x []T, from Image, nextRow, nextCol int) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	across := winogradRow[T](patches, n)
	v, m = v[:WinogradLen[T](in, patches, n)], m[:WinogradLen[T](out, patches, n)]
	u = u[:WinogradFilterLen(out, in)]
	if bias != nil {
		bias = bias[:out]
	}
	if winogradFused[T](patches, n) && out > 1 {
		channel, line, step := s.check(len(y), n, size)
		rows, columns := s.corner(row, col, patches)
		var b *T
		if bias != nil {
			b = &bias[0]
		}
		xchannel, xline, xstep := from.check(len(x), n, size)
		groups := (out + 2) / 3
		winogradProduct(&y[(row*s.Width+col)*s.Step], channel, line, step, &u[16*out*in], &v[0], &m[0], b, in, out, rows, columns,
			&x[0], ((nextRow+2)*from.Width+nextCol+2)*xstep, xchannel, xline, xstep, (in+groups-1)/groups)
		return
	}
	for i := range 16 {
		var start []T
		if i == 5 {
			start = bias
		}
		at := i / 4 * 4 * across
		Gemm(out, patches*n, in, m[at*out+i%4*across:], 4*across, u[i*out*in:], in, 1, v[at*in+i%4*across:], 4*across, start, false)
	}
	WinogradOutput(y, s, row, col, m, patches, n)
}

// WinogradDots adds the products of transformed output gradients m and inputs v, of out
// and in channels, element by element, to 16 lanes for each position and pair of
// channels: with rows a of m and b of v, for j < patches*n
//
//	acc[position][o][c][j mod 16] += a[j] * b[j]
//
// acc is [16][out][in][16], and out and in are multiples of 4; it overlaps neither.
//
// Arithmetic: a fused multiply-add for each element, j ascending; a lane that starts
// at +0 is never -0.
func WinogradDots[T Float](acc, m []T, out int, v []T, in, patches, n int) {
	if min(out, in, patches, n) < 1 || out%4 != 0 || in%4 != 0 {
		panic("kernel: WinogradDots of channels that are not a multiple of 4")
	}
	size, across, columns := int(unsafe.Sizeof(T(0))), winogradRow[T](patches, n), patches*n
	acc = acc[:16*out*in*16]
	m, v = m[:WinogradLen[T](out, patches, n)], v[:WinogradLen[T](in, patches, n)]
	for i := range 16 {
		lanes, at := acc[i*out*in*16:][:out*in*16], i/4*4*across
		a, b := m[at*out+i%4*across:], v[at*in+i%4*across:]
		if current != portable && columns <= maxRow4 {
			// A call is for so many rows that it takes some 50 µs at most.
			const maxWork = 1 << 20
			step := max(4, min(out, maxWork/(in*columns)&^3))
			for o := 0; o < out; o += step {
				winogradDots(&lanes[o*in*16], &a[o*4*across], 4*across*size, &b[0], 4*across*size, columns, min(step, out-o), in)
			}
			continue
		}
		for o := range out {
			for c := range in {
				s, x, y := lanes[(o*in+c)*16:][:16], row(a, o, 4*across, columns), row(b, c, 4*across, columns)
				for j, v := range x {
					s[j%16] = fma(v, y[j], s[j%16])
				}
			}
		}
	}
}
