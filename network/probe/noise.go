package probe

import (
	"math"
	"slices"
)

// Noise says how far the gradient of a part of the examples can be trusted: what a
// method knows that goes by minibatches, or by signs.
type Noise struct {
	// Cosine is the mean over the parts of the cosine between the part's gradient
	// and that of all. Vectors that have nothing to do with each other have 0, give
	// or take one over the root of their length.
	Cosine float64
	// Sign is the mean over the parts of the share of weights at which the two have
	// the same sign: 1/2 by chance.
	Sign float64
	// SNR is the squared norm of the mean gradient over the variance that it has as
	// the mean of so many parts, minus 1, which is what noise alone scores: 0 for
	// noise, up to the rounding of it, and infinite, here [math.MaxFloat64], for
	// parts that agree.
	SNR float64
	// Confusion is the smallest cosine between the gradients of two parts (Sankararaman
	// et al. 2020, arXiv:1904.06963, take it as the measure of parts that undo each
	// other's steps): far below 0, they do.
	Confusion float64
}

// Compare measures the noise between the gradients of parts, all of one length, and
// full, that of all examples. A gradient of 0 has a cosine of 0 with any other. Of
// fewer than two parts, SNR and Confusion are 0.
func Compare(parts [][]float64, full []float64) Noise {
	var n Noise
	s := float64(len(parts))
	unit := make([][]float64, len(parts))
	whole := normalised(full)
	for i, p := range parts {
		unit[i] = normalised(p)
		n.Cosine += dot(unit[i], whole) / s
		n.Sign += agreement(p, full) / s
	}
	if len(parts) < 2 {
		return n
	}
	n.Confusion = 1
	for i := range unit {
		for j := range i {
			n.Confusion = min(n.Confusion, dot(unit[i], unit[j]))
		}
	}
	n.SNR = signalToNoise(parts)
	return n
}

// signalToNoise is |mean|^2 over the estimate of its variance, minus 1.
func signalToNoise(parts [][]float64) float64 {
	largest, s := 0.0, float64(len(parts))
	for _, p := range parts {
		for _, v := range p {
			largest = max(largest, math.Abs(v))
		}
	}
	if largest == 0 {
		return 0
	}
	if !(largest < math.MaxFloat64) {
		return math.MaxFloat64
	}
	signal, noise := 0.0, 0.0
	for i := range parts[0] {
		mean, square := 0.0, 0.0
		for _, p := range parts {
			mean += p[i] / largest / s
		}
		for _, p := range parts {
			d := p[i]/largest - mean
			square += float64(d * d)
		}
		signal += float64(mean * mean)
		noise += square / (s - 1) / s
	}
	return bounded(signal/noise - 1)
}

// normalised is v over its norm, or 0.
func normalised(v []float64) []float64 {
	u := slices.Clone(v)
	largest := 0.0
	for _, x := range u {
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 || !(largest < math.MaxFloat64) {
		clear(u)
		return u
	}
	for i := range u {
		u[i] /= largest
	}
	norm := math.Sqrt(dot(u, u))
	for i := range u {
		u[i] /= norm
	}
	return u
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

// agreement is the share of a's values with the sign of b's, 0 being one.
func agreement(a, b []float64) float64 {
	if len(a) == 0 {
		return 1
	}
	same := 0
	for i, x := range a {
		if sign(x) == sign(b[i]) {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
