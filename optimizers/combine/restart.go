package combine

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// RestartConfig configures [Restart].
type RestartConfig struct {
	Optimizer   string  `json:"optimizer" doc:"what is started again, as name key=value ..."`
	Patience    int     `json:"patience" doc:"evaluations without an improvement after which it is" range:"[1,1000000000]" scale:"log"`
	Improvement float64 `json:"improvement" doc:"what counts as one: part of the lowest loss of the run by which it falls" range:"[0,1)"`
	Spread      float64 `json:"spread" doc:"standard deviation of the points it starts from: times the scale of each block of the network, or of every weight where blocks are not known" range:"(0,1000]" scale:"log"`
}

// Restart runs an optimizer again and again: the first time from the starting
// point, and when a run has converged, has diverged, or has not improved for
// some evaluations, from a fresh random point with a new seed (multistart; Rinnooy
// Kan & Timmer 1987, doi:10.1007/BF02592070). A point is drawn as the network
// draws its weights: normal around zero with the scale of each block; blocks of
// scale zero, such as biases, are as they were. Where there are no blocks it is
// normal around the starting point. It recommends the best candidate of all runs.
//
// For losses with several local minima and a method that ends in the nearest:
// with Rprop it finds the global minimum of the Rastrigin function in two
// dimensions, which one run does not, and random search at equal work does not.
func Restart(base []optimizers.Definition) optimizers.Definition {
	base = slices.Clone(base)
	parts := defaultParts(base, "rprop")
	return optimizers.Define(optimizers.Definition{
		Name:      "restart",
		Summary:   "An optimizer that starts again from a random point when it has come to an end.",
		Refs:      []string{"Rinnooy Kan & Timmer 1987, doi:10.1007/BF02592070"},
		Need:      needOf(base),
		FullBatch: anyFullBatch(parts),
		Memory: func(dim int) int64 {
			bytes := 2 * 8 * int64(dim) // the best, and the start
			for _, d := range parts {
				bytes += d.Memory(dim)
			}
			return bytes
		},
	}, RestartConfig{Optimizer: "rprop", Patience: 200, Improvement: 0.01, Spread: 1}, func(cfg RestartConfig, p optimizers.Problem) (*restart, error) {
		return newRestart(cfg, p, base)
	})
}

type restart struct {
	cfg   RestartConfig
	p     optimizers.Problem
	name  string // of its checkpoints
	part  *part
	rows  [][]float64 // the last Ask's
	start []float64   // of this run; in the first, of the Problem
	total work
	restartState
}

// restartState is what Tell changes.
type restartState struct {
	run     uint64 // number of this run, from 0
	over    bool   // it is
	spent   work
	before  work    // spent before this run
	told    uint64  // evaluations in this run
	waiting uint64  // evaluations since it improved
	low     float64 // its lowest loss when it did
	least   float64 // the lowest loss of all
	best    []float64
}

func newRestart(cfg RestartConfig, p optimizers.Problem, base []optimizers.Definition) (*restart, error) {
	q, err := parse(base, cfg.Optimizer)
	if err != nil {
		return nil, fmt.Errorf("optimizer: %w", err)
	}
	r := &restart{
		cfg: cfg, p: p, part: q,
		name:         fmt.Sprintf("restart/1 %d", len(p.Init)),
		start:        make([]float64, len(p.Init)),
		total:        work(p.Budget) * cost(needOf(base)),
		restartState: restartState{low: math.Inf(1), least: math.Inf(1), best: slices.Clone(p.Init)},
	}
	return r, r.begin()
}

// begin builds the optimizer of this run.
func (r *restart) begin() error {
	p := r.p
	p.Seed = noise.Mix(r.p.Seed, r.run)
	r.draw()
	p.Init = r.start
	return r.part.start(p, r.total-min(r.before, r.total))
}

// draw makes the starting point of a run.
func (r *restart) draw() {
	if r.run == 0 {
		copy(r.start, r.p.Init)
		return
	}
	noise.Normal(r.start, noise.Mix(r.p.Seed, startStream), r.run, 0)
	if r.p.Blocks == nil {
		for i, z := range r.start {
			r.start[i] = math.FMA(r.cfg.Spread, z, r.p.Init[i])
		}
		return
	}
	for _, b := range r.p.Blocks {
		w := r.start[b.Off : b.Off+b.Len]
		if b.Scale == 0 {
			copy(w, r.p.Init[b.Off:])
			continue
		}
		for i := range w {
			w[i] *= b.Scale * r.cfg.Spread
		}
	}
}

// startStream is no number of a run.
const startStream = math.MaxUint64

func (r *restart) Ask() ([][]float64, error) {
	if r.over {
		if err := r.again(); err != nil {
			return nil, err
		}
	}
	rows, err := r.part.ask()
	if err == nil && len(rows) == 0 && r.told > 0 {
		if err := r.again(); err != nil {
			return nil, err
		}
		// If this one ends before it has begun, so would the next.
		rows, err = r.part.ask()
	}
	r.rows = rows
	return rows, err
}

// again ends a run and begins the next.
func (r *restart) again() error {
	if err := r.part.close(); err != nil {
		return err
	}
	r.run++
	r.before = r.spent
	r.over, r.told, r.waiting, r.low = false, 0, 0, math.Inf(1)
	return r.begin()
}

// Needs is the need of the part.
func (r *restart) Needs() optimizers.Need { return r.part.need() }

func (r *restart) Tell(evals []optimizers.Evaluation) error {
	n := uint64(len(evals))
	r.spent += n * cost(r.Needs())
	r.told += n
	loss, k := lowest(evals)
	if loss < r.least {
		r.least = loss
		copy(r.best, r.rows[k])
	}
	// Any loss improves on none.
	if loss < r.low && (math.IsInf(r.low, 1) || r.low-loss > r.cfg.Improvement*math.Abs(r.low)) {
		r.low, r.waiting = loss, 0
	} else {
		r.waiting += n
	}
	goesOn, err := r.part.tell(evals)
	r.over = !goesOn || r.waiting >= uint64(r.cfg.Patience)
	return err
}

// Recommend is the best candidate so far.
func (r *restart) Recommend() []float64 { return r.best }

// Diagnostics reports the number of restarts, and what the run reports.
func (r *restart) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		_ = yield("restarts", float64(r.run)) && r.part.diagnose(yield)
	}
}

// Close releases the part.
func (r *restart) Close() error { return r.part.close() }

func (s *restartState) fields() []any {
	return []any{&s.run, &s.over, &s.spent, &s.before, &s.told, &s.waiting, &s.low, &s.least, s.best}
}

func (r *restart) MarshalBinary() ([]byte, error) {
	data, err := r.part.save()
	if err != nil {
		return nil, err
	}
	return optimizers.SaveState(r.name, append(r.fields(), data)...)
}

func (r *restart) UnmarshalBinary(data []byte) error {
	s := restartState{best: make([]float64, len(r.p.Init))}
	inner, err := loadState(r.name, data, s.fields()...)
	if err != nil {
		return err
	}
	if err := r.part.close(); err != nil {
		return err
	}
	r.restartState = s
	if err := r.begin(); err != nil {
		return err
	}
	return r.part.load(inner)
}
