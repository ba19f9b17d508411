package evolution

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// A csa adapts the step size by cumulation: it compares the length of a path of
// steps, in coordinates in which each is standard normal if selection is
// blind, with the length that a random walk has (Hansen 2016, arXiv:1604.00772,
// eq. 43 and 44). CSA is short for cumulative step-size adaptation.
type csa struct {
	sigma  float64
	path   []float64 // p_sigma
	unseen float64   // (1-cs)^(2g) after g generations: how much of the path is still missing

	cs, ds, chiN float64
	normalise    float64 // sqrt(cs (2-cs) muEff)
}

func newCSA(n int) csa { return csa{path: make([]float64, n)} }

// start begins with a step size and no path.
func (s *csa) start(sigma float64) {
	s.sigma, s.unseen = sigma, 1
	clear(s.path)
}

// tune sets the constants for a population (Hansen 2016, eq. 55, and for the
// expected length of a normal vector below eq. 44).
func (s *csa) tune(muEff float64) {
	n := float64(len(s.path))
	s.cs = (muEff + 2) / (n + muEff + 5)
	s.ds = 1 + float64(2*max(0, math.Sqrt((muEff-1)/(n+1))-1)) + s.cs
	s.chiN = expectedLength(n)
	s.normalise = math.Sqrt(float64(s.cs*(2-s.cs)) * muEff)
}

// expectedLength approximates that of a standard normal vector of dimension n.
func expectedLength(n float64) float64 {
	return float64(math.Sqrt(n) * (1 - 1/float64(4*n) + 1/float64(21*float64(n*n))))
}

// update takes the mean step of the selected, in coordinates in which it is the
// weighted mean of standard normal vectors. It reports whether the path is no
// longer than it should be, h_sigma: if not, the step size is much too small, and
// the path of the covariance matrix had better wait (Hansen 2016, below eq. 45).
func (s *csa) update(step []float64) bool {
	kernel.Scale(s.path, 1-s.cs)
	kernel.Axpy(s.path, s.normalise, step)
	var squares [1]float64
	n := len(s.path)
	kernel.RowDots(squares[:], s.path, n, s.path, n, 1, n, false)
	length := math.Sqrt(squares[0])
	s.unseen = float64(s.unseen * float64((1-s.cs)*(1-s.cs)))
	s.sigma *= exp(float64(s.cs / s.ds * (length/s.chiN - 1)))
	return length < float64(float64(math.Sqrt(1-s.unseen)*(1.4+2/float64(n+1)))*s.chiN)
}

// state is for a checkpoint.
func (s *csa) state() []any { return []any{&s.sigma, &s.unseen, s.path} }
