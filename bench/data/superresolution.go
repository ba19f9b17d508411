package data

// Coarse returns s with its images (1, size, size) for targets, and for inputs the
// images that are left when the mean of every block x block pixels becomes one:
// (1, size/block, size/block). Size is a multiple of block. Labels are left out.
func Coarse(s Set, size, block int) Set {
	small := size / block
	d := Set{N: s.N, X: make([]float64, s.N*small*small), Y: s.X}
	for i, v := range s.X {
		image, y, x := i/(size*size), i/size%size, i%size
		d.X[image*small*small+y/block*small+x/block] += v / float64(block*block)
	}
	return d
}
