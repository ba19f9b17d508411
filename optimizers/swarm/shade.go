package swarm

import (
	"iter"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SHADEConfig configures [SHADE]. The names in parentheses are the paper's.
type SHADEConfig struct {
	Population int     `json:"population" doc:"vectors that are kept (N)" range:"[4,100000]" scale:"log"`
	Memory     int     `json:"memory" doc:"pairs of F and CR that are remembered (H)" range:"[1,100000]" scale:"log"`
	Radius     float64 `json:"radius" doc:"how far around the starting weights the first vectors are drawn" range:"(0,1e6]" scale:"log"`
	Reevaluate bool    `json:"reevaluate" doc:"evaluate the vectors that are kept again with those that challenge them, for losses on minibatches"`
}

// SHADE is differential evolution that learns its parameters (Tanabe & Fukunaga
// 2013): a challenger moves towards one of the best vectors and by a
// difference, which may reach back to an archive of vectors that were replaced
// (Zhang & Sanderson 2009), and the F and CR that have worked are remembered
// and drawn from.
//
// What worked is weighted by how much lower the loss became, so that a transform
// of the loss changes the search, unless it is linear and increasing. The
// vectors keep their losses, as those of [DE] do, and reevaluate is the same.
// There are no bounds, and so no repair of what crosses them.
//
// It is made for up to some hundreds of weights, and as a differential evolution
// with nothing to tune. On Rosenbrock's function of dimension 10, 40,000 evaluations
// bring it to a hundredth of what as many guesses of random search reach, and some
// 52,000 to 1e-8: two thirds of what DE takes.
var SHADE = optimizers.Define(optimizers.Definition{
	Name:    "shade",
	Summary: "Differential evolution that remembers which of its parameters have worked.",
	Refs: []string{
		"Tanabe & Fukunaga 2013, doi:10.1109/CEC.2013.6557555",
		"Zhang & Sanderson 2009, doi:10.1109/TEVC.2009.2014613",
	},
	FullBatch: true,
	Memory:    func(dim int) int64 { return 3 * 100 * 8 * int64(dim) },
}, SHADEConfig{Population: 100, Memory: 100, Radius: 5}, newSHADE)

func newSHADE(cfg SHADEConfig, p optimizers.Problem) (*shade, error) {
	// As many archived as vectors; each challenger draws its own share of the
	// best, between two and a fifth (2013, eq. 8).
	return newAdaptive(adaptive{
		name: "shade/1", population: cfg.Population, memory: cfg.Memory,
		archive: 1, share: 0.2, drawShare: true, radius: cfg.Radius, reevaluate: cfg.Reevaluate,
	}, p), nil
}

// An adaptive says what SHADE and L-SHADE differ in.
type adaptive struct {
	name               string // of the checkpoint
	population, memory int
	archive            float64 // places in it for each vector
	share              float64 // of the vectors that are the best
	drawShare          bool    // each challenger draws its own, up to share
	lehmer             bool    // see history
	shrink             int     // evaluations over which the population falls to 4; 0: it stays
	radius             float64
	reevaluate         bool
}

type shade struct {
	population
	set         adaptive
	generation  uint64 // of challengers; 0 is the first population itself
	evaluations uint64
	size        uint64 // of the population, which may have shrunk
	history     history
	archive     [][]float64
	archived    uint64 // places of it that are taken
	trials      [][]float64
	asked       [][]float64 // the challengers, and with reevaluate those that are challenged
	made        []blend     // of the challengers
	src         noise.Source
	draw        func(k int) // challenge, made once
}

// A blend says what a challenger is made of.
type blend struct {
	f, cr  float64
	best   int       // p best
	minus  int       // r1, whose difference to the next is added
	from   []float64 // r2, of the population or the archive
	always int       // the weight that is crossed over in any case (j rand)
}

// fewest vectors are left when the population has shrunk (2014, sec. III).
const fewest = 4

func newAdaptive(set adaptive, p optimizers.Problem) *shade {
	n := set.population
	trials, rows := challenged(n, p)
	s := &shade{
		population: newPopulation(rows, set.radius, p), set: set, size: uint64(n),
		history: newHistory(set.memory, n, set.lehmer),
		archive: matrix(set.places(n), len(p.Init)),
		trials:  trials, made: make([]blend, n), asked: make([][]float64, 0, 2*n),
	}
	s.draw = s.challenge
	return s
}

// places is the size of the archive of a population of n.
func (a adaptive) places(n int) int { return int(math.Round(a.archive * float64(n))) }

func (s *shade) Ask() ([][]float64, error) {
	if s.generation == 0 {
		return s.rows, nil
	}
	n := len(s.rows)
	start(&s.src, s.p.Seed, streamChoice, s.generation)
	for k := range s.made[:n] {
		s.made[k] = s.choose(k)
	}
	s.p.Parallel(n, s.draw)
	s.asked = append(s.asked[:0], s.trials[:n]...)
	if s.set.reevaluate {
		s.asked = append(s.asked, s.rows...)
	}
	return s.asked, nil
}

// choose draws what challenger k is made of.
func (s *shade) choose(k int) (b blend) {
	n := len(s.rows)
	b.f, b.cr = s.history.draw(&s.src, noise.Mix(s.p.Seed, streamRate), s.generation, k)
	share := s.set.share
	if s.set.drawShare {
		least := 2 / float64(n)
		share = math.FMA(uniform(&s.src), max(0, share-least), least)
	}
	best := min(max(2, int(math.Round(share*float64(n)))), n)
	b.best = s.order[below(&s.src, best)]
	// r1 is not k, and r2 neither of the two.
	b.minus = below(&s.src, n-1)
	if b.minus >= k {
		b.minus++
	}
	r := below(&s.src, n-2+int(s.archived))
	low, high := min(k, b.minus), max(k, b.minus)
	if r >= low {
		r++
	}
	if r >= high {
		r++
	}
	if r < n {
		b.from = s.rows[r]
	} else {
		b.from = s.archive[r-n]
	}
	b.always = below(&s.src, len(s.p.Init))
	return b
}

// challenge makes challenger k, DE/current-to-pbest/1/bin (2013, eq. 7).
func (s *shade) challenge(k int) {
	b := &s.made[k]
	own, best, minus, trial := s.rows[k], s.rows[b.best], s.rows[b.minus], s.trials[k]
	noise.Uniform(trial, noise.Mix(s.p.Seed, streamCross), s.generation, uint32(k))
	for i, u := range trial {
		x := own[i]
		trial[i] = x
		if u < b.cr || i == b.always {
			trial[i] = orStay(math.FMA(b.f, minus[i]-b.from[i], math.FMA(b.f, best[i]-x, x)), x)
		}
	}
}

func (s *shade) Tell(evals []optimizers.Evaluation) error {
	s.evaluations += uint64(len(evals))
	if s.generation == 0 {
		for k, e := range evals {
			s.losses[k] = e.Loss
		}
	} else {
		s.replace(evals)
		s.history.learn()
	}
	s.generation++
	s.rank()
	s.reduce()
	return nil
}

// replace lets the challengers that are no worse take their places.
func (s *shade) replace(evals []optimizers.Evaluation) {
	n := len(s.rows)
	start(&s.src, s.p.Seed, streamArchive, s.generation)
	for k, e := range evals[:n] {
		if s.set.reevaluate {
			s.losses[k] = evals[n+k].Loss
		}
		if e.Loss < s.losses[k] {
			s.store(s.rows[k])
			s.history.succeeded(s.made[k].f, s.made[k].cr, s.losses[k]-e.Loss)
		}
		if e.Loss <= s.losses[k] {
			copy(s.rows[k], s.trials[k])
			s.losses[k] = e.Loss
		}
	}
}

// store copies a vector that is replaced into the archive, over a random one if
// it is full.
func (s *shade) store(w []float64) {
	places := s.set.places(len(s.rows))
	if places == 0 {
		return
	}
	at := int(s.archived)
	if at < places {
		s.archived++
	} else {
		at = below(&s.src, places)
	}
	copy(s.archive[at], w)
}

// reduce shrinks the population in proportion to the evaluations made (2014, eq.
// 10), the worst first, and the archive with it.
func (s *shade) reduce() {
	if s.set.shrink == 0 {
		return
	}
	part := min(float64(s.evaluations)/float64(s.set.shrink), 1)
	most := float64(s.set.population)
	if n := int(math.Round(most - float64(part*(most-fewest)))); n < len(s.rows) {
		s.shrink(n)
		s.size = uint64(n)
		s.archived = min(s.archived, uint64(s.set.places(n)))
	}
}

// Diagnostics reports the best and the median loss of the vectors that are kept,
// their number, and the mean of the F that have worked.
func (s *shade) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if yield("vectors", float64(s.size)) && yield("f", s.history.mean()) {
			s.diagnostics(yield)
		}
	}
}

func (s *shade) state() []any {
	fields := []any{&s.generation, &s.evaluations, &s.size, &s.archived}
	fields = append(append(fields, s.history.state()...), s.population.state()...)
	for _, row := range s.archive {
		fields = append(fields, row)
	}
	return fields
}

func (s *shade) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState(s.set.name, s.state()...)
}

func (s *shade) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState(s.set.name, data, s.state()...); err != nil {
		return err
	}
	s.restored(int(s.size), s.generation > 0)
	return nil
}
