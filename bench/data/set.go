package data

// A Set is examples in memory. Its fields are those of bench.Examples, so that
// one converts to the other.
type Set struct {
	N      int
	X      []float64 // inputs, [N][D]: those of one example lie together
	Labels []int32   // classes from 0, len N; nil if the targets are values
	Y      []float64 // target values, [N][Out]; nil if the targets are classes
}

// Pick returns the examples that rows name, in that order, as a copy.
func (s Set) Pick(rows []int) Set {
	p := Set{N: len(rows)}
	if s.N > 0 {
		d := len(s.X) / s.N
		p.X = make([]float64, 0, len(rows)*d)
		for _, r := range rows {
			p.X = append(p.X, s.X[r*d:][:d]...)
		}
	}
	if s.Labels != nil {
		p.Labels = make([]int32, len(rows))
		for i, r := range rows {
			p.Labels[i] = s.Labels[r]
		}
	}
	if s.Y != nil {
		out := len(s.Y) / max(1, s.N)
		p.Y = make([]float64, 0, len(rows)*out)
		for _, r := range rows {
			p.Y = append(p.Y, s.Y[r*out:][:out]...)
		}
	}
	return p
}

// Binary returns s, of classes 0 and 1, with the classes as values in Y, which
// is what a network with one output and binary cross-entropy is trained on.
// The inputs are shared.
func (s Set) Binary() Set {
	b := Set{N: s.N, X: s.X, Y: make([]float64, s.N)}
	for i, l := range s.Labels {
		b.Y[i] = float64(l)
	}
	return b
}
