package optimizers

// Metered is what an optimizer implements that does not compute in this
// process, so that its own speed can be told from that of the way to it.
type Metered interface {
	// Seconds returns the wall time spent so far in calls of the optimizer: in
	// its own code, as its process says, and in all the rest, which is messages,
	// copies, checks, and starting again what has failed. A call under way is
	// not counted. It is called from the goroutine that calls Ask and Tell.
	Seconds() (own, transport float64)
}
