package conformance

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/plugins/host"
)

// What goes wrong in a real process is found by the check that is meant for it,
// and the checks after it go on.
func TestFaultsOfProcessesAreFound(t *testing.T) {
	for fault, want := range map[string]string{
		"hoards memory":      "process/memory",
		"starts threads":     "process/threads",
		"leaves children":    "process/leftovers",
		"leaves files":       "process/leftovers",
		"leaves files open":  "process/leftovers",
		"prints":             "process/stdout",
		"exits":              "ask/rows",
		"keeps the gradient": "repeat/shared-memory",
	} {
		t.Run(fault, func(t *testing.T) {
			checks := slices.DeleteFunc(Checks(), func(c Check) bool { return c.Name != want && c.Name != "tell/twice" })
			for _, r := range check(t, own(t, "fault "+fault, host.GRPC), checks) {
				switch {
				case r.Check == want && r.Outcome != Failed:
					t.Errorf("%s: %s %s, want it to fail", r.Check, r.Outcome, r.Message)
				case r.Check != want && r.Outcome != OK:
					t.Errorf("%s: %s %s, want ok", r.Check, r.Outcome, r.Message)
				default:
					t.Logf("%s: %.300s", r.Check, r.Message)
				}
			}
		})
	}
}
