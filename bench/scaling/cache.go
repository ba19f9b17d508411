package scaling

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A level is one of the memory: a cache, or what is behind all of them.
type level struct {
	name    string
	bytes   int // of the cache; of DRAM, of the last cache
	sharing int // cores that share it
	dram    bool
}

// buffer is how many bytes each of so many threads reads: together they fill
// half of a cache, and of DRAM four times the last cache, so that little of it is
// there when it is read again.
func (l level) buffer(threads int) int {
	n := l.bytes / min(threads, l.sharing)
	if l.dram {
		return max(4*n, 8<<20)
	}
	return n / 2
}

// cacheFiles is where Linux describes the caches of the first core.
func cacheFiles() fs.FS { return os.DirFS("/sys/devices/system/cpu/cpu0/cache") }

// levels are those that files describe; elsewhere, caches that most processors
// have at least.
func levels(files fs.FS) []level {
	list := caches(files)
	if len(list) == 0 {
		list = []level{
			{name: "L1", bytes: 32 << 10, sharing: 1},
			{name: "L2", bytes: 256 << 10, sharing: 1},
			{name: "L3", bytes: 8 << 20, sharing: 1 << 20},
		}
	}
	dram := list[len(list)-1]
	dram.name, dram.dram = "DRAM", true
	return append(list, dram)
}

// caches reads the files: one directory for each cache. What it cannot read is
// not there.
func caches(files fs.FS) []level {
	dirs, err := fs.Glob(files, "index*")
	if err != nil {
		return nil
	}
	var list []level
	for _, dir := range dirs {
		read := func(name string) string {
			b, err := fs.ReadFile(files, path.Join(dir, name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(b))
		}
		kib, err := strconv.Atoi(strings.TrimSuffix(read("size"), "K"))
		number, errLevel := strconv.Atoi(read("level"))
		if err != nil || errLevel != nil || kib < 1 || number < 1 || read("type") == "Instruction" {
			continue
		}
		list = append(list, level{name: "L" + strconv.Itoa(number), bytes: kib << 10, sharing: max(1, countCores(read("shared_cpu_list")))})
	}
	slices.SortFunc(list, func(a, b level) int { return strings.Compare(a.name, b.name) })
	return list
}

// countCores counts a list such as 0-3,8.
func countCores(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		a, errLow := strconv.Atoi(low)
		b, errHigh := strconv.Atoi(high)
		if errLow == nil && errHigh == nil && b >= a {
			n += b - a + 1
		}
	}
	return n
}
