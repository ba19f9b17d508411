package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
)

// meanField is, for each layer of a network of wide ones, the variance q of what goes
// into its units, and the product of all gains^2 E[f'^2] so far: how much of the square of
// a gradient is left.
func meanField(f activation.Func, gain float64, layers int) (q, gradient []float64) {
	square := func(q float64, f func(z float64) float64) float64 { // E[f(z)^2], z ~ N(0, q)
		const step = 0.02
		sum := 0.0
		for u := -8.0; u <= 8; u += step {
			v := f(u * math.Sqrt(q))
			sum += step * v * v * math.Exp(-u*u/2) / math.Sqrt(2*math.Pi)
		}
		return sum
	}
	v, g := gain*gain, 1.0 // of inputs of variance 1
	for range layers {
		g *= gain * gain * square(v, func(z float64) float64 { return f.D(z, f.F(z)) })
		q, gradient = append(q, v), append(gradient, g)
		v = gain * gain * square(v, f.F)
	}
	return q, gradient
}

// The first weights of oscillating networks neither let the gradient vanish at full size,
// nor explode where units grow faster than what comes in; half of them would make it
// vanish for all. It is so in theory, and the models are the networks of the theory.
func TestFirstWeightsOfOscillatingNetworks(t *testing.T) {
	const layers, width, n = 10, 200, 128
	for _, tt := range []struct {
		name    string
		gain    float64
		half    float64 // of the gradient, over ten layers, at a gain of 1/2: doc.go
		full    float64 // at 1
		explode bool
	}{
		{"gcu", 1, .0007, .40, false},
		{"ssu", 1, .0010, .85, false},
		{"dsu", 1, .0009, .47, false},
		{"squ", 0.5, .0018, 0, true},
		{"ncu", 0.5, .0010, 0, true},
		{"mcu", 0.5, .0098, 0, true},
	} {
		f, err := activation.ByName(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		_, half := meanField(f, 0.5, layers)
		if got := math.Sqrt(half[layers-1]); math.Abs(got/tt.half-1) > 0.06 {
			t.Errorf("%s: at half, %v of the gradient is left, want %v", tt.name, got, tt.half)
		}
		_, full := meanField(f, 1, layers)
		if got := math.Sqrt(full[layers-1]); tt.explode && got < 1e9 || !tt.explode && math.Abs(got/tt.full-1) > 0.02 {
			t.Errorf("%s: at full size, %v of the gradient is left, want %v, or an explosion: %v", tt.name, got, tt.full, tt.explode)
		}

		// The model, as it is by default.
		m := oscillating()
		config := fmt.Sprintf(`{"depth":%d,"width":%d,"activation":%q}`, layers, width, tt.name)
		in := network.Shape{width}
		specs, err := m.Layers([]byte(config), "", in, network.Shape{10})
		if err != nil {
			t.Fatal(err)
		}
		net, err := network.New[float64](in, specs...)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 1))
		w, x := net.Init(rng), network.NewTensor[float64](in, n)
		for f := range width {
			for i := range n {
				x.Row(f)[i] = rng.NormFloat64()
			}
		}
		target := loss.Target[float64]{Labels: make([]int32, n)}
		for i := range target.Labels {
			target.Labels[i] = int32(rng.IntN(10))
		}
		q, gradient := meanField(f, tt.gain, layers)
		list := probe.Measure(net, w, x, loss.SoftmaxCrossEntropy, target)
		for i, l := range list[:layers] {
			if want := math.Sqrt(q[i]); i < 3 && !(math.Abs(l.PreStd/want-1) < 0.15) {
				t.Errorf("%s, layer %d: deviation %v goes in, want %v", tt.name, l.Depth, l.PreStd, want)
			}
		}
		deep := layers - 1
		if tt.explode { // what is rare in a normal distribution counts, and layers are not that wide
			deep = 2
		}
		if got, want := list[0].Delta/list[deep].Delta, math.Sqrt(gradient[deep-1]); !(math.Abs(got/want-1) < 0.3) {
			t.Errorf("%s: a gradient is multiplied by %v over %d layers, want %v", tt.name, got, deep, want)
		}
	}
}
