package bench

// Validation and probes are made at checkpoints: fixed amounts of work, the
// same for every contender, so that curves can be compared at equal work. They
// are spaced evenly on a logarithmic axis, 32 to a decade (so a work to target
// is known within 7.5 %), over the last three decades of the budget; every
// eighth of them is probed, and so are the start and the end.
const (
	checkpointRatio = 1.0746078283213176 // 10^(1/32)
	checkpointProbe = 8
	firstCheckpoint = 1e-3 // of the budget
	firstUnlimited  = 100  // where the budget has no limit of work
)

// checkpoints knows which checkpoint is next. The start is checkpoint 0.
type checkpoints struct {
	next  float64 // units of work
	count int     // passed so far
}

func newCheckpoints(budget float64) checkpoints {
	if budget == 0 {
		return checkpoints{next: firstUnlimited}
	}
	return checkpoints{next: budget * firstCheckpoint}
}

// due reports whether a checkpoint is reached, or passed, at units of work.
func (c *checkpoints) due(units float64) bool { return c.next <= units }

// pass moves on to the first checkpoint beyond units, and reports whether one
// of those passed is to be probed.
func (c *checkpoints) pass(units float64) (probe bool) {
	for c.due(units) {
		probe = probe || c.count%checkpointProbe == 0
		c.count++
		c.next *= checkpointRatio
	}
	return probe
}
