package conformance

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// A shell that opens a file, writes another and starts a child shows all of it.
func TestFactsOfAProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("/bin/sh", "-c", "exec 7>open; mkdir sub; echo > sub/file; sleep 60 & echo ready; read line; kill $!; wait; echo gone; read line")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close() // it ends by that
		_ = cmd.Wait()
	}()
	line := make([]byte, 16)
	if _, err := out.Read(line); err != nil {
		t.Fatal(err)
	}
	f, err := factsOf(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "open"), filepath.Join(dir, "sub", "file")}
	if f.Children != 1 || f.Threads != 1 || f.Open < 4 || f.Resident < 100<<10 || f.Resident > 100<<20 || !slices.Equal(f.Files, want) {
		t.Errorf("facts = %+v, want 1 child, 1 thread, 4 open files or more, some 1 MB, files %q", f, want)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(line); err != nil {
		t.Fatal(err)
	}
	if f, err = factsOf(cmd.Process.Pid); err != nil || f.Children != 0 {
		t.Errorf("facts = %+v, %v, want no child once it was killed", f, err)
	}
}

func TestThereAreNoFactsOfNoProcess(t *testing.T) {
	cmd := exec.Command("/bin/true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if f, err := factsOf(cmd.Process.Pid); err == nil {
		t.Errorf("facts = %+v of a process that has ended, want an error", f)
	}
}
