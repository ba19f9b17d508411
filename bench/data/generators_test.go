package data

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// nearest returns the label of the example of s that is nearest to x.
func nearest(s Set, x []float64) int32 {
	best, label := math.Inf(1), int32(-1)
	for i := range s.N {
		d2 := 0.0
		for j, v := range x {
			e := v - s.X[i*len(x)+j]
			d2 += e * e
		}
		if d2 < best {
			best, label = d2, s.Labels[i]
		}
	}
	return label
}

// nearestAccuracy is the share of test that has the label of its nearest
// neighbour in train.
func nearestAccuracy(train, test Set) float64 {
	d := len(test.X) / test.N
	right := 0.0
	for i := range test.N {
		if nearest(train, test.X[i*d:][:d]) == test.Labels[i] {
			right++
		}
	}
	return right / float64(test.N)
}

func TestXORIsItsTruthTable(t *testing.T) {
	s := XOR()
	if want := []float64{-1, -1, -1, 1, 1, -1, 1, 1}; !slices.Equal(s.X, want) {
		t.Errorf("inputs = %v, want %v", s.X, want)
	}
	if want := []int32{0, 1, 1, 0}; !slices.Equal(s.Labels, want) {
		t.Errorf("labels = %v, want %v", s.Labels, want)
	}
	if b := s.Binary(); !slices.Equal(b.Y, []float64{0, 1, 1, 0}) || b.Labels != nil || b.N != 4 {
		t.Errorf("Binary() = %+v, want N 4, Y 0 1 1 0 and no labels", b)
	}
}

func TestParityHasEveryPatternOnce(t *testing.T) {
	const n = 5
	s := Parity(n)
	if s.N != 32 || len(s.X) != 32*n || len(s.Labels) != 32 {
		t.Fatalf("N = %d, %d inputs, %d labels, want 32, 160, 32", s.N, len(s.X), len(s.Labels))
	}
	for i := range s.N {
		pattern := uint(0)
		for _, x := range s.X[i*n:][:n] {
			if x != -1 && x != 1 {
				t.Fatalf("input %g of pattern %d, want -1 or 1", x, i)
			}
			pattern = 2*pattern + uint(x+1)/2
		}
		if pattern != uint(i) {
			t.Errorf("pattern %d is %05b", i, pattern)
		}
		if want := bits.OnesCount(pattern) % 2; int(s.Labels[i]) != want {
			t.Errorf("label of %05b = %d, want %d", pattern, s.Labels[i], want)
		}
	}
}

func TestSpiralsAtQuarterTurns(t *testing.T) {
	s := Spirals()
	if s.N != 194 || len(s.X) != 2*194 || len(s.Labels) != 194 {
		t.Fatalf("N = %d, %d inputs, %d labels, want 194, 388, 194", s.N, len(s.X), len(s.Labels))
	}
	for _, c := range []struct {
		i    int
		x, y float64
	}{
		{0, 0, 1}, // phi = 0
		{8, 96. / 104, 0},
		{16, 0, -88. / 104}, // phi = pi
		{24, -80. / 104, 0},
		{96, 0, 8. / 104}, // three turns
		{4, math.Sqrt2 / 2 * 100 / 104, math.Sqrt2 / 2 * 100 / 104},
	} {
		for arm, sign := range []float64{1, -1} {
			at := 2*c.i + arm
			x, y := s.X[2*at], s.X[2*at+1]
			if math.Abs(x-sign*c.x) > 1e-14 || math.Abs(y-sign*c.y) > 1e-14 || s.Labels[at] != int32(arm) {
				t.Errorf("point %d = (%g, %g), class %d, want (%g, %g), class %d", at, x, y, s.Labels[at], sign*c.x, sign*c.y, arm)
			}
		}
	}
}

func TestSpiralsBetweenLieBetween(t *testing.T) {
	s := SpiralsBetween(4)
	if s.N != 2*96*3 {
		t.Fatalf("N = %d, want 576", s.N)
	}
	// The second of the three points between i = 7 and 8: i = 7.5.
	at := 2 * (7*3 + 1)
	r, phi := (104-7.5)/104, 7.5*math.Pi/16
	if x, y := s.X[2*at], s.X[2*at+1]; math.Abs(x-r*math.Sin(phi)) > 1e-14 || math.Abs(y-r*math.Cos(phi)) > 1e-14 {
		t.Errorf("point %d = (%g, %g), want (%g, %g)", at, x, y, r*math.Sin(phi), r*math.Cos(phi))
	}
	// Neighbours on an arm are closer than the arms are to each other.
	if got := nearestAccuracy(Spirals(), s); got != 1 {
		t.Errorf("accuracy of the nearest training point = %g, want 1", got)
	}
}

func TestMoonsAreHalfCircles(t *testing.T) {
	s := Moons(1001, 0, newRand(1))
	var angles float64
	for i := range s.N {
		x, y := s.X[2*i], s.X[2*i+1]
		if s.Labels[i] != int32(i%2) {
			t.Fatalf("class of point %d = %d, want %d", i, s.Labels[i], i%2)
		}
		if i%2 == 1 { // the lower one, turned into the place of the upper
			x, y = 1-x, 0.5-y
		}
		if math.Abs(math.Hypot(x, y)-1) > 1e-12 || y < -1e-12 {
			t.Fatalf("point %d is (%g, %g) from its centre, want on the half circle", i, x, y)
		}
		angles += math.Atan2(y, x) / float64(s.N)
	}
	// The mean of a uniform angle on [0, pi) has a standard deviation of
	// pi/sqrt(12 N) = 0.029.
	if math.Abs(angles-math.Pi/2) > 4*0.029 {
		t.Errorf("mean angle = %g, want pi/2", angles)
	}
}

func TestMoonsNoise(t *testing.T) {
	const n, noise = 20000, 0.01
	s := Moons(n, noise, newRand(2))
	squares := 0.0
	for i := range n {
		x, y := s.X[2*i], s.X[2*i+1]
		if i%2 == 1 {
			x, y = 1-x, 0.5-y
		}
		e := math.Hypot(x, y) - 1 // to first order one component of the noise
		squares += e * e / n
	}
	// The variance is known to 4 sqrt(2/n) = 4 %.
	if got := math.Sqrt(squares); math.Abs(got/noise-1) > 0.02 {
		t.Errorf("noise = %g, want %g within 2 %%", got, noise)
	}
	if got := nearestAccuracy(Moons(1000, 0.1, newRand(3)), Moons(1000, 0.1, newRand(4))); got < 0.99 {
		t.Errorf("accuracy of the nearest neighbour at noise 0.1 = %g, want at least 0.99", got)
	}
}

func TestClustersAroundTheirCentres(t *testing.T) {
	const dims, centres, classes, n, noise = 16, 40, 10, 4000, 0.35
	c := NewClusters(dims, centres, classes, newRand(1))
	exact := c.Draw(centres, 0, newRand(2))
	for k, l := range exact.Labels {
		if l != int32(k%classes) {
			t.Errorf("class of centre %d = %d, want %d", k, l, k%classes)
		}
	}
	mean, square := 0.0, 0.0
	for _, v := range exact.X {
		mean += v / float64(len(exact.X))
		square += v * v / float64(len(exact.X))
	}
	// 640 standard normal numbers: 4 standard deviations of mean and square.
	if math.Abs(mean) > 4/math.Sqrt(640) || math.Abs(square-1) > 4*math.Sqrt(2./640) {
		t.Errorf("centres have mean %g and mean square %g, want 0 and 1", mean, square)
	}
	s := c.Draw(n, noise, newRand(3))
	square = 0
	for i := range n {
		for j := range dims {
			e := s.X[i*dims+j] - exact.X[i%centres*dims+j]
			square += e * e / (n * dims)
		}
	}
	if got := math.Sqrt(square); math.Abs(got/noise-1) > 4*math.Sqrt(2./(n*dims))/2 {
		t.Errorf("noise = %g, want %g", got, noise)
	}
	// Centres are about sqrt(2*16) = 5.7 apart, 16 times the noise: the best
	// classifier there is makes next to no mistakes.
	if got := nearestAccuracy(exact, s); got < 0.999 {
		t.Errorf("accuracy of the nearest centre = %g, want at least 0.999", got)
	}
	if got := nearestAccuracy(exact, c.Draw(n, 10, newRand(3))); got > 0.5 {
		t.Errorf("accuracy of the nearest centre at noise 10 = %g, want the noise to spoil it", got)
	}
}

func TestSameSeedSameData(t *testing.T) {
	for name, draw := range map[string]func(seed uint64) Set{
		"moons": func(seed uint64) Set { return Moons(50, 0.1, newRand(seed)) },
		"clusters": func(seed uint64) Set {
			rng := newRand(seed)
			return NewClusters(4, 6, 3, rng).Draw(50, 0.1, rng)
		},
		"strokes": func(seed uint64) Set { return Strokes(20, 16, 0.03, newRand(seed)) },
	} {
		a, b, other := draw(1), draw(1), draw(2)
		if !slices.Equal(a.X, b.X) || !slices.Equal(a.Labels, b.Labels) {
			t.Errorf("%s: the same seed gave other data", name)
		}
		if slices.Equal(a.X, other.X) {
			t.Errorf("%s: another seed gave the same data", name)
		}
	}
}

func TestPickAndBinaryKeepRowsTogether(t *testing.T) {
	s := Set{N: 3, X: []float64{1, 2, 3, 4, 5, 6}, Labels: []int32{7, 8, 9}, Y: []float64{.1, .2, .3}}
	p := s.Pick([]int{2, 0})
	if !slices.Equal(p.X, []float64{5, 6, 1, 2}) || !slices.Equal(p.Labels, []int32{9, 7}) || !slices.Equal(p.Y, []float64{.3, .1}) || p.N != 2 {
		t.Errorf("Pick(2, 0) = %+v", p)
	}
	p.X[0] = 0
	if s.X[4] != 5 {
		t.Error("Pick shares the inputs, want a copy")
	}
}
