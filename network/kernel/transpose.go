package kernel

import "unsafe"

// Transpose is dst[j*ldd+i] = src[i*lds+j] for i < m and j < n: src is m x n
// and dst n x m. They must not overlap.
func Transpose[T Float](dst []T, ldd int, src []T, lds, m, n int) {
	if current == portable || m <= 0 || n <= 0 {
		transpose(dst, ldd, src, lds, m, n)
		return
	}
	matrixEnd(dst, ldd, n, m)
	matrixEnd(src, lds, m, n)
	size := int(unsafe.Sizeof(T(0)))
	strip := 32 / size // rows, and columns at once, of transposeStrip
	rows, cols := m/strip*strip, n/strip*strip
	// The lines of dst that a call touches, one for each column, are in L1 when
	// the next strip writes their rest.
	const width = 256
	for j := 0; j < cols; j += width {
		for i := 0; i < rows; i += strip {
			transposeStrip(&dst[j*ldd+i], ldd*size, &src[i*lds+j], lds*size, min(width, cols-j))
		}
	}
	if cols < n {
		transpose(dst[cols*ldd:], ldd, src[cols:], lds, rows, n-cols)
	}
	if rows < m {
		transpose(dst[rows:], ldd, src[rows*lds:], lds, m-rows, n)
	}
}

// transpose is Transpose in Go.
func transpose[T Float](dst []T, ldd int, src []T, lds, m, n int) {
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
