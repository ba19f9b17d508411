package kernel

import "unsafe"

// Sums of the gradient are [16][in][out], with in and out rounded up to what
// winogradWeights* take.
func winogradSums(out, in int) (ldi, ldo int) { return max(8, (in+3)&^3), (out + 15) &^ 15 }

// winogradSpare is four times the most that this adds to in.
const winogradSpare = 4 * 7

// WinogradSumLen is the number of values of sums of the gradient of out x in filters.
func WinogradSumLen(out, in int) int {
	ldi, ldo := winogradSums(out, in)
	return 16 * ldi * ldo
}

// WinogradGradLen is the number of values that [WinogradWeights] takes for the gradients
// of outputs.
func WinogradGradLen[T Float](out, patches, n int) int {
	_, ldo := winogradSums(out, 1)
	return 4*patches*n*ldo + WinogradLen[T](1, patches, n*ldo)
}

// WinogradWeights sets sum to, or if add is set adds to it, the sum over patches and
// examples of the product, position by position, of A dy A' of each channel of dy and
// the transformed patches v of each channel of x ([WinogradInput]). sum has
// WinogradSumLen values, and m is memory of WinogradGradLen values. What the patches next
// need of x and dy is loaded into the cache meanwhile.
//
// Arithmetic: A dy A' as [WinogradOutputGrad]; one fused multiply-add for each patch and in
// it each example, ascending.
func WinogradWeights[T Float](sum []T, add bool, dy []T, s Image, p Patches, v, m, x []T, from Image, pad int, next Patches) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	s.check(len(dy), p.N, size)
	sum, v, m = sum[:WinogradSumLen(out, in)], v[:WinogradLen[T](in, p.Count, p.N)], m[:WinogradGradLen[T](out, p.Count, p.N)]
	_, ldo := winogradSums(out, in)
	// Examples take the place of channels, and these are innermost: a vector has 16
	// channels, that go with one number each of the patches.
	n := p.N * ldo
	places, rest := m[:4*p.Count*n], m[4*p.Count*n:]
	rows, columns := s.corner(p)
	for i := range 2 {
		for j := range 2 * p.Count {
			to := places[(i*2*p.Count+j)*n:][:n]
			if i >= rows || j >= columns {
				clear(to)
				continue
			}
			Transpose(to, ldo, dy[((p.Row+i)*s.Width+p.Col+j)*s.Step:], s.Height*s.Width*s.Step, out, p.N)
		}
	}
	if p.fused(size) {
		winogradWeights(sum, add, dy, s, p, v, places, x, from, pad, next)
		return
	}
	q := Patches{Count: p.Count, N: n}
	WinogradOutputGrad(rest, places, Image{1, 2, 2 * p.Count, n}, q)
	across := p.row(size)
	for i := range 4 {
		for j := range 4 {
			k := 4*i + j
			Gemm(in, out, p.Count*p.N, sum[k*len(sum)/16:], ldo, v[(4*i*in+j)*across:], 4*across, 1, rest[k*q.row(size):], ldo, nil, add)
		}
	}
}

// winogradWeights is WinogradWeights, fused. y is dy, transposed.
func winogradWeights[T Float](sum []T, add bool, dy []T, s Image, p Patches, v, y, x []T, from Image, pad int, next Patches) {
	size := int(unsafe.Sizeof(T(0)))
	out, in := s.Channels, from.Channels
	ldi, ldo := winogradSums(out, in)
	channel, line, step := s.check(len(dy), p.N, size)
	xchannel, xline, xstep := from.check(len(x), p.N, size)
	xplace := ((next.Row-pad+2)*from.Width + next.Col - pad + 2) * xstep
	place := (next.Row*s.Width + next.Col) * step
	// Some channels of what is next, for each position of the first call.
	xahead, ahead := (in+15)/16, (out+15)/16
	across := p.row(size)
	for o := 0; o < out; o += 64 / size {
		for c := 0; c < ldi; {
			call, rows := winogradWeights8[T], 8
			switch left := ldi - c; {
			case left == 16 || left >= 24:
				call, rows = winogradWeights16[T], 16
			case left == 12 || left == 20:
				call, rows = winogradWeights12[T], 12
			}
			call(&sum[c*ldo+o], ldi*ldo*size, ldo*size, &v[4*c*across], 4*in*across*size, &y[o], word(add),
				&x[0], xplace, xchannel, xline, xstep, xahead, &dy[0], place, channel, line, step, ahead)
			xahead, ahead = 0, 0
			c += rows
		}
	}
}
