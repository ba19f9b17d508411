package network

import "fmt"

// slide returns the height and width of the positions of a square kernel on an
// image (C, H, W) with pad rows and columns of padding on each side.
func slide(in Shape, kernel, stride, pad int) (h, w int, err error) {
	if len(in) != 3 {
		return 0, 0, fmt.Errorf("want an image (C, H, W), got %v", in)
	}
	switch {
	case kernel < 1:
		return 0, 0, fmt.Errorf("kernel is %d, want at least 1", kernel)
	case stride < 1:
		return 0, 0, fmt.Errorf("stride is %d, want at least 1", stride)
	case pad < 0 || pad > maxLen:
		return 0, 0, fmt.Errorf("padding is %d, want 0 to %d", pad, maxLen)
	}
	h, w = in[1]+2*pad, in[2]+2*pad
	if kernel > min(h, w) {
		return 0, 0, fmt.Errorf("kernel %dx%d, want at most the image with its padding, %dx%d", kernel, kernel, h, w)
	}
	return (h-kernel)/stride + 1, (w-kernel)/stride + 1, nil
}

// A window holds the rows of an image that a kernel looks at, for a panel of
// examples, padded with zeros. What a kernel of some stride meets with one of its
// weights, at all positions of a row, is then one stretch of memory: columns are
// kept by their remainder of the stride, and moving down a row replaces one.
type window[T Float] struct {
	image  Shape // (C, H, W)
	rows   int   // at a time
	left   int   // columns of zeros before column 0
	width  int   // columns, with the zeros
	stride int

	n     int   // examples
	pitch int   // values from a row to the next
	held  []int // the row in each place; -1: none
	// data is [C][rows+1] rows, the last of zeros, each [stride][columns][n].
	data []T
}

// reset makes room for n examples, and forgets the rows.
func (v *window[T]) reset(n int) {
	if v.held == nil {
		v.held = make([]int, v.rows)
	}
	for i := range v.held {
		v.held[i] = -1
	}
	if v.n == n {
		return
	}
	v.n, v.pitch = n, paddedStride[T](v.columns()*v.stride*n)
	v.data = grow(v.data, v.image[0]*v.channel())
	clear(v.data) // the zeros are elsewhere now
}

// columns is the number of them with the same remainder.
func (v *window[T]) columns() int { return (v.width + v.stride - 1) / v.stride }

// channel is the distance between channels.
func (v *window[T]) channel() int { return (v.rows + 1) * v.pitch }

// at is the place of column x of row y in channel 0. Rows outside the image are
// zeros.
func (v *window[T]) at(y, x int) int {
	place := v.rows
	if y >= 0 && y < v.image[1] {
		place = y % v.rows
	}
	x += v.left
	return place*v.pitch + (x%v.stride*v.columns()+x/v.stride)*v.n
}

// load copies row y of examples from first on from t, if it is in the image and
// not here yet.
func (v *window[T]) load(t Tensor[T], first, y int) {
	if y < 0 || y >= v.image[1] || v.held[y%v.rows] == y {
		return
	}
	v.held[y%v.rows] = y
	width := min(v.image[2], v.width-v.left) // a stride may skip the last columns
	for c := range v.image[0] {
		src := t.Data[(c*v.image[1]+y)*v.image[2]*t.Stride+first:]
		dst := v.data[c*v.channel():]
		if v.stride == 1 && v.n == t.Stride {
			copy(dst[v.at(y, 0):][:width*v.n], src)
			continue
		}
		for x := range width {
			copy(dst[v.at(y, x):][:v.n], src[x*t.Stride:])
		}
	}
}
