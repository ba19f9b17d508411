package conformance

import (
	"fmt"

	"github.com/joust-bench/joust/plugins/protocol"
)

func asking() []Check {
	return []Check{
		probing("ask/rows", "a batch has whole rows of finite weights and its number, counted from 1", func(p *probe) error {
			for _, n := range []int{1, 2, 7, 33} {
				r, err := p.init(p.dimension(n), 1)
				if err != nil {
					return err
				}
				if _, err := r.steps(4); err != nil {
					return fmt.Errorf("dimension %d: %w", r.dim, err)
				}
			}
			return nil
		}),
		probing("ask/double-precision", "candidates that look random have the precision of float64: a search that rounds to float32 stops short of the optimum", checkPrecision),
	}
}

// checkPrecision starts from weights that are the same in both precisions. A
// candidate looks random if more than half of its weights are different ones;
// on a lattice they may be exact in float32, too.
func checkPrecision(p *probe) error {
	const steps = 3
	r, err := p.init(p.dimension(33), 1)
	if err != nil {
		return err
	}
	trace, err := r.steps(steps)
	if err != nil {
		return err
	}
	random := 0
	for k := range len(trace) / r.dim {
		amounts := map[float64]bool{}
		for _, x := range trace[k*r.dim:][:r.dim] {
			if float64(float32(x)) != x {
				return nil
			}
			amounts[x] = true
		}
		if len(amounts) > r.dim/2 {
			random++
		}
	}
	if random > 0 && r.dim > 5 {
		return fmt.Errorf("all weights of all %d candidates of dimension %d are numbers of float32, and %d of them look random", len(trace)/r.dim, r.dim, random)
	}
	return nil
}

func telling() []Check {
	return []Check{
		probing("tell/wrong-count", "a tell with too few or too many losses is refused as invalid, and the right one is taken after it: "+
			"the host may have been cut short", func(p *probe) error {
			return p.asked(func(r *run) error {
				few, many := r.losses(), r.losses()
				few.Losses = few.GetLosses()[1:]
				many.Losses = append(many.GetLosses(), 1)
				for _, tell := range []*protocol.Tell{few, many} {
					if err := p.refuses(r, tell, invalid); err != nil {
						return fmt.Errorf("%d losses for %d candidates: %w", len(tell.GetLosses()), r.n(), err)
					}
				}
				return r.tellAndAsk()
			})
		}),
		probing("tell/twice", "a second tell of a batch is refused as wrong_order, so that nothing counts twice", func(p *probe) error {
			return p.asked(func(r *run) error {
				again := r.losses()
				if err := r.tell(); err != nil {
					return err
				}
				if err := p.refuses(r, again, wrongOrder); err != nil {
					return err
				}
				return r.ask()
			})
		}),
		probing("tell/unknown-batch", "a tell of another batch than the last is refused as invalid or wrong_order, and the right one is taken after it",
			func(p *probe) error {
				return p.asked(func(r *run) error {
					tell := r.losses()
					tell.Batch += 6
					if err := p.refuses(r, tell, invalid, wrongOrder); err != nil {
						return err
					}
					return r.tell()
				})
			}),
		probing("tell/gradients", "an optimizer that needs gradients refuses a tell without them, or of another shape, as invalid, "+
			"and takes the right one after it", checkGradients),
	}
}

// asked is f with a batch outstanding, unless the optimizer asks about nothing.
func (p *probe) asked(f func(r *run) error) error {
	r, err := p.init(p.dimension(4), 1)
	if err != nil {
		return err
	}
	if err := r.ask(); err != nil || r.done {
		return err
	}
	r.keep()
	return f(r)
}

func checkGradients(p *probe) error {
	if p.desc.GetNeed() != protocol.Need_NEED_GRAD {
		return notApplicable("it needs the loss alone")
	}
	return p.asked(func(r *run) error {
		if r.want != protocol.Need_NEED_GRAD {
			return notApplicable("its first batch needs the loss alone")
		}
		n := r.n()
		for what, rows := range map[string]*protocol.Rows{
			"none":                    nil,
			"a row too few":           inline(n-1, make([]float64, (n-1)*r.dim)),
			"a row too many":          inline(n+1, make([]float64, (n+1)*r.dim)),
			"fewer bytes than rows":   {N: uint64(n), Where: &protocol.Rows_Data{Data: make([]byte, 8*n*r.dim-8)}},
			"an offset out of bounds": {N: uint64(n), Where: &protocol.Rows_Offset{Offset: 1 << 60}},
		} {
			tell := r.losses()
			tell.Grads = rows
			if err := p.refuses(r, tell, invalid); err != nil {
				return fmt.Errorf("gradients: %s: %w", what, err)
			}
		}
		return r.tellAndAsk()
	})
}

func stepping() []Check {
	return []Check{
		probing("step/one-message", "a tell and an ask in one message ask the same as one after the other: it is the usual way, for speed", func(p *probe) error {
			const steps = 6
			dim := p.dimension(8)
			apart, err := p.init(dim, 4)
			if err != nil {
				return err
			}
			want, err := apart.steps(steps)
			if err != nil {
				return err
			}
			r, err := p.init(dim, 4)
			if err != nil {
				return err
			}
			if err := r.ask(); err != nil {
				return err
			}
			var got []float64
			for step := 1; !r.done; step++ {
				got = append(got, r.rows...)
				if step == steps {
					break
				}
				if err := r.tellAndAsk(); err != nil {
					return err
				}
			}
			if err := differ(want, got, dim); err != nil {
				return fmt.Errorf("apart and in one message: %w", err)
			}
			return nil
		}),
	}
}
