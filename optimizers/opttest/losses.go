package opttest

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// checkInfiniteLosses tells +Inf of some candidates, then of all, then none.
func checkInfiniteLosses(def optimizers.Definition) error {
	f := func(step, k int, w, grad []float64) float64 {
		loss := minibatches(step, k, w, grad)
		if step < 5 && (step+k)%3 == 0 || 5 <= step && step < 8 {
			clear(grad)
			return math.Inf(1)
		}
		return loss
	}
	_, err := drive(def, newProblem(dimension(def, 8)), f, 20, observing)
	if err != nil {
		return err
	}
	// From the first candidate on, as when the starting weights overflow.
	f = func(_, _ int, _, grad []float64) float64 { clear(grad); return math.Inf(1) }
	_, err = drive(def, newProblem(dimension(def, 8)), f, 20, observing)
	return err
}

func checkEqualLosses(def optimizers.Definition) error {
	for _, loss := range []float64{0, 1, -3} {
		f := func(_, _ int, _, grad []float64) float64 { clear(grad); return loss }
		if _, err := drive(def, newProblem(dimension(def, 8)), f, 50, observing); err != nil {
			return fmt.Errorf("every loss %v: %w", loss, err)
		}
	}
	return nil
}

// checkHugeLosses tells losses whose sum, mean or difference overflows.
func checkHugeLosses(def optimizers.Definition) error {
	f := func(step, k int, w, grad []float64) float64 {
		loss := sphere(step, k, w, grad)
		sign := float64(1 - 2*(k%2))
		return sign * 1e308 * (1 + loss/(1+loss)/2)
	}
	_, err := drive(def, newProblem(dimension(def, 8)), f, 20, observing)
	return err
}

// checkExtremeGradients tells zero, huge and tiny gradients. The optimizer may
// say that it has diverged; what it recommends is finite all the same.
func checkExtremeGradients(def optimizers.Definition) error {
	if def.Need != optimizers.NeedGrad {
		return nil
	}
	sizes := map[string]func(step int) float64{
		"zero":                 func(int) float64 { return 0 },
		"1e300":                func(int) float64 { return 1e300 },
		"the largest number":   func(int) float64 { return math.MaxFloat64 },
		"the smallest number":  func(int) float64 { return math.SmallestNonzeroFloat64 },
		"1e300 and 0 in turn":  func(step int) float64 { return 1e300 * float64(step%2) },
		"1e300 of either sign": func(step int) float64 { return 1e300 * float64(1-2*(step%2)) },
		"1e-300 after 1e300":   func(step int) float64 { return math.Pow(1e-300, float64(2*(step%2)-1)) },
	}
	for name, size := range sizes {
		f := func(step, _ int, w, grad []float64) float64 {
			for i := range grad {
				grad[i] = size(step) * float64(1-2*(i%2))
			}
			return math.Abs(w[0])
		}
		_, err := drive(def, newProblem(dimension(def, 8)), f, 30, observing, func(r *run) { r.may = optimizers.ErrDiverged })
		if err != nil {
			return fmt.Errorf("gradients of %s: %w", name, err)
		}
	}
	return nil
}
