package data

// Chunks returns the two sequences of Schmidhuber 1992, doi:10.1162/neco.1992.4.2.234,
// sec. 6: the symbol a or x, then b1, b2 and so on to the number given. Class 0 begins
// with a, class 1 with x. Inputs are one-hot, [b+1][b+2] for each sequence: a, x, b1, ...
// Everything but the first symbol can be predicted from the one before it, and the class
// from that one alone.
func Chunks(b int) Set {
	symbols := b + 2
	s := Set{N: 2, X: make([]float64, 2*(b+1)*symbols), Labels: []int32{0, 1}}
	for class := range 2 {
		x := s.X[class*(b+1)*symbols:]
		x[class] = 1
		for i := range b {
			x[(i+1)*symbols+2+i] = 1
		}
	}
	return s
}
