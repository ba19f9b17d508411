package netcheck

import (
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
)

// Digests are hashes of what was computed, by its name.
type Digests map[string]uint64

// Digest is a hash of the bits of values, their number included.
func Digest[T network.Float](values []T) uint64 {
	h := fnv.New64a()
	var word [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(word[:], math.Float64bits(float64(v)))
		h.Write(word[:]) // a hash returns no error
	}
	return h.Sum64()
}

// digestsTo names the file that a process which [Kernels] has started leaves its
// digests in.
const digestsTo = "JOUST_TEST_DIGESTS"

// report is what such a process leaves.
type report struct {
	Path    string // of package kernel
	Digests Digests
}

// Kernels fails t unless compute returns the same digests with all the instructions
// that package kernel can use on this processor, which it chooses when a process
// starts: t runs again, alone, in a process for each. So t is a test and no subtest,
// and has done nothing before. A name whose digests differ is reported.
func Kernels(t *testing.T, compute func() Digests) {
	t.Helper()
	if file := os.Getenv(digestsTo); file != "" {
		data, err := json.Marshal(report{kernel.Path(), compute()})
		if err == nil {
			err = os.WriteFile(file, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	best := digestsOf(t, "") // which says what the processor has
	for _, path := range paths {
		if path == best.Path {
			break
		}
		got := digestsOf(t, path)
		if got.Path != path {
			t.Fatalf("JOUST_KERNEL=%s: the kernels are %s", path, got.Path)
		}
		const most = 20
		names := different(best.Digests, got.Digests)
		for _, name := range names[:min(most, len(names))] {
			t.Errorf("%s: the kernels %s and %s give different bits", name, best.Path, path)
		}
		if more := len(names) - most; more > 0 {
			t.Errorf("and %d more with %s", more, path)
		}
	}
}

// paths are those of package kernel. A processor that has one has those before it.
var paths = []string{"portable", "avx2", "avx512"}

// different lists the names whose digests differ, or are in one of a and b alone.
func different(a, b Digests) []string {
	var names []string
	for name, v := range a {
		if w, ok := b[name]; !ok || v != w {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// digestsOf runs t in a process that uses a path; empty: the best.
func digestsOf(t *testing.T, path string) report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "digests")
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "JOUST_KERNEL="+path, digestsTo+"="+file)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("JOUST_KERNEL=%s: %v\n%s", path, err, strings.TrimSpace(string(out)))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Digests) == 0 {
		t.Fatalf("JOUST_KERNEL=%s: no digests", path)
	}
	return r
}
