package opttest

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// checkCheckpoint takes a checkpoint in mid-run and wants the same bits from
// the run that went on, and from a new optimizer that continues from it. What
// cannot be checkpointed at all passes.
func checkCheckpoint(def optimizers.Definition) error {
	const before, after = 5, 6
	n := dimension(def, 20)
	whole, err := drive(def, newProblem(n), minibatches, before+after)
	if err != nil {
		return err
	}
	first, err := start(def, newProblem(n), minibatches)
	if err != nil {
		return err
	}
	from, marshals := first.opt.(encoding.BinaryMarshaler)
	if _, unmarshals := first.opt.(encoding.BinaryUnmarshaler); marshals != unmarshals {
		return errors.Join(errors.New("has one of MarshalBinary and UnmarshalBinary, want both or none"), first.close())
	}
	if !marshals {
		return first.close()
	}
	if err := first.steps(before); err != nil || first.done {
		return errors.Join(err, first.close())
	}
	data, err := from.MarshalBinary()
	if err != nil {
		return errors.Join(fmt.Errorf("MarshalBinary: %w", err), first.close())
	}
	asked := len(first.asked)
	second, err := resume(def, newProblem(n), minibatches, data)
	if err != nil {
		return errors.Join(err, first.close())
	}
	clear(data) // it belongs to the caller
	second.step, second.told, second.ranked, second.observe = first.step, first.told, first.ranked, true
	if a, b := first.recommended(), second.recommended(); b != nil && !sameBits(a, b) {
		err = errors.New("recommends another point after a checkpoint")
	}
	if a, b := diagnostics(first.opt), diagnostics(second.opt); !maps.Equal(a, b) {
		err = errors.Join(err, fmt.Errorf("diagnostics are %v after a checkpoint, want %v", b, a))
	}
	if err := errors.Join(err, first.steps(after), first.close(), second.steps(after), second.close()); err != nil {
		return err
	}
	if err := differ(whole.asked, first.asked, n); err != nil {
		return fmt.Errorf("without a checkpoint and with one: %w", err)
	}
	if err := differ(whole.asked[asked:], second.asked, n); err != nil {
		return fmt.Errorf("uninterrupted and continued from a checkpoint: %w", err)
	}
	return nil
}

func diagnostics(opt optimizers.Optimizer) map[string]float64 {
	if o, ok := opt.(optimizers.Diagnoser); ok {
		return maps.Collect(o.Diagnostics())
	}
	return nil
}

// resume builds an optimizer that continues from a checkpoint.
func resume(def optimizers.Definition, p optimizers.Problem, f objective, data []byte) (*run, error) {
	r, err := start(def, p, f)
	if err != nil {
		return nil, err
	}
	if err := r.opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
		return nil, errors.Join(fmt.Errorf("UnmarshalBinary: %w", err), r.close())
	}
	return r, nil
}

// checkCheckpointDamage wants an error for what is cut off, too long or of
// another dimension. Other damage may go unnoticed if what then is asked is
// sound.
func checkCheckpointDamage(def optimizers.Definition) error {
	n := dimension(def, 8)
	r, err := start(def, newProblem(n), minibatches)
	if err != nil {
		return err
	}
	from, ok := r.opt.(encoding.BinaryMarshaler)
	if err := r.steps(4); err != nil || r.done || !ok {
		return errors.Join(err, r.close())
	}
	data, err := from.MarshalBinary()
	if err := errors.Join(err, r.close()); err != nil {
		return fmt.Errorf("MarshalBinary: %w", err)
	}
	refuse := func(what string, n int, data []byte) error {
		r, err := resume(def, newProblem(n), minibatches, data)
		if err == nil {
			return errors.Join(fmt.Errorf("a checkpoint %s is taken, want an error", what), r.close())
		}
		return nil
	}
	other := n + 1
	if def.Refuses(other) != "" {
		other = n - 1
	}
	errs := []error{
		refuse("of another dimension", other, data),
		refuse("with a byte too many", n, append(slices.Clone(data), 0)),
	}
	places := max(1, len(data)/40) // some of them
	for at := 0; at < len(data); at += places {
		errs = append(errs, refuse(fmt.Sprintf("cut off at byte %d of %d", at, len(data)), n, data[:at]))
		flipped := slices.Clone(data)
		flipped[at] ^= 0x55
		if r, err := resume(def, newProblem(n), minibatches, flipped); err == nil {
			errs = append(errs, r.steps(2), r.close())
		}
	}
	return errors.Join(errs...)
}

// checkMemory weighs the heap of this process, so it is blind to a plugin's.
func checkMemory(def optimizers.Definition) error { return weigh(def, dimension(def, 20_000)) }

// weigh compares what an optimizer of dimension n holds with what it declares.
func weigh(def optimizers.Definition, n int) error {
	const slack = 1 << 18
	p := newProblem(n)
	heap := func() int64 {
		runtime.GC()
		runtime.GC() // the first may leave what finalizers held
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	grad := make([]float64, n)
	before := heap()
	opt, err := def.New(nil, p)
	if err != nil {
		return err
	}
	var most int64
	for range 3 {
		rows, err := opt.Ask()
		if err != nil {
			return errors.Join(fmt.Errorf("Ask: %w", err), closeOptimizer(opt))
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			evals[k].Loss = w[0]
			if def.Need == optimizers.NeedGrad {
				evals[k].Grad = grad
			}
		}
		if err := opt.Tell(evals); err != nil {
			return errors.Join(fmt.Errorf("Tell: %w", err), closeOptimizer(opt))
		}
		most = max(most, heap()-before)
	}
	declared := def.Memory(n)
	runtime.KeepAlive(grad)
	runtime.KeepAlive(p)
	if most > declared+declared/10+slack {
		err = fmt.Errorf("holds %d bytes at dimension %d, declared are %d", most, n, declared)
	}
	return errors.Join(err, closeOptimizer(opt))
}
