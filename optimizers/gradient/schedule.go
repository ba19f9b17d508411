package gradient

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A schedule is the learning rate over time, as a factor of the first one. Its
// lengths are fractions of the budget, in steps.
type schedule struct {
	kind   string  // "constant", "step" or "cosine"
	decay  float64 // step: the factor of each drop
	every  int     // step: steps between drops
	final  float64 // cosine: the last factor
	warmup int     // steps in which it rises to 1 first
	budget int     // steps in all; 0 is not known
}

// newSchedule turns the fractions every and warmup of the budget to steps.
func newSchedule(kind string, decay, every, final, warmup float64, budget int) (schedule, error) {
	s := schedule{kind: kind, decay: decay, final: final, budget: budget}
	if budget == 0 && kind != "constant" {
		return s, fmt.Errorf("schedule: %q needs a budget of evaluations, want constant where it is unknown", kind)
	}
	if budget == 0 && warmup > 0 {
		return s, fmt.Errorf("warmup: %v of an unknown budget of evaluations, want 0", warmup)
	}
	s.every = max(1, int(math.Round(every*float64(budget))))
	s.warmup = int(math.Round(warmup * float64(budget)))
	return s, nil
}

// factor is that of the given step, counted from 0. After the budget it stays
// what it was at its end.
func (s schedule) factor(step uint64) float64 {
	t := int(min(step, uint64(s.budget)))
	if t < s.warmup {
		// Goyal et al. 2017, arXiv:1706.02677, section 2.2: a gradual warmup.
		return float64(t+1) / float64(s.warmup)
	}
	switch s.kind {
	case "step":
		factor := 1.0
		for ; t >= s.every; t -= s.every {
			factor *= s.decay
		}
		return factor
	case "cosine":
		// Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, without restarts.
		turns := float64(t-s.warmup) / float64(max(1, s.budget-s.warmup)) / 2
		_, cos := noise.SinCos(turns)
		return s.final + float64((1-s.final)*0.5*(1+cos))
	default:
		return 1
	}
}
