package paths

// Correlation is how much alike gradients are at different inputs, of which g has
// one for each example: the mean of g(x)·g(x') over all pairs, as a multiple of the
// mean of |g(x)|² (Balduzzi et al. 2017, section 2). It is 1 for a linear function,
// and 0 for shattered gradients, which are like white noise; more exactly it is that
// within the standard deviation of a mean over pairs. g should be the gradient of
// one direction of the outputs, the same for all examples.
func Correlation(g tensor) float64 {
	var together, alone float64
	for f := range g.Shape.Len() {
		sum := 0.0
		for _, v := range g.Row(f) {
			sum += v
			alone += float64(v * v)
		}
		together += float64(sum * sum)
	}
	return (together - alone) / (float64(g.N-1) * alone)
}
