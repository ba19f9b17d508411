package initializer

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// The standard deviations that the papers name, at fan-in 300 and fan-out 500.
func TestStd(t *testing.T) {
	want := map[string]float64{
		"uniform":        1 / math.Sqrt(900),
		"xavier-uniform": math.Sqrt(2.0 / 800),
		"xavier-normal":  math.Sqrt(2.0 / 800),
		"he-normal":      math.Sqrt(2.0 / 300),
		"he-uniform":     math.Sqrt(2.0 / 300),
		"lecun-normal":   math.Sqrt(1.0 / 300),
		"orthogonal":     math.Sqrt(1.0 / 500),
		"zero":           0,

		"he-normal-fan-out":  math.Sqrt(2.0 / 500),
		"he-uniform-fan-out": math.Sqrt(2.0 / 500),
		"he-leaky":           math.Sqrt(2.0 / (300 * (1 + 0.01*0.01))),
		"looks-linear":       math.Sqrt(1.0 / 500), // V is 500x150
		"identity":           math.Sqrt(300.0 / (300 * 500)),
		"unit-normal":        1,
		"guess":              100 / math.Sqrt(3),
	}
	for _, f := range All() {
		w, ok := want[f.Name]
		if !ok {
			t.Errorf("%s: no value to compare with in this test", f.Name)
		}
		if got := f.Std(Shape{Out: 500, In: 300}); math.Abs(got-w) > 1e-15*max(1, w) {
			t.Errorf("%s: standard deviation %v, want %v", f.Name, got, w)
		}
	}
	// A convolution of 3x3 from 4 to 8 channels has fan-in 36 and fan-out 72.
	conv := Shape{Out: 8, In: 4, Field: 9}
	for name, want := range map[string]float64{
		"xavier-normal": 2.0 / 108, "he-normal": 2.0 / 36, "orthogonal": 1.0 / 36, "he-normal-fan-out": 2.0 / 72,
		"looks-linear": 1.0 / 18, "identity": 1.0 / 72,
	} {
		f, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Std(conv); math.Abs(got-math.Sqrt(want)) > 1e-15 {
			t.Errorf("%s of a convolution: standard deviation %v, want %v", name, got, math.Sqrt(want))
		}
	}
	if len(All()) != len(want) {
		t.Errorf("%d initializers, want %d", len(All()), len(want))
	}
}

// Fill draws what Std promises: mean 0, that variance, and the kurtosis of its
// distribution, within four standard errors at 150,000 draws.
func TestMoments(t *testing.T) {
	for _, f := range All() {
		for _, s := range []Shape{{Out: 500, In: 300}, {Out: 300, In: 100, Field: 5}} {
			w := make([]float64, s.Len())
			f.Fill(w, s, newRand(7))
			n, sigma := float64(len(w)), f.Std(s)
			if f.Name == "identity" {
				continue // not random, and its mean is not 0
			}
			if f.Name == "zero" {
				if slices.ContainsFunc(w, func(v float64) bool { return v != 0 }) {
					t.Error("zero: drew a weight that is not 0")
				}
				continue
			}
			var mean, m2, m4, largest float64
			for _, v := range w {
				mean += v / n
				largest = max(largest, math.Abs(v))
			}
			for _, v := range w {
				d := v - mean
				m2 += d * d / n
				m4 += d * d * d * d / n
			}
			kurtosis := 3.0
			if strings.Contains(f.Name, "uniform") || f.Name == "guess" {
				kurtosis = 1.8
				if bound := math.Sqrt(3) * sigma; largest > bound || largest < 0.999*bound {
					t.Errorf("%s %v: largest weight %v, want just under %v", f.Name, s, largest, bound)
				}
			}
			if e := sigma / math.Sqrt(n); math.Abs(mean) > 4*e {
				t.Errorf("%s %v: mean %v, want 0 within %v", f.Name, s, mean, 4*e)
			}
			if e := sigma * sigma * math.Sqrt((kurtosis-1)/n); math.Abs(m2-sigma*sigma) > 4*e {
				t.Errorf("%s %v: variance %v, want %v within %v", f.Name, s, m2, sigma*sigma, 4*e)
			}
			// The standard error of the kurtosis of a normal sample; that of
			// a uniform one is smaller.
			if e := math.Sqrt(24 / n); math.Abs(m4/(m2*m2)-kurtosis) > 4*e {
				t.Errorf("%s %v: kurtosis %v, want %v within %v", f.Name, s, m4/(m2*m2), kurtosis, 4*e)
			}
		}
	}
}

// W W' = I, or W' W = I for a tall W, to 1e-12.
func TestOrthogonal(t *testing.T) {
	f, err := ByName("orthogonal")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Shape{{Out: 1, In: 1}, {Out: 1, In: 9}, {Out: 9, In: 1}, {Out: 64, In: 64}, {Out: 30, In: 70}, {Out: 70, In: 30}, {Out: 6, In: 3, Field: 9}} {
		w := make([]float64, s.Len())
		f.Fill(w, s, newRand(3))
		rows, cols := s.Out, s.FanIn()
		at := func(i, l int) float64 { return w[i*cols+l] }
		if rows > cols {
			rows, cols = cols, rows
			at = func(i, l int) float64 { return w[l*rows+i] }
		}
		for i := range rows {
			for j := range rows {
				var got, want float64
				for l := range cols {
					got += at(i, l) * at(j, l)
				}
				if i == j {
					want = 1
				}
				if math.Abs(got-want) > 1e-12 {
					t.Fatalf("%v: rows %d and %d have inner product %v, want %v", s, i, j, got, want)
				}
			}
		}
	}
}

// A rotation and a reflection are equally likely: without the sign convention
// the first entry, or the determinant, of a 2x2 matrix would have a favourite.
func TestOrthogonalIsUniform(t *testing.T) {
	f, err := ByName("orthogonal")
	if err != nil {
		t.Fatal(err)
	}
	const n = 10000
	rng, w := newRand(5), make([]float64, 4)
	var positive, rotations, firstQuadrant int
	for range n {
		f.Fill(w, Shape{Out: 2, In: 2}, rng)
		// One in ten thousand pairs of rows starts out nearly parallel, which a
		// single pass of Gram-Schmidt does not survive.
		if d := w[0]*w[2] + w[1]*w[3]; math.Abs(d) > 1e-15 {
			t.Errorf("rows have inner product %v, want 0", d)
		}
		if w[0] > 0 {
			positive++
		}
		if w[0] > 0 && w[1] > 0 {
			firstQuadrant++
		}
		if w[0]*w[3]-w[1]*w[2] > 0 {
			rotations++
		}
	}
	for _, tt := range []struct {
		what string
		got  int
		p    float64
	}{{"w[0][0] > 0", positive, 0.5}, {"rotations", rotations, 0.5}, {"first row in the first quadrant", firstQuadrant, 0.25}} {
		if e := math.Sqrt(tt.p * (1 - tt.p) / n); math.Abs(float64(tt.got)/n-tt.p) > 4*e {
			t.Errorf("%s: %v of the draws, want %v within %v", tt.what, float64(tt.got)/n, tt.p, 4*e)
		}
	}
}

func TestSameSeedSameWeights(t *testing.T) {
	s := Shape{Out: 7, In: 5}
	for _, f := range All() {
		a, b, c := make([]float64, s.Len()), make([]float64, s.Len()), make([]float64, s.Len())
		f.Fill(a, s, newRand(1))
		f.Fill(b, s, newRand(1))
		f.Fill(c, s, newRand(2))
		if !slices.Equal(a, b) {
			t.Errorf("%s: two draws from one seed differ", f.Name)
		}
		if f.Name != "zero" && f.Name != "identity" && slices.Equal(a, c) {
			t.Errorf("%s: the seed changes nothing", f.Name)
		}
	}
}

func TestByName(t *testing.T) {
	for _, f := range All() {
		for _, name := range append([]string{f.Name}, f.Also...) {
			if got, err := ByName(name); err != nil || got.Name != f.Name {
				t.Errorf("ByName(%q) = %q, %v, want %s", name, got.Name, err, f.Name)
			}
		}
		if f.Summary == "" || len(f.Refs) == 0 {
			t.Errorf("%s: no summary or no reference", f.Name)
		}
	}
	if _, err := ByName("hee"); err == nil || !strings.Contains(err.Error(), `unknown initializer "hee", want one of uniform, xavier-uniform`) {
		t.Errorf("ByName(hee): %v", err)
	}
}

func BenchmarkOrthogonal(b *testing.B) {
	f, err := ByName("orthogonal")
	if err != nil {
		b.Fatal(err)
	}
	s, rng := Shape{Out: 256, In: 256}, newRand(1)
	w := make([]float64, s.Len())
	for b.Loop() {
		f.Fill(w, s, rng)
	}
}
