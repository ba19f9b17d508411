package loss

// Decode reads the most probable path of a sequence: the class with the largest of
// the outputs z, [steps][classes], at each step, repetitions taken as one, and blanks,
// class 0, left out. It appends the labels to dst. A step with NaN reads as blank.
// (Graves et al. 2006, doi:10.1145/1143844.1143891, sec. 3.2, "best path".)
func Decode(dst []int32, z []float64, classes int) []int32 {
	before := 0
	for len(z) > 0 {
		best := 0
		for c, v := range z[:classes] {
			if v > z[best] {
				best = c
			}
			if v != v {
				best = 0
				break
			}
		}
		if best != 0 && best != before {
			dst = append(dst, int32(best))
		}
		before, z = best, z[classes:]
	}
	return dst
}
