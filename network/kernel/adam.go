package kernel

// An AdamStep has what is the same for all weights in one step of [Adam].
type AdamStep struct {
	Beta1, Beta2 float64 // decay of the moments
	Size         float64 // learning rate / (1 - Beta1^t)
	Root         float64 // 1 / sqrt(1 - Beta2^t)
	Epsilon      float64
}

// Adam moves the weights w against their gradient g, by
//
//	m = Beta1 m + (1-Beta1) g
//	v = Beta2 v + (1-Beta2) g g
//	w = w - Size m / (Root sqrt(v) + Epsilon)
//
// each operation rounded by itself: algorithm 1 of Kingma & Ba 2015
// (arXiv:1412.6980), with what does not depend on the weight left to the caller.
// All have the length of w, and none shares memory with another.
func Adam[T Float](w, m, v, g []T, s AdamStep) {
	m, v, g = m[:len(w)], v[:len(w)], g[:len(w)]
	c := [...]T{T(s.Beta1), T(1 - s.Beta1), T(s.Beta2), T(1 - s.Beta2), T(s.Size), T(s.Root), T(s.Epsilon)}
	if current != portable {
		for len(w) > 0 {
			n := min(chunk, len(w))
			adamVector(&w[0], &m[0], &v[0], &g[0], &c[0], n)
			w, m, v, g = w[n:], m[n:], v[n:], g[n:]
		}
		return
	}
	for j, x := range g {
		m[j] = T(c[0]*m[j]) + T(c[1]*x)
		v[j] = T(c[2]*v[j]) + T(T(c[3]*x)*x)
		w[j] -= T(c[4]*m[j]) / (T(sqrt(v[j])*c[5]) + c[6])
	}
}
