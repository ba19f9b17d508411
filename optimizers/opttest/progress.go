package opttest

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/optimizers"
)

// checkLeavesZero starts from zero, where a mutation that multiplies is stuck,
// and wants every coordinate to move, and no two alike.
func checkLeavesZero(def optimizers.Definition) error {
	n := dimension(def, 20)
	p := newProblem(n)
	clear(p.Init)
	r, err := start(def, p, sphere)
	if err != nil {
		return err
	}
	if err := errors.Join(r.steps(5), r.evaluations(500), r.close()); err != nil {
		return err
	}
	moved, apart := make([]bool, n), make([]bool, n)
	for k := range len(r.asked) / n {
		w := r.asked[k*n:][:n]
		for i := range w {
			moved[i] = moved[i] || w[i] != 0
			apart[i] = apart[i] || w[i] != w[(i+1)%n]
		}
	}
	for i := range n {
		if !moved[i] {
			return fmt.Errorf("weight %d is 0 in all of %d candidates", i, r.told)
		}
		if !apart[i] {
			return fmt.Errorf("weights %d and %d are equal in all of %d candidates", i, (i+1)%n, r.told)
		}
	}
	return nil
}

// checkProgress is explained in the package comment.
func checkProgress(def optimizers.Definition) error {
	const evaluations, factor = 4000, 3
	p := newProblem(dimension(def, 8))
	r, err := start(def, p, sphere)
	if err != nil {
		return err
	}
	if err := r.evaluations(evaluations); err != nil {
		return errors.Join(err, r.close())
	}
	got, want := sphere(0, 0, r.recommended(), nil), sphere(0, 0, p.Init, nil)/factor
	if !(got < want) {
		err = fmt.Errorf("recommended point has loss %.4g on the shifted sphere after %d evaluations, want under %.4g, 1/%d of the start",
			got, r.told, want, factor)
	}
	return errors.Join(err, r.close())
}
