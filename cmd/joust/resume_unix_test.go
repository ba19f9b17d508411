//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A dozen trials that nobody solves, of some 50 ms each.
const dozen = `version: 1
repetitions: 6
budget: {work: 6e4}
tasks: [two-moons: {goal: 1, n: 20, noise: 0.5, fresh: 20}]
models: [plain: {depth: 3, width: 8}]
optimizers: [sgd: {lr: 0.001}]
`

var (
	finishedLine = regexp.MustCompile(`^\[\d+/12 [^\]]*\] (.*, seed \d+): `)
	alreadyLine  = regexp.MustCompile(`(?m)^(\d+) of 12 trials were already done$`)
)

// A session is a joust that runs the dozen in a directory.
type session struct {
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	said   strings.Builder
	trials []string // that were said to be finished
}

func start(t *testing.T, dir string, args ...string) *session {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "dozen.yaml"), []byte(dozen), 0o666); err != nil {
		t.Fatal(err)
	}
	s := &session{cmd: exec.Command("joust", append([]string{"run", "dozen.yaml"}, args...)...)}
	s.cmd.Dir = dir
	s.cmd.Stdout = new(bytes.Buffer)
	pipe, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stderr = bufio.NewScanner(pipe)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// read takes in lines until n trials have finished, or to the end.
func (s *session) read(n int) {
	for len(s.trials) < n && s.stderr.Scan() {
		s.said.WriteString(s.stderr.Text() + "\n")
		if m := finishedLine.FindStringSubmatch(s.stderr.Text()); m != nil {
			s.trials = append(s.trials, m[1])
		}
	}
}

// end waits for the end, and returns the exit status; -1: killed.
func (s *session) end(t *testing.T) int {
	t.Helper()
	s.read(1000)
	err := s.cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// stored is how many trials the run found done.
func (s *session) stored(t *testing.T) int {
	t.Helper()
	m := alreadyLine.FindStringSubmatch(s.said.String())
	if m == nil {
		t.Fatalf("nothing was done already, according to:\n%s", s.said.String())
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *session) digest(t *testing.T) string {
	t.Helper()
	m := digestLine.FindStringSubmatch(s.said.String())
	if m == nil {
		t.Fatalf("no digest in:\n%s", s.said.String())
	}
	return m[1]
}

// A run that is killed, or interrupted, and run again, repeats nothing that it
// said was done, and ends with the same bits as one that was left alone.
func TestResume(t *testing.T) {
	whole := start(t, t.TempDir(), "-j", "2")
	if status := whole.end(t); status != exitOK || len(whole.trials) != 12 {
		t.Fatalf("exit status %d with %d trials, want %d with 12:\n%s", status, len(whole.trials), exitOK, whole.said.String())
	}
	for _, tt := range []struct {
		signal syscall.Signal
		status int
	}{
		{syscall.SIGKILL, -1},
		{syscall.SIGINT, exitInterrupted},
		{syscall.SIGTERM, exitInterrupted},
	} {
		t.Run(tt.signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			first := start(t, dir, "-j", "1")
			first.read(3)
			if err := first.cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			if status := first.end(t); status != tt.status {
				t.Fatalf("exit status %d, want %d:\n%s", status, tt.status, first.said.String())
			}
			if tt.status == exitInterrupted {
				want := "joust: interrupted: " + strconv.Itoa(len(first.trials)) + " of 12 trials are done and kept in results/dozen.db; run the same command again to go on\n"
				if !strings.HasSuffix(first.said.String(), want) {
					t.Errorf("does not end with %q:\n%s", want, first.said.String())
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "results/dozen.html")); err == nil {
				t.Error("a run that did not end wrote a report")
			}

			second := start(t, dir, "-j", "2", "--threads", "3")
			if status := second.end(t); status != exitOK {
				t.Fatalf("second run: exit status %d, want %d:\n%s", status, exitOK, second.said.String())
			}
			stored := second.stored(t)
			// The kill may hit between saving and saying.
			if stored < len(first.trials) || stored > len(first.trials)+1 || stored >= 12 || stored+len(second.trials) != 12 {
				t.Errorf("%d trials were said to be done, then %d were, then %d were run; want all that were said, and 12 in all",
					len(first.trials), stored, len(second.trials))
			}
			for _, again := range second.trials {
				for _, done := range first.trials {
					if again == done {
						t.Errorf("%s was run twice", again)
					}
				}
			}
			if got, want := second.digest(t), whole.digest(t); got != want {
				t.Errorf("digest %s, want that of the run that was left alone, %s", got, want)
			}
		})
	}
}

// Readers that go away, as head does, are no reason to crash.
func TestClosedOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("joust", "list")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = cmd.Run()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "panic") || strings.Contains(stderr.String(), "goroutine") {
		t.Errorf("crashed: %v\n%s", err, stderr.String())
	}
}
