package kernel

// WinogradFilterLen is the number of values that out x in transformed filters take.
func WinogradFilterLen(out, in int) int { return 2 * 16 * out * in }

// WinogradFilter sets u to the G g G' of out x in filters, of which filter (o, c) is the
// 3x3 weights from w[o*rs+c*cs] on, backwards if turned is set.
func WinogradFilter[T Float](u, w []T, rs, cs, out, in int, turned bool) {
	// column is G times a column.
	column := func(x, y, z T) [4]T { return [4]T{x, T(0.5 * (x + z + y)), T(0.5 * (x + z - y)), z} }
	u = u[:WinogradFilterLen(out, in)]
	apart := out * in
	for o := range out {
		for c := range in {
			g := [9]T(w[o*rs+c*cs:])
			if turned {
				g = [9]T{g[8], g[7], g[6], g[5], g[4], g[3], g[2], g[1], g[0]}
			}
			to := u[o*in+c:]
			h0, h1, h2 := column(g[0], g[3], g[6]), column(g[1], g[4], g[7]), column(g[2], g[5], g[8])
			for i := range 4 {
				for j, v := range column(h0[i], h1[i], h2[i]) {
					to[(4*i+j)*apart] = v
				}
			}
		}
	}
	// The same, in the order that winogradProduct takes them: for groups of outputs
	// [4][in][4][group].
	packed := u[16*apart:]
	for o := 0; o < out; {
		group := winogradGroup(out - o)
		for i := range 4 {
			for c := range in {
				for j := range 4 {
					for g := range group {
						packed[g] = u[(4*i+j)*apart+(o+g)*in+c]
					}
					packed = packed[group:]
				}
			}
		}
		o += group
	}
}

// winogradGroup is how many outputs winogradProduct takes at once of so many: three,
// but no last one alone.
func winogradGroup(left int) int {
	if left == 4 {
		return 2
	}
	return min(3, left)
}

// WinogradFilterGrad adds G' sum G to the 3x3 weights dw of out x in filters.
func WinogradFilterGrad[T Float](dw []T, out, in int, sum []T) {
	// column is G' times a column.
	column := func(x, y, z, last T) [3]T {
		even, odd := T(0.5*(y+z)), T(0.5*(y-z))
		return [3]T{x + even, odd, even + last}
	}
	ldi, ldo := winogradSums(out, in)
	apart := ldi * ldo
	for o := range out {
		for c := range in {
			from, to := sum[c*ldo+o:], dw[(o*in+c)*9:][:9]
			var h [4][3]T
			for j := range h {
				h[j] = column(from[j*apart], from[(4+j)*apart], from[(8+j)*apart], from[(12+j)*apart])
			}
			for i := range 3 {
				for j, v := range column(h[0][i], h[1][i], h[2][i], h[3][i]) {
					to[3*i+j] += v
				}
			}
		}
	}
}
