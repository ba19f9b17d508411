package scaling

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/joust-bench/joust/optimizers"
)

// A usage is where the time of an optimizer goes.
type usage struct {
	generations, candidates int
	askTell, evaluate       time.Duration
}

// drive asks and tells for about d, at least one generation. The first two after a
// start are not counted: memory is fresh, and little has to be bred. An optimizer
// that converges, or diverges, starts again.
func (m *measurer) drive(d time.Duration, build func() (optimizers.Optimizer, error), evaluate func(optimizers.Optimizer, [][]float64, []optimizers.Evaluation)) (u usage, err error) {
	started := time.Now()
	over := func() bool { return u.generations > 0 && time.Since(started) >= d }
	for !over() {
		before := u.generations
		if err := m.driveOnce(&u, over, build, evaluate); err != nil || m.stopped() {
			return u, err
		}
		if u.generations == before && !over() {
			return u, errors.New("ended after two generations, want at least three to measure")
		}
	}
	return u, nil
}

// driveOnce adds to u until the time is over, or the optimizer has ended.
func (m *measurer) driveOnce(u *usage, over func() bool, build func() (optimizers.Optimizer, error), evaluate func(optimizers.Optimizer, [][]float64, []optimizers.Evaluation)) (err error) {
	opt, err := build()
	if err != nil {
		return err
	}
	if c, ok := opt.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	var evals []optimizers.Evaluation
	for warm := 0; !over(); warm++ {
		if m.stopped() {
			return nil
		}
		t0 := time.Now()
		candidates, err := opt.Ask()
		t1 := time.Now()
		if err != nil || len(candidates) == 0 {
			return unlessDiverged(err)
		}
		for len(evals) < len(candidates) {
			evals = append(evals, optimizers.Evaluation{})
		}
		evaluate(opt, candidates, evals[:len(candidates)])
		t2 := time.Now()
		if err := opt.Tell(evals[:len(candidates)]); err != nil {
			return unlessDiverged(err)
		}
		t3 := time.Now()
		if warm < warmUp {
			continue
		}
		u.generations++
		u.candidates += len(candidates)
		u.askTell += t1.Sub(t0) + t3.Sub(t2)
		u.evaluate += t2.Sub(t1)
	}
	return nil
}

// warmUp is how many generations are not measured: an optimizer with two sets of
// candidates has touched all of its memory after two.
const warmUp = 2

// unlessDiverged is nil for an optimizer that has only come to its end.
func unlessDiverged(err error) error {
	if err == nil || errors.Is(err, optimizers.ErrDiverged) {
		return nil
	}
	return fmt.Errorf("after some generations: %w", err)
}

// micros is d for each of n, in microseconds.
func micros(d time.Duration, n int) float64 { return d.Seconds() * 1e6 / float64(n) }
