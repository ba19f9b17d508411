package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answers are checks that answer as told.
func answers(fs ...func(ctx context.Context) error) []Check {
	checks := make([]Check, len(fs))
	for i, f := range fs {
		checks[i] = Check{Name: fmt.Sprintf("check/%d", i), Run: func(ctx context.Context, _ Subject) error { return f(ctx) }}
	}
	return checks
}

func outcomes(rs []Result) string {
	var words []string
	for _, r := range rs {
		words = append(words, r.Check+" "+string(r.Outcome)+" "+r.Message)
	}
	return strings.Join(words, "\n")
}

func TestResultsAreInOrderAndAFailureStopsNothing(t *testing.T) {
	second := make(chan bool)
	checks := answers(
		func(context.Context) error { <-second; return nil }, // ends after the next
		func(context.Context) error { defer close(second); return errors.New("wrong") },
		func(context.Context) error { return notApplicable("it has no %s", "wings") },
		func(context.Context) error { return errors.Join(errors.New("also"), notApplicable("none")) },
	)
	var rs []Result
	Run(context.Background(), newLocal(climbing("", false), nil), checks, Options{Parallel: 2, Timeout: time.Minute}, func(r Result) { rs = append(rs, r) })
	const want = "check/0 ok \ncheck/1 fail wrong\ncheck/2 n/a it has no wings\ncheck/3 n/a none"
	if diff := cmp.Diff(want, outcomes(rs)); diff != "" {
		t.Error(diff)
	}
}

// A check that hangs has failed, whether it heeds its context or not.
func TestWhatHangsHasFailed(t *testing.T) {
	hang := make(chan bool)
	defer close(hang)
	checks := answers(
		func(ctx context.Context) error { <-ctx.Done(); return errors.New("waiting for a batch") },
		func(context.Context) error { <-hang; return nil },
		func(context.Context) error { return nil },
	)
	rs := func() (rs []Result) {
		o := Options{Parallel: 3, Timeout: 20 * time.Millisecond}
		Run(context.Background(), newLocal(climbing("", false), nil), checks, o, func(r Result) { rs = append(rs, r) })
		return rs
	}()
	const want = "check/0 fail no end after 20ms: waiting for a batch\ncheck/1 fail no end after 20ms\ncheck/2 ok "
	if diff := cmp.Diff(want, outcomes(rs)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLeftFailsOnceCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	checks := answers(
		func(context.Context) error { cancel(errors.New("interrupted")); return nil },
		func(context.Context) error { t.Error("a check runs after the end"); return nil },
	)
	var rs []Result
	Run(ctx, newLocal(climbing("", false), nil), checks, Options{Parallel: 1, Timeout: time.Minute}, func(r Result) { rs = append(rs, r) })
	if diff := cmp.Diff("check/0 ok \ncheck/1 fail interrupted", outcomes(rs)); diff != "" {
		t.Error(diff)
	}
}

// A server in this process that panics fails the check, and no more.
func TestPanicsAreFailures(t *testing.T) {
	l := newLocal(small(false), func(_ int, c *faulty) { c.Conn = nil })
	for _, r := range runAll(t, l, protocolChecks()) {
		if r.Outcome != Failed || !strings.Contains(r.Message, "panic") {
			t.Errorf("%s: %s %s, want it to fail with the panic", r.Check, r.Outcome, r.Message)
		}
	}
}

func TestReportForPeopleAndPrograms(t *testing.T) {
	var text, lines bytes.Buffer
	count := &Count{Seconds: 1.25}
	for _, r := range []Result{
		{"es", "init/defaults", OK, "", 0.001},
		{"es", "tell/twice", Failed, "taken\nin two lines", 0.002},
		{"es", "tell/gradients", Skipped, "it needs the loss alone", 0},
	} {
		count.Add(r)
		if err := errors.Join(WriteText(&text, r), json.NewEncoder(&lines).Encode(r)); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&text, count)
	const want = `ok   init/defaults
FAIL tell/twice: taken
     in two lines
n/a  tell/gradients: it needs the loss alone
es: 1 ok, 1 failed, 1 not applicable in 1.2 s
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
	const wantLines = `{"optimizer":"es","check":"init/defaults","outcome":"ok","seconds":0.001}
{"optimizer":"es","check":"tell/twice","outcome":"fail","message":"taken\nin two lines","seconds":0.002}
{"optimizer":"es","check":"tell/gradients","outcome":"n/a","message":"it needs the loss alone","seconds":0}
`
	if diff := cmp.Diff(wantLines, lines.String()); diff != "" {
		t.Error(diff)
	}
}
