package kernel

import "unsafe"

// fused reports whether the patches are what winogradProduct and winogradWeights* take,
// one for two vectors of examples. Then outputs are transformed in registers.
func (p Patches) fused(size int) bool {
	return current == avx512 && p.Count == 1 && p.N*size == 2*64
}

// WinogradPatches is how many patches are best taken at a time: what is transformed
// stays in the cache.
func WinogradPatches[T Float](in, out, n int) int {
	const most = 1 << 17 // bytes
	size := int(unsafe.Sizeof(T(0)))
	if (Patches{Count: 1, N: n}).fused(size) {
		return 1
	}
	return max(1, most/(16*max(in, out)*n*size))
}

// WinogradProduct sets the outputs of patches, in images y, to A' m A and the bias, which
// may be nil. Position by position m is the product of the filters u (see
// [WinogradFilter]) and the transformed patches v of x (see [WinogradInput]); it is
// memory of WinogradLen values for the channels of y. What the patches next need of x is
// loaded into the cache meanwhile.
//
// Arithmetic: m as [Gemm], position (1, 1), which all outputs have once, from the bias on;
// then as [WinogradOutput].
func WinogradProduct[T Float](y []T, s Image, p Patches, u, bias, v, m, x []T, from Image, pad int, next Patches) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	u, v, m = u[:WinogradFilterLen(out, in)], v[:WinogradLen[T](in, p.Count, p.N)], m[:WinogradLen[T](out, p.Count, p.N)]
	if bias != nil {
		bias = bias[:out]
	}
	if out > 1 && p.fused(size) {
		winogradProducts(y, s, p, u[16*out*in:], bias, v, m, x, from, pad, next)
		return
	}
	across := p.row(size)
	for i := range 4 {
		for j := range 4 {
			var start []T
			if i == 1 && j == 1 {
				start = bias
			}
			Gemm(out, p.Count*p.N, in, m[(4*i*out+j)*across:], 4*across, u[(4*i+j)*out*in:], in, 1, v[(4*i*in+j)*across:], 4*across, start, false)
		}
	}
	WinogradOutput(y, s, p, m)
}

// winogradProducts is WinogradProduct, fused. u is the second half of the filters.
func winogradProducts[T Float](y []T, s Image, p Patches, u, bias, v, m, x []T, from Image, pad int, next Patches) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	channel, line, step := s.check(len(y), p.N, size)
	rows, columns := s.corner(p)
	xchannel, xline, xstep := from.check(len(x), p.N, size)
	// The lower right quarter of the patch is new.
	place := ((next.Row-pad+2)*from.Width + next.Col - pad + 2) * xstep
	// For each group of outputs, some channels of it.
	groups := (out + 2) / 3
	ahead := (in + groups - 1) / groups
	const maxWork = 1 << 12 // pairs of channels in a call: some 20 µs
	most := max(1, maxWork/in/3) * 3
	for o := 0; o < out; {
		count := min(most, out-o)
		if out-o-count == 1 {
			count++ // winogradGroup leaves no output alone
		}
		var b *T
		if bias != nil {
			b = &bias[o]
		}
		winogradProduct(&y[((o*s.Height+p.Row)*s.Width+p.Col)*s.Step], channel, line, step, &u[16*in*o], &v[0], &m[0], b, in, count, rows, columns,
			&x[0], place, xchannel, xline, xstep, ahead)
		place += (count + 2) / 3 * ahead * xchannel
		o += count
	}
}
