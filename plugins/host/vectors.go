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
	look   *inspection // of the candidates; nil: there are none
	data   []byte      // the candidates, in the message or in shared memory
	shared bool
}

// batch checks an answer to Ask: its number, how many candidates, where they are,
// and that there is as much of them as it says. That every weight is finite is
// for its inspection to find.
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
	b.look = inspect(b.data)
	return b, nil
}

// inspected waits until a batch was looked at, and returns the hash of its
// candidates.
func (r *remote) inspected(b batch) (hash uint64, err error) {
	if b.look == nil {
		return 0, nil
	}
	hash, bad := b.look.result()
	if bad >= 0 {
		return 0, lief("candidate %d: weight %d is %v, want a finite number", bad/r.dim, bad%r.dim, floatAt(b.data, bad))
	}
	return hash, nil
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
	copy(dst, protocol.Floats(data))
	return dst
}

func floatAt(data []byte, i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
}
