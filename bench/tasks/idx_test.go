package tasks

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// writeIDX writes a pair of files of n images of 2 by 3 pixels, whose first
// two pixels spell their number from first on, and whose class is that number
// modulo classes.
func writeIDX(t *testing.T, dir, prefix string, first, n, classes int) {
	t.Helper()
	header := func(dims ...uint32) []byte {
		b := []byte{0, 0, 8, byte(len(dims))}
		for _, d := range dims {
			b = binary.BigEndian.AppendUint32(b, d)
		}
		return b
	}
	images, labels := header(uint32(n), 2, 3), header(uint32(n))
	for i := first; i < first+n; i++ {
		images = append(images, byte(i>>8), byte(i), 0, 0, 0, 255)
		labels = append(labels, byte(i%classes))
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(images); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rewrite(t, dir, prefix+"-images-idx3-ubyte.gz", b.String())
	rewrite(t, dir, prefix+"-labels-idx1-ubyte", string(labels))
}

// numbers are those that the images spell.
func numbers(e bench.Examples) (ns []int) {
	for i := range e.N {
		ns = append(ns, int(e.X[6*i]*255+0.5)<<8+int(e.X[6*i+1]*255+0.5))
	}
	return ns
}

func idxDefaults() idxConfig { return idxConfig{Path: ".", Test: 0.2, Validation: 0.1} }

func TestIDXSplitsBySeed(t *testing.T) {
	dir := t.TempDir()
	writeIDX(t, dir, "t10k", 0, 400, 4)
	d, err := idxDefaults().data(1, dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.In, network.Shape{1, 2, 3}) || d.Out != 4 || d.Loss != loss.SoftmaxCrossEntropy || d.Goal.Target != nil {
		t.Errorf("%v to %d by %s, goal %+v", d.In, d.Out, d.Loss, d.Goal)
	}
	if d.Train.N != 288 || d.Valid.N != 32 || d.Test.N != 80 {
		t.Errorf("%d, %d, %d images, want 288, 32, 80", d.Train.N, d.Valid.N, d.Test.N)
	}
	var all []int
	for _, e := range []bench.Examples{d.Train, d.Valid, d.Test} {
		count := make([]int, 4)
		for i, n := range numbers(e) {
			if int(e.Labels[i]) != n%4 {
				t.Fatalf("image %d has label %d, want %d", n, e.Labels[i], n%4)
			}
			count[e.Labels[i]]++
			all = append(all, n)
		}
		if slices.Min(count) != slices.Max(count) {
			t.Errorf("%v images of each class in a part, want equal numbers", count)
		}
	}
	slices.Sort(all)
	for i, n := range all {
		if i != n {
			t.Fatalf("the parts hold %v, want every image once", all)
		}
	}
	if len(all) != 400 {
		t.Errorf("%d images in the parts, want 400", len(all))
	}
	other, err := idxDefaults().data(2, dir)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(numbers(d.Test), numbers(other.Test)) {
		t.Error("another seed gave the same test images")
	}
}

func TestIDXTestDataOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	writeIDX(t, dir, "train", 0, 100, 2)
	writeIDX(t, dir, "t10k", 500, 30, 3) // with a class that the others lack
	d, err := idxDefaults().data(1, dir)
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.N != 90 || d.Valid.N != 10 || d.Test.N != 30 || d.Out != 3 {
		t.Errorf("%d, %d, %d images of %d classes, want 90, 10, 30 of 3", d.Train.N, d.Valid.N, d.Test.N, d.Out)
	}
	if ns := numbers(d.Test); slices.Min(ns) != 500 || slices.Max(ns) != 529 {
		t.Errorf("test images %v, want 500 to 529", ns)
	}
	c := idxDefaults()
	c.Limit = 20
	if d, err = c.data(1, dir); err != nil || d.Train.N != 18 || d.Valid.N != 2 || d.Test.N != 30 {
		t.Errorf("limit 20: %d, %d, %d images, %v, want 18, 2, 30", d.Train.N, d.Valid.N, d.Test.N, err)
	}
	// One of the pairs by its name.
	c = idxDefaults()
	c.Path = "t10k-images-idx3-ubyte.gz"
	if d, err = c.data(1, dir); err != nil || d.Train.N+d.Valid.N+d.Test.N != 30 {
		t.Errorf("%s: %d, %d, %d images, %v, want 30 in all", c.Path, d.Train.N, d.Valid.N, d.Test.N, err)
	}
}

func TestIDXPrepareHashesTheFiles(t *testing.T) {
	dir := t.TempDir()
	writeIDX(t, dir, "some", 0, 50, 5)
	task := named(t, "idx")
	config, err := task.Prepare(json.RawMessage(`{"path":".","goal":0.9}`), dir)
	if err != nil {
		t.Fatal(err)
	}
	var c idxConfig
	if err := json.Unmarshal(config, &c); err != nil || len(c.SHA256) != 64 || c.Goal != 0.9 {
		t.Errorf("prepared %s, want a hash", config)
	}
	if again, err := task.Prepare(config, dir); err != nil || string(again) != string(config) {
		t.Errorf("prepared again: %s, %v, want %s", again, err, config)
	}
	o, err := task.New(config, setup(1, dir))
	if err != nil || o.Examples() != 36 {
		t.Fatalf("New: %v", err)
	}
	writeIDX(t, dir, "some", 1, 50, 5)
	for name, err := range map[string]error{
		"New":     second(task.New(config, setup(1, dir))),
		"Prepare": second(task.Prepare(config, dir)),
	} {
		if err == nil || !strings.Contains(err.Error(), "has changed since the experiment was planned") {
			t.Errorf("%s of changed files: error %v, want one that says so", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestIDXErrors(t *testing.T) {
	dir := t.TempDir()
	for _, sub := range []string{"one", "sizes", "empty", "same"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	writeIDX(t, filepath.Join(dir, "one"), "x", 0, 30, 3)
	writeIDX(t, filepath.Join(dir, "same"), "x", 0, 30, 1)
	writeIDX(t, filepath.Join(dir, "sizes"), "train", 0, 30, 3)
	rewrite(t, dir, "sizes/t10k-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x05")
	rewrite(t, dir, "sizes/t10k-labels-idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x01\x00")
	rewrite(t, dir, "labels", "text")
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct{ config, want string }{
		{`{}`, `path: "", want the name of a directory or of a file of images`},
		{`{"path":"on"}`, in("on") + ": no such file or directory, did you mean " + in("one") + "?"},
		{`{"path":"empty"}`, in("empty") + ": no files named *-images-idx3-ubyte"},
		{`{"path":"sizes"}`, in("sizes/t10k-images-idx3-ubyte") + ": images of 1x1 pixels, want 2x3 as in " + in("sizes/train-images-idx3-ubyte.gz")},
		{`{"path":"same"}`, in("same") + ": every label is 0, want at least two classes"},
		{`{"path":"one","limit":31}`, in("one") + ": limit: 31, want at most the 30 images there are"},
		{`{"path":"one","limit":2}`, in("one") + ": 2 examples split into "},
		{`{"path":"one/x-images-idx3-ubyte.gz","labels":"labels"}`, in("labels") + ": begins with 0x74657874, want 0x00000801"},
	} {
		_, err := named(t, "idx").Prepare(json.RawMessage(c.config), dir)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.config, err, c.want)
		}
	}
}

// The real digits, where JOUST_DATA says they are, else files of the same form.
func TestIDXDigits(t *testing.T) {
	dir, want := os.Getenv("JOUST_DATA"), []int{7200, 800, 2000}
	if dir == "" {
		dir, want = t.TempDir(), []int{72, 8, 20}
		if err := os.Mkdir(filepath.Join(dir, "mnist-10k"), 0o700); err != nil {
			t.Fatal(err)
		}
		writeIDX(t, filepath.Join(dir, "mnist-10k"), "t10k", 0, 100, 10)
	}
	c := idxDefaults()
	c.Path = "mnist-10k"
	d, err := c.data(1, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := []int{d.Train.N, d.Valid.N, d.Test.N}; !slices.Equal(got, want) || d.Out != 10 {
		t.Errorf("%v images of %d classes, want %v of 10", got, d.Out, want)
	}
}

func Example() {
	for _, t := range All()[:3] {
		fmt.Printf("%s: %s\n", t.Name, t.Goal)
	}
	// Output:
	// xor: accuracy 1 on the four patterns
	// parity: accuracy 1 on all patterns
	// two-spirals: accuracy 1 on the 194 training points
}
