package host_test

import (
	"errors"
	"testing"

	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// Two rows of two weights, and one, as protobuf's JSON has bytes.
const (
	twoRows = `AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEA=` // 1 2 3 4
	oneRow  = `AAAAAAAAFEAAAAAAAAAYQA==`                     // 5 6
)

func TestRowsThatComeInPartsAreJoined(t *testing.T) {
	newPlace(t)
	p := start(t, command(t, host.GRPC, "steps",
		`{"asked":{"batch":1,"need":"NEED_GRAD","rows":{"n":2,"data":"`+twoRows+`"}},"more":true}`,
		`{"asked":{"batch":1,"rows":{"n":1,"data":"`+oneRow+`"}},"optimizerSeconds":0.5}`,
	), 1<<20)
	if err := initRun(t.Context(), p, "none", 2); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second call on the same stream
		a, err := ask(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if a.More || a.Asked.Rows.N != 3 || a.Asked.Need != protocol.Need_NEED_GRAD || a.OptimizerSeconds != 0.5 {
			t.Errorf("step: %v, want one batch", a)
		}
		for i, x := range protocol.Floats(a.Asked.Rows.GetData()) {
			if x != float64(i+1) {
				t.Errorf("number %d is %v, want %d", i, x, i+1)
			}
		}
	}
}

func TestWrongAnswersToOtherCalls(t *testing.T) {
	newPlace(t)
	c := command(t, host.GRPC, "steps", `{"failure":{"kind":99,"message":"one\ntwo\u001b"}}`)
	c.Limits.Reply = 100 << 10
	p := start(t, c, 0)
	conn, ctx := p.Conn(), t.Context()
	err := initRun(ctx, p, "none", 2)
	if want := "plugin test 1.2.3: init: answered that it uses shared memory, of which there is none"; err == nil || err.Error() != want {
		t.Errorf("init: %v, want %s", err, want)
	}
	_, err = conn.Recommend(ctx, &protocol.RecommendRequest{Run: "1", Shortlist: 3})
	if want := "plugin test 1.2.3: recommend: answered with 5 rows, want at most 3"; err == nil || err.Error() != want {
		t.Errorf("recommend: %v, want %s", err, want)
	}
	_, err = conn.Checkpoint(ctx, &protocol.CheckpointRequest{Run: "1"})
	if want := "plugin test 1.2.3: checkpoint: answered with a state of more than 102400 bytes"; err == nil || err.Error() != want {
		t.Errorf("checkpoint: %v, want %s", err, want)
	}
	a, err := ask(ctx, p)
	var refused *protocol.Error
	if !errors.As(err, &refused) || refused.Message != `one; two\x1b` || a == nil {
		t.Errorf("step: %v %v, want the failure and the answer", a, err)
	}
	_, err = conn.Diagnose(ctx, &protocol.DiagnoseRequest{Run: "1"})
	if !errors.As(err, &refused) || refused.Kind != protocol.Failure_KIND_INVALID {
		t.Errorf("diagnose: %v, want that the plugin does not know the call", err)
	}
}

// A plugin that ends its output is not waited for.
func TestOutputEnds(t *testing.T) {
	for _, f := range []struct{ name, answer, want string }{
		{"end", "", `ended its standard output without an answer`},
		{"end of the line", `{"batch"`, `ended its standard output in the middle of an answer, "{"batch""`},
		{"end of the rows", `{"batch":1,"n":1,"bytes":16}` + "\n1234567", `ended its standard output after 7 of 16 bytes`},
	} {
		t.Run(f.name, func(t *testing.T) {
			dir := newPlace(t)
			p := start(t, command(t, host.Frames, "frames", "{}\n", f.answer), 0)
			if err := initRun(t.Context(), p, "none", 2); err != nil {
				t.Fatal(err)
			}
			_, err := ask(t.Context(), p)
			if want := "plugin test 1.2.3: step: " + f.want; err == nil || err.Error() != want {
				t.Errorf("step: %v\nwant: %s", err, want)
			}
			p.Kill()
			<-p.Died()
			dir.clean(t)
		})
	}
}
