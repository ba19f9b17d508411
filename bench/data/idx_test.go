package data

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// idx encodes bytes in the format of MNIST's files.
func idx(values []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, values...)
}

// Two images of 2 rows and 3 columns.
var (
	twoImages = idx([]byte{0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6}, 2, 2, 3)
	twoLabels = idx([]byte{7, 2}, 2)
)

func TestReadIDX(t *testing.T) {
	im, err := ReadIDX("i", twoImages, "l", twoLabels)
	if err != nil {
		t.Fatal(err)
	}
	if im.N != 2 || im.H != 2 || im.W != 3 || im.Classes() != 8 {
		t.Errorf("N, H, W, classes = %d, %d, %d, %d, want 2, 2, 3, 8", im.N, im.H, im.W, im.Classes())
	}
	s := im.Pick([]int{1, 0})
	if want := []float64{1. / 255, 2. / 255, 3. / 255, 4. / 255, 5. / 255, 6. / 255, 0, 0.2, 0.4, 0.6, 0.8, 1}; !slices.Equal(s.X, want) {
		t.Errorf("pixels = %v, want %v", s.X, want)
	}
	if !slices.Equal(s.Labels, []int32{2, 7}) || s.N != 2 {
		t.Errorf("labels = %v, want 2 7", s.Labels)
	}
}

func TestReadIDXErrors(t *testing.T) {
	cut := func(b []byte, n int) []byte { return b[:len(b)-n] }
	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string
	}{
		{"empty", nil, twoLabels, "i: 0 bytes, want at least the 16 of the header of an IDX file"},
		{"short header", twoImages[:15], twoLabels, "i: 15 bytes, want at least the 16 of the header of an IDX file"},
		{"swapped", twoLabels, twoImages, "i: begins with 0x00000801, want 0x00000803, an IDX file of bytes in 3 dimensions"},
		{"images as labels", twoImages, twoImages, "l: begins with 0x00000803, want 0x00000801, an IDX file of bytes in 1 dimensions"},
		{"text", []byte("label,pixel"), twoLabels, "i: begins with 0x6c616265, want 0x00000803, an IDX file of bytes in 3 dimensions"},
		{"truncated", cut(twoImages, 1), twoLabels, "i: 11 bytes after the header, want 12 for dimensions [2 2 3]"},
		{"trailing", append(slices.Clone(twoImages), 0), twoLabels, "i: 13 bytes after the header, want 12 for dimensions [2 2 3]"},
		{"truncated labels", twoImages, cut(twoLabels, 1), "l: 1 bytes after the header, want 2 for dimensions [2]"},
		{"no images", idx(nil, 0, 28, 28), twoLabels, "i: dimension 1 of 3 is 0, want at least 1"},
		{"no width", idx(nil, 2, 28, 0), twoLabels, "i: dimension 3 of 3 is 0, want at least 1"},
		{"huge", idx(nil, 1<<31-1, 1<<31-1, 1<<31-1), twoLabels, "i: the dimensions are too large for any file"},
		{"more than an int32", idx(nil, 1<<32-1, 1, 1), twoLabels, "i: the dimensions are too large for any file"},
		{"a gigabyte that is not there", idx(nil, 1<<20, 1<<5, 1<<5), twoLabels, "i: 0 bytes after the header, want 1073741824 for dimensions [1048576 32 32]"},
		{"other number", twoImages, idx([]byte{1, 2, 3}, 3), "l: 3 labels, want 2, as many as there are images in i"},
	} {
		_, err := ReadIDX("i", c.images, "l", c.labels)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func FuzzReadIDX(f *testing.F) {
	f.Add(twoImages, twoLabels)
	f.Add(idx(nil, 1<<31, 1<<31, 1<<31), twoLabels)
	f.Add([]byte{0, 0, 8, 3, 0}, []byte{})
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		im, err := ReadIDX("i", images, "l", labels)
		if err != nil {
			return
		}
		if im.N*im.H*im.W != len(images)-16 || im.N != len(labels)-8 {
			t.Fatalf("%d images of %d by %d from %d and %d bytes", im.N, im.H, im.W, len(images), len(labels))
		}
		s := im.Pick([]int{im.N - 1, 0})
		for _, l := range s.Labels {
			if int(l) >= im.Classes() {
				t.Fatalf("label %d of %d classes", l, im.Classes())
			}
		}
		if low, high := slices.Min(s.X), slices.Max(s.X); low < 0 || high > 1 {
			t.Fatalf("pixels from %g to %g, want in [0,1]", low, high)
		}
	})
}

func TestFindIDX(t *testing.T) {
	dir := t.TempDir()
	paths := func(names ...string) (p []string) {
		for _, n := range names {
			if n != "" {
				n = filepath.Join(dir, n)
			}
			p = append(p, n)
		}
		return p
	}
	check := func(path, labels string, want ...string) {
		t.Helper()
		train, test, err := FindIDX(filepath.Join(dir, path), labels)
		got := []string{train.Images, train.Labels, test.Images, test.Labels}
		if err != nil || !slices.Equal(got, paths(want...)) {
			t.Errorf("FindIDX(%q) = %v, %v, want %v", path, got, err, want)
		}
	}
	fails := func(path, want string) {
		t.Helper()
		_, _, err := FindIDX(filepath.Join(dir, path), "")
		if err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, path)) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("FindIDX(%q): error %v, want %s", path, err, want)
		}
	}
	const images, labels = "-images-idx3-ubyte", "-labels-idx1-ubyte"

	fails("", ": no files named *-images-idx3-ubyte or *-images-idx3-ubyte.gz, want one, and its labels")
	fails("nothing", ": no such file or directory")
	write(t, dir, "t10k"+images+".gz", nil)
	fails("t10k"+images+".gz", ": its labels are missing, want t10k-labels-idx1-ubyte.gz beside it")
	write(t, dir, "t10k"+labels, nil)
	check("", "", "t10k"+images+".gz", "t10k"+labels, "", "") // one of them compressed
	write(t, dir, "t10k"+labels+".gz", nil)
	check("", "", "t10k"+images+".gz", "t10k"+labels+".gz", "", "")
	write(t, dir, "t10k"+images, nil)
	check("", "", "t10k"+images, "t10k"+labels, "", "") // both forms are there: one is enough

	write(t, dir, "train"+images, nil)
	fails("train"+images, ": its labels are missing, want train-labels-idx1-ubyte beside it")
	write(t, dir, "train"+labels, nil)
	check("", "", "train"+images, "train"+labels, "t10k"+images, "t10k"+labels)
	check("train"+images, "", "train"+images, "train"+labels, "", "")

	write(t, dir, "other"+images, nil)
	write(t, dir, "other"+labels, nil)
	fails("", ": images in other-images-idx3-ubyte, t10k-images-idx3-ubyte, train-images-idx3-ubyte, want one such file, or one to train on and one named t10k* or test*")
	write(t, dir, "letters", nil)
	fails("letters", ": want a name that ends in images-idx3-ubyte or images-idx3-ubyte.gz, or the labels named too")
	check("letters", filepath.Join(dir, "which"), "letters", "which", "", "")
}

// digits returns where a directory of real digits is, or one that has the same
// form, and how many there are of each class.
func digits(t *testing.T) (dir string, counts []int) {
	if dir := os.Getenv("JOUST_DATA"); dir != "" {
		// The numbers of digits in MNIST's test files are well known.
		return filepath.Join(dir, "mnist-10k"), []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
	}
	dir = t.TempDir()
	counts = []int{4, 3, 5, 1, 2, 6, 1, 1, 2, 3}
	var pixels, labels []byte
	for c, n := range counts {
		for range n {
			labels = append(labels, byte(c))
			pixels = append(pixels, bytes.Repeat([]byte{0, 255}, 28*28/2)...)
		}
	}
	n := uint32(len(labels))
	write(t, dir, "t10k-images-idx3-ubyte.gz", zipped(t, idx(pixels, n, 28, 28)))
	write(t, dir, "t10k-labels-idx1-ubyte.gz", zipped(t, idx(labels, n)))
	return dir, counts
}

func TestLoadDigits(t *testing.T) {
	dir, counts := digits(t)
	train, test, err := FindIDX(dir, "")
	if err != nil || test != (IDXPair{}) {
		t.Fatalf("test data %v, error %v, want none", test, err)
	}
	sets, sum, err := LoadIDX(train)
	if err != nil {
		t.Fatal(err)
	}
	im := sets[0]
	if im.H != 28 || im.W != 28 || im.Classes() != len(counts) {
		t.Errorf("%d by %d, %d classes, want 28 by 28 and %d", im.H, im.W, im.Classes(), len(counts))
	}
	got := make([]int, len(counts))
	rows := make([]int, im.N)
	for i, l := range im.Labels {
		got[l]++
		rows[i] = i
	}
	if !slices.Equal(got, counts) {
		t.Errorf("%v of each class, want %v", got, counts)
	}
	if s := im.Pick(rows); slices.Min(s.X) != 0 || slices.Max(s.X) != 1 {
		t.Errorf("pixels from %g to %g, want 0 to 1", slices.Min(s.X), slices.Max(s.X))
	}
	if len(sum) != 64 {
		t.Errorf("hash %q, want 64 hex digits", sum)
	}
}

func TestLoadIDXHashesEveryFile(t *testing.T) {
	dir := t.TempDir()
	pair := IDXPair{write(t, dir, "i", twoImages), write(t, dir, "l", twoLabels)}
	_, a, err := LoadIDX(pair)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "l", idx([]byte{7, 3}, 2))
	_, b, err := LoadIDX(pair)
	if err != nil || a == b {
		t.Errorf("other labels: %v, hashes equal: %t, want another hash", err, a == b)
	}
	if _, _, err := LoadIDX(IDXPair{pair.Images, filepath.Join(dir, "k")}); err == nil {
		t.Error("missing labels: no error")
	}
}
