package protocol

import (
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// fitMemory is the quadratic with no negative coefficient whose largest
// relative error is about the least there is, at dimensions from 100 to a
// million. Populations that grow with the logarithm of the dimension fit it
// worst: it is up to a third off. Nil: nothing is known.
func fitMemory(def optimizers.Definition) *Memory {
	if def.Memory == nil {
		return nil
	}
	// At each dimension the three terms, relative to what they are to add up to.
	var points [][3]float64
	low, high := max(1, def.MinDim, 100), 1_000_000
	if def.MaxDim > 0 {
		high = min(high, def.MaxDim)
		low = min(low, max(1, def.MinDim, high/100))
	}
	const each = 20
	for i := range each + 1 {
		d := math.Round(float64(low) * math.Pow(float64(high)/float64(low), float64(i)/each))
		if m := float64(def.Memory(int(d))); m > 0 {
			points = append(points, [3]float64{1 / m, d / m, d * d / m})
		}
	}
	if len(points) == 0 {
		return nil
	}
	var unit [3]float64 // the largest of each term, which is where it is 1
	for _, p := range points {
		for j, x := range p {
			unit[j] = max(unit[j], x)
		}
	}
	for i := range points {
		for j := range unit {
			points[i][j] /= unit[j]
		}
	}
	best := minimax(points)
	return &Memory{Fixed: best[0] / unit[0], PerDim: best[1] / unit[1], PerDim2: best[2] / unit[2]}
}

// minimax returns c >= 0 for which the largest |c·p - 1| is small: least squares
// of which those points that fit badly weigh more in the next round (Lawson
// 1961).
func minimax(points [][3]float64) (best [3]float64) {
	const rounds = 300
	lowest := math.Inf(1)
	weights := make([]float64, len(points))
	for i := range weights {
		weights[i] = 1
	}
	for range rounds {
		c := leastSquares(points, weights)
		worst, sum := 0.0, 0.0
		for i, p := range points {
			off := math.Abs(c[0]*p[0] + c[1]*p[1] + c[2]*p[2] - 1)
			worst = max(worst, off)
			weights[i] *= off
			sum += weights[i]
		}
		if worst < lowest {
			lowest, best = worst, c
		}
		if !(worst > 1e-9) {
			break
		}
		for i := range weights {
			weights[i] = weights[i]/sum + 1e-9 // a point is never given up
		}
	}
	return best
}

// leastSquares returns c >= 0 for which the weighted sum of (c·p - 1)² is least.
// With three terms there are seven sets that may be positive.
func leastSquares(points [][3]float64, weights []float64) (best [3]float64) {
	lowest := math.Inf(1)
	for set := 1; set < 8; set++ {
		c, ok := solve(points, weights, set)
		if !ok {
			continue
		}
		sum := 0.0
		for i, p := range points {
			off := c[0]*p[0] + c[1]*p[1] + c[2]*p[2] - 1
			sum += weights[i] * off * off
		}
		if sum < lowest {
			lowest, best = sum, c
		}
	}
	return best
}

// solve is the least squares of the terms in set alone, and whether none of them
// is negative. Terms that are left out have an equation that makes them zero.
func solve(points [][3]float64, weights []float64, set int) (c [3]float64, ok bool) {
	var a [3][4]float64
	for j := range 3 {
		if set>>j&1 == 0 {
			a[j][j] = 1
			continue
		}
		for i, p := range points {
			for k := range 3 {
				if set>>k&1 == 1 {
					a[j][k] += weights[i] * p[j] * p[k]
				}
			}
			a[j][3] += weights[i] * p[j]
		}
	}
	for j := range 3 { // Gauss; the matrix is positive definite, or of no use
		if !(a[j][j] > 1e-12) {
			return c, false
		}
		for i := j + 1; i < 3; i++ {
			f := a[i][j] / a[j][j]
			for k := j; k < 4; k++ {
				a[i][k] -= f * a[j][k]
			}
		}
	}
	for j := 2; j >= 0; j-- {
		c[j] = a[j][3]
		for k := j + 1; k < 3; k++ {
			c[j] -= a[j][k] * c[k]
		}
		c[j] /= a[j][j]
	}
	return c, c[0] >= 0 && c[1] >= 0 && c[2] >= 0
}
