package noise

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var pathNames = [...]string{portable: "portable", avx2: "avx2", avx512: "avx512"}

// onPaths runs f as if the machine had one path only, for each that it has.
func onPaths(f func(p path)) {
	defer func(p path) { taken = p }(taken)
	for p := range path(len(has)) {
		if has[p] {
			taken = p
			f(p)
		}
	}
}

func TestEveryPathPassesTheTests(t *testing.T) {
	best := taken
	onPaths(func(p path) {
		if p == best {
			return // go test runs these on it already
		}
		t.Run(pathNames[p], func(t *testing.T) {
			t.Run("UniformIsTheTopBitsOfPhilox", TestUniformIsTheTopBitsOfPhilox)
			t.Run("NormalIsBoxMullerOfPhilox", TestNormalIsBoxMullerOfPhilox)
			t.Run("NormalKeepsItsBits", TestNormalKeepsItsBits)
			t.Run("MirrorKeepsItsBits", TestMirrorKeepsItsBits)
			t.Run("ElementDependsOnItsPlaceAlone", TestElementDependsOnItsPlaceAlone)
			t.Run("AddNormalAddsSigmaTimesNormal", TestAddNormalAddsSigmaTimesNormal)
			t.Run("MirrorIsThatFarOnBothSides", TestMirrorIsThatFarOnBothSides)
			t.Run("PlacesDiffer", TestPlacesDiffer)
			t.Run("Moments", TestMoments)
			t.Run("Distribution", TestDistribution)
			t.Run("Tails", TestTails)
			t.Run("BinsAreFilledEvenly", TestBinsAreFilledEvenly)
			t.Run("PairsFillThePlane", TestPairsFillThePlane)
			t.Run("PlacesAreUncorrelated", TestPlacesAreUncorrelated)
			t.Run("FillingDoesNotAllocate", TestFillingDoesNotAllocate)
		})
	})
}

func TestChooseTakesNoPathThatTheMachineLacks(t *testing.T) {
	for _, name := range []string{"", "portable", "avx2", "avx512", "no such path"} {
		got := choose(name)
		if !has[got] {
			t.Errorf("choose(%q) = %s, which this machine lacks", name, pathNames[got])
		}
		if i := slices.Index(pathNames[:], name); i >= 0 && has[i] && got != path(i) {
			t.Errorf("choose(%q) = %s, which is not what was asked for", name, pathNames[got])
		}
	}
}

// samePaths fills n numbers from p on, offset numbers into memory, on every
// path. All must have the bits of the portable one, and leave what is around dst.
func samePaths(t *testing.T, p place, n, offset int, sigma float64) {
	t.Helper()
	const guard = 64
	// What AddNormal adds to, and what must stay around it.
	before := make([]float64, guard+offset+n+guard)
	for i := range before {
		before[i] = float64(i%17) - 8
	}
	if n > 9 {
		before[guard+offset+1] = math.Inf(1)
		before[guard+offset+n-2] = math.Inf(-1)
		before[guard+offset+n/2] = math.Copysign(0, -1)
	}
	for name, fill := range map[string]func(dst []float64){
		"Uniform":   func(dst []float64) { fillUniform(dst, p) },
		"Normal":    func(dst []float64) { fillNormal(dst, p) },
		"AddNormal": func(dst []float64) { addNormal(dst, p, sigma) },
	} {
		var want []float64
		onPaths(func(path path) {
			got := slices.Clone(before)
			fill(got[guard+offset:][:n:n])
			if path == portable {
				want = got
				return
			}
			for i := range got {
				if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
					t.Errorf("%s on %s: element %d of %d at offset %d = %v (%#x), want %v (%#x) (place %+v, sigma %v)", name,
						pathNames[path], i-guard-offset, n, offset, got[i], math.Float64bits(got[i]), want[i], math.Float64bits(want[i]), p, sigma)
					return
				}
			}
		})
	}
	samePathsOfMirror(t, before[guard+offset:][:n:n], p, sigma)
}

// samePathsOfMirror makes pairs with a mean and standard deviations that are the one
// sigma, and, where the mean is special, it.
func samePathsOfMirror(t *testing.T, mean []float64, p place, sigma float64) {
	t.Helper()
	const guard = 64
	n := len(mean)
	sigmas := slices.Repeat([]float64{sigma}, n)
	for i := range sigmas {
		if i%3 == 1 {
			sigmas[i] = float64(i)
		}
	}
	var want []float64
	onPaths(func(path path) {
		got := slices.Repeat([]float64{-77}, guard+n+guard+n+guard)
		up, down := got[guard:][:n:n], got[guard+n+guard:][:n:n]
		mirror(up, down, mean, sigmas, p)
		if path == portable {
			want = got
			return
		}
		for i := range got {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Errorf("Mirror on %s: element %d of twice %d, with guards of %d = %v, want %v (place %+v, sigma %v)",
					pathNames[path], i, n, guard, got[i], want[i], p, sigma)
				return
			}
		}
	})
}

func TestPathsHaveTheSameBits(t *testing.T) {
	r := rand.New(NewSource(1, 0))
	for n := range 300 { // every remainder of passes
		p := place{r.Uint64(), r.Uint64(), r.Uint32(), 0}
		samePaths(t, p, n, n%9, r.NormFloat64())
		p.index = -uint32(r.IntN(150)) // the counter of blocks starts over
		samePaths(t, p, n, r.IntN(9), r.NormFloat64())
	}
	for _, n := range []int{2*chunk - 1, 2 * chunk, 2*chunk + 1, 4*chunk + 4*passAVX512, 4*chunk + 3, 12*chunk - 1} {
		samePaths(t, place{r.Uint64(), r.Uint64(), r.Uint32(), 0}, n, r.IntN(9), r.NormFloat64())
	}
	for _, edge := range []uint64{0, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
		samePaths(t, place{edge, edge, uint32(edge), 0}, 99, 1, 1)
	}
	for _, sigma := range []float64{0, math.Copysign(0, -1), 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
		samePaths(t, place{1, 2, 3, 0}, 99, 1, sigma)
	}
	samePaths(t, place{1, 2, 3, 0}, 1<<20+7, 1, 0.1)
}

// unPhilox is the counter for which philox gives b: each round is undone.
func unPhilox(b block, k0, k1 uint32) place {
	seed := uint64(k1)<<32 | uint64(k0)
	inverse := func(m uint32) uint32 { // Newton's method, modulo 2^32
		x := m
		for range 5 {
			x *= 2 - m*x
		}
		return x
	}
	for i := range uint32(10) {
		k0, k1 := k0+(9-i)*weyl0, k1+(9-i)*weyl1
		c0, c2 := b.w3*inverse(mul0), b.w1*inverse(mul1)
		hi0, hi1 := uint32(mul0*uint64(c0)>>32), uint32(mul1*uint64(c2)>>32)
		b = block{c0, b.w0 ^ hi1 ^ k0, c2, b.w2 ^ hi0 ^ k1}
	}
	return place{seed: seed, step: uint64(b.w3)<<32 | uint64(b.w2), row: b.w1, index: b.w0}
}

// Draws at the edges, which chance does not bring: the places where Philox gives
// them.
func TestPathsHaveTheSameBitsAtEdges(t *testing.T) {
	edges := edgeWords()
	for i, x := range edges {
		for j, y := range edges {
			b := block{uint32(x), uint32(x >> 32), uint32(y), uint32(y >> 32)}
			p := unPhilox(b, uint32(i), uint32(j))
			if got := p.block(); got != b {
				t.Fatalf("unPhilox(%x) = %+v, of which the block is %x", b, p, got)
			}
			p.index -= uint32((i + j) % passAVX512) // in every lane
			samePaths(t, p, 4*passAVX512, 0, 1)
		}
	}
}

func TestPathsHaveTheSameBitsAtEdgesOfSingles(t *testing.T) {
	edges := singleEdges()
	for i, radius := range edges {
		for j, angle := range edges {
			p := unPhilox(block{edges[j], radius, edges[i], angle}, uint32(i), uint32(j)) // as words 0 and 2, too
			p.index -= uint32((i + j) % passAVX512)                                       // in every lane
			samePathsOfMirror(t, make([]float64, 4*passAVX512), p, 1)
		}
	}
}

func FuzzPaths(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint32(3), uint32(0), uint16(100), 0.5)
	f.Add(uint64(1<<63), uint64(1<<32-1), uint32(1<<32-1), uint32(1<<32-5), uint16(4*chunk+1), -1e300)
	f.Fuzz(func(t *testing.T, seed, step uint64, row, index uint32, n uint16, sigma float64) {
		if math.IsNaN(sigma) {
			return // which NaN comes of two is not defined
		}
		p := place{seed, step, row, index}
		samePaths(t, p, int(n%(6*chunk)), int(n%8), sigma)
	})
}

func BenchmarkPaths(b *testing.B) {
	onPaths(func(p path) { b.Run(pathNames[p], BenchmarkFill) })
}
