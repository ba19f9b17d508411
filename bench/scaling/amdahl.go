package scaling

// A Fit is Amdahl's law fitted to measured speed-ups (Amdahl 1967,
// doi:10.1145/1465482.1465560): on p cores a piece of work takes
// s + (1-s)/p of the time that it takes on one.
type Fit struct {
	Serial float64 `json:"serial"` // s, the part that does not get faster with cores, in [0, 1]
	// Note says why Serial is not what fits best: the best is outside of [0, 1].
	Note string `json:"note,omitempty"`
}

// FitAmdahl fits s by least squares on 1/speedup(p) = s + (1-s)/p, in which
// all p weigh the same. Both slices have the same length; p = 1 says nothing, and
// a speed-up that is not positive is left out. It is false if no other is left.
func FitAmdahl(threads []int, speedup []float64) (Fit, bool) {
	// With x = 1/p and y = 1/speedup, y - x = s*(1-x).
	var xy, xx float64
	for i, p := range threads {
		if p < 2 || !(speedup[i] > 0) {
			continue
		}
		x := 1 / float64(p)
		xy += float64((1/speedup[i] - x) * (1 - x))
		xx += float64((1 - x) * (1 - x))
	}
	if xx == 0 {
		return Fit{}, false
	}
	switch s := xy / xx; {
	case s < 0:
		return Fit{0, "faster than the number of cores: no serial part fits, 0 is the nearest"}, true
	case s > 1:
		return Fit{1, "slower than on one core: no serial part fits, 1 is the nearest"}, true
	default:
		return Fit{Serial: s}, true
	}
}

// Speedup is what the law predicts for p cores. It knows nothing of memory and
// clock rates that cores share, so that far beyond what was measured it is the
// most to hope for.
func (f Fit) Speedup(p float64) float64 {
	return 1 / (f.Serial + float64((1-f.Serial)/p))
}
