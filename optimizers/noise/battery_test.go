package noise

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// The statistical tests that the package comment names. What they draw is
// fixed, so that they pass or fail for good: thresholds are of about one chance
// in 10^6 that fair numbers would have failed.

// eachNormal runs a test on the normals of Normal and on those of Mirror.
func eachNormal(t *testing.T, test func(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32))) {
	t.Run("Normal", func(t *testing.T) { test(t, Normal) })
	t.Run("Mirror", func(t *testing.T) { test(t, fillSingle) })
}

func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// The sample moments of m draws are within five of their standard deviations,
// sqrt((mu_2k - mu_k^2)/m), of the moments of the distribution.
func TestMoments(t *testing.T) { eachNormal(t, testMoments) }

func testMoments(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
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
	normal(dst, 1, 2, 3)
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

func TestBinsAreFilledEvenly(t *testing.T) { eachNormal(t, testBinsAreFilledEvenly) }

func testBinsAreFilledEvenly(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
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
	normal(dst, 3, 1, 4)
	check("normal", normalCDF)
	Uniform(dst, 3, 1, 4)
	check("uniform", func(x float64) float64 { return x })
	check("low bits of uniform", func(x float64) float64 { return math.Mod(x*(1<<40), 1) })
}

// Numbers near each other, those of one block above all, fill the plane evenly:
// a fault of Box-Muller with a weak generator.
func TestPairsFillThePlane(t *testing.T) { eachNormal(t, testPairsFillThePlane) }

func testPairsFillThePlane(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
	const side = 32
	dst := make([]float64, 1<<20)
	cell := func(x float64) int { return int(normalCDF(x) * side) }
	normal(dst, 9, 9, 9)
	for _, lag := range []int{1, 2, 3, 4, 5, 16} { // of Mirror, 16 is the other of two
		counts := make([]int, side*side)
		for i := 0; i+lag < len(dst); i++ {
			if i/lag%2 == 0 { // disjoint pairs
				counts[cell(dst[i])*side+cell(dst[i+lag])]++
			}
		}
		if z := chi2(counts); math.Abs(z) > 5 {
			t.Errorf("chi-square of pairs %d apart is %.1f standard deviations off, want within 5", lag, z)
		}
	}
}

// Rows, steps, seeds and neighbours are uncorrelated: the sum of products of m
// pairs has standard deviation sqrt(m).
func TestPlacesAreUncorrelated(t *testing.T) { eachNormal(t, testPlacesAreUncorrelated) }

func testPlacesAreUncorrelated(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
	const m = 1 << 16
	row := func(seed, step uint64, row uint32) []float64 {
		dst := make([]float64, m)
		normal(dst, seed, step, row)
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
		"third element":      append(slices.Clone(base[3:]), base[:3]...),
		"next block":         append(slices.Clone(base[4:]), base[:4]...),
		"other of a pair":    append(slices.Clone(base[16:]), base[:16]...), // of Mirror
		"next group":         append(slices.Clone(base[32:]), base[:32]...),
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

// andersonDarling is the statistic A^2 of numbers that should be uniform in
// [0, 1] (Anderson & Darling 1954, doi:10.1080/01621459.1954.10501232), and
// kolmogorovSmirnov is sqrt(n) times the largest distance of the distributions.
// For many numbers, A^2 exceeds 12 and sqrt(n) D exceeds 2.7 once in 10^6.
func andersonDarling(sorted []float64) float64 {
	n := float64(len(sorted))
	sum := 0.0
	for i, u := range sorted {
		sum += (2*float64(i) + 1) * (math.Log(u) + math.Log1p(-sorted[len(sorted)-1-i]))
	}
	return -n - sum/n
}

func kolmogorovSmirnov(sorted []float64) float64 {
	n, d := float64(len(sorted)), 0.0
	for i, u := range sorted {
		d = max(d, u-float64(i)/n, float64(i+1)/n-u)
	}
	return math.Sqrt(n) * d
}

// checkUniform applies both tests to u, which it sorts.
func checkUniform(t *testing.T, name string, u []float64) {
	t.Helper()
	slices.Sort(u)
	if d := kolmogorovSmirnov(u); !(d < 2.7) {
		t.Errorf("%s: Kolmogorov-Smirnov statistic %.2f of %d numbers, want below 2.7", name, d, len(u))
	}
	if a := andersonDarling(u); !(a < 12) {
		t.Errorf("%s: Anderson-Darling statistic %.2f of %d numbers, want below 12", name, a, len(u))
	}
}

func TestDistribution(t *testing.T) { eachNormal(t, testDistribution) }

func testDistribution(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
	dst := make([]float64, 1<<18)
	normal(dst, 13, 1, 1)
	for i, z := range dst {
		dst[i] = normalCDF(z)
	}
	checkUniform(t, "normal", dst)

	// The four numbers of the blocks by themselves, of which the square of the
	// radius and the angle of each half.
	normal(dst, 13, 1, 2)
	var squares, angles [2][]float64
	for i := range len(dst) / 2 {
		h := i % 2
		x, y := dst[2*i], dst[2*i+1]
		if strings.HasSuffix(t.Name(), "Mirror") {
			x, y = dst[i/16*32+i%16], dst[i/16*32+16+i%16]
		}
		squares[h] = append(squares[h], math.Exp(-(x*x+y*y)/2))
		angles[h] = append(angles[h], 0.5+math.Atan2(y, x)/(2*math.Pi))
	}
	for h, name := range []string{"first half", "second half"} {
		checkUniform(t, name+", radius", squares[h])
		checkUniform(t, name+", angle", angles[h])
	}

	// Rows that a population of small networks takes: sums over short rows, over
	// rows, are normal too.
	row, sums := make([]float64, 9), make([]float64, 1<<15)
	for k := range sums {
		normal(row, 13, 2, uint32(k))
		for _, z := range row {
			sums[k] += z / 3
		}
		sums[k] = normalCDF(sums[k])
	}
	checkUniform(t, "sums of rows", sums)
}

// The numbers beyond 3, 4 and 5 on either side are as many as they should be,
// within five standard deviations of the Poisson distribution.
func TestTails(t *testing.T) { eachNormal(t, testTails) }

func testTails(t *testing.T, normal func(dst []float64, seed, step uint64, row uint32)) {
	const m = 1 << 24
	dst := make([]float64, 1<<14)
	limits := []float64{3, 4, 5}
	var counts [3][2]float64
	for row := range uint32(m / len(dst)) {
		normal(dst, 17, 4, row)
		for _, z := range dst {
			if z < 3 && z > -3 {
				continue
			}
			side := 0
			if z < 0 {
				side = 1
			}
			for k, limit := range limits {
				if math.Abs(z) > limit {
					counts[k][side]++
				}
			}
		}
	}
	for k, limit := range limits {
		want := m * normalCDF(-limit)
		for _, got := range counts[k] {
			if math.Abs(got-want) > 5*math.Sqrt(want) {
				t.Errorf("%v of %d numbers beyond %v on one side, want %.0f within %.0f", got, m, limit, want, 5*math.Sqrt(want))
			}
		}
	}
}

// Beyond a radius of 6.66, which is once in 2^32 draws, the uniform of the radius
// has no other bits than those that it shares with the angle. Radius and angle
// are still fair and unrelated there.
func TestFarTail(t *testing.T) {
	const m = 1 << 18
	s := NewSource(19, 1)
	radius, angle, counts := make([]float64, m), make([]float64, m), make([]int, 16*16)
	largest := 0.0
	for i := range m {
		x, y := polar(s.Uint64() >> 32)
		radius[i] = math.Exp(32*math.Ln2 - (x*x+y*y)/2)
		angle[i] = 0.5 + math.Atan2(y, x)/(2*math.Pi)
		counts[int(radius[i]*16)*16+int(angle[i]*16)]++
		largest = max(largest, math.Abs(x), math.Abs(y))
	}
	if z := chi2(counts); math.Abs(z) > 5 {
		t.Errorf("chi-square of radius and angle is %.1f standard deviations off, want within 5", z)
	}
	// A radius has 2^20 values here, of which each 2^18 draws have few twice.
	checkUniform(t, "radius", radius)
	checkUniform(t, "angle", angle)
	// Of 2^50 fair pairs, the largest number is 8.2 (8.05 to 8.5 in 98 of 100).
	if largest < 7.9 {
		t.Errorf("the largest number in 2^50 pairs is %v, want about 8.2", largest)
	}
}

// Beyond a radius of 5, which is once in 2^18 draws, singles have 8003 radii besides the
// largest. Radius and angle are fair and unrelated there, and x and y are as often
// beyond 5 as all of these radii make them.
func TestFarTailOfSingles(t *testing.T) {
	const m, radii = 1 << 18, 8003 // |radius| / 2^31 < exp(-25/2)
	s := NewSource(19, 2)
	radius, angle, counts := make([]float64, m), make([]float64, m), make([]int, 16*16)
	beyond := map[string]int{}
	largest := 0.0
	for i := range m {
		word := uint32(s.Uint64()>>32*(2*radii+1)>>32) - radii // from -radii to radii
		x32, y32 := polarSingle(word, uint32(s.Uint64()))
		x, y := float64(x32), float64(y32)
		radius[i] = math.Exp(-(x*x+y*y)/2) * 0x1p31 / (radii + 0.5)
		angle[i] = 0.5 + math.Atan2(y, x)/(2*math.Pi)
		if !(radius[i] < 1) {
			t.Fatalf("radius %#x: x, y = %v, %v, want them further than 5 away", word, x, y)
		}
		counts[int(radius[i]*16)*16+int(angle[i]*16)]++
		largest = max(largest, math.Abs(x), math.Abs(y))
		for name, z := range map[string]float64{"x": x, "-x": -x, "y": y, "-y": -y} {
			if z > 5 {
				beyond[name]++
			}
		}
	}
	if z := chi2(counts); math.Abs(z) > 5 {
		t.Errorf("chi-square of radius and angle is %.1f standard deviations off, want within 5", z)
	}
	checkUniform(t, "radius", radius)
	checkUniform(t, "angle", angle)
	// Of 2^32 pairs, so many words of the radius are here.
	p := normalCDF(-5) * 0x1p32 / (2*radii + 1)
	for _, name := range []string{"x", "-x", "y", "-y"} {
		if z := (float64(beyond[name]) - m*p) / math.Sqrt(m*p*(1-p)); math.Abs(z) > 5 {
			t.Errorf("%s is beyond 5 in %d of %d, %.1f standard deviations off, want within 5", name, beyond[name], m, z)
		}
	}
	// The radius is largest, 6.76, for one word of these, and then 6.42: some 16 times.
	if want := math.Sqrt(66 * math.Ln2); largest > want+1e-6 || largest < 6.5 {
		t.Errorf("the largest number is %v, want at most %v, and above 6.5", largest, want)
	}
}
