package network_test

import (
	"fmt"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// What is read of a chunker has the gradient of what it computes, with any levels, and
// for sequences of different lengths. The check's perturbations are too small to change
// what is a surprise.
func TestGradientsOfChunkers(t *testing.T) {
	in := network.Shape{6, 4}
	for _, spec := range []network.Chunker{
		{Levels: 1, Hidden: 5},
		{Levels: 2, Hidden: 4},
		{Levels: 3, Hidden: 3, Surprise: 0.6},
		{Levels: 2, Hidden: 3, Read: "all", Collapse: 0.5},
		{Levels: 2, Hidden: 3, Read: "collapsed", Collapse: 1},
		{Levels: 4, Hidden: 3, Read: "collapsed", Collapse: 1, Init: "lecun-normal"},
	} {
		spec.TimeScale = 5
		t.Run(fmt.Sprintf("%+v", spec), func(t *testing.T) {
			netcheck.Layer(t, in, spec, network.Dense{Out: 2})
			netcheck.Sequences(t, in, spec)
		})
	}
}
