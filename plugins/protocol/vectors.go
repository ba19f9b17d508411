package protocol

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// littleEndian reports whether this machine keeps numbers as the protocol
// does; then vectors need no conversion.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Floats returns the vector of little-endian float64 in b, whose length is a
// multiple of 8. It shares b's memory where it can.
func Floats(b []byte) []float64 {
	if len(b) < 8 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if littleEndian && uintptr(p)%8 == 0 {
		return unsafe.Slice((*float64)(p), len(b)/8)
	}
	v := make([]float64, len(b)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return v
}

// AppendFloats appends v as little-endian float64.
func AppendFloats(b []byte, v []float64) []byte {
	if littleEndian && len(v) > 0 {
		return append(b, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v))...)
	}
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}
