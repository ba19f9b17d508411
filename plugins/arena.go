package plugins

import "unsafe"

// An arena is shared memory that an optimizer has its candidates in. It is given
// from the end; to what is free, at the beginning, other candidates are copied.
type arena struct {
	data []float64
	used int // numbers
	most int // the largest piece
}

// take returns n numbers, all 0, or nothing if there are not so many. It leaves
// room for as large a batch that is elsewhere.
func (a *arena) take(n int) []float64 {
	most := max(a.most, n)
	if n <= 0 || most > a.free() || n > a.free()-most {
		return nil
	}
	a.most = most
	to := a.free()
	a.used += n
	v := a.data[to-n : to : to]
	clear(v) // a run before it may have written there
	return v
}

func (a *arena) free() int { return len(a.data) - a.used }

// place returns the index of rows, none of them empty, which follow each other in
// the arena, and false if they do not, or are elsewhere.
func (a *arena) place(rows [][]float64) (at int, ok bool) {
	if a.used == 0 {
		return 0, false
	}
	first := &rows[0][0]
	// The difference of addresses is only where to look.
	at = int((uintptr(unsafe.Pointer(first)) - uintptr(unsafe.Pointer(&a.data[0]))) / 8)
	next := at
	for _, row := range rows {
		if next < a.free() || len(row) > len(a.data)-next || &row[0] != &a.data[next] {
			return 0, false
		}
		next += len(row)
	}
	return at, true
}
