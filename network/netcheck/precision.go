package netcheck

import (
	"errors"
	"fmt"
	"math"
)

const precisionTolerance = 1e-5

// precision compares the float32 network with the float64 one, at the same
// weights and inputs.
func precision(r *Report, c64 testCase[float64], c32 testCase[float32]) error {
	y64, dw64, dx64 := c64.run()
	y32, dw32, dx32 := c32.run()
	return errors.Join(
		agree(&r.Float32, "outputs", y32, y64),
		agree(&r.Float32, "gradients of the weights", dw32, dw64),
		agree(&r.Float32, "gradients of the inputs", dx32, dx64))
}

// agree compares got with want, relative to the largest value wanted.
func agree(worst *float64, what string, got []float32, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("float32: %d %s, want %d", len(got), what, len(want))
	}
	largest := 1e-30 // all 0: then so is got
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range got {
		e := math.Abs(float64(v)-want[i]) / largest
		*worst = max(*worst, e)
		if !(e < precisionTolerance) {
			return fmt.Errorf("float32: %s differ: value %d is %v, want %v within %.0e", what, i, v, want[i], precisionTolerance*largest)
		}
	}
	return nil
}
