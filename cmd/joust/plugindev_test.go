package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers/builtin"
)

func TestDevChecksAgainWhenAFileIsSaved(t *testing.T) {
	m, _ := markedPlugin(t)
	r, w := io.Pipe()
	d := developing{
		lists: bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()},
		dir:   m.Dir, time: 10 * time.Millisecond, every: 5 * time.Millisecond, out: w, err: io.Discard,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- d.watch(ctx)
		_ = w.Close() // of a pipe: never fails
	}()
	lines := bufio.NewScanner(r)
	until := func(want string) {
		t.Helper()
		var seen []string
		for lines.Scan() {
			if seen = append(seen, lines.Text()); strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("watching ended after %q, want a line with %q", seen, want)
	}
	until("marked 1.2.3 serves marked, started in ")
	until("random-search ")
	// A mistake is said, and the next change is waited for.
	yaml := filepath.Join(m.Dir, "plugin.yaml")
	src, err := os.ReadFile(yaml)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(yaml, []byte(strings.Replace(string(src), "1.2.3", "?", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	until("plugin.yaml:2:10: version: ?, want such as 0.1.0")
	if err := os.WriteFile(yaml, []byte(strings.Replace(string(src), "1.2.3", "1.2.4", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	until("marked 1.2.4 serves marked")
	until("random-search ")
	cancel()
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v, want no error: that is how it ends", err)
	}
}

// TestPluginTutorialKnowsEachCommand compares plugins/README.md with the commands that
// there are.
func TestPluginTutorialKnowsEachCommand(t *testing.T) {
	text, err := os.ReadFile("../../plugins/README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, m := range regexp.MustCompile("`?joust plugin ([a-z]+)|`([a-z]+)`").FindAllStringSubmatch(string(text), -1) {
		told[m[1]+m[2]] = true
	}
	known := map[string]bool{}
	for _, c := range newPluginCommand(bench.Lists{}).Commands() {
		known[c.Name()] = true
		if !told[c.Name()] {
			t.Errorf("joust plugin %s is not in it", c.Name())
		}
		if c.Short == "" || c.Example == "" {
			t.Errorf("joust plugin %s has no short description, or no example", c.Name())
		}
	}
	for _, m := range regexp.MustCompile("joust plugin ([a-z]+)").FindAllStringSubmatch(string(text), -1) {
		if !known[m[1]] {
			t.Errorf("it has joust plugin %s, which is no command", m[1])
		}
	}
}
