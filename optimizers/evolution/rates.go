package evolution

import (
	"math"
	"slices"
)

// rates are the constants of covariance matrix adaptation for a dimension and a
// population (Hansen 2016, arXiv:1604.00772, table 1).
type rates struct {
	lambda, mu int
	// w are the weights of the candidates by rank: mu that sum to 1, then, with
	// the active update, negative ones of the others.
	w          []float64
	muEff      float64
	cc, c1     float64
	cmu        float64
	keep       float64 // 1 - c1 - cmu sum w, what is kept of C
	normalise  float64 // sqrt(cc (2-cc) muEff)
	refactorIn uint64  // generations for which a factor of C will do
}

func newRates(n, lambda int, active bool) rates {
	w, muEff := recombination(lambda)
	r := rates{lambda: lambda, mu: len(w), w: w, muEff: muEff}
	d := float64(n)
	r.cc = (4 + muEff/d) / (d + 4 + 2*muEff/d)                                     // eq. 56
	r.c1 = 2 / (float64((d+1.3)*(d+1.3)) + muEff)                                  // eq. 57
	r.cmu = min(1-r.c1, float64(2*(muEff-2+1/muEff))/(float64((d+2)*(d+2))+muEff)) // eq. 58
	r.normalise = math.Sqrt(float64(r.cc*(2-r.cc)) * muEff)
	if active && r.cmu > 0 {
		r.w = append(slices.Clip(r.w), r.negative(d)...)
	}
	sum, _ := sums(r.w)
	r.keep = max(0, 1-r.c1-float64(r.cmu*sum)) // not -1e-16
	// So that decomposing C takes no more time than the rest (sec. B.2).
	r.refactorIn = uint64(max(1, math.Floor(1/float64(10*d*float64(r.c1+r.cmu)))))
	return r
}

// negative returns the weights of the ranks after mu: they sum to the largest
// amount that leaves the learning rates in balance and C positive definite
// (eq. 50 to 53).
func (r *rates) negative(n float64) []float64 {
	w := logWeights(r.lambda)[r.mu:]
	muEff := effective(w)
	amount := min(
		1+r.c1/r.cmu,
		1+float64(2*muEff)/(r.muEff+2),
		(1-r.c1-r.cmu)/float64(n*r.cmu),
	)
	sum, _ := sums(w)
	for i := range w {
		w[i] = -float64(amount*w[i]) / sum
	}
	return w
}
