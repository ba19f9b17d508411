package report

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
)

// Backprop solves with 100 gradients, a gradient-free method with 250 losses. At
// 2 a gradient that is 200 against 250; at 3, 300 against 250; at 4, 400.
func TestPriceOfAGradientCanChangeTheWinner(t *testing.T) {
	s := analyse(solvedAt("a", "sgd", 1, graded(100)), solvedAt("a", "ga", 1, forward(250)), ends("a", "none", 1, .6, .6))
	if got := s.Tasks[0].Contenders[0].Label; got != "a + ga" {
		t.Fatalf("winner at 3 = %s, want a + ga", got)
	}
	got := s.Tasks[0].Stability
	if len(got) != 2 {
		t.Fatalf("stability = %+v, want prices 2 and 4", got)
	}
	// One of three pairs is reversed: tau = (2-1)/3.
	if c := got[0]; c.GradCost != 2 || c.Winner != "a + sgd" || c.SameWinner || c.Moved != 2 || !near(c.Tau, 1./3) {
		t.Errorf("at 2: %+v, want a + sgd, 2 moved, tau 1/3", c)
	}
	if c := got[1]; c.GradCost != 4 || c.Winner != "a + ga" || !c.SameWinner || c.Moved != 0 || c.Tau != 1 {
		t.Errorf("at 4: %+v, want a + ga, none moved, tau 1", c)
	}
	want := "xor: charged 3 forward passes for a loss and gradient; at 2 the winner is a + sgd, 2 contenders elsewhere (Kendall's tau 0.333); at 4 the winner is the same and no rank changes."
	if got := stabilitySentence(s.Tasks[0], s.GradCost); got != want {
		t.Errorf("sentence = %q, want %q", got, want)
	}
}

// Without a target, at 3 all had 300 units. At 2 the gradient method had only
// 200 of them, which is where both are then compared: the other one had 0.5 by
// then, and overtook later.
func TestPriceOfAGradientWithoutTarget(t *testing.T) {
	sgd := with(base("a", "sgd", 1), func(r *bench.Result) {
		r.Goal, r.Work, r.Test.Value = goal(accuracy, nan), graded(100), .7
		r.Curve = []bench.Point{point(forward(0), .7, .5), point(graded(100), .4, .7)}
	})
	ga := with(base("a", "ga", 1), func(r *bench.Result) {
		r.Goal, r.Work, r.Test.Value = goal(accuracy, nan), forward(300), .8
		r.Curve = []bench.Point{point(forward(0), .7, .5), point(forward(250), .3, .8), point(forward(300), .3, .8)}
	})
	s := analyse(sgd, ga)
	if got := s.Tasks[0].Contenders[0].Label; got != "a + ga" {
		t.Fatalf("winner = %s, want a + ga", got)
	}
	got := s.Tasks[0].Stability
	if len(got) != 2 || got[0].Winner != "a + sgd" || got[0].SameWinner || got[1].Winner != "a + ga" || !got[1].SameWinner {
		t.Errorf("stability = %+v, want a + sgd at 2 and a + ga at 4", got)
	}
	if got[0].Basis != "validation accuracy at equal work" {
		t.Errorf("basis = %q", got[0].Basis)
	}
}

func TestOwnPriceIsNotRepeated(t *testing.T) {
	r := base("a", "x", 1)
	r.Trial.GradCost = 2
	var prices []Number
	for _, s := range analyse(r).Tasks[0].Stability {
		prices = append(prices, s.GradCost)
	}
	if !slices.Equal(prices, []Number{3, 4}) {
		t.Errorf("prices = %v, want 3 and 4", prices)
	}
	if got := analyse(failedRun("a", "x", 1)).Tasks[0].Stability; got != nil {
		t.Errorf("nothing ranked, stability = %v, want none", got)
	}
}
