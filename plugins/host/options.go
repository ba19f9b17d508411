package host

import "time"

// Options say how patient the host is, and how much it keeps. What is zero has
// the default.
type Options struct {
	// Host is what plugins are told of this program, such as "joust 1.2.0".
	Host string
	// Setup is how long Describe, Init, a checkpoint and its restoration, and
	// Finish may take: 10 s.
	Setup time.Duration
	// Step is how long any other call may take: 5 s, or Factor times the
	// median of the last steps, whichever is more. Factor is 20.
	Step   time.Duration
	Factor float64
	// Grace is how long a process has to end when it is asked to: 2 s.
	Grace time.Duration
	// Replay is how many bytes of tells a run keeps, and of the checkpoint that
	// they follow, for the case that its process fails: 256 MiB.
	Replay int
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&o.Setup, 10*time.Second)
	set(&o.Step, 5*time.Second)
	set(&o.Grace, 2*time.Second)
	if !(o.Factor > 0) {
		o.Factor = 20
	}
	if o.Replay <= 0 {
		o.Replay = 256 << 20
	}
	if o.Host == "" {
		o.Host = "joust"
	}
	return o
}
