package report

import (
	"math"
	"reflect"
	"testing"

	"github.com/joust-bench/joust/network/probe"
)

func TestWorstVerdictOfAnySeed(t *testing.T) {
	// Deltas that fall by 100 a layer over three layers: factor 0.01, ratio 1e-4.
	vanish := func(seed uint64, first float64) []float64 { return []float64{first, first * 100, first * 1e4} }
	s := analyse(
		probed(probed(base("a", "x", 1), forward(0), vanish(1, 1e-6)...), forward(1000), 1, 1, 1),
		probed(probed(base("a", "x", 2), forward(0), vanish(2, 1e-8)...), forward(1000), 1, 1, 1),
		probed(probed(base("a", "x", 3), forward(0), 1, 1, 1), forward(1000), 1, 1, 1),
		base("a", "x", 4), // not probed
	)
	c := row(t, s, "a + x")
	g := c.Start
	if g == nil || g.Verdict != probe.Vanishing || g.Agree != 2 || g.Seeds != 3 || g.Layers != 3 {
		t.Fatalf("start = %+v, want VANISHING in 2 of 3 seeds, 3 layers", g)
	}
	if math.Abs(float64(g.Factor)-.01) > 1e-12 || math.Abs(float64(g.Ratio)-1e-4) > 1e-15 {
		t.Errorf("factor %v, ratio %v; want 0.01, 1e-4", g.Factor, g.Ratio)
	}
	if c.End.Verdict != probe.Healthy || c.End.Agree != 3 || c.End.Ratio != 1 {
		t.Errorf("end = %+v, want HEALTHY in 3 of 3, ratio 1", c.End)
	}
	if c := row(t, analyse(base("a", "x", 1)), "a + x"); c.Start != nil || c.End != nil || len(c.Deltas.Work) != 0 {
		t.Errorf("never probed: %v %v %v, want nothing", c.Start, c.End, c.Deltas)
	}
}

func TestDeltasByLayerAndWork(t *testing.T) {
	one := probed(probed(probed(base("a", "x", 1), forward(0), 1, 2, 4), forward(100), 2, 2, 2), forward(200), 0, 1, 1)
	// Ended after its second probe, a little later than the first run's: it keeps
	// the last one at or before.
	two := probed(probed(base("a", "x", 2), forward(0), 3, 2, 4), forward(150), math.MaxFloat64, 2, 2)
	got := row(t, analyse(one, two), "a + x").Deltas
	want := Deltas{
		Work: []Number{0, 100, 200}, Layers: []string{"a", "b", "c"},
		Ratio: [][]Number{
			{.5, (1 + .75) / 2, Number(inf)}, // medians of (1/4, 3/4), (1, 3/4), (0, not finite)
			{.5, (1 + .5) / 2, 1},
			{1, 1, 1},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("deltas = %+v, want %+v", got, want)
	}
}

func TestDeltaRatio(t *testing.T) {
	for _, tt := range []struct{ delta, last, want float64 }{
		{1, 4, .25},
		{0, 4, 0},
		{0, 0, 0}, // nothing arrives, whatever the last one is
		{1, 0, inf},
		{math.MaxFloat64, 1, inf},
		{1, math.MaxFloat64, inf},
		{nan, 1, inf},
		{1e-300, 1, 1e-300},
	} {
		if got := deltaRatio(tt.delta, tt.last); got != tt.want {
			t.Errorf("deltaRatio(%v, %v) = %v, want %v", tt.delta, tt.last, got, tt.want)
		}
	}
}
