package evolution

import (
	"math"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// Along one direction the speed is 0.15, then 0.9 of that and 0.15, and then it
// would be 0.4065, which is clipped.
func TestClipUpByHand(t *testing.T) {
	o, err := newPGPE(PGPEConfig{Population: 2, Radius: 1, MaxSpeed: 0.3, Step: 0.15, Momentum: 0.9, SigmaLR: 0.1, MaxChange: 0.2},
		optimizers.Problem{Init: []float64{1, -1}, Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	way := 0.0
	for step, speed := range []float64{0.15, 0.285, 0.3, 0.3} {
		copy(o.grad, []float64{3e5, -4e5}) // whose length does not matter
		o.clipUp()
		way += speed
		for i, want := range []float64{1 + 0.6*way, -1 - 0.8*way} {
			if math.Abs(o.mean[i]-want) > 1e-12 {
				t.Errorf("step %d: coordinate %d of the center is %v, want %v", step, i, o.mean[i], want)
			}
		}
	}
	clear(o.grad) // a plateau
	o.clipUp()
	if got := norm(o.velocity); math.Abs(got-0.27) > 1e-12 {
		t.Errorf("speed %v on a plateau, want 0.9 of 0.3", got)
	}
}

// A pair that is better than the others and went far widens, no more than allowed.
func TestSigmaOfPGPEByHand(t *testing.T) {
	o, err := newPGPE(PGPEConfig{Population: 4, Radius: math.Sqrt2, MaxSpeed: 0.3, Step: 0.15, SigmaLR: 0.1, MaxChange: 0.2},
		optimizers.Problem{Init: []float64{0, 0}, Seed: 1, Threads: 1}) // sigma is 1
	if err != nil {
		t.Fatal(err)
	}
	const rate = 0.1 / 2 // of two pairs
	copy(o.averages, []float64{0.25 * rate, -0.25 * rate})
	// 1/4 of 9 less 1/4 of 1, and 1/4 of 100 less 1/4 of 0.
	copy(o.up[0], []float64{3, 10})
	copy(o.up[1], []float64{1, 0})
	o.updateStretch(0)
	for i, want := range []float64{1 + 0.1*2/2, 1.2} {
		if math.Abs(o.sigma[i]-want) > 1e-12 {
			t.Errorf("sigma %d is %v, want %v", i, o.sigma[i], want)
		}
	}
}
