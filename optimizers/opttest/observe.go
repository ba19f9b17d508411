package opttest

import (
	"encoding"
	"errors"
	"fmt"

	"github.com/joust-bench/joust/optimizers"
)

// look checks what the optimizer says of itself, if this run observes. It rests
// when it waits for the next Ask, and only then may a checkpoint be taken.
func (r *run) look(rests bool) error {
	if !r.observe {
		return nil
	}
	if o, ok := r.opt.(optimizers.Recommender); ok {
		w := o.Recommend()
		if len(w) != len(r.init) {
			return fmt.Errorf("recommends %d weights, want %d", len(w), len(r.init))
		}
		if i := notFinite(w); i >= 0 {
			return fmt.Errorf("recommends %v as weight %d, want a finite number", w[i], i)
		}
	}
	if o, ok := r.opt.(optimizers.Shortlister); ok {
		for _, n := range []int{0, 1, 3, 1 << 40} {
			list := o.Shortlist(n)
			if len(list) > n {
				return fmt.Errorf("shortlist of %d candidates, want at most %d", len(list), n)
			}
			if r.told == 0 && len(list) > 0 {
				return fmt.Errorf("shortlist of %d candidates before the first Tell, want none", len(list))
			}
			if r.ranked && n > 0 && len(list) == 0 {
				return errors.New("no shortlist after Tell, want at least one candidate")
			}
			for k, w := range list {
				if len(w) != len(r.init) || notFinite(w) >= 0 {
					return fmt.Errorf("shortlist: candidate %d is not %d finite weights", k, len(r.init))
				}
			}
		}
	}
	if o, ok := r.opt.(optimizers.Diagnoser); ok {
		for name := range o.Diagnostics() {
			if name == "" {
				return errors.New("a diagnostic has no name")
			}
		}
	}
	if o, ok := r.opt.(encoding.BinaryMarshaler); ok && rests && r.told > 0 {
		if _, err := o.MarshalBinary(); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
	return nil
}

// recommended is the answer that the referee would take.
func (r *run) recommended() []float64 {
	if o, ok := r.opt.(optimizers.Recommender); ok {
		return o.Recommend()
	}
	if o, ok := r.opt.(optimizers.Shortlister); ok {
		if list := o.Shortlist(1); len(list) > 0 {
			return list[0]
		}
	}
	return r.best
}
