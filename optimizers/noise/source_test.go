package noise

import (
	"math"
	randv1 "math/rand"
	"math/rand/v2"
	"testing"
)

var (
	_ rand.Source     = (*Source)(nil)
	_ randv1.Source64 = (*Source)(nil)
)

// The first output of SplitMix64 for the seeds 0 and 1234567, as the reference
// implementation gives it (Vigna, prng.di.unimi.it/splitmix64.c).
func TestMixKnownAnswers(t *testing.T) {
	for seed, want := range map[uint64]uint64{0: 0xE220A8397B1DCDAF, 1234567: 6457827717110365317} {
		if got := Mix(seed); got != want {
			t.Errorf("Mix(%d) = %d, want %d", seed, got, want)
		}
	}
	if got, want := Mix(5, 6, 7), Mix(Mix(Mix(5)+6)+7); got != want {
		t.Errorf("Mix(5, 6, 7) = %x, want %x", got, want)
	}
}

func TestMixTellsSeedsAndTagsApart(t *testing.T) {
	seen := map[uint64][]uint64{}
	add := func(mixed uint64, from ...uint64) {
		if other, ok := seen[mixed]; ok {
			t.Errorf("Mix of %v and of %v are both %x", from, other, mixed)
		}
		seen[mixed] = from
	}
	for a := range uint64(30) {
		add(Mix(a), a)
		for b := range uint64(30) {
			add(Mix(a, b), a, b)
			for c := range uint64(30) {
				add(Mix(a, b, c), a, b, c)
			}
		}
	}
}

func TestSourceContinuesFromItsState(t *testing.T) {
	for drawn := range 5 {
		a := NewSource(3, 4)
		for range drawn {
			a.Uint64()
		}
		state, err := a.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		b := NewSource(0, 0)
		if err := b.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if got, want := b.Uint64(), a.Uint64(); got != want {
				t.Errorf("word %d after the %d before the state = %x, want %x", i, drawn, got, want)
			}
		}
	}
	if err := new(Source).UnmarshalBinary(make([]byte, 15)); err == nil {
		t.Error("UnmarshalBinary took a state that is cut off")
	}
}

func TestSourceStreamsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for stream := range uint64(20) {
			s := NewSource(seed, stream)
			for range 10 {
				seen[s.Uint64()] = true
			}
		}
	}
	if len(seen) != 4000 {
		t.Errorf("%d different words of 4000, want all", len(seen))
	}
}

// A generator of math/rand over a Source has no state besides it, as long as
// Read is not used: that is what makes a checkpoint of the Source enough.
func TestRandOverSourceHasNoStateOfItsOwn(t *testing.T) {
	draw := func(r *randv1.Rand) [5]float64 {
		return [5]float64{r.Float64(), float64(r.Intn(1000)), r.NormFloat64(), float64(r.Uint32()), float64(r.Perm(9)[4])}
	}
	a := NewSource(8, 0)
	ra := randv1.New(a)
	draw(ra)
	state, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	b := new(Source)
	if err := b.UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	if got, want := draw(randv1.New(b)), draw(ra); got != want {
		t.Errorf("draws after the state = %v, want %v", got, want)
	}
}

func TestSeedStartsAnew(t *testing.T) {
	s := NewSource(1, 1)
	s.Uint64()
	s.Seed(42)
	if got, want := s.Uint64(), NewSource(42, 0).Uint64(); got != want {
		t.Errorf("first word after Seed(42) = %x, want %x", got, want)
	}
}

// Each of the 64 bits is set half of the time, and Int63 is never negative.
func TestSourceBitsAreFair(t *testing.T) {
	const m = 1 << 16
	var set [64]int
	s := NewSource(11, 12)
	for range m {
		x := s.Uint64()
		for bit := range set {
			set[bit] += int(x >> bit & 1)
		}
		if s.Int63() < 0 {
			t.Fatal("Int63 is negative")
		}
	}
	for bit, n := range set {
		if z := (float64(n) - m/2) / math.Sqrt(m/4); math.Abs(z) > 5 {
			t.Errorf("bit %d is set %d times of %d, %.1f standard deviations off half", bit, n, m, z)
		}
	}
}

func BenchmarkSource(b *testing.B) {
	s := NewSource(1, 2)
	for b.Loop() {
		s.Uint64()
	}
}
