package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"

	"github.com/joust-bench/joust/bench"
)

// Digest is a SHA-256 over all that results say apart from their timing
// ([bench.Result.Timing] and [bench.Point.Wall]), in hex. Two sets of results
// have the same digest if they agree to the last bit, in whatever order they
// come; files whose digests differ hold different results. Two things do not
// count because a file does not keep them: the sign of a zero and the bits of
// a NaN outside of the weights, and whether something empty is nil.
//
// A digest is for comparing what one version of joust reads: it changes when
// results gain a field. The error is the first one that results yield.
func Digest(results iter.Seq2[bench.Result, error]) (string, error) {
	var sums [][sha256.Size]byte
	var b []byte
	for r, err := range results {
		if err != nil {
			return "", err
		}
		r.Timing = bench.Timing{}
		r.Curve = slices.Clone(r.Curve)
		for i := range r.Curve {
			r.Curve[i].Wall = 0
		}
		b = appendContent(b[:0], reflect.ValueOf(r))
		sums = append(sums, sha256.Sum256(b))
	}
	slices.SortFunc(sums, func(a, b [sha256.Size]byte) int { return slices.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, s := range sums {
		h.Write(s[:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// appendContent appends an encoding of v that differs between values that
// differ. It walks the types, so that no field can be forgotten.
func appendContent(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			b = appendContent(b, v.Field(i))
		}
	case reflect.Slice:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Len()))
		if w, ok := v.Interface().([]float64); ok { // weights: a blob, kept bit by bit
			for _, x := range w {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
			}
			return b
		}
		for i := range v.Len() {
			b = appendContent(b, v.Index(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, 0)
		}
		b = appendContent(append(b, 1), v.Elem())
	case reflect.String:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Len()))
		b = append(b, v.String()...)
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		b = append(b, 0)
	case reflect.Int, reflect.Int64:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Int()))
	case reflect.Uint8:
		b = append(b, byte(v.Uint()))
	case reflect.Uint64:
		b = binary.LittleEndian.AppendUint64(b, v.Uint())
	case reflect.Float64:
		b = binary.LittleEndian.AppendUint64(b, canonicalBits(v.Float()))
	default:
		panic(fmt.Sprintf("store: a digest does not cover %v yet", v.Type()))
	}
	return b
}

// canonicalBits are the bits of a number as it comes back from a file.
func canonicalBits(x float64) uint64 {
	switch {
	case x == 0:
		return 0
	case math.IsNaN(x):
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x)
}
