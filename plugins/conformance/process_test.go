package conformance

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
)

// TestMain is a plugin, too, when the environment names what it is to serve.
func TestMain(m *testing.M) {
	name, ok := os.LookupEnv("CONFORMANCE_SERVES")
	if !ok {
		os.Exit(m.Run())
	}
	fault, isFault := strings.CutPrefix(name, "fault ")
	switch {
	case isFault:
		plugins.Serve(inProcess(fault))
	case name == "climber":
		plugins.Serve(climbing("", false))
	case name == "gradual":
		plugins.Serve(gradual())
	default:
		for _, d := range builtin.All() {
			if d.Name == name {
				plugins.Serve(d)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "nothing is called %q\n", name)
	os.Exit(1)
}

// gradual is the good optimizer that needs gradients.
func gradual() optimizers.Definition {
	d := climbing("", true)
	d.Name = "gradual"
	return d
}

// own is this test's program as a plugin.
func own(t *testing.T, serves, transport string) host.Command {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := host.Command{ID: strings.ReplaceAll(serves, " ", "-"), Version: "1.0.0", Transport: transport, Path: path, Env: []string{"CONFORMANCE_SERVES=" + serves}}
	if transport == host.Frames {
		c.Args = []string{"--frames"}
	}
	return c
}

// check runs checks on every optimizer of a plugin.
func check(t *testing.T, c host.Command, checks []Check) []Result {
	t.Helper()
	p, err := Open(context.Background(), c, host.Options{Host: "joust"})
	if err != nil {
		t.Fatal(err)
	}
	var results []Result
	for _, s := range p.Subjects() {
		from := time.Now()
		Run(context.Background(), s, checks, Options{Parallel: 2, Timeout: time.Minute}, func(r Result) { results = append(results, r) })
		t.Logf("%s of %s over %s: %d checks in %.2f s", s.Optimizer(), c.ID, c.Transport, len(checks), time.Since(from).Seconds())
	}
	// How the processes end is for process/stop to say.
	if err := p.Close(); err != nil {
		t.Log(err)
	}
	return results
}

func wantPassed(t *testing.T, results []Result) {
	t.Helper()
	for _, r := range results {
		if r.Outcome == Failed {
			t.Errorf("%s: %s: %s", r.Optimizer, r.Check, r.Message)
		}
		if r.Outcome == Skipped || r.Seconds > 0.2 {
			t.Logf("%s %s %.0f ms %s", r.Outcome, r.Check, 1e3*r.Seconds, r.Message)
		}
	}
}

// quickChecks leave out what takes long and what the transport has no part in.
func quickChecks() []Check {
	return slices.DeleteFunc(Checks(), func(c Check) bool {
		return isContract(c) && c.Name != "contract/CheckpointContinues" && c.Name != "contract/MakesProgress" ||
			c.Name == "process/million-weights" || c.Name == "process/memory"
	})
}

func TestGoodPluginsPass(t *testing.T) {
	t.Run("all", func(t *testing.T) { wantPassed(t, check(t, own(t, "climber", host.GRPC), Checks())) })
	t.Run("gradients", func(t *testing.T) { wantPassed(t, check(t, own(t, "gradual", host.GRPC), quickChecks())) })
	t.Run("frames", func(t *testing.T) { wantPassed(t, check(t, own(t, "gradual", host.Frames), quickChecks())) })
}
