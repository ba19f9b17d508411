//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/joust-bench/joust/bench/report"
)

// What is not a file, such as a pipe or /dev/null, is written to and stays what
// it is.
func TestReportDoesNotReplaceDevices(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan []byte, 1)
	go func() {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		read <- b
	}()
	if err := writeReport(path, report.Analyse(report.Input{Name: "tiny"})); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe became %v (%v)", info.Mode(), err)
	}
	if b := <-read; !bytes.Contains(b, []byte("<html")) {
		t.Errorf("the pipe was sent %d bytes without a report", len(b))
	}
}
