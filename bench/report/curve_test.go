package report

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
)

func TestBandIsReadAtTheSameWork(t *testing.T) {
	long := with(base("a", "x", 1), func(r *bench.Result) {
		r.Curve = []bench.Point{point(forward(0), 1, .5), point(forward(10), .8, .6), point(forward(20), .6, .7)}
	})
	// Solved at 12: from then on it keeps its last value.
	short := with(solvedAt("a", "x", 2, forward(12)), func(r *bench.Result) {
		r.Curve = []bench.Point{point(forward(0), 1, .5), point(forward(12), .2, 1)}
	})
	c := row(t, analyse(long, short), "a + x").Curve
	if want := []Number{0, 10, 20}; !slices.Equal(c.Work, want) {
		t.Fatalf("work = %v, want %v", c.Work, want)
	}
	if want := []Number{1, .9, .4}; !slices.Equal(c.Loss.Median, want) { // (.8+1)/2, (.6+.2)/2
		t.Errorf("median loss = %v, want %v", c.Loss.Median, want)
	}
	if got, want := c.Value.Lo[2], .7+.025*.3; !near(got, want) {
		t.Errorf("2.5 %% quantile of 0.7 and 1 = %v, want %v", got, want)
	}
	if len(c.Runs) != 2 || c.Runs[1].Seed != 2 || !slices.Equal(c.Runs[1].Work, []Number{0, 12}) {
		t.Errorf("runs = %+v, want both as they were", c.Runs)
	}
}

func TestThinningKeepsBothEnds(t *testing.T) {
	points := make([]bench.Point, 1234)
	for i := range points {
		points[i].Step = i
	}
	got := thin(points)
	if len(got) != curvePoints || got[0].Step != 0 || got[len(got)-1].Step != 1233 {
		t.Errorf("thinned to %d, from %d to %d; want %d, from 0 to 1233", len(got), got[0].Step, got[len(got)-1].Step, curvePoints)
	}
	if got := thin(points[:7]); len(got) != 7 {
		t.Errorf("7 points thinned to %d", len(got))
	}
}
