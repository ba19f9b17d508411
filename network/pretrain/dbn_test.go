package pretrain

import (
	"context"
	"math"
	"testing"
)

func likelihood(t *testing.T, d *DBN, x []float64) (logp, bound float64) {
	t.Helper()
	logp, bound, err := d.Likelihood(x)
	if err != nil {
		t.Fatal(err)
	}
	return logp, bound
}

// A tied machine on top changes no likelihood, and the bound is tight (Hinton et al.
// 2006, sec. 4). Learning it exactly never lowers the bound, nor lets it exceed the
// likelihood.
func TestTiedMachineAndItsBound(t *testing.T) {
	for seed := range uint64(3) {
		rng := seeded(seed)
		low := randomRBM(4, 3, 0.8, rng)
		x := barsAndStripes(2)
		want := logLikelihood(t, low, x)
		d := &DBN{Layers: []*RBM{low, low.Tied()}}
		logp, bound := likelihood(t, d, x)
		near(t, "ln p of the network", logp, want, 1e-10)
		near(t, "its bound", bound, want, 1e-10)

		// The data of the top machine: the states h with the weights of q, averaged
		// over the examples.
		n := len(x) / 4
		var hs, weight []float64
		for s := range 8 {
			p := 0.0
			for i := range n {
				q := low.Features(x[i*4:][:4])
				prob := 1.0
				for j := range 3 {
					if s>>j&1 == 1 {
						prob *= q[j]
					} else {
						prob *= 1 - q[j]
					}
				}
				p += prob / float64(n)
			}
			hs = append(hs, float64(s&1), float64(s>>1&1), float64(s>>2&1))
			weight = append(weight, p)
		}
		top := d.Layers[1]
		first := bound
		for step := range 200 {
			g, err := top.Gradient(hs, weight)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range parameters(top) {
				for k := range p {
					p[k] += 0.1 * parameters(g)[i][k]
				}
			}
			logp, now := likelihood(t, d, x)
			if now < bound-1e-9 {
				t.Fatalf("seed %d, step %d: the bound falls from %.12f to %.12f", seed, step, bound, now)
			}
			if now > logp+1e-12 {
				t.Fatalf("seed %d, step %d: bound %.12f above ln p %.12f", seed, step, now, logp)
			}
			bound = now
		}
		if bound < first+1e-3 {
			t.Errorf("seed %d: 200 steps raise the bound from %.6f to %.6f, want more", seed, first, bound)
		}
	}
}

// The likelihood of the network is a distribution over inputs.
func TestNetworkLikelihoodSumsToOne(t *testing.T) {
	rng := seeded(1)
	d := &DBN{Layers: []*RBM{randomRBM(4, 3, 1, rng), randomRBM(3, 5, 1, rng)}}
	sum := 0.0
	for s := range 16 {
		logp, bound := likelihood(t, d, []float64{float64(s & 1), float64(s >> 1 & 1), float64(s >> 2 & 1), float64(s >> 3)})
		sum += math.Exp(logp)
		if bound > logp {
			t.Errorf("state %d: bound %g above ln p %g", s, bound, logp)
		}
	}
	near(t, "sum of p", sum, 1, 1e-12)
}

// centres are two kinds of inputs of 8 units: those of class 0 have the first half on,
// those of class 1 the second, and one in ten units is flipped.
func centres(n int, seed uint64) (x []float64, labels []int32) {
	rng := seeded(seed)
	for i := range n {
		class := i % 2
		labels = append(labels, int32(class))
		for k := range 8 {
			on := k/4 == class
			if rng.IntN(10) == 0 {
				on = !on
			}
			x = append(x, one(on))
		}
	}
	return x, labels
}

// A network that was shown two classes imagines what it is asked for: nine tenths of
// the ink in the right half. Untrained it is a half.
func TestImaginesTheClassItIsAskedFor(t *testing.T) {
	x, labels := centres(400, 1)
	cd := DefaultCD()
	cd.Epochs = 30
	d, err := Greedy(context.Background(), x, 8, []int{10, 8}, Binary, cd, seeded(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.AddTop(context.Background(), x, labels, 2, 12, cd, seeded(3)); err != nil {
		t.Fatal(err)
	}
	right := func() float64 {
		ask := make([]int32, 200)
		for i := range ask {
			ask[i] = int32(i % 2)
		}
		y, err := d.Generate(ask, 100, seeded(4))
		if err != nil {
			t.Fatal(err)
		}
		own, all := 0.0, 0.0
		for i, label := range ask {
			for k, v := range y[i*8:][:8] {
				all += v
				if k/4 == int(label) {
					own += v
				}
			}
		}
		return own / all
	}
	before := right()
	if before < 0.8 {
		t.Errorf("%.2f of the ink is where the label says, want 0.8", before)
	}
	// Fine-tuning keeps that, and what the network makes of its own examples.
	if err := d.UpDown(context.Background(), x, labels, UpDown{K: 3, Epochs: 20, Batch: 20, Rate: 0.05}, seeded(5)); err != nil {
		t.Fatal(err)
	}
	if after := right(); after < 0.8 {
		t.Errorf("after up-down, %.2f of the ink is where the label says, want 0.8 (before: %.2f)", after, before)
	}
}

// Up-down raises the exact likelihood of a network that greedy learning left with
// a recognition of its own, from a start that is not trained at all.
func TestUpDownRaisesTheLikelihood(t *testing.T) {
	x := barsAndStripes(3)
	d := &DBN{Layers: []*RBM{NewRBM(9, 12, seeded(1)), NewRBM(12, 12, seeded(2))}}
	before, _ := likelihood(t, d, x)
	if err := d.UpDown(context.Background(), x, nil, UpDown{K: 5, Epochs: 1500, Batch: 0, Rate: 0.2}, seeded(3)); err != nil {
		t.Fatal(err)
	}
	after, bound := likelihood(t, d, x)
	t.Logf("ln p %.3f -> %.3f, bound %.3f", before, after, bound)
	near(t, "ln p before", before, -9*math.Ln2, 0.02)
	if after < before+1 || after > -math.Log(14) || bound > after {
		t.Errorf("ln p %.3f -> %.3f (bound %.3f), want a rise of 1, to at most %.3f", before, after, bound, -math.Log(14))
	}
}

// An up-down update by hand, of a network with one unit everywhere that leaves
// nothing to chance. Wake: v = 1, h = 1, guess of v: sigmoid(0) = 1/2. Sleep, where the
// last machine turns h off: v = 0 (its bias is -1e3 but for h), guess of h: 1/2.
func TestUpDownByHand(t *testing.T) {
	low, top := zeroRBM(1, 1), zeroRBM(1, 1)
	top.B[0], top.C[0] = -1000, -1000
	d := &DBN{
		Layers: []*RBM{low, top},
		Up:     []Recognition{{W: []float64{1000}, C: []float64{0}}},
	}
	low.B[0], low.W[0] = -1000, 1000
	if err := d.UpDown(context.Background(), []float64{1}, nil, UpDown{K: 1, Epochs: 1, Rate: 0.5}, seeded(1)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"generative W", low.W[0], 1000 + 0.5*0.5},
		{"generative b", low.B[0], -1000 + 0.5*0.5},
		{"top b", top.B[0], -1000 + 0.5*1},
		{"top c", top.C[0], -1000},
		{"recognition W", d.Up[0].W[0], 1000},       // the input is 0
		{"recognition c", d.Up[0].C[0], -0.5 * 0.5}, // h is 0, its guess 1/2
	} {
		near(t, c.what, c.got, c.want, 1e-12)
	}
}

func TestNetworksThatDoNotFitAreErrors(t *testing.T) {
	ctx := context.Background()
	x, labels := centres(10, 1)
	d, err := Greedy(ctx, x, 8, []int{3}, Binary, CD{K: 1, Epochs: 1, Rate: 0.1}, seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.Likelihood(x)
	mustFail(t, err)
	_, err = d.Generate([]int32{0}, 1, seeded(1))
	mustFail(t, err)
	mustFail(t, d.UpDown(ctx, x, labels, UpDown{}, seeded(1)))
	mustFail(t, d.AddTop(ctx, x, labels[1:], 2, 3, CD{}, seeded(1)))
	_, err = Greedy(ctx, x[1:], 8, []int{3}, Binary, CD{}, seeded(1))
	mustFail(t, err)
	if err := d.AddTop(ctx, x, labels, 2, 3, CD{K: 1, Epochs: 1}, seeded(1)); err != nil {
		t.Fatal(err)
	}
	_, err = d.Generate([]int32{2}, 1, seeded(1))
	mustFail(t, err)
	mustFail(t, d.UpDown(ctx, x, labels[1:], UpDown{}, seeded(1)))
	_, _, err = d.Likelihood(x)
	mustFail(t, err)
}
