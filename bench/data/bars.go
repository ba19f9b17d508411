package data

// BarsAndStripes returns all images (1, size, size) in which every row or every column
// is either all 1 or all 0: 2^(size+1) - 2 of them, since two are both (Hinton &
// Sejnowski 1986; MacKay 2003, Information Theory, Inference, and Learning Algorithms,
// ch. 43). They have no targets: a machine is to learn their distribution.
func BarsAndStripes(size int) Set {
	s := Set{}
	for stripes := range 2 {
		for pattern := range 1 << size {
			if stripes == 1 && (pattern == 0 || pattern == 1<<size-1) {
				continue
			}
			s.X = append(s.X, bars(size, pattern, stripes == 1)...)
			s.N++
		}
	}
	return s
}

// BarsOrStripes returns those of [BarsAndStripes] that are not both, with the
// direction for a class: 0 rows, 1 columns. An image and
// its negative add up to the same for both, so that a linear function of the pixels
// has at most half of one class right.
func BarsOrStripes(size int) Set {
	s := Set{}
	for pattern := 1; pattern < 1<<size-1; pattern++ {
		for class := range 2 {
			s.X = append(s.X, bars(size, pattern, class == 1)...)
			s.Labels = append(s.Labels, int32(class))
			s.N++
		}
	}
	return s
}

// bars is the image whose rows, or columns, are the bits of pattern.
func bars(size, pattern int, columns bool) []float64 {
	image := make([]float64, 0, size*size)
	for y := range size {
		for x := range size {
			line := y
			if columns {
				line = x
			}
			image = append(image, float64(pattern>>line&1))
		}
	}
	return image
}
