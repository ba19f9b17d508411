package kernel

import "unsafe"

// winogradFused reports whether patches and examples are as many as winogradProduct
// takes at once, two vectors: then transformed outputs stay in registers.
func winogradFused[T Float](patches, n int) bool {
	return current == avx512 && patches == 1 && n*int(unsafe.Sizeof(T(0))) == 128
}

// WinogradPatches is how many patches are best taken at a time: what is transformed stays
// in the cache.
func WinogradPatches[T Float](in, out, n int) int {
	const most = 1 << 17 // bytes
	if winogradFused[T](1, n) {
		return 1
	}
	return max(1, most/(16*max(in, out)*n*int(unsafe.Sizeof(T(0)))))
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

// winogradColumns is the number of outputs that sums of the gradient have room for.
func winogradColumns(out int) int { return (out + 15) &^ 15 }

// winogradRows is the number of inputs.
func winogradRows(in int) int { return max(8, (in+3)&^3) }

// WinogradSumLen is the number of values of sums of the gradient of out x in filters.
func WinogradSumLen(out, in int) int { return 16 * winogradRows(in) * winogradColumns(out) }

// WinogradGradLen is the number of values that the transformed gradients of outputs
// take.
func WinogradGradLen[T Float](out, patches, n int) int {
	examples := n * winogradColumns(out)
	places := 4 * patches * examples
	if winogradFused[T](patches, n) {
		return places
	}
	return places + WinogradLen[T](1, patches, examples)
}

// WinogradWeights sets sum to, or if add is set adds to it, the sum over patches, as
// in [WinogradOutput], and examples of the product, position by position, of the
// output gradient A dy A' of each output and the transformed input v of each input.
// m is memory of WinogradGradLen values; x and next are as in [WinogradProduct].
//
// Arithmetic: A dy A' as the transform of inputs, rows first; one fused multiply-add for
// each patch and in it each example, ascending.
func WinogradWeights[T Float](sum, dy []T, s Image, row, col int, v, m []T, patches, n int, add bool, x []T, from Image, nextRow, nextCol, nextOutRow, nextOutCol int) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	channel, line, step := s.check(len(dy), n, size)
	rows, columns := s.corner(row, col, patches)
	across, ldo, ldi := winogradRow[T](patches, n), winogradColumns(out), winogradRows(in)
	v, m, sum = v[:WinogradLen[T](in, patches, n)], m[:WinogradGradLen[T](out, patches, n)], sum[:WinogradSumLen(out, in)]
	// Channels last.
	examples := n * ldo
	for i := range 2 {
		for j := range 2 * patches {
			to := m[(i*2*patches+j)*examples:][:examples]
			if i >= rows || j >= columns {
				clear(to)
				continue
			}
			Transpose(to, ldo, dy[((row+i)*s.Width+col+j)*s.Step:], s.Height*s.Width*s.Step, out, n)
		}
	}
	if winogradFused[T](patches, n) {
		xchannel, xline, xstep := from.check(len(x), n, size)
		lanes := 64 / size
		next, nextOut := ((nextRow+2)*from.Width+nextCol+2)*xstep, (nextOutRow*s.Width+nextOutCol)*step
		xahead, ahead := (in+15)/16, (out+15)/16
		for o := 0; o < out; o += lanes {
			for c := 0; c < ldi; {
				call, group := winogradWeights8[T], 8
				switch left := ldi - c; {
				case left == 16 || left >= 24:
					call, group = winogradWeights16[T], 16
				case left == 12 || left == 20:
					call, group = winogradWeights12[T], 12
				}
				call(&sum[c*ldo+o], ldi*ldo*size, ldo*size, &v[c*4*across], 4*in*across*size, &m[o], word(add),
					&x[0], next, xchannel, xline, xstep, xahead, &dy[0], nextOut, channel, line, step, ahead)
				xahead, ahead = 0, 0
				c += group
			}
		}
		return
	}
	places := 4 * patches * examples
	t := m[places:]
	WinogradOutputGrad(t, m[:places], Image{1, 2, 2 * patches, examples}, 0, 0, patches, examples)
	apart := winogradRow[T](patches, examples)
	for i := range 16 {
		Gemm(in, out, patches*n, sum[i*ldi*ldo:], ldo, v[i/4*in*4*across+i%4*across:], 4*across, 1, t[i*apart:], ldo, nil, add)
	}
}
