package opttest

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/optimizers"
)

// checkCandidates leaves the work to the run, which looks at each candidate. A
// variant may refuse a problem without blocks.
func checkCandidates(def optimizers.Definition) error {
	for _, n := range []int{1, 2, 5, 20, 33} {
		n = dimension(def, n)
		p := newProblem(n)
		if _, err := drive(def, p, minibatches, 10, observing); err != nil {
			return fmt.Errorf("dimension %d: %w", n, err)
		}
		p.Blocks = nil
		opt, err := def.New(nil, p)
		if err != nil {
			continue
		}
		if err := closeOptimizer(opt); err != nil {
			return err
		}
		if _, err := drive(def, p, minibatches, 10, observing); err != nil {
			return fmt.Errorf("dimension %d, blocks unknown: %w", n, err)
		}
	}
	return nil
}

func checkSameSeed(def optimizers.Definition) error {
	n := dimension(def, 20)
	a, err := drive(def, newProblem(n), minibatches, 10)
	if err != nil {
		return err
	}
	b, err := drive(def, newProblem(n), minibatches, 10)
	if err != nil {
		return err
	}
	if err := differ(a.asked, b.asked, n); err != nil {
		return fmt.Errorf("two runs from one seed: %w", err)
	}
	return nil
}

func checkOtherSeed(def optimizers.Definition) error {
	n := dimension(def, 20)
	// From zero, told nothing, so that what the candidates differ by is the
	// optimizer's own.
	plain := func(_, _ int, _, grad []float64) float64 { clear(grad); return 1 }
	p := newProblem(n)
	clear(p.Init)
	a, err := drive(def, p, plain, 3)
	if err != nil {
		return err
	}
	p.Seed++
	b, err := drive(def, p, plain, 3)
	if err != nil {
		return err
	}
	if !sameBits(a.asked, b.asked) {
		return nil
	}
	for k := range len(a.asked) / n {
		amounts := map[float64]bool{}
		for _, x := range a.asked[k*n:][:n] {
			amounts[x] = true
		}
		if len(amounts) > n/2 {
			return fmt.Errorf("candidate %d looks random and is the same for two seeds", k)
		}
	}
	return nil
}

func checkThreads(def optimizers.Definition) error {
	for _, n := range []int{1, 33, 301} {
		n = dimension(def, n)
		p := newProblem(n)
		a, err := drive(def, p, minibatches, 6)
		if err != nil {
			return err
		}
		p.Threads = 3
		b, err := drive(def, p, minibatches, 6)
		if err != nil {
			return err
		}
		if err := differ(a.asked, b.asked, n); err != nil {
			return fmt.Errorf("1 and 3 threads, dimension %d: %w", n, err)
		}
	}
	return nil
}

func checkObserving(def optimizers.Definition) error {
	n := dimension(def, 20)
	a, err := drive(def, newProblem(n), minibatches, 10)
	if err != nil {
		return err
	}
	b, err := drive(def, newProblem(n), minibatches, 10, observing)
	if err != nil {
		return err
	}
	if err := differ(a.asked, b.asked, n); err != nil {
		return fmt.Errorf("without and with calls of Recommend, Shortlist, Diagnostics, MarshalBinary: %w", err)
	}
	return nil
}

func checkNoReference(def optimizers.Definition) error {
	n := dimension(def, 20)
	a, err := drive(def, newProblem(n), minibatches, 10, hoarding)
	if err != nil {
		return err
	}
	b, err := drive(def, newProblem(n), minibatches, 10)
	if err != nil {
		return err
	}
	if err := differ(a.asked, b.asked, n); err != nil {
		return fmt.Errorf("evaluations kept and overwritten after Tell: %w", err)
	}
	return nil
}

// checkShortlist wants the shortlist in the order of a loss without noise.
func checkShortlist(def optimizers.Definition) error {
	r, err := start(def, newProblem(dimension(def, 8)), sphere)
	if err != nil {
		return err
	}
	r.observe = true
	o, ok := r.opt.(optimizers.Shortlister)
	for range 10 {
		if err := r.once(); err != nil || r.done || !ok {
			return errors.Join(err, r.close())
		}
		last := 0.0
		for k, w := range o.Shortlist(10) {
			loss := sphere(0, 0, w, nil)
			if loss < last {
				return errors.Join(fmt.Errorf("shortlist has loss %v in place %d, after %v", loss, k, last), r.close())
			}
			last = loss
		}
	}
	return r.close()
}
