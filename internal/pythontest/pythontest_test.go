package pythontest

import (
	"strings"
	"testing"
)

// A recorder notes what becomes of a test.
type recorder struct {
	testing.TB
	failed, skipped bool
}

func (*recorder) Helper()        {}
func (r *recorder) Fatal(...any) { r.failed = true }
func (r *recorder) Skip(...any)  { r.skipped = true }

// What is missing skips a test here, and fails it in CI.
func TestNeed(t *testing.T) {
	err := Find("no_such_module")
	if err == nil || !strings.Contains(err.Error(), "no_such_module") {
		t.Fatalf("error %v, want one that names the module", err)
	}
	for _, c := range []struct {
		ci           string
		fails, skips bool
	}{{"true", true, false}, {"", false, true}} {
		t.Setenv("CI", c.ci)
		r := &recorder{TB: t}
		if Need(r, "no_such_module"); r.failed != c.fails || r.skipped != c.skips {
			t.Errorf("CI=%q: failed %v and skipped %v, want %v and %v", c.ci, r.failed, r.skipped, c.fails, c.skips)
		}
	}
}
