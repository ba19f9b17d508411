package scaling

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var compareLevels = cmp.AllowUnexported(level{})

func TestCachesAreReadFromTheirFiles(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s + "\n")} }
	files := fstest.MapFS{}
	for dir, c := range map[string][4]string{
		"index0": {"1", "Data", "32K", "0,64"},
		"index1": {"1", "Instruction", "64K", "0,64"},
		"index2": {"2", "Unified", "1024K", "0,64"},
		"index3": {"3", "Unified", "32768K", "0-7,64-71"},
		"index4": {"x", "Unified", "1K", "0"},    // nonsense is left out
		"index5": {"4", "Unified", "lots", "0"},  //
		"uevent": {"2", "Unified", "512K", "0-"}, // not a cache
	} {
		for i, name := range []string{"level", "type", "size", "shared_cpu_list"} {
			files[dir+"/"+name] = file(c[i])
		}
	}
	got := levels(files)
	want := []level{
		{name: "L1", bytes: 32 << 10, sharing: 2},
		{name: "L2", bytes: 1 << 20, sharing: 2},
		{name: "L3", bytes: 32 << 20, sharing: 16},
		{name: "DRAM", bytes: 32 << 20, sharing: 16, dram: true},
	}
	if diff := cmp.Diff(want, got, compareLevels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	// Buffers of one core, of the two that share L1, and of all 128.
	for i, want := range [][3]int{{16 << 10, 8 << 10, 8 << 10}, {512 << 10, 256 << 10, 256 << 10}, {16 << 20, 8 << 20, 1 << 20}, {128 << 20, 64 << 20, 8 << 20}} {
		for j, threads := range []int{1, 2, 128} {
			if n := got[i].buffer(threads); n != want[j] {
				t.Errorf("%s: buffers of %d bytes on %d threads, want %d", got[i].name, n, threads, want[j])
			}
		}
	}
}

func TestWithoutFilesThereAreCachesAllTheSame(t *testing.T) {
	var names []string
	for _, l := range levels(fstest.MapFS{}) {
		names = append(names, l.name)
		if n := l.buffer(1 << 12); n < 24 {
			t.Errorf("%s: a buffer of %d bytes, want room for a triad", l.name, n)
		}
	}
	if diff := cmp.Diff([]string{"L1", "L2", "L3", "DRAM"}, names); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
}
