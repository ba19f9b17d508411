package probe

import (
	"math"
	"math/rand/v2"
	"testing"
)

// By hand: (1, 0) and (0, 1) have the mean (1/2, 1/2), of squared norm 1/2. Their
// variance is 1/2 in each coordinate, that of the mean of two 1/4, in all 1/2.
func TestCompareByHand(t *testing.T) {
	n := Compare([][]float64{{1, 0}, {0, 1}}, []float64{0.5, 0.5})
	within(t, "cosine", n.Cosine, math.Sqrt2/2, 1e-15)
	within(t, "sign", n.Sign, 0.5, 0) // 0 is a sign of its own
	within(t, "signal to noise", n.SNR, 0, 1e-15)
	within(t, "confusion", n.Confusion, 0, 1e-15)

	n = Compare([][]float64{{1e-200, -2e-200}, {3e-200, -1e-200}, {2e-200, 3e-200}}, []float64{1, -1})
	within(t, "cosine", n.Cosine, (3/math.Sqrt(5)+4/math.Sqrt(10)-1/math.Sqrt(13))/math.Sqrt2/3, 1e-14)
	within(t, "sign", n.Sign, 5.0/6, 1e-15)
	within(t, "confusion", n.Confusion, (2-6)/math.Sqrt(65), 1e-14) // the first and the last
	// mean (2, 0); variances 1 and 7, of the mean 1/3 and 7/3.
	within(t, "signal to noise", n.SNR, 4/(8.0/3)-1, 1e-13)
}

func TestCompareEqual(t *testing.T) {
	g := []float64{3, -1, 2}
	n := Compare([][]float64{g, g, g}, g)
	if n.SNR != math.MaxFloat64 || n.Sign != 1 || !(n.Cosine > 1-1e-15) || !(n.Confusion > 1-1e-15) {
		t.Errorf("equal gradients: %+v, want perfect agreement", n)
	}
	zero := make([]float64, 3)
	if n := Compare([][]float64{zero, zero}, zero); n != (Noise{Sign: 1}) {
		t.Errorf("no gradient: %+v, want 0, with equal signs", n)
	}
	if n := Compare([][]float64{g}, g); n.SNR != 0 || n.Confusion != 0 || !(n.Cosine > 1-1e-15) {
		t.Errorf("one part: %+v, want a cosine of 1, and nothing of pairs", n)
	}
}

// Chance scores a cosine of 0 give or take 1/sqrt(len), signs of 1/2, and a signal
// of 0; a signal of a known size scores that. Four standard deviations.
func TestCompareChance(t *testing.T) {
	const length, parts, trials = 400, 8, 200
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(mean float64) []float64 {
		v := make([]float64, length)
		for i := range v {
			v[i] = mean + rng.NormFloat64()
		}
		return v
	}
	var cosine, square, sign, snr, signal float64
	for range trials {
		g := make([][]float64, parts)
		for i := range g {
			g[i] = draw(0)
		}
		n := Compare(g, draw(0))
		cosine += n.Cosine / trials
		square += n.Cosine * n.Cosine / trials
		sign += n.Sign / trials
		snr += n.SNR / trials
		for i := range g {
			g[i] = draw(0.5)
		}
		signal += Compare(g, g[0]).SNR / trials
	}
	std := 1 / math.Sqrt(length*parts) // of the mean of the cosines with one vector
	within(t, "cosine of chance", cosine, 0, 4*std/math.Sqrt(trials))
	if !(square > 0.7*std*std && square < 1.4*std*std) {
		t.Errorf("the cosine of chance has a variance of %v, want about %v", square, std*std)
	}
	within(t, "signs of chance", sign, 0.5, 4*0.5/math.Sqrt(length*parts*trials))
	// The ratio of chi squares of 400 and 2800 degrees of freedom.
	ratio := math.Sqrt(2.0/length + 2.0/(length*(parts-1)))
	within(t, "signal to noise of chance", snr, 0, 4*ratio/math.Sqrt(trials)+1e-3)
	within(t, "signal to noise of 1/4 in variances of 1/8", signal, 2, 0.02)
}
