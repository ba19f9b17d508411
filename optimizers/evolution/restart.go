package evolution

import (
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A plan says what the runs of CMA-ES look like, one after the other.
//
// IPOP doubles the population at each restart (Auger & Hansen 2005,
// doi:10.1109/CEC.2005.1554902). BIPOP does so too, but takes turns with runs of
// small populations and small steps, such that both kinds spend about the same
// number of evaluations (Hansen 2009, doi:10.1145/1570256.1570333).
type plan struct {
	bipop  bool
	lambda int     // of the first run
	sigma  float64 // of the first run
	seed   uint64

	runs      uint64    // begun
	doublings uint64    // of the population of the large runs
	small     bool      // this run has a small population
	spent     [2]uint64 // evaluations of all large and of all small restarts
	lastLarge uint64    // evaluations of the latest large one
	used      uint64    // evaluations of this run
	limit     uint64    // evaluations that this run may use; 0: no limit
	chosen    uint64    // candidates of each generation of this run
	width     float64   // sigma that this run starts with
}

// maxDoublings is the number of restarts with a larger population (Hansen 2009,
// sec. 2). Then the population stays.
const maxDoublings = 9

func newPlan(bipop bool, lambda int, sigma float64, seed uint64) plan {
	return plan{bipop: bipop, lambda: lambda, sigma: sigma, seed: seed, runs: 1, chosen: uint64(lambda), width: sigma}
}

// next plans the run after this one. The first run counts neither as large nor as
// small, and the second is large.
func (p *plan) next() {
	switch {
	case p.small:
		p.spent[1] += p.used
	case p.runs > 1:
		p.spent[0] += p.used
		p.lastLarge = p.used
	}
	p.small = p.bipop && p.spent[1] < p.spent[0]
	if p.small {
		p.chooseSmall()
	} else {
		p.doublings = min(p.doublings+1, maxDoublings)
		p.chosen, p.width, p.limit = p.largest(), p.sigma, 0
	}
	p.used = 0
	p.runs++
}

// largest is the population of the large runs.
func (p *plan) largest() uint64 { return uint64(p.lambda) << p.doublings }

// chooseSmall draws a population between the first and half of the largest, and
// a sigma of a hundredth of the first to all of it (Hansen 2009, eq. 2 and 3). A
// small run may use half of the evaluations that the latest large one did.
func (p *plan) chooseSmall() {
	var u [2]float64
	noise.Uniform(u[:], noise.Mix(p.seed, streamRestart), p.runs, 0)
	ratio := float64(p.largest()) / float64(2*p.lambda)
	p.chosen = uint64(math.Floor(float64(p.lambda) * exp(float64(u[0]*u[0])*ln(ratio))))
	p.width = p.sigma * exp(float64(-2*u[1])*math.Ln10)
	p.limit = p.lastLarge / 2
}

// over reports whether this run has used up its evaluations.
func (p *plan) over() bool { return p.limit > 0 && p.used >= p.limit }

// sound reports whether a checkpoint holds a plan that this one could become.
func (p *plan) sound() bool {
	return p.doublings <= maxDoublings && uint64(p.lambda) <= p.chosen && p.chosen <= p.largest() && p.width > 0
}

// state is for a checkpoint.
func (p *plan) state() []any {
	return []any{&p.runs, &p.doublings, &p.small, p.spent[:], &p.lastLarge, &p.used, &p.limit, &p.chosen, &p.width}
}
