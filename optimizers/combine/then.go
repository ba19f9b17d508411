package combine

import (
	"fmt"
	"iter"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// ThenConfig configures [Then].
type ThenConfig struct {
	First  string  `json:"first" doc:"optimizer that begins, as name key=value ..."`
	Second string  `json:"second" doc:"optimizer that goes on from what the first recommends"`
	Share  float64 `json:"share" doc:"part of the budget that is the first's, in work: a gradient counts as two evaluations more" range:"(0,1)"`
}

// Then runs one optimizer and then another, from the point that the first
// recommends, under one budget: a genetic algorithm finds a region where the
// gradient has not vanished, and Rprop its lowest point (hybrid or memetic
// search; Moscato 1989, Caltech C3P 826). The first is over when it has spent its
// share of the work, has converged, or has diverged; where the budget is not
// known, only then.
//
// For what the first part reaches too slowly and the second not at all. With the
// defaults it finds the minimum of the Rastrigin function in six dimensions, where
// Rprop ends in a local one, the genetic algorithm is 1e-4 above it at equal work,
// and random search 4.
func Then(base []optimizers.Definition) optimizers.Definition {
	base = slices.Clone(base)
	parts := defaultParts(base, "ga", "rprop")
	return optimizers.Define(optimizers.Definition{
		Name:      "then",
		Summary:   "One optimizer, then another from where the first ends: a genetic algorithm, then Rprop.",
		Refs:      []string{"Moscato 1989, On evolution, search, optimization, genetic algorithms and martial arts, Caltech C3P 826"},
		Need:      needOf(base),
		FullBatch: anyFullBatch(parts),
		Memory: func(dim int) int64 {
			var most int64
			for _, d := range parts {
				most = max(most, d.Memory(dim))
			}
			return most + 8*int64(dim) // where the second starts
		},
	}, ThenConfig{First: "ga", Second: "rprop", Share: 0.5}, func(cfg ThenConfig, p optimizers.Problem) (*then, error) {
		return newThen(cfg, p, base)
	})
}

type then struct {
	p     optimizers.Problem
	name  string // of its checkpoints
	parts [2]*part
	share work // of the first
	total work
	thenState
}

// thenState is what Ask and Tell change.
type thenState struct {
	now   uint64    // which part
	over  bool      // the first has converged or diverged
	spent work      // by the first
	start []float64 // of the second; until then zeros
}

func (s *thenState) fields() []any { return []any{&s.now, &s.over, &s.spent, s.start} }

func newThen(cfg ThenConfig, p optimizers.Problem, base []optimizers.Definition) (*then, error) {
	t := &then{
		p: p, name: fmt.Sprintf("then/1 %d", len(p.Init)),
		total:     work(p.Budget) * cost(needOf(base)),
		thenState: thenState{start: make([]float64, len(p.Init))},
	}
	for i, text := range []string{cfg.First, cfg.Second} {
		member := []string{"first", "second"}[i]
		var err error
		if t.parts[i], err = parse(base, text); err != nil {
			return nil, fmt.Errorf("%s: %w", member, err)
		}
	}
	// What the second would refuse, as too many weights, is refused now.
	if err := t.build(1, p.Init); err != nil {
		return nil, err
	}
	if err := t.parts[1].close(); err != nil {
		return nil, err
	}
	t.parts[1].opt = nil
	t.share = max(1, work(cfg.Share*float64(t.total)))
	return t, t.build(0, p.Init)
}

// build starts part i.
func (t *then) build(i int, from []float64) error {
	p := t.p
	p.Init = from
	p.Seed = noise.Mix(t.p.Seed, uint64(i))
	w := t.share
	if i == 1 {
		w = t.total - min(t.spent, t.total)
	}
	if err := t.parts[i].start(p, w); err != nil {
		return fmt.Errorf("%s: %w", []string{"first", "second"}[i], err)
	}
	return nil
}

func (t *then) Ask() ([][]float64, error) {
	if t.now == 0 {
		over := t.over || t.total > 0 && t.spent >= t.share
		if !over {
			rows, err := t.parts[0].ask()
			if err != nil || len(rows) > 0 {
				return rows, err
			}
		}
		if err := t.handOver(); err != nil {
			return nil, err
		}
	}
	return t.parts[1].opt.Ask()
}

// handOver ends the first part and starts the second.
func (t *then) handOver() error {
	copy(t.start, t.Recommend())
	if err := t.parts[0].close(); err != nil {
		return err
	}
	t.parts[0].opt = nil
	t.now = 1
	return t.build(1, t.start)
}

// Needs is the need of the part whose turn it is.
func (t *then) Needs() optimizers.Need { return t.parts[t.now].need() }

func (t *then) Tell(evals []optimizers.Evaluation) error {
	if t.now == 1 {
		return t.parts[1].opt.Tell(evals)
	}
	t.spent += work(len(evals)) * cost(t.Needs())
	goesOn, err := t.parts[0].tell(evals)
	t.over = !goesOn
	return err
}

// Recommend is the answer of the part whose turn it is.
func (t *then) Recommend() []float64 {
	if w := t.parts[t.now].recommended(); w != nil {
		return w
	}
	if t.now == 1 {
		return t.start
	}
	return t.p.Init
}

// Diagnostics reports whose turn it is, 1 or 2, and what that one reports.
func (t *then) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("part", float64(t.now+1)) && t.parts[t.now].diagnose(yield)
	}
}

// Close releases the parts.
func (t *then) Close() error { return t.parts[t.now].close() }

func (t *then) MarshalBinary() ([]byte, error) {
	data, err := t.parts[t.now].save()
	if err != nil {
		return nil, err
	}
	return optimizers.SaveState(t.name, append(t.fields(), data)...)
}

func (t *then) UnmarshalBinary(data []byte) error {
	s := thenState{start: make([]float64, len(t.p.Init))}
	inner, err := loadState(t.name, data, s.fields()...)
	if err != nil {
		return err
	}
	if s.now > 1 {
		return fmt.Errorf("checkpoint of %s: part %d, want 0 or 1", t.name, s.now)
	}
	if err := t.Close(); err != nil {
		return err
	}
	t.parts[t.now].opt = nil
	t.thenState = s
	from := t.p.Init
	if t.now == 1 {
		from = t.start
	}
	if err := t.build(int(t.now), from); err != nil {
		return err
	}
	return t.parts[t.now].load(inner)
}
