package main

import (
	"testing"

	"github.com/joust-bench/joust/optimizers/opttest"
)

// The contract of every optimizer: seeds, checkpoints, losses of +Inf, progress
// on an easy function, and more.
func TestContract(t *testing.T) { opttest.Run(t, ES) }
