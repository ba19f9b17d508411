package host

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// Each run has a process to itself, those that are idle are used again, and none
// is left.
func TestOneProcessForEachRunAtATime(t *testing.T) {
	const users, runs = 6, 15
	f := serving(find(t, "ga"), find(t, "sgd"))
	var mu sync.Mutex
	at := map[*local]int{}
	sound := f.make
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		l.after = func(call string, _ any) error {
			mu.Lock()
			defer mu.Unlock()
			if call == "init" {
				if at[l]++; at[l] > 1 {
					t.Error("two runs in one process")
				}
			}
			return nil
		}
		l.before = func(call string) error {
			mu.Lock()
			defer mu.Unlock()
			if call == "finish" {
				at[l]--
			}
			return nil
		}
		return l
	}
	p, err := f.open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for user := range users {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(user), 2))
			for range runs {
				dim := 5
				if rnd.IntN(4) == 0 {
					dim = 3000 // wants more shared memory
				}
				tr := tracer{def: p.Definitions()[rnd.IntN(2)], problem: problem(dim), steps: rnd.IntN(5)}
				if _, err := tr.run(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if p.used != 0 || len(p.busy) != 0 || len(p.idle) > users {
		t.Errorf("%d in use, %d busy, %d idle, want 0, 0, and at most %d", p.used, len(p.busy), len(p.idle), users)
	}
	alive := 0
	for _, l := range f.all {
		if !l.ended {
			alive++
		}
	}
	if alive != len(p.idle) {
		t.Errorf("%d processes live, want the %d that are idle", alive, len(p.idle))
	}
	// One for each user of either size, and no more: each ends idle or is replaced
	// by one with more memory.
	if len(f.all) > users*runs/2 {
		t.Errorf("%d processes for %d runs, want them used again", len(f.all), users*runs)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	for i, l := range f.all {
		if !l.ended {
			t.Errorf("process %d is left", i)
		}
	}
	if err := p.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestClosingThePluginEndsItsRuns(t *testing.T) {
	f := serving(find(t, "ga"))
	p, err := f.open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	opt, err := p.Definitions()[0].New(nil, problem(5))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := opt.Ask()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	// They are still there for whoever evaluates them.
	if err := opt.Tell(make([]optimizers.Evaluation, len(rows))); err != nil {
		t.Error(err)
	}
	if _, err := opt.Ask(); err == nil {
		t.Error("asked after the plugin was closed")
	}
	if err := closeOptimizer(opt); err != nil {
		t.Error(err)
	}
	_, err = p.Definitions()[0].New(nil, problem(5))
	wantError(t, err, "ga (plugin p 1.0): step 0: init: the plugin was closed")
	if len(f.all) != 1 || !f.all[0].ended {
		t.Errorf("%d processes, the first ended: %v, want only that one, and ended", len(f.all), f.all[0].ended)
	}
}

// A process that died while nobody used it is no fault of the next trial.
func TestAnIdleProcessThatDiedIsReplaced(t *testing.T) {
	f := serving(find(t, "sgd"))
	p := f.plugin(t, Options{})
	f.all[0].Kill()
	if err := runOf(p, 5); err != nil {
		t.Error(err)
	}
	if len(f.all) != 2 {
		t.Errorf("%d processes, want another one", len(f.all))
	}
}

// What is wrong with a configuration or a problem is said before a process hears
// of it; what only the plugin knows it refuses, and is used again.
func TestNewRefusesWhatTheDescriptionDoes(t *testing.T) {
	f := serving(find(t, "lm-ma-es"))
	p := f.plugin(t, Options{})
	def := p.Definitions()[0]
	big := problem(200)
	for _, test := range []struct {
		config  string
		problem optimizers.Problem
		want    string
	}{
		{`{"no": 1}`, big, `lm-ma-es: "no": no such member`},
		{`{"sigma": "a"}`, big, "lm-ma-es: sigma: \"a\", want a number"},
		{"", optimizers.Problem{Threads: 1}, "lm-ma-es: problem: no starting weights, want at least one"},
		{"", problem(5), "lm-ma-es takes at least 100 weights, not 5"},
	} {
		_, err := def.New([]byte(test.config), test.problem)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("config %s, %d weights: %v, want %s", test.config, len(test.problem.Init), err, test.want)
		}
	}
	if n := f.all[0].calls["init"]; n != 0 {
		t.Errorf("the plugin was asked %d times, want 0", n)
	}
	f.all[0].before = func(call string) error {
		if call == "init" {
			return &protocol.Error{Kind: protocol.Failure_KIND_INVALID, Message: "sigma does not suit these weights"}
		}
		return nil
	}
	_, err := def.New(nil, big)
	wantError(t, err, "lm-ma-es (plugin p 1.0): step 0: init: sigma does not suit these weights")
	f.all[0].before = nil
	opt, err := def.New(nil, big)
	if err != nil {
		t.Fatal(err)
	}
	if err := closeOptimizer(opt); err != nil {
		t.Error(err)
	}
	if len(f.all) != 1 {
		t.Errorf("%d processes, want the first used again", len(f.all))
	}
}

func TestAPluginThatDescribesNonsenseIsNotOpened(t *testing.T) {
	for _, test := range []struct {
		change func(*protocol.DescribeResponse)
		want   string
	}{
		{func(a *protocol.DescribeResponse) { a.Optimizers = nil }, "plugin p 1.0: describes 0 optimizers, want 1 to 1000"},
		{func(a *protocol.DescribeResponse) { a.Optimizers[0].Summary = "" }, "plugin p 1.0: optimizer 1: sgd: summary: none, want a sentence"},
		{func(a *protocol.DescribeResponse) { a.Optimizers[0].Params[0].Default = "-1" }, "plugin p 1.0: optimizer 1: sgd: params: lr: default: lr: -1, want a number in (0, 100]"},
	} {
		f := liar(find(t, "sgd"), func(answer any) {
			if a, ok := answer.(*protocol.DescribeResponse); ok {
				test.change(a)
			}
		})
		p, err := f.open(Options{})
		if err == nil {
			err = p.Close()
		}
		wantError(t, err, test.want)
		if !f.all[0].ended {
			t.Error("its process is left")
		}
	}
}

// A file that was changed between two starts is another plugin.
func TestADescriptionThatChangesIsAnError(t *testing.T) {
	f := serving(find(t, "sgd"))
	sound := f.make
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		if number > 0 {
			l.defs[0].Summary = "Another one."
		}
		return l
	}
	p := f.plugin(t, Options{})
	f.all[0].Kill()
	wantError(t, runOf(p, 5), "sgd (plugin p 1.0): step 0: init: describe: the process describes itself otherwise than the one before, want the same plugin each time")
	if !f.all[1].ended {
		t.Error("its process is left")
	}
}
