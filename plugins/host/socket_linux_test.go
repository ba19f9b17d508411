package host_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// weightOf is the weight of a batch that has one.
func weightOf(a *protocol.StepResponse) float64 {
	return protocol.Floats(a.GetAsked().GetRows().GetData())[0]
}

// Steps go over the socket where the plugin says so, and over gRPC otherwise: 7
// and 42 are what the plugin answers there.
func TestStepsTakeTheSocket(t *testing.T) {
	for _, f := range []struct {
		what      string
		described bool
		want      float64
	}{{"sound", true, 7}, {"sound", false, 42}, {"no feature", true, 42}} {
		newPlace(t)
		p := start(t, command(t, host.GRPC, "socket", f.what), 1<<20)
		if f.described {
			a, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Features) > 0 {
				t.Errorf("features %q, want none but the transport's own", a.Features)
			}
		}
		if _, err := p.Conn().Init(t.Context(), &protocol.InitRequest{Run: "1", Dim: 1, SharedHalf: 512 << 10}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			a, err := ask(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if w := weightOf(a); w != f.want {
				t.Errorf("%+v: answered %v, want %v", f, w, f.want)
			}
		}
	}
}

// What a plugin does wrong on the socket costs that call, with an error of the
// transport that says what it was.
func TestMisuseOfTheSocket(t *testing.T) {
	for _, f := range []struct{ what, first, second string }{
		{"twice", "", "plugin test 1.2.3: step: socket of its steps: answered what it was not asked"},
		{"nothing", "plugin test 1.2.3: step: socket of its steps: it was closed", ""},
		{"long", "plugin test 1.2.3: step: socket of its steps: a message of 67108865 bytes, want at most 67108864", ""},
		{"lie", "plugin test 1.2.3: step: answered without the batch that was asked for", ""},
		{"hang", "plugin test 1.2.3: step: gave up: context deadline exceeded", ""},
	} {
		t.Run(f.what, func(t *testing.T) {
			dir := newPlace(t)
			p := start(t, command(t, host.GRPC, "socket", f.what), 1<<20)
			if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Conn().Init(t.Context(), &protocol.InitRequest{Run: "1", Dim: 1, SharedHalf: 512 << 10}); err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{f.first, f.second} {
				ctx, cancel := context.WithTimeout(t.Context(), generous)
				if f.what == "hang" && i == 0 {
					ctx, cancel = context.WithTimeout(t.Context(), hang)
				}
				a, err := ask(ctx, p)
				cancel()
				var refused *protocol.Error
				switch {
				case want == "" && err != nil:
					t.Errorf("step %d: %v, want no error", i, err)
				case want != "" && (err == nil || errors.As(err, &refused) || !strings.HasPrefix(err.Error(), want)):
					t.Errorf("step %d: %v, want an error of the transport like %s", i, err, want)
				case err == nil && f.first != "" && weightOf(a) != 42:
					t.Errorf("step %d: answered %v, want what gRPC is answered, since the socket is of no more use", i, weightOf(a))
				}
			}
			if err := p.Stop(0); err != nil {
				t.Error(err)
			}
			dir.clean(t)
		})
	}
}

// A plugin that dies, hangs or is stopped in the middle of a step over the socket
// is found out as soon as over gRPC.
func TestFaultsInACallOverTheSocket(t *testing.T) {
	for _, f := range []struct{ fault, want string }{
		{"crash", "step: plugin test 1.2.3 exited with status 2"},
		{"exit", "step: plugin test 1.2.3 exited with status 3"},
		{"signal", "step: plugin test 1.2.3 was killed by signal 11"},
		{"child with pipes", "step: plugin test 1.2.3 exited with status 4"},
		{"stop", "plugin test 1.2.3: step: gave up: context deadline exceeded"},
	} {
		t.Run(f.fault, func(t *testing.T) {
			dir := newPlace(t)
			p := start(t, command(t, host.GRPC, "plugin"), 1<<20)
			if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err != nil {
				t.Fatal(err)
			}
			if err := initRun(t.Context(), p, f.fault, 2); err != nil {
				t.Fatal(err)
			}
			limit := generous
			if f.fault == "stop" {
				limit = hang
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if _, err := ask(ctx, p); err == nil || !strings.HasPrefix(err.Error(), f.want) {
				t.Errorf("step: %v, want %s", err, f.want)
			}
			if err := p.Stop(0); err != nil {
				t.Error(err)
			}
			dir.clean(t)
		})
	}
}

// Steps of two runs may be made at the same time: one that hangs on the socket
// does not keep another from its answer.
func TestAStepOnTheSocketKeepsNoOtherFromItsAnswer(t *testing.T) {
	newPlace(t)
	p := start(t, command(t, host.GRPC, "socket", "hang"), 1<<20)
	if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{"1", "2"} {
		if _, err := p.Conn().Init(t.Context(), &protocol.InitRequest{Run: run, Dim: 1, SharedHalf: 512 << 10}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var first error
	var calls sync.WaitGroup
	calls.Go(func() { _, first = ask(ctx, p) })
	for {
		soon, stop := context.WithTimeout(t.Context(), hang)
		a, err := p.Conn().Step(soon, &protocol.StepRequest{Run: "2", Ask: &protocol.Ask{}})
		stop()
		if err == nil {
			if w := weightOf(a); w != 42 {
				t.Errorf("answered %v, want 42", w)
			}
			break
		}
		time.Sleep(time.Millisecond) // it was the first on the socket
	}
	cancel()
	calls.Wait()
	if first == nil && ctx.Err() == nil {
		t.Error("the step that hangs was answered")
	}
}
