package evolution

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network/kernel"
)

// defaultPopulation is lambda in dimension n (Hansen 2016, arXiv:1604.00772,
// eq. 48): 4 + floor(3 ln n).
func defaultPopulation(n int) int {
	return 4 + int(math.Floor(float64(3*ln(float64(n)))))
}

// population is the number of candidates that a configuration asks for, where 0
// means the default.
func population(configured, n int) (int, error) {
	switch configured {
	case 0:
		return defaultPopulation(n), nil
	case 1:
		return 0, fmt.Errorf("population: 1, want at least 2, or 0 for 4 + 3 ln n: %d", defaultPopulation(n))
	}
	return configured, nil
}

// logWeights are the weights of ranks 1 to lambda before they are normalised
// (Hansen 2016, eq. 49): ln((lambda+1)/2) - ln(rank), of which the first
// floor(lambda/2) are positive.
func logWeights(lambda int) []float64 {
	w := make([]float64, lambda)
	for i := range w {
		w[i] = float64(i + 1)
	}
	kernel.Log(w, w)
	middle := ln(float64(lambda+1) / 2)
	for i := range w {
		w[i] = middle - w[i]
	}
	return w
}

// recombination returns the weights of the mu = floor(lambda/2) best, which sum
// to 1, best first, and the number of candidates that their mean is worth, muEff
// (Hansen 2016, eq. 8). lambda is at least 2.
func recombination(lambda int) (w []float64, muEff float64) {
	w = logWeights(lambda)[: lambda/2 : lambda/2]
	sum, _ := sums(w)
	for i := range w {
		w[i] /= sum
	}
	return w, effective(w)
}

// effective is the variance effective selection mass, (sum w)^2 / sum w^2; 0
// where there are no weights.
func effective(w []float64) float64 {
	sum, squares := sums(w)
	if squares == 0 {
		return 0
	}
	return float64(sum*sum) / squares
}

// sums returns the sum of w and of its squares.
func sums(w []float64) (sum, squares float64) {
	for _, x := range w {
		sum += x
		squares += float64(x * x)
	}
	return sum, squares
}

// ln and exp have the same bits on every machine, as those of package math have
// not.
func ln(x float64) float64 {
	y := [1]float64{x}
	kernel.Log(y[:], y[:])
	return y[0]
}

func exp(x float64) float64 {
	y := [1]float64{x}
	kernel.Exp(y[:], y[:])
	return y[0]
}
