//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Ctrl-C ends a measurement with what was measured, and status 130.
func TestInterruptedBenchPrintsWhatItHas(t *testing.T) {
	cmd := exec.Command("joust", "bench", "--time", "2s", "--only", "peak,workloads", "--threads", "1")
	var out bytes.Buffer
	cmd.Stdout = &out
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(pipe)
	for sent := false; lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if !sent && strings.Contains(lines.Text(), "memory") { // the peak is measured
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			sent = true
		}
	}
	err = cmd.Wait()
	e, ok := errors.AsType[*exec.ExitError](err)
	if !ok || e.ExitCode() != exitInterrupted {
		t.Fatalf("%v, want exit status %d; it said:\n%s", err, exitInterrupted, said.String())
	}
	for _, want := range []string{"Interrupted: ", "Peak, GFLOP/s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it printed:\n%s\nwant %q", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "Workloads") {
		t.Errorf("it printed workloads after the interruption:\n%s", out.String())
	}
	if !strings.Contains(said.String(), stoppingText) || !strings.HasSuffix(said.String(), "joust: interrupted: not everything was measured\n") {
		t.Errorf("it said:\n%s\nwant that it is stopping, and then that it was interrupted", said.String())
	}
}
