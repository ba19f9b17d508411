package data

// XOR returns the four patterns of exclusive or, inputs ±1: the smallest
// problem that a network without a hidden layer cannot solve (Minsky & Papert
// 1969, Perceptrons).
func XOR() Set { return Parity(2) }
