package search

import "math"

// A top is a list of the best candidates told, best first, in memory of its own.
type top struct {
	losses []float64 // +Inf where there is none yet
	rows   [][]float64
}

func newTop(n, dim int) top {
	t := top{losses: make([]float64, n), rows: make([][]float64, n)}
	for i := range n {
		t.losses[i] = math.Inf(1)
		t.rows[i] = make([]float64, dim)
	}
	return t
}

// offer copies w to its place if it is among the best. Of equals the first
// stays in front.
func (t top) offer(loss float64, w []float64) {
	i := len(t.losses) - 1
	if !(loss < t.losses[i]) {
		return
	}
	spare := t.rows[i]
	for ; i > 0 && loss < t.losses[i-1]; i-- {
		t.losses[i], t.rows[i] = t.losses[i-1], t.rows[i-1]
	}
	copy(spare, w)
	t.losses[i], t.rows[i] = loss, spare
}

// first returns the best n, or as many as there are.
func (t top) first(n int) [][]float64 {
	n = min(n, len(t.rows))
	for n > 0 && math.IsInf(t.losses[n-1], 1) {
		n--
	}
	return t.rows[:n]
}

// state is for a checkpoint.
func (t top) state() []any {
	fields := []any{t.losses}
	for _, row := range t.rows {
		fields = append(fields, row)
	}
	return fields
}
