package bench

// everyStep is d for a network that has outputs at each of so many steps where d asks
// for one output: it is trained on the same target at all of them, with weights that
// rise linearly, so that it gets there early and stays (Behnke 2001,
// doi:10.1142/S1469026801000342); and validated and tested at the last.
func (d Data) everyStep(steps int) Data {
	d.Steps = steps
	for _, e := range []*Examples{&d.Train, &d.Valid, &d.Test} {
		e.Labels, e.Y = repeat(e.Labels, e.N, steps), repeat(e.Y, e.N, steps)
		e.Weights = make([]float64, e.N*steps)
		for i := range e.N {
			last := e.steps(&d, i) - 1
			weights := e.Weights[i*steps:]
			weights[last] = 1
			for t := range last {
				if e == &d.Train {
					weights[t] = float64(t+1) / float64(last+1)
				}
			}
		}
	}
	return d
}

// repeat returns x, which has as many values for each of n examples, with those of
// each so many times; nil of nil.
func repeat[E any](x []E, n, times int) []E {
	if x == nil {
		return nil
	}
	per := len(x) / n
	r := make([]E, 0, len(x)*times)
	for i := range n {
		for range times {
			r = append(r, x[i*per:][:per]...)
		}
	}
	return r
}
