package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

// find returns the built-in of a name.
func find(t testing.TB, name string) optimizers.Definition {
	t.Helper()
	defs := builtin.All()
	i := slices.IndexFunc(defs, func(d optimizers.Definition) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("no built-in %s", name)
	}
	return defs[i]
}

// failing is a fleet of which the first process dies at its call number at, not
// counting those that describe or finish it: before it has done what it is asked, or with
// the answer lost.
func failing(def optimizers.Definition, at int, lost bool, without ...protocol.Ability) *fleet {
	return &fleet{make: func(shared int64, number int) *local {
		l := newLocal(shared, def)
		l.without = without
		n := 0
		die := func(call string) error {
			// One that dies when it has nothing more to do is another test's.
			if call == "describe" || call == "finish" {
				return nil
			}
			if n++; n != at || number > 0 {
				return nil
			}
			l.Kill()
			return errBroken
		}
		if lost {
			l.after = func(call string, _ any) error { return die(call) }
		} else {
			l.before = die
		}
		return l
	}}
}

// Whenever a process dies, the trial goes on with the same bits: with checkpoints
// and without, in memory that is shared and that is not, asked for everything or
// nothing, with many checkpoints of its own or one that the caller made.
func TestARunGoesOnWithTheSameBitsWhenItsProcessDies(t *testing.T) {
	names := []string{"sgd", "rprop", "ga", "cma-es", "nelder-mead", "openai-es", "portfolio", "l-shade"}
	checkpoint := protocol.Ability_ABILITY_CHECKPOINT
	died := 0
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		def := find(t, names[rnd.IntN(len(names))])
		var without []protocol.Ability
		if rnd.IntN(2) == 0 {
			without = []protocol.Ability{checkpoint}
		}
		o := Options{}
		if rnd.IntN(2) == 0 && without == nil {
			o.Replay = 50_000 // a checkpoint every few steps
		}
		tr := tracer{def: def, problem: problem(1 + rnd.IntN(12)), steps: 30, observe: rnd.IntN(2) == 0}
		tr.problem.Seed = seed
		if without == nil && rnd.IntN(2) == 0 {
			tr.resume = 1 + rnd.IntN(20)
		}
		calls := 32
		if tr.observe {
			calls = 90
		}
		at, lost := 1+rnd.IntN(calls), rnd.IntN(2) == 0
		f := failing(def, at, lost, without...)
		f.alone = rnd.IntN(2) == 0
		remote := tr
		remote.def = f.plugin(t, o).Definitions()[0]
		same(t, fmt.Sprintf("seed %d: %s, dead at call %d, its answer lost: %v, without %v", seed, def.Name, at, lost, without), tr, remote)
		if f.all[0].ended {
			died++
		}
	}
	if died < 100 {
		t.Errorf("%d of 150 first processes died, want most of them", died)
	}
}

// runOf makes one optimizer and drives it until it fails or has taken the steps.
func runOf(p *Plugin, steps int) error {
	_, err := (&tracer{def: p.Definitions()[0], problem: problem(5), steps: steps, observe: true}).run()
	return err
}

// wantError compares a whole message: it is what a user has to go by.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", want)
	} else if err.Error() != want {
		t.Errorf("error\n%q, want\n%q", err, want)
	}
}

func TestASecondDeathFailsTheTrialAlone(t *testing.T) {
	f := serving(find(t, "one-plus-one"))
	sound := f.make
	var mu sync.Mutex
	deadly := 2 // processes die at their sixth step
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		steps := 0
		l.before = func(call string) error {
			if call != "step" {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if steps++; steps == 6 && deadly > 0 {
				deadly--
				l.Kill()
				return errBroken
			}
			return nil
		}
		return l
	}
	p := f.plugin(t, Options{})
	_, err := (&tracer{def: p.Definitions()[0], problem: problem(5), steps: 30}).run()
	wantError(t, err, "one-plus-one (plugin p 1.0): step 5: tell and ask: exit status 3; the end of its log: oh dear; it had been started again at step 5: exit status 3; the end of its log: oh dear")
	if err := runOf(p, 30); err != nil {
		t.Errorf("the next trial: %v", err)
	}
}

// What a plugin refuses or fails at by itself it would refuse again.
func TestARefusalIsNotStartedAgain(t *testing.T) {
	f := serving(find(t, "one-plus-one"))
	sound := f.make
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		l.after = func(call string, answer any) error {
			if a, ok := answer.(*protocol.StepResponse); ok && a.GetAsked().GetBatch() == 4 {
				return &protocol.Error{Kind: protocol.Failure_KIND_BROKEN, Message: "division by zero\nin line 3\x1b[2J"}
			}
			return nil
		}
		return l
	}
	p := f.plugin(t, Options{})
	err := runOf(p, 30)
	wantError(t, err, "one-plus-one (plugin p 1.0): step 3: ask: division by zero; in line 3\\x1b[2J")
	var refused *protocol.Error
	if !errors.As(err, &refused) || refused.Kind != protocol.Failure_KIND_BROKEN {
		t.Errorf("error %v is no *protocol.Error with its kind", err)
	}
	if len(f.all) != 1 {
		t.Errorf("%d processes, want the first alone", len(f.all))
	}
}

// A plugin that draws from the clock, say, cannot be brought to where it was.
func TestAPluginThatIsNoPureFunctionIsNotContinued(t *testing.T) {
	def := find(t, "one-plus-one")
	f := failing(def, 8, false)
	first := f.make
	f.make = func(shared int64, number int) *local {
		l := first(shared, number)
		build := def.New
		l.defs[0].New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
			p.Seed += uint64(number)
			return build(config, p)
		}
		return l
	}
	_, err := (&tracer{def: f.plugin(t, Options{}).Definitions()[0], problem: problem(5), steps: 30}).run()
	wantError(t, err, "one-plus-one (plugin p 1.0): step 6: tell and ask: started again, it asks about other candidates than before (batch 1 of 6 since the last checkpoint): it is not a pure function of its seed and what it is told; it had been started again at step 6: exit status 3; the end of its log: oh dear")
}

// Without checkpoints, what was told is kept up to a limit.
func TestWhatIsKeptForAReplayIsBounded(t *testing.T) {
	def := find(t, "one-plus-one")
	f := failing(def, 40, false, protocol.Ability_ABILITY_CHECKPOINT)
	_, err := (&tracer{def: f.plugin(t, Options{Replay: 1000}).Definitions()[0], problem: problem(5), steps: 60}).run()
	wantError(t, err, "one-plus-one (plugin p 1.0): step 38: tell and ask: exit status 3; the end of its log: oh dear; it is not started again: what it was told is more than the 1000 bytes kept for that")
	j := journal{most: 1000}
	for range 1000 {
		j.add(batch{n: 4})
		j.tell(make([]optimizers.Evaluation, 4))
		if j.size() > 1000+100 {
			t.Fatalf("the journal has %d bytes, want at most 1000 and an entry", j.size())
		}
	}
}

// A deadline kills the process; the second that does not answer fails the trial.
func TestAProcessThatHangsIsKilled(t *testing.T) {
	for _, test := range []struct {
		hang    string
		observe bool
		resume  int
		want    string // with the deadline in place of D
	}{
		{hang: "init", want: "step 0: init: D; it had been started again at step 0: D"},
		{hang: "step", want: "step 0: ask: D; it had been started again at step 0: D"},
		{hang: "recommend", observe: true, want: "step 0: recommend: D; it had been started again at step 0: D"},
		{hang: "diagnose", observe: true, want: "step 0: diagnose: D; it had been started again at step 0: D"},
		{hang: "checkpoint", resume: 4, want: "step 4: checkpoint: D; it had been started again at step 4: D"},
		{hang: "restore", resume: 4, want: "step 0: restore: D; it had been started again at step 0: D"},
		{hang: "finish", want: "step 6: finish: D"},
	} {
		f := serving(find(t, "one-plus-one"))
		f.watched = true
		sound := f.make
		f.make = func(shared int64, number int) *local {
			l := sound(shared, number)
			l.before = func(call string) error {
				if call != test.hang {
					return nil
				}
				f.expire()
				<-l.died
				return errBroken
			}
			return l
		}
		p := f.plugin(t, Options{Step: 7 * time.Second, Setup: 11 * time.Second})
		tr := tracer{def: p.Definitions()[0], problem: problem(5), steps: 6, observe: test.observe, resume: test.resume}
		_, err := tr.run()
		limit := "11s"
		if slices.Contains([]string{"step", "recommend", "diagnose"}, test.hang) {
			limit = "7s"
		}
		silent := fmt.Sprintf("no answer for %s, so that it was killed: exit status 3; the end of its log: oh dear", limit)
		wantError(t, err, "one-plus-one (plugin p 1.0): "+strings.ReplaceAll(test.want, "D", silent))
	}
}

func TestDeadlinesFollowTheMedian(t *testing.T) {
	o := Options{}.withDefaults()
	var p pace
	if got := p.limit(&o); got != 5*time.Second {
		t.Errorf("before the first step: %v, want 5s", got)
	}
	for i := range 100 {
		p.add(time.Second)
		if i == 50 {
			p.add(time.Hour) // an outlier
		}
	}
	if got := p.limit(&o); got != 20*time.Second {
		t.Errorf("after steps of 1s: %v, want 20s", got)
	}
	for range 31 {
		p.add(time.Millisecond)
	}
	if got := p.limit(&o); got != 5*time.Second {
		t.Errorf("after 31 steps of 1ms: %v, want 5s", got)
	}
}

func TestAWatchExpiresNotBeforeItsTimeAndNotWhenItIsOff(t *testing.T) {
	start, expired := time.Now(), make(chan time.Duration, 2)
	watchFor(100*time.Millisecond, func() { expired <- time.Since(start) })
	select {
	case after := <-expired:
		if after < 100*time.Millisecond {
			t.Errorf("expired after %v, want at least 100ms", after)
		}
	case <-time.After(5 * time.Minute):
		t.Fatal("never expired")
	}
	off := watchFor(20*time.Millisecond, func() { expired <- 0 })
	off()
	time.Sleep(100 * time.Millisecond)
	if len(expired) > 0 {
		t.Error("expired though it was called off")
	}
}

// The end of the context is that of a call that would hang for ever.
func TestTheContextEndsACall(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	f := serving(find(t, "one-plus-one"))
	sound := f.make
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		l.before = func(call string) error {
			if call == "step" {
				cancel(errors.New("interrupted"))
				<-l.died // as the host kills it
				return errBroken
			}
			return nil
		}
		return l
	}
	p := &Plugin{name: "plugin p", launch: f.launch, shares: true, restarts: true}
	if _, err := p.open(ctx, Options{Step: time.Hour}); err != nil {
		t.Fatal(err)
	}
	opt, err := p.Definitions()[0].New(nil, problem(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opt.Ask(); err == nil {
		t.Error("asked after the context has ended")
	}
	if len(f.all) != 1 {
		t.Errorf("%d processes, want none started after the context has ended", len(f.all))
	}
	if _, err := p.Definitions()[0].New(nil, problem(5)); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("New after the context has ended: %v, want its cause", err)
	}
	if err := errors.Join(closeOptimizer(opt), p.Close()); err != nil {
		t.Error(err)
	}
}
