package paths

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

var (
	train = network.Pass{Mode: network.Train}
	relu  = network.Activation{Func: "relu"}
	tanh  = network.Activation{Func: "tanh"}
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func normal(rng *rand.Rand, s network.Shape, n int) tensor {
	x := network.NewTensor[float64](s, n)
	for f := range s.Len() {
		for i := range n {
			x.Row(f)[i] = rng.NormFloat64()
		}
	}
	return x
}

func mustNew(t *testing.T, in network.Shape, parts ...network.Specs) *Chain {
	t.Helper()
	c, err := New(in, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func network64(t *testing.T, in network.Shape, specs ...network.Spec) *network.Network[float64] {
	t.Helper()
	n, err := network.New[float64](in, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// near wants a and b equal to a relative tolerance of their largest value.
func near(t *testing.T, what string, got, want tensor, tolerance float64) {
	t.Helper()
	largest := 0.0
	for f := range want.Shape.Len() {
		for _, v := range want.Row(f) {
			largest = max(largest, math.Abs(v))
		}
	}
	for f := range want.Shape.Len() {
		for i, v := range want.Row(f) {
			if g := got.Row(f)[i]; !(math.Abs(g-v) <= tolerance*largest) {
				t.Errorf("%s: value %d of example %d is %v, want %v", what, f, i, g, v)
				return
			}
		}
	}
}

// mixed has blocks of every kind, and layers around and between them.
var mixed = network.Specs{
	network.Dense{Out: 4},
	network.BatchNorm{},
	network.Residual{Body: network.Specs{network.BatchNorm{}, tanh, network.Dense{Out: 4}}},
	network.Residual{Body: network.Specs{tanh, network.Dense{Out: 4}}, Scale: 0.3},
	tanh,
	network.Residual{Body: network.Specs{network.Dense{Out: 5}, tanh}, Shortcut: network.Specs{network.Dense{Out: 5}}, Scale: -2},
	network.Residual{Body: network.Specs{network.Dense{Out: 6}}, Shortcut: network.Specs{network.ZeroPad{Channels: 6}}},
	network.BatchNorm{},
	tanh,
	network.Dense{Out: 2},
}

func TestChainIsTheNetwork(t *testing.T) {
	in := network.Shape{3}
	n, c := network64(t, in, mixed...), mustNew(t, in, Parts(mixed)...)
	if c.Dim() != n.Dim() || c.Blocks() != 4 {
		t.Fatalf("%d weights and %d blocks, want %d and 4", c.Dim(), c.Blocks(), n.Dim())
	}
	w, x, dy := n.Init(newRand(1)), normal(newRand(2), in, 7), normal(newRand(3), network.Shape{2}, 7)
	near(t, "outputs", c.Forward(train, w, x), n.Forward(train, w, x), 1e-14)
	dx := copied(n.Backward(w, make([]float64, n.Dim()), dy))
	product := 1.0
	for _, r := range c.Preservation(w, dy) {
		product *= r
	}
	if want := frobenius(dx) / frobenius(dy); math.Abs(product-want) > 1e-13*want {
		t.Errorf("the norm changes by %v in all parts, want %v", product, want)
	}

	// The gradient at the input of the first block, from the network above it, is
	// the sum of those of all lengths, and each of those the sum over its paths.
	above, first := network64(t, network.Shape{4}, mixed[2:]...), network64(t, in, mixed[:2]...)
	rest := w[first.Dim():]
	above.Forward(train, rest, first.Forward(train, w[:first.Dim()], x))
	want := copied(above.Backward(rest, make([]float64, len(rest)), dy))
	g := c.Gradients(w, dy)
	if len(g) != 5 {
		t.Fatalf("gradients of %d lengths, want 0 to 4", len(g))
	}
	sum, byLength := scaled(0, g[0]), make([]tensor, 5)
	for k := range g {
		sum, byLength[k] = plus(sum, 1, g[k]), scaled(0, g[k])
	}
	near(t, "sum over all lengths", sum, want, 1e-13)
	norms, paths := make([]float64, 5), make([]float64, 5)
	for mask := range 1 << 4 {
		through, k := make([]bool, 4), 0
		for i := range through {
			if through[i] = mask>>i&1 == 1; through[i] {
				k++
			}
		}
		p := c.Path(w, dy, through)
		byLength[k] = plus(byLength[k], 1, p)
		norms[k] += Norm(p)
		paths[k]++
	}
	sampled := c.Sample(w, dy, newRand(9), 300)
	for k := range g {
		near(t, "sum over the paths of a length", g[k], byLength[k], 1e-13)
		// 300 samples of at most 6 paths: within a tenth of their mean.
		if got, want := sampled[k], norms[k]/paths[k]; math.Abs(got-want) > 0.1*want {
			t.Errorf("paths of length %d have a norm of %v on average, want %v", k, got, want)
		}
	}
}

// With the branch a*x, each path through k of L blocks is a^k, and all of them
// C(L,k)*a^k.
func TestLinearBlocks(t *testing.T) {
	const blocks, a, width = 12, 0.25, 3
	specs := slices.Repeat(network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: width, NoBias: true}}}}, blocks)
	c := mustNew(t, network.Shape{width}, Parts(specs)...)
	w := make([]float64, c.Dim())
	for i := range w {
		if i%(width*width)%(width+1) == 0 {
			w[i] = a
		}
	}
	c.Forward(train, w, normal(newRand(1), network.Shape{width}, 5))
	dy := normal(newRand(2), network.Shape{width}, 5)
	single, all := c.Sample(w, dy, newRand(3), 2), c.Gradients(w, dy)
	choose := 1.0
	for k := range all {
		want := math.Pow(a, float64(k)) * Norm(dy)
		if math.Abs(single[k]-want) > 1e-13*want {
			t.Errorf("one path of length %d has norm %v, want %v", k, single[k], want)
		}
		if got := Norm(all[k]); math.Abs(got-choose*want) > 1e-13*choose*want {
			t.Errorf("all paths of length %d have norm %v, want %v", k, got, choose*want)
		}
		choose = choose * float64(blocks-k) / float64(k+1)
	}
	for _, r := range c.Preservation(w, dy) {
		if math.Abs(r-(1+a)) > 1e-14 {
			t.Errorf("a block changes the norm by %v, want %v", r, 1+a)
		}
	}
	// The shares are a binomial distribution of probability a/(1+a).
	if got, want := Mean(Contributions(single)), blocks*a/(1+a); math.Abs(got-want) > 1e-12 {
		t.Errorf("mean length %v, want %v", got, want)
	}
}

// Of the paths of 54 blocks, 0.45 % go through 5 to 17, and 98 % through 19 to 35
// (Veit et al. 2016, section 4.3).
func TestShareOfPaths(t *testing.T) {
	ones := slices.Repeat([]float64{1}, 55)
	share := Contributions(ones)
	between := func(lo, hi int) (sum float64) {
		for _, v := range share[lo : hi+1] {
			sum += v
		}
		return sum
	}
	for _, tt := range []struct {
		lo, hi    int
		want, tol float64
	}{{5, 17, .0045367, 5e-8}, {19, 35, .980, 5e-4}, {0, 54, 1, 1e-14}} {
		if got := between(tt.lo, tt.hi); math.Abs(got-tt.want) > tt.tol {
			t.Errorf("paths through %d to %d of 54 blocks: %v, want %v", tt.lo, tt.hi, got, tt.want)
		}
	}
	if got := Mean(share); math.Abs(got-27) > 1e-11 {
		t.Errorf("mean length %v, want 27", got)
	}
	if lo, hi := Quantile(share, 0.025), Quantile(share, 0.975); lo+hi != 54 || between(0, lo) < 0.025 || between(0, lo-1) >= 0.025 {
		t.Errorf("quantiles %d and %d, want them around 27", lo, hi)
	}
	// 1000 blocks, whose paths no float64 can count, and norms that none can square.
	many := make([]float64, 2001)
	for k := range many {
		many[k] = math.Exp(-0.3 * float64(k))
	}
	q := math.Exp(-0.3) / (1 + math.Exp(-0.3))
	if got := Mean(Contributions(many)); math.Abs(got-2000*q) > 1e-7 {
		t.Errorf("mean length %v, want %v", got, 2000*q)
	}
}

func TestErrorsNameThePart(t *testing.T) {
	_, err := New(network.Shape{2}, network.Specs{relu}, network.Specs{network.Dense{}})
	if err == nil || !strings.HasPrefix(err.Error(), "part 1: layer 0 (dense): ") {
		t.Errorf("error %v, want one that names part 1", err)
	}
}
