package evolution

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// CMAESConfig configures [CMAES].
type CMAESConfig struct {
	Sigma      float64 `json:"sigma" doc:"first step size: the standard deviation of every weight" range:"(0,1e6]" scale:"log"`
	Population int     `json:"population" doc:"candidates of each generation (lambda); 0: 4 + 3 ln n, rounded down" range:"[0,100000]"`
	Active     bool    `json:"active" doc:"learn also from the worse half of the candidates, with negative weights"`
	Restarts   string  `json:"restarts" doc:"what follows when a run no longer improves: ipop doubles the population, bipop also tries small ones" choices:"none,ipop,bipop"`
}

// CMAES is the evolution strategy with covariance matrix adaptation: it learns
// which changes of the weights go together, so that it is as fast on a rotated
// and badly scaled quadratic function as if it knew its Hessian. It is made for
// up to some hundreds of weights, with a smooth but ill-conditioned loss. The
// matrix has n (n+1)/2 entries to be learned; beyond a few thousand weights
// that is hopeless, and [SepCMAES] learns n.
//
// In 5,600 evaluations it takes the rotated ellipsoid of dimension 10, which has
// the condition number 1e6, from 1e6 to 1e-8; the best of as many guesses of
// random search is worse than 1e3.
//
// Losses are only ranked. With restarts none the search ends where nothing is
// left to be told apart, at steps of 1e-12 of the first sigma; otherwise the
// criteria of Hansen 2009 end a run. A restart is drawn around the starting
// weights with the first sigma, which says what region is to be searched.
var CMAES = optimizers.Define(optimizers.Definition{
	Name:    "cma-es",
	Summary: "Evolution strategy that learns the covariance of good steps, for up to some hundreds of weights.",
	Refs: []string{
		"Hansen 2016, arXiv:1604.00772",
		"Krause, Arbones & Igel 2016, CMA-ES with optimal covariance update and storage complexity, NIPS 29:370-378",
		"Auger & Hansen 2005, doi:10.1109/CEC.2005.1554902",
		"Hansen 2009, doi:10.1145/1570256.1570333",
	},
	MaxDim: maxDim,
	Memory: func(dim int) int64 {
		n, lambda := int64(dim), int64(defaultPopulation(dim))
		return 8 * (2*n*n + n*(5*lambda+8))
	},
}, CMAESConfig{Sigma: 0.5, Active: true, Restarts: "none"}, newCMAES)

// maxDim is the largest dimension of cma-es: two matrices of 128 MB, which take
// 0.5 s to factor, and more than 1e8 evaluations to learn. [SepCMAES] has no
// matrix.
const maxDim = 4000

// Streams of the seed.
const (
	streamRestart uint64 = iota + 1
	streamStart
)

type cmaes struct {
	cfg CMAESConfig
	p   optimizers.Problem

	generation uint64 // of all runs
	age        uint64 // generations since the covariance was factored
	converged  bool
	mean       []float64
	pc         []float64 // evolution path of the rank-one update
	step       csa
	cov        *covariance

	// Of this run: constants, and a generation. Row k of z is standard normal, row
	// k of y is U'z, and rows[k] = mean + sigma y. The selected rows of y are in b,
	// best first, then pc; a is b times the weight of each.
	rates
	order      []int
	rows       [][]float64
	z, y, a, b []float64
	yw, zw     []float64 // the weighted means of the best y and z
	drawTask   func(k int)
	placeTask  func(k int)

	// With restarts.
	plan   plan
	record *record // nil: no restarts
	loss   float64 // lowest of the last generation of this run
	held   float64 // that of the best run before
	best   []float64
}

func newCMAES(cfg CMAESConfig, p optimizers.Problem) (*cmaes, error) {
	n := len(p.Init)
	lambda, err := population(cfg.Population, n)
	if err != nil {
		return nil, err
	}
	o := &cmaes{
		cfg: cfg, p: p,
		mean: slices.Clone(p.Init), pc: make([]float64, n),
		yw: make([]float64, n), zw: make([]float64, n),
		step: newCSA(n), cov: newCovariance(n, p),
		plan: newPlan(cfg.Restarts == "bipop", lambda, cfg.Sigma, p.Seed),
		loss: math.Inf(1), held: math.Inf(1),
	}
	if cfg.Restarts != "none" {
		o.record, o.best = newRecord(n, lambda), make([]float64, n)
	}
	o.drawTask, o.placeTask = o.draw, o.place
	o.size(lambda)
	o.step.start(cfg.Sigma)
	return o, nil
}

// size makes room for the population of a run, and sets its constants.
func (o *cmaes) size(lambda int) {
	n := len(o.mean)
	o.rates = newRates(n, lambda, o.cfg.Active)
	o.step.tune(o.muEff)
	if o.record != nil {
		o.record.tune(lambda)
	}
	o.order = make([]int, lambda)
	_, o.rows = o.p.Candidates(lambda)
	o.z, o.y = make([]float64, lambda*n), make([]float64, lambda*n)
	o.a, o.b = make([]float64, (len(o.w)+1)*n), make([]float64, (len(o.w)+1)*n)
}

func (o *cmaes) Ask() ([][]float64, error) {
	if o.converged {
		return nil, nil
	}
	o.cov.p.Parallel(o.lambda, o.drawTask)
	o.spread()
	return o.rows, nil
}

// draw makes row k of z.
func (o *cmaes) draw(k int) {
	n := len(o.mean)
	noise.Normal(o.z[k*n:(k+1)*n], o.p.Seed, o.generation, uint32(k))
}

// spread makes the candidates of z (Hansen 2016, eq. 38 to 40, with U' in place
// of B D).
func (o *cmaes) spread() {
	o.cov.sample(o.y, o.z, o.lambda)
	o.cov.p.Parallel(o.lambda, o.placeTask)
}

// place makes candidate k.
func (o *cmaes) place(k int) {
	n := len(o.mean)
	kernel.Sum2(o.rows[k], o.mean, o.y[k*n:(k+1)*n], o.step.sigma)
}

func (o *cmaes) Tell(evals []optimizers.Evaluation) error {
	rank(o.order, evals)
	o.adapt()
	o.generation++
	o.loss = evals[o.order[0]].Loss
	if o.farOut() {
		return optimizers.ErrDiverged
	}
	definite := true
	if o.age++; o.age >= o.refactorIn {
		o.age = 0
		if definite = o.cov.factor(); !definite {
			o.cov.repair()
		}
	}
	if o.record == nil {
		o.converged = o.still()
		return nil
	}
	o.record.note(o.order, evals)
	o.plan.used += uint64(o.lambda)
	worst := evals[o.order[o.lambda-1]].Loss
	if o.plan.over() || o.stop(worst, definite) != stopNot {
		o.restart()
	}
	return nil
}

// adapt moves the distribution to the better candidates.
func (o *cmaes) adapt() {
	n := len(o.mean)
	clear(o.zw)
	for rank, w := range o.w {
		k := o.order[rank]
		y, z := o.y[k*n:(k+1)*n], o.z[k*n:(k+1)*n]
		if rank < o.mu {
			kernel.Axpy(o.zw, w, z)
		} else {
			// As long as the expected one, so that C stays positive definite (eq. 46).
			var squares [1]float64
			kernel.RowDots(squares[:], z, n, z, n, 1, n, false)
			w *= float64(n) / squares[0]
		}
		copy(o.b[rank*n:], y)
		scaled(o.a[rank*n:][:n], float64(o.cmu*w), y)
	}
	// The mean, with all of the step (eq. 41 and 42).
	kernel.Gemm(1, n, o.mu, o.yw, n, o.w, 0, 1, o.b, n, nil, false)
	kernel.Axpy(o.mean, o.step.sigma, o.yw)
	// The step size. The path is of zw, that is of yw with the inverse of U' in
	// place of that of the symmetric root (Krause et al. 2016, sec. 2).
	grows := o.step.update(o.zw)
	// The covariance (eq. 45 and 47).
	keep := o.keep
	kernel.Scale(o.pc, 1-o.cc)
	if grows {
		kernel.Axpy(o.pc, o.normalise, o.yw)
	} else {
		keep += float64(o.c1 * float64(o.cc*(2-o.cc)))
	}
	last := len(o.w)
	copy(o.b[last*n:], o.pc)
	scaled(o.a[last*n:][:n], o.c1, o.pc)
	o.cov.update(keep, o.a, o.b, last+1)
}

// scaled is dst = a x.
func scaled(dst []float64, a float64, x []float64) {
	copy(dst, x)
	kernel.Scale(dst, a)
}

// farOut reports whether a candidate, or an element of C, might overflow.
func (o *cmaes) farOut() bool {
	const limit = 1e150
	_, most := o.cov.variances()
	if !(most < limit) || !(float64(o.step.sigma*math.Sqrt(most)) < limit) {
		return true
	}
	for _, x := range o.mean {
		if !(math.Abs(x) < limit) {
			return true
		}
	}
	return false
}

// Recommend is the mean, or with restarts that of an earlier run if it ended
// with a lower loss than this one has now.
func (o *cmaes) Recommend() []float64 {
	if o.held < o.loss {
		return o.best
	}
	return o.mean
}

// Diagnostics reports the step size, a lower bound of the condition number of the
// covariance, and with restarts the population and the number of runs.
func (o *cmaes) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) {
		if !yield("sigma", o.step.sigma) || !yield("condition", o.cov.condition()) || o.record == nil {
			return
		}
		_ = yield("population", float64(o.lambda)) && yield("runs", float64(o.plan.runs))
	}
}

// The checkpoint holds the factor as well as the covariance, which is newer.
func (o *cmaes) state() []any {
	fields := []any{&o.generation, &o.age, &o.converged, o.mean, o.pc, o.cov.c, o.cov.u}
	fields = append(fields, o.step.state()...)
	if o.record != nil {
		fields = append(fields, &o.loss, &o.held, o.best)
		fields = append(fields, o.plan.state()...)
		fields = append(fields, o.record.state()...)
	}
	return fields
}

func (o *cmaes) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("cma-es/1 "+o.cfg.Restarts, o.state()...)
}

func (o *cmaes) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("cma-es/1 "+o.cfg.Restarts, data, o.state()...); err != nil {
		return err
	}
	if !o.plan.sound() {
		return fmt.Errorf("checkpoint of cma-es has a population of %d, want one between %d and %d", o.plan.chosen, o.plan.lambda, o.plan.largest())
	}
	o.size(int(o.plan.chosen))
	return nil
}
