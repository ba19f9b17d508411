package conformance

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/plugins/host"
)

const python = pythontest.Interpreter

var havePython = sync.OnceValue(func() error { return pythontest.Find("grpc", "google.protobuf", "numpy") })

// mutantOf is the command of one of the mutants of the Python SDK.
func mutantOf(t *testing.T, name, transport string) host.Command {
	t.Helper()
	if err := havePython(); err != nil {
		pythontest.Missing(t, err)
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

func TestSoundPythonPasses(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) { wantPassed(t, check(t, mutantOf(t, "sound", transport), quickChecks())) })
	}
}

// Each mutant fails the check that is meant for it, over a real process; in
// frames, which start the soonest.
func TestPythonMutantsAreFound(t *testing.T) {
	for name, want := range map[string]string{
		"ascent":     "contract/MakesProgress",
		"constseed":  "contract/OtherSeedOtherCandidates",
		"f32":        "ask/double-precision",
		"globalrng":  "repeat/interleaved",
		"lostrng":    "checkpoint/fresh-process",
		"nanpoison":  "contract/SurvivesInfiniteLosses",
		"noseed":     "contract/SameSeedSameCandidates",
		"slowstop":   "process/stop",
		"wrongshape": "ask/rows",
	} {
		t.Run(name, func(t *testing.T) {
			checks := slices.DeleteFunc(Checks(), func(c Check) bool { return c.Name != want })
			if len(checks) != 1 {
				t.Fatalf("there is no check %s", want)
			}
			for _, r := range check(t, mutantOf(t, name, host.Frames), checks) {
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
