package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The magic numbers of IDX files of bytes: two zeros, the type 8 for unsigned
// bytes, and the number of dimensions (LeCun, Cortes & Burges, The MNIST
// database of handwritten digits, http://yann.lecun.com/exdb/mnist/).
const (
	magicImages = 0x00000803
	magicLabels = 0x00000801
)

// Images are grey images, as bytes to save memory, and their classes.
type Images struct {
	N, H, W int
	Pixels  []byte // [N][H][W], 0 to 255
	Labels  []byte // len N
}

// ReadIDX reads the images and labels of a pair of IDX files, not compressed,
// that are called name and labelsName in errors. The result keeps parts of
// both contents.
func ReadIDX(name string, images []byte, labelsName string, labels []byte) (Images, error) {
	dims, pixels, err := parseIDX(images, magicImages)
	if err != nil {
		return Images{}, fmt.Errorf("%s: %w", name, err)
	}
	im := Images{N: dims[0], H: dims[1], W: dims[2], Pixels: pixels}
	dims, im.Labels, err = parseIDX(labels, magicLabels)
	if err != nil {
		return Images{}, fmt.Errorf("%s: %w", labelsName, err)
	}
	if dims[0] != im.N {
		return Images{}, fmt.Errorf("%s: %d labels, want %d, as many as there are images in %s", labelsName, dims[0], im.N, name)
	}
	return im, nil
}

// parseIDX checks the magic number, and the dimensions against the length of
// what follows, which it returns.
func parseIDX(b []byte, magic uint32) (dims []int, values []byte, err error) {
	rank := int(magic & 0xff)
	header := 4 + 4*rank
	if len(b) >= 4 {
		if got := binary.BigEndian.Uint32(b); got != magic {
			return nil, nil, fmt.Errorf("begins with 0x%08x, want 0x%08x, an IDX file of bytes in %d dimensions", got, magic, rank)
		}
	}
	if len(b) < header {
		return nil, nil, fmt.Errorf("%d bytes, want at least the %d of the header of an IDX file", len(b), header)
	}
	want := uint64(1)
	for i := range rank {
		d := binary.BigEndian.Uint32(b[4+4*i:])
		if d == 0 {
			return nil, nil, fmt.Errorf("dimension %d of %d is 0, want at least 1", i+1, rank)
		}
		if d > math.MaxInt32 || want > MaxBytes { // so that no product overflows
			return nil, nil, errors.New("the dimensions are too large for any file")
		}
		dims = append(dims, int(d))
		want *= uint64(d)
	}
	if got := uint64(len(b) - header); got != want {
		return nil, nil, fmt.Errorf("%d bytes after the header, want %d for dimensions %v", got, want, dims)
	}
	return dims, b[header:], nil
}

// Classes is one more than the largest label.
func (im Images) Classes() int {
	most := 0
	for _, l := range im.Labels {
		most = max(most, int(l))
	}
	return most + 1
}

// Pick returns the images that rows name, in that order, with pixels in [0,1].
func (im Images) Pick(rows []int) Set {
	size := im.H * im.W
	s := Set{N: len(rows), X: make([]float64, len(rows)*size), Labels: make([]int32, len(rows))}
	for i, r := range rows {
		x := s.X[i*size:][:size]
		for j, p := range im.Pixels[r*size:][:size] {
			x[j] = float64(p) / 255
		}
		s.Labels[i] = int32(im.Labels[r])
	}
	return s
}
