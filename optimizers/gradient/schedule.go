package gradient

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers/noise"
)

// RateSchedule is how the learning rate changes over the budget, in fractions
// of it, so that it needs one that is known.
type RateSchedule struct {
	Schedule string  `json:"schedule" doc:"how the learning rate changes over the budget" choices:"constant,step,cosine"`
	Decay    float64 `json:"decay" doc:"schedule step: factor of the learning rate at each drop" range:"(0,1]" scale:"log"`
	Every    float64 `json:"every" doc:"schedule step: part of the budget between drops" range:"[0.001,1]"`
	Final    float64 `json:"final" doc:"schedule cosine: last learning rate as a part of the first" range:"[0,1]"`
	Warmup   float64 `json:"warmup" doc:"part of the budget in which the learning rate rises to its full value" range:"[0,1)"`
}

// constantRate is the default.
func constantRate() RateSchedule {
	return RateSchedule{Schedule: "constant", Decay: 0.1, Every: 0.3}
}

// A schedule is the learning rate over time, as a factor of the first one. Its
// lengths are fractions of the budget, in steps.
type schedule struct {
	RateSchedule
	every  int // steps between drops
	warmup int // steps in which it rises to 1 first
	budget int // steps in all; 0 is not known
}

// newSchedule turns the fractions every and warmup of the budget to steps.
func newSchedule(cfg RateSchedule, budget int) (schedule, error) {
	s := schedule{RateSchedule: cfg, budget: budget}
	if budget == 0 && cfg.Schedule != "constant" {
		return s, fmt.Errorf("schedule: %q needs a budget of evaluations, want constant where it is unknown", cfg.Schedule)
	}
	if budget == 0 && cfg.Warmup > 0 {
		return s, fmt.Errorf("warmup: %v of an unknown budget of evaluations, want 0", cfg.Warmup)
	}
	s.every = max(1, int(math.Round(cfg.Every*float64(budget))))
	s.warmup = int(math.Round(cfg.Warmup * float64(budget)))
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
	switch s.Schedule {
	case "step":
		factor := 1.0
		for ; t >= s.every; t -= s.every {
			factor *= s.Decay
		}
		return factor
	case "cosine":
		// Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, without restarts.
		turns := float64(t-s.warmup) / float64(max(1, s.budget-s.warmup)) / 2
		_, cos := noise.SinCos(turns)
		return s.Final + float64((1-s.Final)*0.5*(1+cos))
	default:
		return 1
	}
}
