package plugins

import (
	"os"
	"time"
)

// watchParent ends the process soon after the one that has started it is gone,
// even if an optimizer never returns: stop is for what should be tidied up. A
// process whose parent ends is given to another, which is what is noticed; on
// Windows it is not, and there the host's job object has to end it.
func (s *Server) watchParent(stop func()) {
	const (
		interval = 250 * time.Millisecond
		grace    = 500 * time.Millisecond
	)
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(interval)
		}
		go stop()
		time.Sleep(grace)
		os.Exit(1)
	}()
}
