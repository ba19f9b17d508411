package conformance

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
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
	var protocolChecks []Check
	for _, c := range checks {
		if !isContract(c) {
			protocolChecks = append(protocolChecks, c)
		}
	}
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			l := m.subject()
			i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == m.check })
			if i < 0 {
				t.Fatalf("there is no check %s", m.check)
			}
			found[m.check] = true
			run := protocolChecks
			if isContract(checks[i]) {
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

func isContract(c Check) bool { return len(c.Name) > 9 && c.Name[:9] == "contract/" }
