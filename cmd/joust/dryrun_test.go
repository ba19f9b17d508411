package main

import (
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

// What a trial has left to do takes as long as what it did, by work; what it does once
// does not count.
func TestRemaining(t *testing.T) {
	timing := bench.Timing{
		Wall: time.Hour, Ask: time.Second, Eval: 2 * time.Second, Tell: time.Second, Free: time.Hour, Pretrain: 5 * time.Second,
	}
	for _, c := range []struct {
		what        string
		status      bench.Status
		begun, work int64
		want        float64
	}{
		{"steps", bench.Exhausted, 0, 100, 4 * 9},
		{"steps after pretraining", bench.Exhausted, 500, 600, 4 * 4},
		{"pretraining alone", bench.Exhausted, 250, 250, 5 * 3},
		{"nothing yet", bench.Exhausted, 0, 0, 0},
		{"it is over", bench.Solved, 0, 100, 0},
		{"all of the budget", bench.Exhausted, 0, 1000, 0},
	} {
		res := bench.Result{
			Status: c.status, Work: bench.Work{Forward: c.work}, Timing: timing,
			Curve: []bench.Point{{Work: bench.Work{Forward: c.begun}}},
		}
		if got := remaining(res, 1000); got != c.want {
			t.Errorf("%s: %v seconds remain, want %v", c.what, got, c.want)
		}
	}
}
