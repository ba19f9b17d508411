package kernel

// Transpose is dst[j*ldd+i] = src[i*lds+j] for i < m and j < n: src is m x n
// and dst n x m. They must not overlap.
func Transpose[T Float](dst []T, ldd int, src []T, lds, m, n int) {
	// Blocks of this many rows of src keep the cache lines of dst that they
	// touch, one for each column, half-written only as long as they stay in L1.
	const block = 16
	for i0 := 0; i0 < m; i0 += block {
		rows := min(block, m-i0)
		for j := range n {
			d := dst[j*ldd+i0:][:rows:rows]
			for i := range d {
				d[i] = src[(i0+i)*lds+j]
			}
		}
	}
}
