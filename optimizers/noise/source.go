package noise

import (
	"encoding/binary"
	"fmt"
)

// A Source is a sequence of random words for code that draws as it goes, such
// as selection and crossover: a source of math/rand and of math/rand/v2 at
// once. Its whole state is a key and a count of the words drawn, so a
// checkpoint takes 16 bytes. It serves one goroutine.
type Source struct {
	key   uint64
	drawn uint64
	spare uint64 // the second half of the block, while drawn is odd
}

// NewSource returns a source whose words depend on seed and stream. Streams of
// one seed are independent of each other, and of what [Uniform] and [Normal]
// give for that seed.
func NewSource(seed, stream uint64) *Source {
	return &Source{key: Mix(seed, stream)}
}

// Uint64 returns the next 64 random bits.
func (s *Source) Uint64() uint64 {
	s.drawn++
	if s.drawn&1 == 0 {
		return s.spare
	}
	n := s.drawn >> 1
	b := philox(uint32(n), uint32(n>>32), 0, 0, uint32(s.key), uint32(s.key>>32))
	x, y := b.pair()
	s.spare = y
	return x
}

// Int63 returns the highest 63 of the next 64 random bits, for math/rand.
func (s *Source) Int63() int64 { return int64(s.Uint64() >> 1) }

// Seed starts the source anew, as NewSource(seed, 0) does, for math/rand.
func (s *Source) Seed(seed int64) { *s = Source{key: Mix(uint64(seed), 0)} }

// MarshalBinary returns the state of the source.
func (s *Source) MarshalBinary() ([]byte, error) {
	data := binary.LittleEndian.AppendUint64(nil, s.key)
	return binary.LittleEndian.AppendUint64(data, s.drawn), nil
}

// UnmarshalBinary restores a state that MarshalBinary returned.
func (s *Source) UnmarshalBinary(data []byte) error {
	if len(data) != 16 {
		return fmt.Errorf("state of a random source has %d bytes, want 16", len(data))
	}
	*s = Source{key: binary.LittleEndian.Uint64(data), drawn: binary.LittleEndian.Uint64(data[8:])}
	if s.drawn&1 == 1 {
		s.drawn--
		s.Uint64()
	}
	return nil
}

// Mix derives a seed from a seed and tags that say what it is for. Seeds that
// differ in any of these are unrelated; the order of the tags matters. It is
// the first output of SplitMix64 (Steele, Lea & Flood 2014,
// doi:10.1145/2660193.2660195) for the seed, then for that plus each tag.
func Mix(seed uint64, tags ...uint64) uint64 {
	seed = splitMix(seed)
	for _, tag := range tags {
		seed = splitMix(seed + tag)
	}
	return seed
}

func splitMix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
