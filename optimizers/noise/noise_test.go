package noise

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"testing"
)

// fillers are the three ways to fill a row; AddNormal from zero is Normal.
var fillers = map[string]func(dst []float64, seed, step uint64, row uint32){
	"Uniform": Uniform,
	"Normal":  Normal,
	"AddNormal": func(dst []float64, seed, step uint64, row uint32) {
		clear(dst)
		AddNormal(dst, 1, seed, step, row)
	},
}

func TestUniformIsTheTopBitsOfPhilox(t *testing.T) {
	// The known answer of Philox for counter and key zero, as words of 64 bits.
	const x, y = 0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c
	dst := make([]float64, 2)
	Uniform(dst, 0, 0, 0)
	if want := []float64{(x >> 11) / 0x1p53, (y >> 11) / 0x1p53}; !slices.Equal(dst, want) {
		t.Errorf("Uniform = %v, want %v", dst, want)
	}
}

func TestNormalIsBoxMullerOfPhilox(t *testing.T) {
	const x, y = 0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c
	u, v := 1-float64(x>>12)/0x1p52, float64(y>>12)/0x1p52
	r := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * v)
	dst := make([]float64, 2)
	Normal(dst, 0, 0, 0)
	for i, want := range []float64{r * cos, r * sin} {
		if math.Abs(dst[i]-want) > 1e-15*math.Abs(want) {
			t.Errorf("Normal element %d = %v, want %v within rounding", i, dst[i], want)
		}
	}
}

// The bits of Normal are part of every stored result. The hash is that of a C
// program written from the same definition, with frexp and a switch for what is
// done here on bits, compiled without contraction.
func TestNormalKeepsItsBits(t *testing.T) {
	dst := make([]float64, 100_000)
	Normal(dst, 20260101, 5<<32|7, 3)
	h := fnv.New64a()
	if err := binary.Write(h, binary.LittleEndian, dst); err != nil {
		t.Fatal(err)
	}
	if got, want := h.Sum64(), uint64(0x2e22fdb502a69f80); got != want {
		t.Errorf("hash of 100,000 normals = %x, want %x", got, want)
	}
}

func TestElementDependsOnItsPlaceAlone(t *testing.T) {
	for name, fill := range fillers {
		whole := make([]float64, 101)
		fill(whole, 7, 3, 2)
		for n := range whole {
			part := make([]float64, n)
			fill(part, 7, 3, 2)
			if !slices.Equal(part, whole[:n]) {
				t.Errorf("%s: the first %d elements of 101 differ from a row of %d", name, n, n)
			}
		}
	}
}

func TestAddNormalAddsSigmaTimesNormal(t *testing.T) {
	z, w := make([]float64, 33), make([]float64, 33)
	Normal(z, 7, 3, 2)
	for i := range w {
		w[i] = float64(i)
	}
	AddNormal(w, 0.25, 7, 3, 2)
	for i := range w {
		if want := math.FMA(0.25, z[i], float64(i)); w[i] != want {
			t.Errorf("element %d = %v, want %v", i, w[i], want)
		}
	}
}

func TestPlacesDiffer(t *testing.T) {
	places := [][3]uint64{
		{0, 0, 0}, {1, 0, 0}, {1 << 32, 0, 0}, {0, 1, 0}, {0, 1 << 32, 0}, {0, 0, 1}, {0, 0, 1 << 31},
	}
	for name, fill := range fillers {
		seen := map[float64][3]uint64{}
		for _, p := range places {
			dst := make([]float64, 50)
			fill(dst, p[0], p[1], uint32(p[2]))
			for _, x := range dst {
				if q, ok := seen[x]; ok {
					t.Errorf("%s: %v occurs at (seed, step, row) %v and %v", name, x, q, p)
				}
				seen[x] = p
			}
		}
	}
}

// The sample moments of m draws are within five of their standard deviations,
// sqrt((mu_2k - mu_k^2)/m), of the moments of the distribution.
func TestMoments(t *testing.T) {
	const m = 1 << 18
	dst := make([]float64, m)
	check := func(name string, k int, want, variance float64) {
		t.Helper()
		sum := 0.0
		for _, x := range dst {
			sum += math.Pow(x, float64(k))
		}
		if got, tol := sum/m, 5*math.Sqrt(variance/m); math.Abs(got-want) > tol {
			t.Errorf("%s: moment %d = %v, want %v within %v", name, k, got, want, tol)
		}
	}
	Normal(dst, 1, 2, 3)
	for k, moments := range map[int][2]float64{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}} { // E x^2k = (2k-1)!!
		check("normal", k, moments[0], moments[1])
	}
	Uniform(dst, 1, 2, 3)
	for i := 1; i <= 4; i++ {
		k := float64(i)
		check("uniform", i, 1/(k+1), 1/(2*k+1)-1/((k+1)*(k+1)))
	}
}

// chi2 is the chi-square statistic of counts that are expected to be equal, in
// standard deviations from its mean.
func chi2(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	expected, sum := float64(total)/float64(len(counts)), 0.0
	for _, n := range counts {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	freedom := float64(len(counts) - 1)
	return (sum - freedom) / math.Sqrt(2*freedom)
}

func TestBinsAreFilledEvenly(t *testing.T) {
	const bins = 1024 // a power of two: the low bits are few
	dst := make([]float64, 1<<19)
	// Too even is as suspicious as too uneven.
	check := func(name string, cdf func(float64) float64) {
		t.Helper()
		counts := make([]int, bins)
		for _, x := range dst {
			counts[int(cdf(x)*bins)]++
		}
		if z := chi2(counts); math.Abs(z) > 5 {
			t.Errorf("%s: chi-square is %.1f standard deviations off, want within 5", name, z)
		}
	}
	Normal(dst, 3, 1, 4)
	check("normal", func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) })
	Uniform(dst, 3, 1, 4)
	check("uniform", func(x float64) float64 { return x })
	check("low bits of uniform", func(x float64) float64 { return math.Mod(x*(1<<40), 1) })
}

// Consecutive pairs, the two numbers of one block, fill the plane evenly: a
// fault of Box-Muller with a weak generator.
func TestPairsFillThePlane(t *testing.T) {
	const side = 32
	dst := make([]float64, 1<<20)
	counts := make([]int, side*side)
	cdf := func(x float64) int { return int(0.5 * math.Erfc(-x/math.Sqrt2) * side) }
	Normal(dst, 9, 9, 9)
	for i := 0; i < len(dst); i += 2 {
		counts[cdf(dst[i])*side+cdf(dst[i+1])]++
	}
	if z := chi2(counts); math.Abs(z) > 5 {
		t.Errorf("chi-square of pairs is %.1f standard deviations off, want within 5", z)
	}
}

// Rows, steps, seeds and neighbours are uncorrelated: the sum of products of m
// pairs has standard deviation sqrt(m).
func TestPlacesAreUncorrelated(t *testing.T) {
	const m = 1 << 16
	row := func(seed, step uint64, row uint32) []float64 {
		dst := make([]float64, m)
		Normal(dst, seed, step, row)
		return dst
	}
	base := row(5, 6, 7)
	for name, other := range map[string][]float64{
		"next row":           row(5, 6, 8),
		"next step":          row(5, 7, 7),
		"next seed":          row(6, 6, 7),
		"high half of step":  row(5, 1<<32+6, 7),
		"high half of seed":  row(1<<32+5, 6, 7),
		"row and step swap":  row(5, 7, 6),
		"next element":       append(slices.Clone(base[1:]), base[0]),
		"element after next": append(slices.Clone(base[2:]), base[:2]...),
	} {
		sum, squares := 0.0, 0.0
		for i, x := range base {
			sum += x * other[i]
			squares += (x*x - 1) * (other[i]*other[i] - 1) / 2
		}
		if z := sum / math.Sqrt(m); math.Abs(z) > 5 {
			t.Errorf("%s: correlation is %.1f standard deviations off 0", name, z)
		}
		if z := squares / math.Sqrt(m); math.Abs(z) > 8 { // heavier tails than a normal
			t.Errorf("%s: correlation of squares is %.1f standard deviations off 0", name, z)
		}
	}
}

func TestExtremeBlocksGiveFiniteNormals(t *testing.T) {
	const ones = 1<<32 - 1
	largest := math.Sqrt(104 * math.Ln2)
	for _, b := range []block{
		{},
		{ones, ones, ones, ones},
		{ones, ones, 0, 0},
		{0, 0, ones, ones},
		{ones, ones, 0, 1 << 31},
		{ones, ones, 0, 1 << 30},
		{ones, ones, 0, 3 << 30},
	} {
		x, y := normals(b)
		if r := math.Hypot(x, y); !(r <= largest*(1+1e-15)) {
			t.Errorf("normals(%x) = %v, %v of radius %v, want at most %v", b, x, y, r, largest)
		}
		u, v := uniforms(b)
		if !(u >= 0 && u < 1 && v >= 0 && v < 1) {
			t.Errorf("uniforms(%x) = %v, %v, want in [0, 1)", b, u, v)
		}
	}
	// All ones is the smallest uniform under the logarithm, 2^-52.
	if x, _ := normals(block{ones, ones, 0, 0}); math.Abs(x-largest) > 1e-14 {
		t.Errorf("largest normal = %v, want %v", x, largest)
	}
}

func TestFillingDoesNotAllocate(t *testing.T) {
	dst := make([]float64, 99)
	for name, fill := range fillers {
		if n := testing.AllocsPerRun(10, func() { fill(dst, 1, 2, 3) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	dst := make([]float64, 1000)
	for name, fill := range fillers {
		b.Run(name, func(b *testing.B) {
			step := uint64(0)
			for b.Loop() {
				fill(dst, 1, step, 2)
				step++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/number")
		})
	}
}
