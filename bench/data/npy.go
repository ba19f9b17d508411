package data

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sbinet/npyio/npy"
)

// An Array is the content of an NPY file: values of a shape, row-major.
type Array struct {
	Shape []int // empty: one number
	Data  []float64
}

// maxNPYHeader is the length of a header up to which it is read. NumPy's own are of
// a hundred bytes.
const maxNPYHeader = 1 << 16

// ReadNPY reads an array of real numbers of any type: float64, float32, integers or
// booleans, in either byte order, row- or column-major. Errors begin with the path. A
// number that is not finite is an error, which says where it is. A file takes as much
// memory as it is long, whatever its header says.
func ReadNPY(path string) (Array, error) {
	f, err := os.Open(path)
	if err != nil {
		if inner, ok := errors.AsType[*fs.PathError](err); ok {
			err = inner.Err
		}
		return Array{}, fmt.Errorf("%s: %w", path, err)
	}
	info, err := f.Stat()
	var a Array
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("not a regular file")
	default:
		a, err = ParseNPY(f, info.Size())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// ParseNPY is [ReadNPY] for what is in r, of so many bytes.
func ParseNPY(r io.Reader, size int64) (a Array, err error) {
	b := bufio.NewReader(io.LimitReader(r, size))
	// The library makes room for as long a header as a file says it has.
	start, err := b.Peek(10)
	if err != nil || !bytes.HasPrefix(start, npy.Magic[:]) {
		return a, errors.New("not an NPY file")
	}
	header := int64(binary.LittleEndian.Uint16(start[8:]))
	offset := 10 + header
	if start[6] == 2 {
		if start, err = b.Peek(12); err != nil {
			return a, errors.New("not an NPY file: it ends in its header")
		}
		header = int64(binary.LittleEndian.Uint32(start[8:]))
		offset = 12 + header
	}
	switch {
	case header > maxNPYHeader:
		return a, fmt.Errorf("a header of %d bytes, want at most %d", header, maxNPYHeader)
	case offset > size:
		return a, fmt.Errorf("a header of %d bytes in a file of %d: it is cut off", header, size)
	}
	// It also trusts what is in the header, and panics where that is not what it was
	// written for.
	defer func() {
		if v := recover(); v != nil {
			a, err = Array{}, fmt.Errorf("not an NPY file that can be read: %v", v)
		}
	}()
	rr, err := npy.NewReader(b)
	if err != nil {
		return a, fmt.Errorf("not an NPY file that can be read: %w", err)
	}
	d := rr.Header.Descr
	read, width := npyType(d.Type)
	if read == nil {
		return a, fmt.Errorf("dtype %s, want real numbers: f8, f4, integers or booleans", strconv.Quote(d.Type))
	}
	n := int64(1)
	for _, k := range d.Shape {
		if k < 0 || k > 0 && n > size/int64(k) {
			return a, fmt.Errorf("shape %s in a file of %d bytes", shapeText(d.Shape), size)
		}
		n *= int64(k)
	}
	if got := size - offset; got != n*width {
		return a, fmt.Errorf("%d bytes of data, want %d: shape %s of %s", got, n*width, shapeText(d.Shape), d.Type)
	}
	a.Shape = slices.Clone(d.Shape)
	if n > 0 {
		if a.Data, err = read(rr); err != nil {
			return Array{}, err
		}
	}
	if d.Fortran {
		a.Data = rowMajor(a.Data, a.Shape)
	}
	for i, v := range a.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Array{}, fmt.Errorf("value %s is %v, want finite numbers", indexText(i, a.Shape), v)
		}
	}
	return a, nil
}

// npyType is how to read a dtype such as "<f8", and the bytes of a value; nil if it is
// not of real numbers.
func npyType(dtype string) (read func(*npy.Reader) ([]float64, error), width int64) {
	if len(dtype) != 3 || !strings.ContainsRune("<>|=", rune(dtype[0])) {
		return nil, 0
	}
	switch dtype[1:] {
	case "f8":
		return readAs[float64], 8
	case "f4":
		return readAs[float32], 4
	case "i8":
		return readAs[int64], 8
	case "i4":
		return readAs[int32], 4
	case "i2":
		return readAs[int16], 2
	case "i1":
		return readAs[int8], 1
	case "u8":
		return readAs[uint64], 8
	case "u4":
		return readAs[uint32], 4
	case "u2":
		return readAs[uint16], 2
	case "u1":
		return readAs[uint8], 1
	case "b1":
		return readBooleans, 1
	}
	return nil, 0
}

func readAs[T float64 | float32 | int64 | int32 | int16 | int8 | uint64 | uint32 | uint16 | uint8](r *npy.Reader) ([]float64, error) {
	var values []T
	if err := r.Read(&values); err != nil {
		return nil, err
	}
	data := make([]float64, len(values))
	for i, v := range values {
		data[i] = float64(v)
	}
	return data, nil
}

func readBooleans(r *npy.Reader) ([]float64, error) {
	var values []bool
	if err := r.Read(&values); err != nil {
		return nil, err
	}
	data := make([]float64, len(values))
	for i, v := range values {
		if v {
			data[i] = 1
		}
	}
	return data, nil
}

// rowMajor reorders what is column-major.
func rowMajor(data []float64, shape []int) []float64 {
	out := make([]float64, len(data))
	at := make([]int, len(shape))
	for _, v := range data {
		i := 0
		for d, k := range shape {
			i = i*k + at[d]
		}
		out[i] = v
		for d := range at { // the first index is the fastest
			if at[d]++; at[d] < shape[d] {
				break
			}
			at[d] = 0
		}
	}
	return out
}

// shapeText is a shape as NumPy writes it: (3,) or (2, 3).
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, k := range shape {
		parts[i] = strconv.Itoa(k)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// indexText is the place of value i: [2, 0].
func indexText(i int, shape []int) string {
	parts := make([]string, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		parts[d] = strconv.Itoa(i % shape[d])
		i /= shape[d]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// WriteNPY writes an array as NumPy does: version 1, little-endian float64, row-major.
func WriteNPY(w io.Writer, a Array) error {
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shapeText(a.Shape))
	// The data begin at a multiple of 64 bytes.
	length := (10+len(header)+1+63)/64*64 - 10
	b := append(npy.Magic[:len(npy.Magic):len(npy.Magic)], 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(length))
	b = fmt.Appendf(b, "%-*s\n", length-1, header)
	for _, v := range a.Data {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	_, err := w.Write(b)
	return err
}
