package evolution

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// reshape follows the natural gradient of D and v (Akimoto et al. 2014, section
// 3.2), for the candidates with their weights and for the path of the mean, all
// of which is linear in
//
//	a = sum w (unit'y) y, b = sum w y^2, sum w (unit'y)^2, sum w
//
// so that the gradient is computed once and not for each candidate.
func (o *crfmnes) reshape(finite int) {
	etaB, c1 := o.rates.shape(finite), o.rates.rankOne(finite)
	// y = z + stretch (unit'z) unit, and unit'y = (1 + stretch) unit'z.
	longer := 1 + o.stretch
	squares := 0.0 // of unit'z
	for i, w := range o.even {
		squares += float64(w * float64(o.along[i]*o.along[i]))
	}
	// The path has weight c1, and its y is pc/D.
	y := o.s
	for j, p := range o.pc {
		y[j] = p / o.d[j]
	}
	pathAlong := dot(o.unit, y)
	a, b := o.t, o.inverse
	for j, e := range o.unit {
		cross, e2 := o.crossed[j], float64(e*e)
		sumA := longer * (cross + float64(o.stretch*squares*e))
		sumB := o.squares[j] + float64(2*o.stretch*e*cross) + float64(o.stretch*o.stretch*squares*e2)
		a[j] = float64(etaB*sumA) + float64(c1*pathAlong*y[j])
		b[j] = float64(etaB*sumB) + float64(c1*float64(y[j]*y[j]))
	}
	sumAlong := float64(etaB*longer*longer*squares) + float64(c1*float64(pathAlong*pathAlong))

	v2 := float64(o.length * o.length)
	gamma := 1 + v2
	largest := 0.0
	for _, e := range o.unit {
		largest = max(largest, float64(e*e))
	}
	v4 := float64(v2 * v2)
	alpha := min(1, math.Sqrt(v4+(2*gamma-math.Sqrt(gamma))/largest)/(2+v2))
	alpha2 := float64(alpha * alpha)
	beta := float64(2*alpha2) - float64((1-alpha2)*v4)/gamma

	// t and s of theorem 3.4 of Akimoto et al., in two steps each.
	t, s := a, o.s
	for j, e := range o.unit {
		s[j] = b[j] - c1 - float64(v2/gamma*e*a[j])
		t[j] = a[j] - 0.5*float64(e*(sumAlong+float64(gamma*c1)))
	}
	inverse := b
	along := dot(o.unit, t)
	scalar, weight := 0.0, 0.0
	for j, e := range o.unit {
		e2 := float64(e * e)
		s[j] -= float64(alpha / gamma * (float64((2+v2)*t[j]*e) - float64(v2*along*e2)))
		inverse[j] = 1 / (2 - float64((beta+float64(2*alpha2))*e2))
		scalar += float64(inverse[j] * e2 * s[j])
		weight += float64(inverse[j] * float64(e2*e2))
	}
	scalar *= beta / (1 + float64(beta*weight))
	along = 0
	for j, e := range o.unit {
		e2 := float64(e * e)
		s[j] = inverse[j] * (s[j] - float64(scalar*e2))
		along += float64(e2 * s[j])
	}
	steepest := 0.0
	for j, e := range o.unit {
		t[j] -= float64(alpha * (float64((2+v2)*s[j]*e) - float64(along*e)))
		steepest = max(steepest, math.Abs(s[j]))
	}
	// No part of the shape changes by more than 70 % at once, as in the program of
	// Akimoto et al.: a D that changes its sign cannot be undone. Nomura & Ono have
	// no bound, and fail on an oblique cigar without.
	length := norm(t) / o.length
	part := min(1, 0.7/steepest, 0.7*o.length/length)
	if !(part > 0) {
		return // a gradient that is not finite teaches nothing
	}
	kernel.Axpy(o.v, part/o.length, t)
	if length := norm(o.v); length > maxLength {
		kernel.Scale(o.v, maxLength/length)
	}
	for j := range o.d {
		o.d[j] = clampSigma(o.d[j] * (1 + float64(part*s[j])))
	}
	o.normalizeShape()
}

// normalizeShape divides D by the n-th root of the determinant of D^2 (I + v v')
// to the power of 1/2, which is sigma's to change.
func (o *crfmnes) normalizeShape() {
	kernel.Log(o.t, o.d)
	logs := 0.0
	for _, l := range o.t {
		logs += l
	}
	logs += 0.5 * ln(1+dot(o.v, o.v))
	kernel.Scale(o.d, exp(-logs/o.n))
}
