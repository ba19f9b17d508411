package noise

import "testing"

// The known answers of the authors' implementation, Random123 1.09
// (tests/kat_vectors, "philox4x32 10").
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    block
	}{
		{
			[4]uint32{0, 0, 0, 0},
			[2]uint32{0, 0},
			block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[2]uint32{0xffffffff, 0xffffffff},
			block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		got := philox(c.counter[0], c.counter[1], c.counter[2], c.counter[3], c.key[0], c.key[1])
		if got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
	// The third of these by way of seed, step, row and index of the block.
	got := place{0x299f31d0_a4093822, 0x03707344_13198a2e, 0x85a308d3, 0x243f6a88}.block()
	if want := (block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}); got != want {
		t.Errorf("block() = %x, want %x", got, want)
	}
	x, y := got.pair()
	if x != 0x94fdcceb_d16cfe09 || y != 0x24126ea1_5001e420 {
		t.Errorf("pair() = %x, %x, want the first word lowest", x, y)
	}
}
