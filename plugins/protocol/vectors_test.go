package protocol

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// FuzzFloats compares what is shared, or copied where it is not aligned, with
// encoding/binary.
func FuzzFloats(f *testing.F) {
	f.Add([]byte(nil), 0)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 0)
	f.Add(bytes.Repeat([]byte{0xff}, 41), 3)
	f.Fuzz(func(t *testing.T, data []byte, shift int) {
		room := make([]byte, len(data)+8)
		b := room[shift&7:][:len(data)]
		copy(b, data)
		v := Floats(b)
		if len(v) != len(b)/8 {
			t.Fatalf("%d numbers in %d bytes", len(v), len(b))
		}
		for i, x := range v {
			if got, want := math.Float64bits(x), binary.LittleEndian.Uint64(data[8*i:]); got != want {
				t.Errorf("number %d has bits %x, want %x", i, got, want)
			}
		}
		back := AppendFloats([]byte{1, 2, 3}, v)
		if !bytes.Equal(back[:3], []byte{1, 2, 3}) || !bytes.Equal(back[3:], data[:8*len(v)]) {
			t.Errorf("%x became %x", data, back)
		}
	})
}
