package opttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// A Search is a test of how fast an optimizer minimises a function.
type Search struct {
	Definition optimizers.Definition
	Config     string // members other than the defaults, JSON; empty: none
	Function   *Function
	Init       []float64 // nil: all zeros
	Target     float64   // 0: 1e-8
	Limit      int       // evaluations
}

// Evaluations is the number of evaluations up to and with the Ask that had a
// candidate with a loss below the target, and whether there was one within the
// limit. An optimizer that converges, or diverges, elsewhere has failed.
func (s Search) Evaluations(seed uint64) (n int, solved bool, err error) {
	f := s.Function
	p := optimizers.Problem{Init: s.Init, Budget: s.Limit, Seed: seed, Threads: 1}
	if p.Init == nil {
		p.Init = make([]float64, f.Dim)
	}
	target := s.Target
	if target == 0 {
		target = 1e-8
	}
	opt, err := s.Definition.New(json.RawMessage(s.Config), p)
	if err != nil {
		return 0, false, err
	}
	if c, ok := opt.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	var evals []optimizers.Evaluation
	for n < s.Limit && !solved {
		candidates, err := opt.Ask()
		if err != nil || len(candidates) == 0 {
			return n, false, ignoreDivergence(err)
		}
		evals = slices.Grow(evals[:0], len(candidates))[:len(candidates)]
		grad := s.Definition.Need == optimizers.NeedGrad && needs(opt) == optimizers.NeedGrad
		for k, w := range candidates {
			if evals[k].Grad = nil; grad {
				evals[k].Grad = make([]float64, f.Dim)
			}
			loss := f.Loss(w, evals[k].Grad)
			if math.IsNaN(loss) {
				loss = math.Inf(1)
			}
			evals[k].Loss = loss
			solved = solved || loss < target
		}
		n += len(candidates)
		if err := opt.Tell(evals); err != nil {
			return n, solved, ignoreDivergence(err)
		}
	}
	return n, solved, nil
}

func ignoreDivergence(err error) error {
	if errors.Is(err, optimizers.ErrDiverged) {
		return nil
	}
	return err
}

// A Tally is what came of a [Search] with several seeds.
type Tally struct {
	Runs, Solved   int
	Q1, Median, Q3 float64 // evaluations of the runs that solved it; NaN: none did
}

// Tally runs seeds 1 to the given one.
func (s Search) Tally(seeds int) (Tally, error) {
	t := Tally{Runs: seeds}
	var ns []float64
	for seed := range seeds {
		n, solved, err := s.Evaluations(uint64(seed + 1))
		if err != nil {
			return t, fmt.Errorf("%s on %s, n = %d, seed %d: %w", s.Definition.Name, s.Function.Name, s.Function.Dim, seed+1, err)
		}
		if solved {
			ns = append(ns, float64(n))
		}
	}
	slices.Sort(ns)
	t.Solved = len(ns)
	t.Q1, t.Median, t.Q3 = quantile(ns, 0.25), quantile(ns, 0.5), quantile(ns, 0.75)
	return t, nil
}

// quantile interpolates between sorted values; NaN if there are none.
func quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	at := q * float64(len(x)-1)
	i := int(at)
	j := min(i+1, len(x)-1)
	return x[i] + (at-float64(i))*(x[j]-x[i])
}
