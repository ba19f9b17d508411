package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Files that NumPy wrote, by testdata/npy/npy.py.
func TestReadNPY(t *testing.T) {
	square := func(k int) float64 { return float64(k*k - 3) }
	odd := func(k int) float64 { return float64(k * k % 2) }
	for _, tt := range []struct {
		file  string
		shape []int
		value func(k int) float64
	}{
		{"f8", []int{2, 3}, square},
		{"f8-big", []int{2, 3}, square},
		{"f4", []int{2, 3}, square},
		{"i8", []int{2, 3}, square},
		{"i4-big", []int{2, 3}, square},
		{"i2", []int{2, 3}, square},
		{"i1", []int{2, 3}, square},
		{"u8", []int{2, 3}, odd},
		{"u4", []int{2, 3}, odd},
		{"u2", []int{2, 3}, odd},
		{"u1", []int{2, 3}, odd},
		{"bool", []int{2, 3}, odd},
		{"fortran", []int{2, 3, 4}, square},
		{"vector", []int{5}, square},
		{"scalar", nil, square},
		{"empty", []int{0, 3}, square},
		{"version2", []int{2, 3}, square},
	} {
		a, err := ReadNPY(filepath.Join("testdata/npy", tt.file+".npy"))
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		if !slices.Equal(a.Shape, tt.shape) {
			t.Errorf("%s: shape %v, want %v", tt.file, a.Shape, tt.shape)
		}
		n := 1
		for _, k := range tt.shape {
			n *= k
		}
		if len(a.Data) != n {
			t.Errorf("%s: %d values, want %d", tt.file, len(a.Data), n)
		}
		for k, v := range a.Data {
			if v != tt.value(k) {
				t.Errorf("%s: value %d is %v, want %v", tt.file, k, v, tt.value(k))
			}
		}
	}
}

// What is written is what NumPy writes, byte for byte, and is read again.
func TestWriteNPY(t *testing.T) {
	for _, name := range []string{"f8", "vector", "scalar", "empty"} {
		want, err := os.ReadFile(filepath.Join("testdata/npy", name+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		a, err := ParseNPY(bytes.NewReader(want), int64(len(want)))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s: written %q (%v), want %q", name, b.Bytes(), err, want)
		}
	}
	long := Array{Shape: slices.Repeat([]int{1}, 40), Data: []float64{math.Pi}}
	var b bytes.Buffer
	if err := WriteNPY(&b, long); err != nil || b.Len()%64 != 8 {
		t.Errorf("%d bytes (%v), want data from a multiple of 64 on", b.Len(), err)
	}
	if a, err := ParseNPY(&b, int64(b.Len())); err != nil || a.Data[0] != math.Pi || len(a.Shape) != 40 {
		t.Errorf("read %v (%v), want what was written", a, err)
	}
}

// file has this header, and data of so many bytes.
func npyFile(version byte, header string, data int) []byte {
	b := []byte{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0}
	if version == 2 {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	}
	return append(append(b, header...), make([]byte, data)...)
}

func TestBadNPY(t *testing.T) {
	header := func(descr, fortran, shape string) string {
		return fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
	}
	huge := npyFile(2, "", 8)
	binary.LittleEndian.PutUint32(huge[8:], math.MaxUint32)
	for _, tt := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "not an NPY file"},
		{"text", []byte("label,x\n0,1\n"), "not an NPY file"},
		{"cut in the magic", []byte("\x93NUMPY\x01"), "not an NPY file"},
		{"cut in the header", npyFile(1, header("<f8", "False", "(2,)"), 16)[:40], "in a file of 40: it is cut off"},
		{"header of 4 GB", huge, "a header of 4294967295 bytes, want at most 65536"},
		{"version 7", npyFile(7, header("<f8", "False", "(2,)"), 16), "version"},
		{"no line end", npyFile(1, "{'descr': '<f8'}", 16), "not an NPY file that can be read"},
		{"no shape", npyFile(1, "{'descr': '<f8', 'fortran_order': False, }\n", 16), "invalid dictionary"},
		{"shape of words", npyFile(1, header("<f8", "False", "(two,)"), 16), "not an NPY file that can be read"},
		{"order of words", npyFile(1, header("<f8", "Perhaps", "(2,)"), 16), "fortran_order"},
		{"too short", npyFile(1, header("<f8", "False", "(3,)"), 16), "16 bytes of data, want 24: shape (3,) of <f8"},
		{"too long", npyFile(1, header("<f8", "False", "(1,)"), 16), "16 bytes of data, want 8"},
		{"a billion of a billion", npyFile(1, header("<f8", "False", "(1000000000, 1000000000)"), 16), "shape (1000000000, 1000000000) in a file of"},
		{"negative", npyFile(1, header("<f8", "False", "(-2,)"), 16), "shape (-2,) in a file"},
		{"half precision", npyFile(1, header("<f2", "False", "(8,)"), 16), `dtype "<f2", want real numbers`},
		{"a dtype of nothing", npyFile(1, header("", "False", "(8,)"), 16), "dtype"},
	} {
		_, err := ParseNPY(bytes.NewReader(tt.b), int64(len(tt.b)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	for file, want := range map[string]string{
		"nan.npy":     "value [1, 0, 2] is NaN, want finite numbers",
		"complex.npy": `dtype "<c16", want real numbers`,
		"text.npy":    `dtype "<U2"`,
		"object.npy":  `dtype "|O"`,
		"none.npy":    "testdata/npy/none.npy: no such file",
		".":           "not a regular file",
	} {
		_, err := ReadNPY(filepath.Join("testdata/npy", file))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "testdata/npy") {
			t.Errorf("%s: error %v, want the path and %q", file, err, want)
		}
	}
}

// Whatever a file holds, reading it is an array that fits it or an error, in memory
// that its length bounds.
func FuzzParseNPY(f *testing.F) {
	files, err := filepath.Glob("testdata/npy/*.npy")
	if err != nil || len(files) == 0 {
		f.Fatal("no files to start from")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(npyFile(2, "{'descr': '<f8', 'fortran_order': True, 'shape': (9223372036854775807, 2), }\n", 16))
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a, err := ParseNPY(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20+64*uint64(len(b)) {
			t.Errorf("%d bytes are allocated for a file of %d", got, len(b))
		}
		if err != nil {
			return
		}
		n := 1
		for _, k := range a.Shape {
			n *= k
		}
		if n != len(a.Data) || n > len(b) {
			t.Fatalf("shape %v of %d values, from %d bytes", a.Shape, len(a.Data), len(b))
		}
		for i, v := range a.Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("value %d is %v", i, v)
			}
		}
		var again bytes.Buffer
		if err := WriteNPY(&again, a); err != nil {
			t.Fatal(err)
		}
		c, err := ParseNPY(&again, int64(again.Len()))
		if err != nil || !slices.Equal(c.Data, a.Data) || !slices.Equal(c.Shape, a.Shape) {
			t.Fatalf("written and read again: %v (%v), want %v", c, err, a)
		}
	})
}
