package conformance

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// factsOf looks at a process of ours from outside.
func factsOf(pid int) (Facts, error) {
	var f Facts
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return f, err
	}
	for line := range bytes.Lines(status) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch string(name) {
		case "VmRSS":
			if _, err := fmt.Sscanf(string(value), "%d kB", &f.Resident); err != nil {
				return f, fmt.Errorf("%s/status: VmRSS: %w", proc, err)
			}
			f.Resident *= 1024
		case "Threads":
			if _, err := fmt.Sscanf(string(value), "%d", &f.Threads); err != nil {
				return f, fmt.Errorf("%s/status: Threads: %w", proc, err)
			}
		}
	}
	open, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		return f, err
	}
	f.Open = len(open)
	if f.Children, err = descendants(pid); err != nil {
		return f, err
	}
	dir, err := os.Readlink(filepath.Join(proc, "cwd"))
	if err != nil {
		return f, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			f.Files = append(f.Files, path)
		}
		return err
	})
	return f, err
}

// descendants counts the processes below pid. One that ends while they are
// counted is none.
func descendants(pid int) (int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	children := map[int][]int{}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		// The name, in brackets, may hold anything.
		var state byte
		var parent int
		if _, err := fmt.Sscanf(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " %c %d", &state, &parent); err == nil {
			children[parent] = append(children[parent], id)
		}
	}
	n := 0
	for below := children[pid]; len(below) > 0; n++ {
		below = append(below[1:], children[below[0]]...)
	}
	return n, nil
}
