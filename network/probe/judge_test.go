package probe

import (
	"math"
	"testing"
)

// deltas are layers with these deltas, from the input on.
func deltas(d ...float64) []Layer {
	l := make([]Layer, len(d))
	for i, v := range d {
		l[i] = Layer{Depth: i + 1, Delta: v}
	}
	return l
}

// dead are the same layers with these shares of dead units.
func dead(l []Layer, shares ...float64) []Layer {
	for i, s := range shares {
		l[i].Dead = s
	}
	return l
}

func TestJudge(t *testing.T) {
	const top = math.MaxFloat64
	nan := deltas(1, 1, 1)
	nan[1].Mean = math.NaN()
	for _, tt := range []struct {
		name   string
		layers []Layer
		want   Judgement
	}{
		{"even", deltas(1, 1, 1, 1), Judgement{Healthy, 1, 1}},
		{"a tenth a layer", deltas(1e-4, 1e-3, 1e-2, 1e-1, 1), Judgement{Vanishing, 0.1, 1e-4}},
		{"half a layer, not far yet", deltas(1./16, 1./8, 1./4, 1./2, 1), Judgement{Healthy, 0.5, 1. / 16}},
		{"slow, but far", deltas(pow(0.75, 29)...), Judgement{Healthy, 0.75, math.Pow(0.75, 29)}},
		{"tenfold a layer", deltas(1e4, 1e3, 1e2, 1e1, 1), Judgement{Exploding, 10, 1e4}},
		{"tenfold, not far yet", deltas(100, 10, 1), Judgement{Healthy, 10, 100}},
		{"least squares", deltas(math.E, 1, 1, math.E), Judgement{Healthy, 1, 1}},
		{"least squares of a step", deltas(1, 1, math.E, math.E), Judgement{Healthy, math.Exp(-0.4), 1 / math.E}},
		{"zeros below a rate", deltas(0, 0, 1e-2, 1e-1, 1), Judgement{Vanishing, 0.1, 0}},
		{"nothing beyond the output", deltas(0, 0, 1), Judgement{Vanishing, 0, 0}},
		{"a zero below an even way", deltas(0, 1, 1, 1), Judgement{Vanishing, 1, 0}},
		{"no loss to speak of", deltas(0, 0, 0), Judgement{Healthy, 1, 1}},
		{"a dead layer", dead(deltas(0, 0, 1, 1), 0.2, 0.1, 1), Judgement{Dead, 1, 0}},
		{"half dead", dead(deltas(1, 1, 1), 0.5, 0.5), Judgement{Healthy, 1, 1}},
		{"more than half dead", dead(deltas(1, 1, 1), 0.6, 0.5), Judgement{Dead, 1, 1}},
		{"one hidden layer", deltas(1e-6, 1), Judgement{Healthy, 1e-6, 1e-6}},
		{"one hidden layer, large", deltas(1e6, 1), Judgement{Healthy, 1e6, 1e6}},
		{"one hidden layer, dead", dead(deltas(0, 1), 1), Judgement{Dead, 0, 0}},
		{"one hidden layer, saturated", dead(deltas(1e-9, 1), 1), Judgement{Dead, 1e-9, 1e-9}},
		{"one layer", deltas(1), Judgement{Healthy, 1, 1}},
		{"no layer", nil, Judgement{Healthy, 1, 1}},
		{"overflow", deltas(top, 1, 1), Judgement{Exploding, top, top}},
		{"overflow of one hidden layer", deltas(top, 1), Judgement{Exploding, top, top}},
		{"infinite", deltas(1, 1, math.Inf(1)), Judgement{Exploding, top, top}},
		{"NaN", nan, Judgement{Exploding, top, top}},
		{"the ratio overflows", deltas(1e300, 1, 1e-300), Judgement{Exploding, 1e300, top}},
	} {
		got := Judge(tt.layers)
		if got.Verdict != tt.want.Verdict || !alike(got.Factor, tt.want.Factor) || !alike(got.Ratio, tt.want.Ratio) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// pow is b^n, b^(n-1), ..., 1.
func pow(b float64, n int) []float64 {
	p := make([]float64, n+1)
	for i := range p {
		p[i] = math.Pow(b, float64(n-i))
	}
	return p
}

func alike(got, want float64) bool {
	return got == want || math.Abs(got-want) <= 1e-9*math.Abs(want)
}

// A gradient that arrives and is noise is shattered; one that does not arrive has
// its own verdict.
func TestShattered(t *testing.T) {
	even := deltas(1, 1, 1)
	for _, tt := range []struct {
		name   string
		layers []Layer
		rho    float64
		want   Verdict
	}{
		{"noise", even, 0.09, Shattered},
		{"opposite", even, -0.5, Shattered},
		{"alike", even, 0.1, Healthy},
		{"unknown", even, math.NaN(), Healthy},
		{"noise of the living half", dead(deltas(1, 1, 1), 0.6, 0.6), 0, Shattered},
		{"vanishing", deltas(1e-4, 1e-2, 1), 0, Vanishing},
		{"exploding", deltas(1e4, 1e2, 1), 0, Exploding},
		{"blocked", dead(deltas(0, 0, 1), 0, 1), 0, Dead},
	} {
		before := Judge(tt.layers)
		got := before.Correlated(tt.rho)
		if got.Verdict != tt.want || got.Factor != before.Factor || got.Ratio != before.Ratio {
			t.Errorf("%s: %+v, want %s and else %+v", tt.name, got, tt.want, before)
		}
	}
}
