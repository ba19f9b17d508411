package pretrain

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/joust-bench/joust/network/loss"
)

// The gradient of every kind of autoencoder agrees with finite differences, to a
// relative 1e-6.
func TestAutoencoderGradient(t *testing.T) {
	for _, c := range []struct {
		name   string
		tied   bool
		linear bool
		loss   loss.Kind
	}{
		{"tied, cross-entropy", true, false, loss.BinaryCrossEntropy},
		{"untied, cross-entropy", false, false, loss.BinaryCrossEntropy},
		{"tied, mse", true, false, loss.MSE},
		{"untied, mse", false, false, loss.MSE},
		{"tied, linear", true, true, loss.BinaryCrossEntropy},
		{"untied, linear", false, true, loss.MSE},
	} {
		rng := seeded(1)
		a := NewAutoencoder(5, 3, c.tied, rng)
		a.Loss, a.Linear = c.loss, c.linear
		for _, p := range a.parameters() {
			for i := range p {
				p[i] = 0.5 * rng.NormFloat64()
			}
		}
		p := newPass(a, 8)
		x := make([]float64, 7*5)
		for i := range x {
			x[i] = rng.Float64()
		}
		p.load(x)
		p.corrupt(0.3, rng)
		g := a.like()
		p.gradient(g)
		checked := 0
		for which, w := range a.parameters() {
			for i, v := range w {
				const h = 1e-5
				w[i] = v + h
				up := p.loss()
				w[i] = v - h
				down := p.loss()
				w[i] = v
				got, want := g.parameters()[which][i], (up-down)/(2*h)
				if rel := math.Abs(got-want) / max(1e-4, math.Abs(got)+math.Abs(want)); rel > 1e-6 {
					t.Errorf("%s: derivative %d of parameter %d = %g, finite difference %g", c.name, i, which, got, want)
				}
				checked++
			}
		}
		want := 15 + 3 + 5
		if !c.tied {
			want += 15
		}
		if checked != want {
			t.Errorf("%s: %d parameters, want %d", c.name, checked, want)
		}
	}
}

// The losses by hand: one input of 1/4 and one hidden unit, all weights 0.
func TestAutoencoderLossByHand(t *testing.T) {
	a := NewAutoencoder(1, 1, true, seeded(1))
	a.W[0] = 0
	p := newPass(a, 1)
	p.load([]float64{0.25})
	near(t, "cross-entropy", p.loss(), math.Ln2, 1e-15)
	a.Loss = loss.MSE
	near(t, "squared error of the sigmoid", p.loss(), 0.25*0.25/2, 1e-15)
	a.Linear = true
	near(t, "squared error", p.loss(), 0.25*0.25/2, 1e-15) // 1/4 - 0
}

// Denoising undoes noise: the reconstruction of corrupted inputs is nearer to the
// clean ones than the corrupted inputs are.
func TestDenoisingAutoencoderRemovesNoise(t *testing.T) {
	x, _ := centres(400, 3)
	clean := make([]float64, len(x)) // the centres themselves
	for i := range clean {
		clean[i] = one(i%8/4 == i/8%2)
	}
	for _, tied := range []bool{false, true} {
		a := NewAutoencoder(8, 6, tied, seeded(4))
		c := DefaultReconstruct()
		if err := a.Train(context.Background(), clean, c, seeded(5)); err != nil {
			t.Fatal(err)
		}
		h := sigmoidLayer(x, 8, 6, a.W, a.C)
		v := make([]float64, 6*8) // [Inputs][Hidden]
		for j := range 6 {
			for i := range 8 {
				v[i*6+j] = a.decoder()[j*8+i]
			}
		}
		r := sigmoidLayer(h, 6, 8, v, a.B)
		before, after := 0.0, 0.0
		for i := range x {
			before += (x[i] - clean[i]) * (x[i] - clean[i])
			after += (r[i] - clean[i]) * (r[i] - clean[i])
		}
		if after > before/2 {
			t.Errorf("tied %v: squared error %.1f of corrupted inputs becomes %.1f, want half", tied, before, after)
		}
	}
}

func TestAutoencoderStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a := NewAutoencoder(4, 2, true, seeded(1))
	if err := a.Train(ctx, make([]float64, 8), DefaultReconstruct(), seeded(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	mustFail(t, a.Train(context.Background(), make([]float64, 7), DefaultReconstruct(), seeded(1)))
}
