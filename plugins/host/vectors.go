package host

import (
	"encoding/binary"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A batch is what one Ask was answered with.
type batch struct {
	number uint64
	n      int // candidates; 0: the search has converged
	need   optimizers.Need
	hash   uint64 // of the candidates
	data   []byte // the candidates, in the message or in shared memory
	shared bool
}

// batch checks an answer to Ask: its number, how many candidates, where they are,
// that there is as much of them as it says, and that every weight is finite.
func (r *remote) batch(a *protocol.Asked) (b batch, err error) {
	if a == nil {
		return b, lief("asked for candidates, answers without any word of them")
	}
	n := a.GetRows().GetN()
	if n == 0 {
		if len(a.GetRows().GetData()) > 0 {
			return b, lief("no candidates, but %d bytes of them", len(a.GetRows().GetData()))
		}
		return b, nil
	}
	if b.number = a.GetBatch(); b.number <= r.number {
		return b, lief("batch %d, want a number over the last, %d", b.number, r.number)
	}
	if b.need, err = r.needOf(a.GetNeed()); err != nil {
		return b, err
	}
	if b.data, b.shared, err = r.locate(a.GetRows()); err != nil {
		return b, err
	}
	b.n = int(n) // its bytes are there
	hash, bad := scan(b.data)
	if bad >= 0 {
		return b, lief("candidate %d: weight %d is %v, want a finite number", bad/r.dim, bad%r.dim, floatAt(b.data, bad))
	}
	b.hash = hash
	return b, nil
}

// needOf is what a batch needs.
func (r *remote) needOf(n protocol.Need) (optimizers.Need, error) {
	need := r.def.Need
	switch n {
	case protocol.Need_NEED_UNSPECIFIED:
		return need, nil
	case protocol.Need_NEED_LOSS:
		need = optimizers.NeedLoss
	case protocol.Need_NEED_GRAD:
		need = optimizers.NeedGrad
	default:
		return need, lief("the batch needs %v, which is not known", n)
	}
	if need != r.def.Need && (need > r.def.Need || !r.needs) {
		return need, lief("the batch needs the %v, the description says the %v", need, r.def.Need)
	}
	return need, nil
}

// locate returns the bytes of candidates.
func (r *remote) locate(rows *protocol.Rows) (data []byte, shared bool, err error) {
	row, n := uint64(8*r.dim), rows.GetN()
	switch where := rows.Where.(type) {
	case *protocol.Rows_Data:
		data := where.Data
		if uint64(len(data))/row != n || uint64(len(data))%row != 0 {
			return nil, false, lief("%d candidates in %d bytes, want 8 times %d for each", n, len(data), r.dim)
		}
		return data, false, nil
	case *protocol.Rows_Offset:
		if !r.shared {
			return nil, false, lief("candidates are in shared memory, of which there is none")
		}
		half, at := uint64(r.worker.half), where.Offset
		if at%8 != 0 || at > half || n > (half-at)/row {
			return nil, false, lief("%d candidates of %d weights at %d of the shared memory, want them at a multiple of 8 in its first %d bytes", n, r.dim, at, half)
		}
		return r.worker.Shared()[at:][:n*row], true, nil
	}
	return nil, false, lief("%d candidates that are nowhere", n)
}

// points checks the vectors of a recommendation, of which there are at most n and
// which are in the message, and copies them to dst, which is returned.
func (r *remote) points(dst []float64, rows *protocol.Rows, n int) ([]float64, error) {
	data := rows.GetData()
	if rows.GetN() > uint64(n) {
		return dst, lief("%d points, want at most %d", rows.GetN(), n)
	}
	if row := 8 * r.dim; len(data)%row != 0 || uint64(len(data)/row) != rows.GetN() {
		return dst, lief("%d points in %d bytes, want 8 times %d for each", rows.GetN(), len(data), r.dim)
	}
	if _, bad := scan(data); bad >= 0 {
		return dst, lief("point %d: weight %d is %v, want a finite number", bad/r.dim, bad%r.dim, floatAt(data, bad))
	}
	return decode(dst, data), nil
}

// split makes rows of a vector, in memory that may be used again.
func split(rows [][]float64, v []float64, dim int) [][]float64 {
	rows = rows[:0]
	for ; len(v) > 0; v = v[dim:] {
		rows = append(rows, v[:dim:dim])
	}
	return rows
}

// decode copies numbers to dst, or to more memory if it is too small.
func decode(dst []float64, data []byte) []float64 {
	n := len(data) / 8
	if cap(dst) < n {
		dst = make([]float64, n)
	}
	dst = dst[:n]
	for i := range dst {
		dst[i] = floatAt(data, i)
	}
	return dst
}

func floatAt(data []byte, i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
}

// scan returns a hash of the numbers, and the index of one that is not finite or
// -1. Candidates of a large network are in no cache: it goes over them once, at
// about the speed of memory.
//
// The hash tells whether a plugin has asked for the same again, not whether it
// wants to deceive. Eight sums take every eighth number each, xor and then an
// odd multiplier, so that a number that changes alone changes its sum.
func scan(data []byte) (hash uint64, bad int) {
	const odd = 0x9e3779b97f4a7c15
	// All bits of the exponent are one where one more is a carry into the sign.
	const sign, one = 1 << 63, 1 << 52
	var carry uint64
	// Variables of their own, since those of an array are not kept in registers.
	var h0, h1, h2, h3, h4, h5, h6, h7 uint64 = 1, 2, 3, 4, 5, 6, 7, 8
	b := data
	for ; len(b) >= 64; b = b[64:] {
		x0, x1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x2, x3 := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		h0, h1, h2, h3 = (h0^x0)*odd, (h1^x1)*odd, (h2^x2)*odd, (h3^x3)*odd
		carry |= (x0&^sign + one) | (x1&^sign + one) | (x2&^sign + one) | (x3&^sign + one)
		x0, x1 = binary.LittleEndian.Uint64(b[32:]), binary.LittleEndian.Uint64(b[40:])
		x2, x3 = binary.LittleEndian.Uint64(b[48:]), binary.LittleEndian.Uint64(b[56:])
		h4, h5, h6, h7 = (h4^x0)*odd, (h5^x1)*odd, (h6^x2)*odd, (h7^x3)*odd
		carry |= (x0&^sign + one) | (x1&^sign + one) | (x2&^sign + one) | (x3&^sign + one)
	}
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		h0 = (h0 ^ x) * odd
		carry |= x&^sign + one
	}
	if carry&sign != 0 {
		for i := range len(data) / 8 {
			if x := floatAt(data, i); math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, i
			}
		}
		// It was changed meanwhile, in shared memory.
	}
	for _, v := range []uint64{h0, h1, h2, h3, h4, h5, h6, h7} {
		hash = (hash^v^v>>29)*odd + uint64(len(data))
	}
	return hash, -1
}
