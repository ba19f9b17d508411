package combine

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// PortfolioConfig configures [Portfolio].
type PortfolioConfig struct {
	Optimizers string `json:"optimizers" doc:"what takes turns, as name key=value ... | name key=value ..."`
	Mode       string `json:"mode" doc:"equal: all have the same work to the end; halving: in rounds of the same work, the worse half leaves after each" choices:"equal,halving"`
}

// Portfolio lets several optimizers take turns, and recommends what the one that
// has found the lowest loss does (algorithm portfolios, Huberman, Lukose & Hogg
// 1997, doi:10.1126/science.275.5296.51). The turn is that of the one that has
// spent the least work. Successive halving (Karnin, Koren & Somekh 2013, PMLR
// 28(3):1238-1246; Jamieson & Talwalkar 2016, arXiv:1502.07943) divides the budget,
// which it has to know, into as many rounds as halves leave one of all, and each
// round evenly among those who are left. One that has converged or diverged
// takes no more turns, and its answer counts.
//
// For when you do not know which optimizer the task is for. With the defaults it
// beats random search both on the Rastrigin function, for the genetic algorithm,
// and on the Rosenbrock function, for Rprop.
func Portfolio(base []optimizers.Definition) optimizers.Definition {
	base = slices.Clone(base)
	parts := defaultParts(base, "ga", "rprop")
	return optimizers.Define(optimizers.Definition{
		Name:    "portfolio",
		Summary: "Several optimizers take turns, all to the end or the better half after each round; the best wins.",
		Refs: []string{
			"Huberman, Lukose & Hogg 1997, doi:10.1126/science.275.5296.51",
			"Karnin, Koren & Somekh 2013, Almost optimal exploration in multi-armed bandits, PMLR 28(3):1238-1246",
			"Jamieson & Talwalkar 2016, arXiv:1502.07943",
		},
		Need:      needOf(base),
		FullBatch: anyFullBatch(parts),
		Memory: func(dim int) int64 {
			bytes := int64(0)
			for _, d := range parts {
				bytes += d.Memory(dim)
			}
			return bytes
		},
	}, PortfolioConfig{Optimizers: "ga | rprop", Mode: "equal"}, func(cfg PortfolioConfig, p optimizers.Problem) (*portfolio, error) {
		return newPortfolio(cfg, p, base)
	})
}

type portfolio struct {
	p      optimizers.Problem
	name   string // of its checkpoints
	parts  []*part
	now    int    // whose turn it is
	rounds uint64 // 0: one, without an end
	total  work
	portfolioState
}

// portfolioState is what Tell changes; the slices are by part.
type portfolioState struct {
	round  uint64
	spent  []work
	rest   []work    // what it may spend before this round is over
	low    []float64 // lowest loss told
	status []status
}

// A status is what may become of a part.
type status uint8

const (
	racing  status = iota
	ended          // it has converged or diverged, and may win yet
	dropped        // it was among the worse half
)

func newPortfolioState(n int) portfolioState {
	return portfolioState{
		spent: make([]work, n), rest: make([]work, n), low: slices.Repeat([]float64{math.Inf(1)}, n),
		status: make([]status, n),
	}
}

func newPortfolio(cfg PortfolioConfig, p optimizers.Problem, base []optimizers.Definition) (*portfolio, error) {
	texts := strings.Split(cfg.Optimizers, "|")
	o := &portfolio{
		p: p, name: fmt.Sprintf("portfolio/1 %d", len(p.Init)),
		total:          work(p.Budget) * cost(needOf(base)),
		portfolioState: newPortfolioState(len(texts)),
	}
	if cfg.Mode == "halving" {
		if p.Budget == 0 {
			return nil, errors.New("mode: halving divides the budget, which is unknown; want equal")
		}
		for n := len(texts); n > 1; n = (n + 1) / 2 {
			o.rounds++
		}
		o.rounds = max(1, o.rounds)
	}
	for i, text := range texts {
		q, err := parse(base, text)
		if err != nil {
			return nil, fmt.Errorf("optimizers: %w", err)
		}
		own := p
		own.Seed = noise.Mix(p.Seed, uint64(i))
		if err := q.start(own, o.most()); err != nil {
			return nil, errors.Join(fmt.Errorf("optimizers: %w", err), o.Close())
		}
		o.parts = append(o.parts, q)
	}
	o.allot()
	return o, nil
}

// most is what the winner spends.
func (o *portfolio) most() work {
	n := work(len(o.spent))
	if o.rounds == 0 {
		return o.total / n
	}
	sum := work(0)
	for range o.rounds {
		sum += o.total / o.rounds / n
		n = (n + 1) / 2
	}
	return sum
}

// allot gives those who are left equal parts of a round.
func (o *portfolio) allot() {
	if o.rounds == 0 {
		return
	}
	for i := range o.rest {
		o.rest[i] = o.total / o.rounds / work(o.remain())
	}
}

// remain counts those who are left.
func (o *portfolio) remain() int {
	n := 0
	for _, s := range o.status {
		if s != dropped {
			n++
		}
	}
	return n
}

// next is whose turn it is: of those who may, the one that has spent the least.
func (o *portfolio) next() (i int, ok bool) {
	i = -1
	for k := range o.parts {
		if o.status[k] == racing && (o.rounds == 0 || o.rest[k] > 0) && (i < 0 || o.spent[k] < o.spent[i]) {
			i = k
		}
	}
	return i, i >= 0
}

func (o *portfolio) Ask() ([][]float64, error) {
	for {
		i, ok := o.next()
		if !ok {
			if o.round+1 >= o.rounds && !o.extend() {
				return nil, nil // all have stopped
			}
			o.halve()
			continue
		}
		o.now = i
		rows, err := o.parts[i].ask()
		if err != nil || len(rows) > 0 {
			return rows, err
		}
		o.status[i] = ended
	}
}

// extend lets the winner go on, should the budget turn out to be larger.
func (o *portfolio) extend() bool {
	for i := range o.parts {
		if o.rounds > 0 && o.status[i] == racing {
			o.rest[i] = o.total
			return true
		}
	}
	return false
}

// halve ends a round: the better half stays, of an odd number the larger.
func (o *portfolio) halve() {
	if o.round+1 >= o.rounds {
		return
	}
	for keep := (o.remain() + 1) / 2; o.remain() > keep; {
		worst := -1
		for i, s := range o.status {
			if s != dropped && (worst < 0 || o.low[i] >= o.low[worst]) {
				worst = i
			}
		}
		o.status[worst] = dropped
	}
	o.round++
	o.allot()
}

// Needs is the need of the part whose turn it is.
func (o *portfolio) Needs() optimizers.Need { return o.parts[o.now].need() }

func (o *portfolio) Tell(evals []optimizers.Evaluation) error {
	i := o.now
	w := work(len(evals)) * cost(o.Needs())
	o.spent[i] += w
	o.rest[i] -= min(w, o.rest[i])
	loss, _ := lowest(evals)
	o.low[i] = min(o.low[i], loss)
	goesOn, err := o.parts[i].tell(evals)
	if !goesOn {
		o.status[i] = ended
	}
	return err
}

// best is who has found the lowest loss; of equals the first.
func (o *portfolio) best() int {
	best := 0
	for i, low := range o.low {
		if low < o.low[best] {
			best = i
		}
	}
	return best
}

// Recommend is the answer of the best.
func (o *portfolio) Recommend() []float64 {
	if w := o.parts[o.best()].recommended(); w != nil {
		return w
	}
	return o.p.Init
}

// Diagnostics reports who is the best, counted from 1, how many are in the
// contest, and the lowest loss of each that has one.
func (o *portfolio) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if !yield("best", float64(o.best()+1)) || !yield("left", float64(o.remain())) {
			return
		}
		for i, low := range o.low {
			if !math.IsInf(low, 1) && !yield(fmt.Sprintf("loss %d %s", i+1, o.parts[i].def.Name), low) {
				return
			}
		}
	}
}

// Close releases the parts.
func (o *portfolio) Close() error {
	var errs []error
	for _, q := range o.parts {
		errs = append(errs, q.close())
	}
	return errors.Join(errs...)
}

func (s *portfolioState) fields(sizes []uint64) []any {
	return []any{&s.round, s.spent, s.rest, s.low, s.status, sizes}
}

func (o *portfolio) MarshalBinary() ([]byte, error) {
	sizes := make([]uint64, len(o.parts))
	var all []byte
	for i, q := range o.parts {
		data, err := q.save()
		if err != nil {
			return nil, err
		}
		sizes[i] = uint64(len(data))
		all = append(all, data...)
	}
	return optimizers.SaveState(o.name, append(o.fields(sizes), all)...)
}

func (o *portfolio) UnmarshalBinary(data []byte) error {
	s, sizes := newPortfolioState(len(o.parts)), make([]uint64, len(o.parts))
	all, err := loadState(o.name, data, s.fields(sizes)...)
	if err != nil {
		return err
	}
	for i, q := range o.parts {
		if sizes[i] > uint64(len(all)) {
			return fmt.Errorf("checkpoint of %s: %d bytes of %s, want at most the %d that are left", o.name, sizes[i], q.def.Name, len(all))
		}
		if err := q.load(all[:sizes[i]]); err != nil {
			return err
		}
		all = all[sizes[i]:]
	}
	o.portfolioState = s
	return nil
}
