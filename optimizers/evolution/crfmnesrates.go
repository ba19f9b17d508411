package evolution

import "math"

// crfmnesRates are the constants of Nomura & Ono 2022, table 1, where n is the
// number of weights, lambda that of candidates, and finite that of those whose
// loss is.
type crfmnesRates struct {
	n, lambda float64
	muEff     float64
	cs, cc    float64
	c1        float64
	chiN      float64
	h         float64 // of the weights by distance
}

func newCRFMNESRates(lambda int, n float64) crfmnesRates {
	r := crfmnesRates{n: n, lambda: float64(lambda)}
	r.muEff = normalize(descending(r.lambda/2+1, lambda))
	r.cs = (r.muEff + 2) / (n + r.muEff + 5)
	r.cc = (4 + r.muEff/n) / (n + 4 + 2*r.muEff/n)
	// That of CMA-ES, and below six weights, where the paper's is negative, none.
	r.c1 = 2 / (float64((n+1.3)*(n+1.3)) + r.muEff) * max(0, n-5) / 6
	r.chiN = math.Sqrt(n) * (1 - 1/(4*n) + 1/float64(21*float64(n*n)))
	// The root of (1 + h^2) exp(h^2/2) / 0.24 - 10 - n, which rises with h.
	low, high := 0.0, 10.0
	for range 60 {
		h := (low + high) / 2
		h2 := float64(h * h)
		if (1+h2)*exp(0.5*h2)/0.24 > 10+n {
			high = h
		} else {
			low = h
		}
	}
	r.h = low
	return r
}

// distance is alpha, by which candidates weigh the more, the further they went.
func (r crfmnesRates) distance(finite int) float64 {
	return r.h * min(1, math.Sqrt(r.lambda/r.n)) * math.Sqrt(float64(finite)/r.lambda)
}

// sigma is the learning rate of the step size: of a distribution that moves, one
// that does not, and one that converges, by the length of its path.
func (r crfmnesRates) sigma(speed float64, finite int) float64 {
	f := float64(finite)
	switch {
	case speed >= 1:
		return 1
	case speed >= 0.1:
		return tanh((float64(0.024*f) + float64(0.7*r.n) + 20) / (r.n + 12))
	default:
		return 2 * tanh((float64(0.025*f)+float64(0.75*r.n)+10)/(r.n+4))
	}
}

// shape is the learning rate of D and v from the candidates.
func (r crfmnesRates) shape(finite int) float64 {
	return tanh((min(0.02*float64(finite), 3*ln(r.n)) + 5) / (float64(0.23*r.n) + 25))
}

// rankOne is that from the path of the mean.
func (r crfmnesRates) rankOne(finite int) float64 { return r.c1 * float64(finite) / r.lambda }
