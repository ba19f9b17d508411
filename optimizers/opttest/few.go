package opttest

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/joust-bench/joust/optimizers"
)

// fewest is the largest number of weights that a method may refuse for being too
// few.
const fewest = 128

// withWeightsToSpare returns def, or, if it refuses few weights and says how many
// it wants at least, one that adds weights that no loss depends on, so that a
// method for many weights passes the checks on small problems.
func withWeightsToSpare(def optimizers.Definition) optimizers.Definition {
	if def.New == nil {
		return def
	}
	opt, err := def.New(nil, newProblem(8))
	if err == nil {
		if err := closeOptimizer(opt); err != nil {
			return def // the checks will find it
		}
		return def
	}
	if !strings.Contains(err.Error(), "8 weights, want at least ") {
		return def
	}
	build := def.New
	def.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
		n := len(p.Init)
		if n == 0 || n >= fewest {
			return build(config, p)
		}
		p.Init = append(slices.Clone(p.Init), make([]float64, fewest)...)
		if p.Blocks != nil {
			spare := optimizers.Block{Name: "spare", Off: n, Len: fewest, Rows: 1, Layer: 1, Scale: 1}
			p.Blocks = append(slices.Clone(p.Blocks), spare)
		}
		opt, err := build(config, p)
		if err != nil {
			return nil, err
		}
		r, recommends := opt.(optimizers.Recommender)
		d, diagnoses := opt.(optimizers.Diagnoser)
		m, marshals := opt.(encoding.BinaryMarshaler)
		u, unmarshals := opt.(encoding.BinaryUnmarshaler)
		if !recommends || !diagnoses || !marshals || !unmarshals || def.Need != optimizers.NeedLoss {
			return nil, errors.Join(errors.New("refuses few weights: then the checks want a loss, a recommendation, diagnostics and a checkpoint"), closeOptimizer(opt))
		}
		return &spared{opt: opt, r: r, d: d, BinaryMarshaler: m, BinaryUnmarshaler: u, n: n, last: fewest}, nil
	}
	return def
}

// A spared is an optimizer of which the last weights do not count.
type spared struct {
	opt optimizers.Optimizer
	r   optimizers.Recommender
	d   optimizers.Diagnoser
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
	n, last int
	rows    [][]float64
}

func (s *spared) Ask() ([][]float64, error) {
	rows, err := s.opt.Ask()
	s.rows = s.rows[:0]
	for k, row := range rows {
		if len(row) != s.n+s.last || notFinite(row) >= 0 {
			return nil, fmt.Errorf("candidate %d is not %d finite weights", k, s.n+s.last)
		}
		s.rows = append(s.rows, row[:s.n])
	}
	return s.rows, err
}

func (s *spared) Tell(evals []optimizers.Evaluation) error { return s.opt.Tell(evals) }
func (s *spared) Recommend() []float64                     { return s.r.Recommend()[:s.n] }
func (s *spared) Diagnostics() iter.Seq2[string, float64]  { return s.d.Diagnostics() }
