package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/plugins/host"
)

const python = "/usr/bin/python3"

// mutantOf is the command of one of the mutants of the Python SDK.
func mutantOf(t *testing.T, name, transport string) host.Command {
	t.Helper()
	if err := exec.Command(python, "-c", "import grpc, google.protobuf, numpy").Run(); err != nil {
		t.Skipf("%s with grpc, protobuf and numpy is not here: %v", python, err)
	}
	sdk, err := filepath.Abs(filepath.Join("..", "python"))
	if err != nil {
		t.Fatal(err)
	}
	c := host.Command{
		ID: name, Version: "0.1.0", Transport: transport, Path: python,
		Args: []string{filepath.Join(sdk, "tests", "mutants", name+".py")},
		Env: []string{
			"PYTHONPATH=" + filepath.Join(sdk, "src"), "PYTHONDONTWRITEBYTECODE=1", "PATH=/usr/bin:/bin", "HOME=/nonexistent",
			"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1",
		},
	}
	if transport == host.Frames {
		c.Args = append(c.Args, "--frames")
	}
	if _, err := os.Stat(c.Args[0]); err != nil {
		t.Fatal(err)
	}
	return c
}

// checkPlugin runs checks on the one optimizer of a plugin.
func checkPlugin(t *testing.T, c host.Command, checks []Check) (results []Result) {
	t.Helper()
	p, err := Open(context.Background(), c, host.Options{Host: "joust"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		// What does not end when it is asked to is one of the mutants.
		if err := p.Close(); err != nil && c.ID != "slowstop" {
			t.Error(err)
		}
	}()
	subjects := p.Subjects()
	if len(subjects) != 1 {
		t.Fatalf("%d optimizers, want 1", len(subjects))
	}
	from := time.Now()
	Run(context.Background(), subjects[0], checks, Options{Parallel: 3, Timeout: time.Minute}, func(r Result) { results = append(results, r) })
	t.Logf("%s over %s: %.1f s", c.ID, c.Transport, time.Since(from).Seconds())
	return results
}

func TestSoundPythonPasses(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) {
			for _, r := range checkPlugin(t, mutantOf(t, "sound", transport), Checks()) {
				if r.Outcome == Failed {
					t.Errorf("%s: %s", r.Check, r.Message)
				}
				t.Logf("%s %s %.0f ms %s", r.Outcome, r.Check, 1e3*r.Seconds, r.Message)
			}
		})
	}
}

// Each mutant fails the check that is meant for it, over a real process.
func TestPythonMutantsAreFound(t *testing.T) {
	for name, want := range map[string][]string{
		"ascent":     {"contract/MakesProgress"},
		"constseed":  {"contract/OtherSeedOtherCandidates"},
		"f32":        {"ask/double-precision"},
		"globalrng":  {"repeat/interleaved", "repeat/fresh-process"},
		"lostrng":    {"checkpoint/fresh-process", "contract/CheckpointContinues"},
		"nanpoison":  {"contract/SurvivesInfiniteLosses"},
		"noseed":     {"contract/SameSeedSameCandidates", "repeat/fresh-process"},
		"slowstop":   {"process/stop"},
		"wrongshape": {"ask/rows", "contract/CandidatesAreSound"},
	} {
		t.Run(name, func(t *testing.T) {
			checks := slices.DeleteFunc(Checks(), func(c Check) bool { return !slices.Contains(want, c.Name) })
			if len(checks) != len(want) {
				t.Fatalf("checks %q: want each to be there", want)
			}
			for _, r := range checkPlugin(t, mutantOf(t, name, host.GRPC), checks) {
				if r.Outcome != Failed {
					t.Errorf("%s: %s %s, want it to fail", r.Check, r.Outcome, r.Message)
				}
				t.Logf("%.300s", r.Message)
			}
		})
	}
}

// A plugin that prints before it serves does not start, and is told why.
func TestNoiseBeforeTheHandshake(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		p, err := Open(context.Background(), mutantOf(t, "noise", transport), host.Options{})
		if err == nil {
			t.Errorf("%s: a plugin that prints before it serves is opened", transport)
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		} else if !strings.Contains(err.Error(), "loading the model") {
			t.Errorf("%s: %v, want what it printed", transport, err)
		}
	}
}
