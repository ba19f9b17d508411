package optimizers

// Candidates returns n rows of as many zeros as Init has, which follow each other
// in flat, for an optimizer to ask about again and again. What is asked about from
// elsewhere, or in another order, is as good; but between processes large
// candidates that are these rows, or some that follow each other, are not copied.
func (p Problem) Candidates(n int) (flat []float64, rows [][]float64) {
	dim := len(p.Init)
	if p.Memory != nil {
		flat = p.Memory(n * dim)
	}
	if flat == nil {
		flat = make([]float64, n*dim)
	}
	rows = make([][]float64, n)
	for k := range rows {
		rows[k] = flat[k*dim : (k+1)*dim : (k+1)*dim]
	}
	return flat, rows
}
