package bench_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// distant is an optimizer that takes a quarter of a second to reach.
type distant struct{ recommending }

func (*distant) Seconds() (own, transport float64) { return 1, 0.25 }

func plugged(o *optimizers.Origin, unpinned string) optimizers.Definition {
	d := define("plugged", optimizers.NeedGrad, func(p optimizers.Problem) optimizers.Optimizer {
		return &distant{recommending{script{w: p.Init[:3:3], ask: oneCandidate, tell: nothing}}}
	})
	d.Origin, d.Unpinned = o, unpinned
	return d
}

// What a plugin consists of is a part of its trials; whether something vouches
// for it is a part of their results.
func TestTrialsOfAPluginAreOfItsVersion(t *testing.T) {
	first := optimizers.Origin{Plugin: "es", Version: "0.1.0", Hash: "sha256:aa", Runtime: []string{"python 3.11.2"}}
	ids := map[string]string{}
	for name, o := range map[string]*optimizers.Origin{
		"built in": nil,
		"first":    &first,
		"version":  {Plugin: "es", Version: "0.2.0", Hash: "sha256:aa", Runtime: []string{"python 3.11.2"}},
		"files":    {Plugin: "es", Version: "0.1.0", Hash: "sha256:bb", Runtime: []string{"python 3.11.2"}},
		"runtime":  {Plugin: "es", Version: "0.1.0", Hash: "sha256:aa", Runtime: []string{"python 3.12.0"}},
		"id":       {Plugin: "other", Version: "0.1.0", Hash: "sha256:aa", Runtime: []string{"python 3.11.2"}},
	} {
		e := bench.Experiment{
			Repetitions: 1, Budget: bench.Budget{Work: 100}, GradCost: 3, Precision: "float64",
			Tasks: []bench.Choice{{Name: "sphere"}}, Models: []bench.Choice{{Name: "none"}}, Optimizers: []bench.Choice{{Name: "plugged"}},
		}
		trials, err := e.Trials(runner(sphereTask(sphere{}), plugged(o, "")).Lists, "")
		if err != nil {
			t.Fatal(err)
		}
		pinned, err := e.Trials(runner(sphereTask(sphere{}), plugged(o, "no lock file")).Lists, "")
		if err != nil {
			t.Fatal(err)
		}
		id := trials[0].ID()
		if pinned[0].ID() != id {
			t.Errorf("%s: a trial depends on whether its plugin is pinned", name)
		}
		if other, ok := ids[id]; ok {
			t.Errorf("trials of %s and of %s are the same", name, other)
		}
		ids[id] = name
	}

	r := runner(sphereTask(sphere{}), plugged(&first, "no lock file"))
	trial := trialOf("plugged", 300)
	trial.Origin = &first
	res, err := r.Trial(context.Background(), trial, nil)
	if err != nil || res.Status != bench.Exhausted {
		t.Fatalf("%s %s, %v, want exhausted", res.Status, res.Reason, err)
	}
	if res.Unpinned != "no lock file" || res.Timing.Transport != 250*time.Millisecond {
		t.Errorf("unpinned %q, %v in transport, want the reason and 250 ms", res.Unpinned, res.Timing.Transport)
	}
}

// A stored trial is not run with another version of its plugin.
func TestTrialOfAnotherVersionFails(t *testing.T) {
	first := &optimizers.Origin{Plugin: "es", Version: "0.1.0", Hash: "sha256:aa", Runtime: []string{"python 3.11.2"}}
	r := runner(sphereTask(sphere{}), plugged(&optimizers.Origin{Plugin: "es", Version: "0.1.0", Hash: "sha256:bb"}, ""))
	trial := trialOf("plugged", 300)
	trial.Origin = first
	res, err := r.Trial(context.Background(), trial, nil)
	want := "plugged is plugin es 0.1.0 (sha256:bb), and the trial wants plugin es 0.1.0 (sha256:aa, python 3.11.2)"
	if err != nil || res.Status != bench.Failed || res.Reason != want {
		t.Errorf("%s %q, %v, want failed: %s", res.Status, res.Reason, err, want)
	}
	trial.Origin = nil
	if res, _ := r.Trial(context.Background(), trial, nil); !strings.HasSuffix(res.Reason, "and the trial wants a built-in optimizer") {
		t.Errorf("reason %q", res.Reason)
	}
}

// Two versions in one file are two contenders with two labels.
func TestLabelsTellVersionsApart(t *testing.T) {
	a, b := trialOf("es", 1), trialOf("es", 1)
	a.Origin = &optimizers.Origin{Plugin: "es", Version: "0.1.0", Hash: "sha256:0123456789"}
	b.Origin = &optimizers.Origin{Plugin: "es", Version: "0.1.0", Hash: "sha256:9876543210"}
	l := bench.NewLabels([]bench.Trial{a, b})
	if got, want := l.Optimizer(a), "es files=01234567"; got != want {
		t.Errorf("label %q, want %q", got, want)
	}
	if got := bench.NewLabels([]bench.Trial{a}).Optimizer(a); got != "es" {
		t.Errorf("label %q, want es", got)
	}
}
