package evolution

import (
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// The criteria by which a run of CMA-ES is over (Hansen 2009, sec. 2, and for
// those that he kept from before, Auger & Hansen 2005, sec. II.B). Where the
// paper has the eigenvectors of C, here are the columns of its Cholesky factor,
// and the condition number is the bound that the factor gives.
const (
	stopNot          = ""
	stopMaxIter      = "max-iter"       // 100 + 50 (n+3)^2 / sqrt(lambda) generations
	stopTolHistFun   = "tol-hist-fun"   // the losses of 10 + 30 n/lambda generations differ by less than 1e-12
	stopEqualFunVals = "equal-fun-vals" // in a third of the last n generations the best and a middling candidate are equal
	stopTolX         = "tol-x"          // every coordinate moves by less than 1e-12 of the first sigma
	stopTolUpSigma   = "tol-up-sigma"   // sigma has grown by 1e20 times the largest standard deviation of C
	stopStagnation   = "stagnation"     // neither the best nor the median loss is better than it was
	stopCondition    = "condition-cov"  // the condition number of C exceeds 1e14
	stopNoEffectAxis = "no-effect-axis" // a tenth of a standard deviation along an axis does not change the mean
	stopNoEffectCoor = "no-effect-coor" // a fifth of one along some coordinate does not change it
)

// still reports whether no coordinate moves any more: TolX, relative to the first
// step size of the run.
func (o *cmaes) still() bool {
	limit := float64(1e-12 * o.plan.width)
	for i, pc := range o.pc {
		if float64(o.step.sigma*max(math.Abs(pc), o.cov.deviation(i))) >= limit {
			return false
		}
	}
	return true
}

// stop returns the criterion that ends the run, if one does. The worst is the
// highest loss of the generation, and definite says that C is, numerically.
func (o *cmaes) stop(worst float64, definite bool) string {
	if reason := o.record.flat(worst); reason != stopNot {
		return reason
	}
	_, most := o.cov.variances()
	switch {
	case float64(o.record.generation) >= o.record.maxIter:
		return stopMaxIter
	case o.still():
		return stopTolX
	case o.step.sigma/o.plan.width > float64(1e20*math.Sqrt(most)):
		return stopTolUpSigma
	case !definite || o.cov.condition() > 1e14:
		return stopCondition
	case o.axisHasNoEffect():
		return stopNoEffectAxis
	case o.coordinateHasNoEffect():
		return stopNoEffectCoor
	case o.record.stagnates():
		return stopStagnation
	}
	return stopNot
}

// axisHasNoEffect looks at one axis in each generation.
func (o *cmaes) axisHasNoEffect() bool {
	n := len(o.mean)
	i := int(o.generation % uint64(n))
	axis := o.cov.u[i*n : (i+1)*n]
	for j, x := range o.mean {
		if x+float64(float64(0.1*o.step.sigma)*axis[j]) != x {
			return false
		}
	}
	return true
}

func (o *cmaes) coordinateHasNoEffect() bool {
	for i, x := range o.mean {
		if x+float64(float64(0.2*o.step.sigma)*o.cov.deviation(i)) == x {
			return true
		}
	}
	return false
}

// restart begins the next run of the plan, from a point drawn around the starting
// weights.
func (o *cmaes) restart() {
	if o.loss < o.held {
		o.held = o.loss
		copy(o.best, o.mean)
	}
	o.plan.next()
	copy(o.mean, o.p.Init)
	noise.AddNormal(o.mean, o.cfg.Sigma, noise.Mix(o.p.Seed, streamStart), o.plan.runs, 0)
	clear(o.pc)
	o.cov.identity()
	o.step.start(o.plan.width)
	o.record.start()
	o.age, o.loss = 0, math.Inf(1)
	o.size(int(o.plan.chosen))
}
