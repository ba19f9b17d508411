package kernel

import (
	"math"
	mathbits "math/bits"
	"testing"
)

// The first numbers of SplitMix64 from 0 (Vigna, prng.di.unimi.it/splitmix64.c), as
// published with its ports.
func TestMixIsSplitMix64(t *testing.T) {
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := Mix(0, uint64(i)); got != want {
			t.Errorf("number %d = %#x, want %#x", i, got, want)
		}
	}
	// Each bit of either argument changes half of the bits: of 64*1000, within five
	// standard deviations.
	for bit := range 64 {
		for name, flip := range map[string]func(k, v uint64) uint64{
			"key":    func(k, v uint64) uint64 { return Mix(k^1<<bit, v) },
			"number": func(k, v uint64) uint64 { return Mix(k, v^1<<bit) },
		} {
			changed := 0
			for i := range uint64(1000) {
				changed += mathbits.OnesCount64(Mix(i*i, i) ^ flip(i*i, i))
			}
			if z := (float64(changed) - 32000) / math.Sqrt(16000); math.Abs(z) > 5 {
				t.Errorf("bit %d of the %s changes %d of 64000 bits", bit, name, changed)
			}
		}
	}
}

// Dropout is what its comment says, wherever it begins, also in place.
func TestDropout(t *testing.T) {
	const n = 101
	src := make([]float64, n)
	for j := range src {
		src[j] = float64(j + 1)
	}
	for _, drop := range []uint64{0, 1, 1 << 14, 1 << 15, DropoutParts - 1} {
		for _, first := range []int{0, 1, 2, 3, 1 << 40} {
			for _, length := range []int{0, 1, 3, 4, 5, n} {
				want := make([]float64, length)
				for j := range want {
					i := uint64(first + j)
					if Mix(42, i/4)>>(i%4*16)%(1<<16) >= drop {
						want[j] = src[j] * (65536 / (65536 - float64(drop)))
					}
				}
				got := append([]float64(nil), src[:length]...)
				Dropout(got, got, 42, first, drop)
				got32, src32 := make([]float32, length), make([]float32, length)
				for j := range src32 {
					src32[j] = float32(src[j])
				}
				Dropout(got32, src32, 42, first, drop)
				for j := range want {
					if got[j] != want[j] || math.Abs(float64(got32[j])-want[j]) > 1e-6*want[j] {
						t.Fatalf("drop %d, first %d: value %d is %v, in float32 %v, want %v", drop, first, j, got[j], got32[j], want[j])
					}
				}
			}
		}
	}
}

func BenchmarkDropout(b *testing.B) {
	x := make([]float64, 1024)
	for b.Loop() {
		Dropout(x, x, 7, 0, 1<<15)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/value")
}
