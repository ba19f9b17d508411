package paths

import (
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network"
)

const heNormal = "he-normal"

// fully is a layer of n units with He's weights.
func fully(n int) network.Dense { return network.Dense{Out: n, Init: heNormal, NoBias: true} }

// rho is the correlation of the gradients of the first output at orthogonal inputs,
// those of n examples, averaged over nets: the statistics of batch norms are those of
// the examples, and constant.
func rho(t *testing.T, width, examples, nets int, specs network.Specs) float64 {
	t.Helper()
	in := network.Shape{width}
	n := network64(t, in, append(specs, network.Dense{Out: 1, Init: heNormal})...)
	sum := 0.0
	for seed := range nets {
		rng := newRand(uint64(seed))
		w, x := n.Init(rng), normal(rng, in, examples)
		n.Forward(network.Pass{Mode: network.Calibrate}, w, x)
		n.Forward(network.Pass{Mode: network.Infer}, w, x)
		dy := network.NewTensor[float64](network.Shape{1}, examples)
		for i := range examples {
			dy.Row(0)[i] = 1
		}
		sum += Correlation(n.Backward(w, make([]float64, n.Dim()), dy))
	}
	return sum / float64(nets)
}

func TestCorrelationHandCases(t *testing.T) {
	for _, tt := range []struct {
		g    []float64 // of three examples in the plane
		want float64
	}{
		{[]float64{1, 1, 1, 2, 2, 2}, 1},
		{[]float64{1, 0, -1, 0, 2, 0}, -1.0 / 6}, // products 0, 0, -1; squares 1, 4, 1
		{[]float64{3, 0, 0, 0, 4, 0}, 0},
	} {
		if got := Correlation(tensor{Shape: network.Shape{2}, N: 3, Stride: 3, Data: tt.g}); math.Abs(got-tt.want) > 1e-15 {
			t.Errorf("correlation of %v is %v, want %v", tt.g, got, tt.want)
		}
	}
}

// At orthogonal inputs the correlation of the gradients of a network of L layers is
// 2^-L when its units are normalised before each ReLU, the product of 1 - th/pi over
// the angles between the activations when they are not (which grow alike), and
// falls as the root of L only with a shortcut around each layer (Balduzzi et al. 2017,
// theorems 1 and 3). The limit is of infinite width: this is one of 200.
func TestShattering(t *testing.T) {
	const width, examples, nets = 200, 128, 4
	repeat := func(l int, specs ...network.Spec) network.Specs { return slices.Repeat(specs, l) }
	dense, norm := fully(width), network.BatchNorm{}
	for _, tt := range []struct {
		name      string
		block     network.Specs
		want      func(l int) float64
		tolerance float64 // relative
	}{
		{"normalised", network.Specs{dense, norm, relu}, func(l int) float64 { return math.Pow(2, -float64(l)) }, 0.15},
		{"plain", network.Specs{dense, relu}, arcCosine, 0.2},
		{"normalised residual", network.Specs{network.Residual{Body: network.Specs{norm, relu, dense}}}, func(l int) float64 {
			// The product of (l+1/2)/(l+1).
			return math.Gamma(float64(l)+1.5) / (math.Gamma(1.5) * math.Gamma(float64(l)+2))
		}, 0.15},
		// Only while L is small.
		{"residual", network.Specs{network.Residual{Body: network.Specs{relu, dense}}}, func(l int) float64 { return math.Pow(0.75, float64(l)) }, 0.25},
	} {
		for _, l := range []int{1, 2, 4} {
			got, want := rho(t, width, examples, nets, repeat(l, tt.block...)), tt.want(l)
			t.Logf("%s, %d layers: correlation %.4f, in the limit %.4f", tt.name, l, got, want)
			if math.Abs(got/want-1) > tt.tolerance {
				t.Errorf("%s, %d layers: correlation %v, want %v within %v of it", tt.name, l, got, want, tt.tolerance)
			}
		}
	}
}

// arcCosine is the limit without normalisation: th_0 = pi/2, and
// th_{l+1} = arccos((sin th + (pi - th) cos th)/pi).
func arcCosine(layers int) float64 {
	product, th := 1.0, math.Pi/2
	for range layers {
		product *= 1 - th/math.Pi
		th = math.Acos((math.Sin(th) + (math.Pi-th)*math.Cos(th)) / math.Pi)
	}
	return product
}

func TestArcCosineProduct(t *testing.T) {
	for l, want := range map[int]float64{1: .5, 2: .3016, 4: .1416, 8: .0500, 16: .0133, 24: .0055, 50: .0009} {
		if got := arcCosine(l); math.Abs(got-want) > 6e-5 {
			t.Errorf("%d layers: %v, want %v", l, got, want)
		}
	}
}

// The more blocks, the less each changes the norm of the gradient (Zaeemzadeh et al.
// 2021, theorem 1), at the first weights. A block x + W relu(BN(x)) with He's weights
// adds 2(1/2 - 1/(2 pi)) = 1 - 1/pi to the variance v of x, and its branch 1/v to the
// square of the norm. A plain layer has the branch alone, which sees the variance
// 1 - 1/pi of the layer before: the gradient grows by 1.21 in each.
func TestNormPreservation(t *testing.T) {
	const width, examples, seeds, added = 48, 128, 3, 1 - 1/math.Pi
	in := network.Shape{width}
	body := network.Specs{network.BatchNorm{}, relu, fully(width)}
	head := network.Specs{network.BatchNorm{}, relu, network.Dense{Out: 10, Init: heNormal}}
	previous := math.Inf(1)
	var first float64
	for _, l := range []int{2, 4, 8, 16, 32} {
		stem := []network.Specs{{network.Dense{Out: width, Init: "lecun-normal"}}}
		residual := slices.Concat(stem, slices.Repeat([]network.Specs{{network.Residual{Body: body}}}, l), []network.Specs{head})
		plain := slices.Concat(stem, slices.Repeat([]network.Specs{body}, l), []network.Specs{head})
		var off, factor float64 // means over blocks of |r-1|, and of r
		for seed := range uint64(seeds) {
			for i, parts := range [][]network.Specs{residual, plain} {
				rng := newRand(seed)
				c := mustNew(t, in, parts...)
				w := network64(t, in, slices.Concat(parts...)...).Init(rng)
				c.Forward(train, w, normal(rng, in, examples))
				for k, r := range c.Preservation(w, normal(rng, network.Shape{10}, examples))[1 : l+1] {
					if i == 0 {
						off += math.Abs(r-1) / float64(l*seeds)
					} else if k > 0 { // the first sees the inputs
						factor += r / float64((l-1)*seeds)
					}
				}
			}
		}
		want := 0.0
		for k := range l {
			want += (math.Sqrt(1+1/(1+added*float64(k))) - 1) / float64(l)
		}
		t.Logf("%d blocks: |r-1| is %.4f, in the limit %.4f; plain: r is %.4f", l, off, want, factor)
		if math.Abs(off/want-1) > 0.2 || !(off < previous) {
			t.Errorf("%d blocks: |r-1| is %v, want %v within a fifth, and less than with half as many, %v", l, off, want, previous)
		}
		if want := 1 / math.Sqrt(added); math.Abs(factor-want) > 0.1 {
			t.Errorf("%d plain layers: r is %v, want %v within 0.1", l, factor, want)
		}
		if l == 4 {
			first = off
		}
		previous = off
	}
	if !(previous < 0.35*first) {
		t.Errorf("|r-1| is %v with 32 blocks and %v with 4, want less than 0.35 of it", previous, first)
	}
}
