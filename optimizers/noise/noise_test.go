package noise

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"sync"
	"testing"
)

// fillers are the ways to fill a row; AddNormal from zero is Normal.
var fillers = map[string]func(dst []float64, seed, step uint64, row uint32){
	"Uniform": Uniform,
	"Normal":  Normal,
	"AddNormal": func(dst []float64, seed, step uint64, row uint32) {
		clear(dst)
		AddNormal(dst, 1, seed, step, row)
	},
	"Mirror": fillSingle,
}

// fillSingle fills dst with the normals of Mirror.
func fillSingle(dst []float64, seed, step uint64, row uint32) {
	rest := scratch.Get().(*[]float64)
	defer scratch.Put(rest)
	n := len(dst)
	if len(*rest) < 3*n {
		*rest = make([]float64, 3*n)
	}
	down, mean, sigma := (*rest)[:n], (*rest)[n:2*n], (*rest)[2*n:3*n]
	for i := range n {
		mean[i], sigma[i] = 0, 1
	}
	Mirror(dst, down, mean, sigma, seed, step, row, 0)
}

var scratch = sync.Pool{New: func() any { return new([]float64) }}

func TestUniformIsTheTopBitsOfPhilox(t *testing.T) {
	// The known answer of Philox for counter and key zero, as words of 64 bits.
	const x, y = 0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c
	dst := make([]float64, 2)
	Uniform(dst, 0, 0, 0)
	if want := []float64{(x >> 11) / 0x1p53, (y >> 11) / 0x1p53}; !slices.Equal(dst, want) {
		t.Errorf("Uniform = %v, want %v", dst, want)
	}
}

// The known answer of Philox again: where its bits go, and their order.
func TestNormalIsBoxMullerOfPhilox(t *testing.T) {
	const x, y = 0xe169c58d_6627e8d5, 0x9b00dbd8_bc57ac4c
	dst := make([]float64, 4)
	Normal(dst, 0, 0, 0)
	for i, word := range []uint64{x, y} {
		u := (float64(word>>12) + 0.5) / 0x1p52
		low := []uint32{0xd5e82766, 0x4cac57bc}[i] // bytes in reverse
		v := (float64(low%(1<<30))+0.5)/0x1p30 - 0.5
		r := math.Sqrt(-2 * math.Log(u))
		sin, cos := math.Sincos(math.Pi / 2 * v)
		if word&128 != 0 {
			cos = -cos
		}
		if word&64 != 0 {
			sin, cos = cos, sin
		}
		for k, want := range []float64{r * cos, r * sin} {
			if got := dst[2*i+k]; math.Abs(got-want) > 0x1p-37*math.Abs(want) {
				t.Errorf("Normal element %d = %v, want %v within 2^-37", 2*i+k, got, want)
			}
		}
	}
}

// The bits of Normal are part of every stored result. The hash is what
// testdata/normals.c prints, a program written from the same definition.
func TestNormalKeepsItsBits(t *testing.T) {
	dst := make([]float64, 100_000)
	Normal(dst, 20260101, 5<<32|7, 3)
	h := fnv.New64a()
	if err := binary.Write(h, binary.LittleEndian, dst); err != nil {
		t.Fatal(err)
	}
	if got, want := h.Sum64(), uint64(0x57a17a25dba8db8c); got != want {
		t.Errorf("hash of 100,000 normals = %x, want %x", got, want)
	}
}

// The bits of Mirror are part of stored results, too. The hash is what
// testdata/singles.c prints.
func TestMirrorKeepsItsBits(t *testing.T) {
	dst := make([]float64, 100_000)
	fillSingle(dst, 20260101, 5<<32|7, 3)
	h := fnv.New64a()
	if err := binary.Write(h, binary.LittleEndian, dst); err != nil {
		t.Fatal(err)
	}
	if got, want := h.Sum64(), uint64(0xe48553db95eb18c1); got != want {
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

func TestMirrorIsThatFarOnBothSides(t *testing.T) {
	const n = 300
	z, mean, sigma, up, down := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range mean {
		mean[i], sigma[i] = float64(i), 1/float64(i+1)
	}
	for _, first := range []int{0, 32, 128} {
		for i := range z {
			z[i] = float64(singleAt(first+i, 7, 3, 2))
		}
		Mirror(up, down, mean, sigma, 7, 3, 2, first)
		for i := range z {
			if want := math.FMA(sigma[i], z[i], mean[i]); up[i] != want {
				t.Errorf("element %d from %d on = %v, want %v", i, first, up[i], want)
			}
			if want := math.FMA(sigma[i], -z[i], mean[i]); down[i] != want {
				t.Errorf("element %d from %d on = %v on the other side, want %v", i, first, down[i], want)
			}
		}
	}
	for name, f := range map[string]func(){
		"down":  func() { Mirror(up, down[:n-1:n-1], mean, sigma, 7, 3, 2, 0) },
		"mean":  func() { Mirror(up, down, mean[:n-1:n-1], sigma, 7, 3, 2, 0) },
		"sigma": func() { Mirror(up, down, mean, sigma[:n-1:n-1], 7, 3, 2, 0) },
		"group": func() { Mirror(up, down, mean, sigma, 7, 3, 2, 4) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s that does not fit: no panic", name)
				}
			}()
			f()
		}()
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

func TestFillingDoesNotAllocate(t *testing.T) {
	// So many runs that what the runtime allocates beside them does not count.
	const runs = 1000
	dst, down, mean, sigma := make([]float64, 99), make([]float64, 99), make([]float64, 99), make([]float64, 99)
	if n := testing.AllocsPerRun(runs, func() { Mirror(dst, down, mean, sigma, 1, 2, 3, 0) }); n != 0 {
		t.Errorf("Mirror: %v allocations, want none", n)
	}
	for name, fill := range fillers {
		if n := testing.AllocsPerRun(runs, func() { fill(dst, 1, 2, 3) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	dst := make([]float64, 1000)
	for name, fill := range fillers {
		if name == "Mirror" {
			continue // it fills four rows; BenchmarkMirror has it
		}
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

// BenchmarkMirror is a pair of candidates of the network 784-64-10.
func BenchmarkMirror(b *testing.B) {
	const n = 50_890
	up, down, mean, sigma := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	step := uint64(0)
	for b.Loop() {
		Mirror(up, down, mean, sigma, 1, step, 2, 0)
		step++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/number")
}

func TestNormalFromIsAPartOfNormal(t *testing.T) {
	whole := make([]float64, 1000)
	Normal(whole, 3, 4, 5)
	for _, first := range []int{0, 4, 396, 996} {
		for _, n := range []int{0, 1, 4, 200} {
			part := make([]float64, min(n, len(whole)-first))
			NormalFrom(part, 3, 4, 5, first)
			if want := whole[first:][:len(part)]; !slices.Equal(part, want) {
				t.Errorf("%d elements from %d on: %v, want %v", n, first, part, want)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a start inside of a block did not panic")
		}
	}()
	NormalFrom(whole, 3, 4, 5, 2)
}
