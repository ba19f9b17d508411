package data

// Parity returns all 2^bits patterns of ±1, in the order of the binary numbers
// with the first input as the highest digit and -1 for 0. The class of a
// pattern is 1 if the number of +1 is odd (Rumelhart, Hinton & Williams 1986,
// Learning internal representations by error propagation, sec. "Parity").
// Every pattern has neighbours of the other class only, so nothing is learned
// of one from another that is close.
func Parity(bits int) Set {
	n := 1 << bits
	s := Set{N: n, X: make([]float64, 0, n*bits), Labels: make([]int32, n)}
	for i := range n {
		for b := bits - 1; b >= 0; b-- {
			bit := i >> b & 1
			s.X = append(s.X, float64(2*bit-1))
			s.Labels[i] ^= int32(bit)
		}
	}
	return s
}
