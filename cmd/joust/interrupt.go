package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interruptible returns a context that the first Ctrl-C or SIGTERM cancels,
// after it called first: the run stops between two steps and closes its files.
// A second one calls second and ends the program at once, which loses no more:
// results are safe when they are stored. The caller calls stop when signals
// shall mean again what they usually do.
func interruptible(parent context.Context, first, second func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var wg sync.WaitGroup
	over := make(chan struct{})
	wg.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-over:
				return
			case <-signals:
			}
			if n > 1 {
				second()
				os.Exit(exitInterrupted)
			}
			first()
			cancel()
		}
	})
	return ctx, sync.OnceFunc(func() {
		signal.Stop(signals)
		close(over)
		wg.Wait()
		cancel()
	})
}
