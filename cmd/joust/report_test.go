package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/joust-bench/joust/bench/store"
)

func TestPickTakesTheLastUnlessAsked(t *testing.T) {
	list := []store.Experiment{
		{Name: "tiny", Resolved: "seed: 1"},
		{Name: "other", Resolved: "seed: 1"},
		{Name: "tiny", Resolved: "seed: 2"},
		{Name: "last", Resolved: "seed: 1"},
	}
	for _, tt := range []struct {
		ask  string
		want int // index; -1: an error
	}{
		{"", 3}, {"tiny", 2}, {"other", 1}, {list[0].ID(), 0}, {"nobody", -1},
	} {
		e, err := pick(list, "r.db", tt.ask)
		switch {
		case tt.want < 0 && err == nil:
			t.Errorf("pick %q = %s, want an error", tt.ask, e.Name)
		case tt.want >= 0 && (err != nil || e.ID() != list[tt.want].ID()):
			t.Errorf("pick %q = %s %s (%v), want experiment %d", tt.ask, e.Name, e.Resolved, err, tt.want)
		}
	}
	if _, err := pick(nil, "r.db", ""); err == nil {
		t.Error("an experiment was picked from none")
	}
}

func TestCPUModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpuinfo")
	info := "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some(R)  CPU @ 3.00GHz\nflags\t\t: fpu\n"
	if err := os.WriteFile(path, []byte(info), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, want := cpuModel(path), "Some(R) CPU @ 3.00GHz"; got != want {
		t.Errorf("cpuModel = %q, want %q", got, want)
	}
	if got := cpuModel(path + ".none"); got != runtime.GOARCH {
		t.Errorf("cpuModel without its file = %q, want %q", got, runtime.GOARCH)
	}
}

func TestTotalMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meminfo")
	for content, want := range map[string]int64{
		"MemTotal:       24576000 kB\nMemFree:         1000 kB\n": 24576000 * 1024,
		"nonsense": 0,
	} {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := totalMemory(path); got != want {
			t.Errorf("totalMemory of %q = %d, want %d", content, got, want)
		}
	}
	if got := totalMemory(path + ".none"); got != 0 {
		t.Errorf("totalMemory without its file = %d, want 0", got)
	}
}
