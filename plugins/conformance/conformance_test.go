package conformance

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// usual facts are those of a process with nothing wrong.
func usual(_, _ int) Facts {
	return Facts{Resident: 10 << 20, Threads: 6, Open: 9, Files: []string{"log"}}
}

func runAll(t *testing.T, s Subject, checks []Check) []Result {
	t.Helper()
	var results []Result
	Run(context.Background(), s, checks, Options{Parallel: 1, Timeout: time.Minute}, func(r Result) { results = append(results, r) })
	return results
}

func TestGoodOptimizersPass(t *testing.T) {
	for name, def := range map[string]optimizers.Definition{"loss": climbing("", false), "gradient": climbing("", true)} {
		t.Run(name, func(t *testing.T) {
			l := newLocal(def, nil)
			l.facts = usual
			for _, r := range runAll(t, l, Checks()) {
				if r.Outcome == Failed {
					t.Errorf("%s: %s", r.Check, r.Message)
				}
				t.Logf("%s %s %.0f ms: %s", r.Outcome, r.Check, 1e3*r.Seconds, r.Message)
			}
		})
	}
}

// Each mutant fails the check that is meant for it and, of those that go through
// the protocol, no other.
func TestMutantsAreFound(t *testing.T) {
	checks := Checks()
	found := map[string]bool{}
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			l := m.subject()
			i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == m.check })
			if i < 0 {
				t.Fatalf("there is no check %s", m.check)
			}
			found[m.check] = true
			run := protocolChecks()
			if isContract(checks[i]) || m.check == "process/million-weights" {
				run = checks[i : i+1]
			}
			for _, r := range runAll(t, l, run) {
				switch failed := r.Outcome == Failed; {
				case failed && r.Check == m.check:
					t.Logf("%.300s", r.Message)
				case failed:
					t.Errorf("%s failed, too: %s", r.Check, r.Message)
				case r.Check == m.check:
					t.Errorf("%s: %s %s, want it to fail", r.Check, r.Outcome, r.Message)
				}
			}
		})
	}
	for _, c := range checks {
		if !found[c.Name] {
			t.Errorf("no mutant fails %s", c.Name)
		}
	}
}

func isContract(c Check) bool { return strings.HasPrefix(c.Name, "contract/") }

// What authors read says something of every check, and no check of package
// opttest is lost on the way.
func TestEveryCheckIsExplained(t *testing.T) {
	names := map[string]bool{}
	for _, c := range Checks() {
		if c.What == "" || names[c.Name] {
			t.Errorf("%s: explained by %q, want its own name and a sentence", c.Name, c.What)
		}
		names[c.Name] = true
	}
	for _, c := range opttest.Checks() {
		if names["contract/"+c.Name] == (leftOut[c.Name] != "") {
			t.Errorf("%s of package opttest: want it either run or left out with a reason", c.Name)
		}
	}
}

func TestBuiltinsPass(t *testing.T) {
	for _, def := range builtin.All() {
		t.Run(def.Name, func(t *testing.T) {
			if def.Name != "sgd" && (def.MaxDim == 0 || def.MaxDim > 2000) {
				def.MaxDim = 2000 // a million weights of each take too long for a test
			}
			for _, r := range runAll(t, newLocal(def, nil), protocolChecks()) {
				if r.Outcome == Failed {
					t.Errorf("%s: %s", r.Check, r.Message)
				}
				if r.Seconds > 0.3 {
					t.Logf("%s %s %.0f ms: %s", r.Outcome, r.Check, 1e3*r.Seconds, r.Message)
				}
			}
		})
	}
}

// protocolChecks are the checks that do not go through a host.
func protocolChecks() []Check {
	return slices.DeleteFunc(Checks(), isContract)
}
