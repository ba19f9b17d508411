package data

// A Set is examples in memory. Its fields are those of bench.Examples, so that
// one converts to the other. Of sequences there may be an output at every step, S of
// them; else S is 1.
type Set struct {
	N      int
	X      []float64 // inputs, [N][D]: those of one example lie together; 0 after the end of a sequence
	Labels []int32   // classes from 0, [N][S]; nil if the targets are values
	Y      []float64 // values, as many for each example; nil if the targets are classes

	Lens      []int     // steps of each sequence, len N; nil: all of them
	Weights   []float64 // how much a step counts, [N][S]; nil: all alike
	LabelLens []int     // how many of the S labels each example has; nil: all of them
}

// Pick returns the examples that rows name, in that order, as a copy.
func (s Set) Pick(rows []int) Set {
	return Set{
		N: len(rows), X: pick(s.X, s.N, rows), Labels: pick(s.Labels, s.N, rows), Y: pick(s.Y, s.N, rows),
		Lens: pick(s.Lens, s.N, rows), Weights: pick(s.Weights, s.N, rows), LabelLens: pick(s.LabelLens, s.N, rows),
	}
}

// pick returns the rows of x, which has n of them, as a copy; nil of nil.
func pick[E any](x []E, n int, rows []int) []E {
	if x == nil {
		return nil
	}
	d := len(x) / max(1, n)
	p := make([]E, 0, len(rows)*d)
	for _, r := range rows {
		p = append(p, x[r*d:][:d]...)
	}
	return p
}

// Binary returns s, of classes 0 and 1, with the classes as values in Y, which
// is what a network with one output and binary cross-entropy is trained on.
// The inputs are shared.
func (s Set) Binary() Set {
	b := s
	b.Labels, b.Y = nil, make([]float64, len(s.Labels))
	for i, l := range s.Labels {
		b.Y[i] = float64(l)
	}
	return b
}
