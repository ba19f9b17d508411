package host

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/joust-bench/joust/plugins/protocol"
)

func raw(v ...float64) string {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return string(b)
}

// What is sent and what comes of the answers, message by message, as FRAMES.md
// has them.
func TestFrames(t *testing.T) {
	var sent bytes.Buffer
	c := newFrameConn(testProcess(DefaultReply), &turns{
		`{"protocol":1,"minor":3,"optimizers":[{"name":"my-es","version":"0.1.0","summary":"..","doc":"d","license":"MIT","homepage":"h","refs":["r"],"need":"grad","full_batch":true,"min_dim":2,"max_dim":9,` +
			`"params":[{"name":"sigma","type":"float","default":0.3,"min":0,"max":2,"min_open":true,"max_open":true,"log":true,"choices":["x"],"doc":"w"}],"memory":{"fixed":1,"per_dim":2,"per_dim2":3},` +
			`"abilities":["checkpoint","recommend","shortlist","diagnose","needs"]}],"features":["f"],"runtime":["python 3.11.2"],"other":{}}` + "\n",
		`{"optimizer_seconds":0.5}` + "\n",
		`{"batch":1,"n":2,"bytes":32}` + "\n" + raw(1, 2, 3, 4),
		`{"told":true,"batch":2,"n":0,"need":"loss","optimizer_seconds":0.25}` + "\n",
		`{"error":{"kind":"diverged","message":"no"},"told":true}` + "\n",
		`{"n":1,"bytes":16}` + "\n" + raw(5, 6),
		`{"names":["sigma","c"],"bytes":16}` + "\n" + raw(7, math.Inf(1)),
		`{"bytes":3}` + "\nabc",
		"{}\n",
		"{}\n",
	}, &sent)
	ctx := t.Context()
	takes := func(want string) {
		t.Helper()
		line, rest, _ := strings.Cut(sent.String(), "\n")
		want, wantRest, _ := strings.Cut(want, "\n")
		var a, b any
		if err := errors.Join(json.Unmarshal([]byte(line), &a), json.Unmarshal([]byte(want), &b)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, a); diff != "" || rest != wantRest {
			t.Errorf("sent %q after %s (-want +got):\n%s", rest, line, diff)
		}
		sent.Reset()
	}
	gives := func(got proto.Message, err error, want proto.Message) {
		t.Helper()
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	min, max := 0.0, 2.0
	d, err := c.Describe(ctx, &protocol.DescribeRequest{Host: "joust 1.0"})
	gives(d, err, &protocol.DescribeResponse{
		Minor: 3, Features: []string{"f"}, Runtime: []string{"python 3.11.2"},
		Optimizers: []*protocol.Description{{
			Name: "my-es", Version: "0.1.0", Summary: "..", Doc: "d", License: "MIT", Homepage: "h", Refs: []string{"r"},
			Need: protocol.Need_NEED_GRAD, FullBatch: true, MinDim: 2, MaxDim: 9,
			Params: []*protocol.Param{{
				Name: "sigma", Doc: "w", Type: "float", Default: "0.3", Min: &min, Max: &max, MinOpen: true, MaxOpen: true, Log: true, Choices: []string{"x"},
			}},
			Memory: &protocol.Memory{Fixed: 1, PerDim: 2, PerDim2: 3},
			Abilities: []protocol.Ability{
				protocol.Ability_ABILITY_CHECKPOINT, protocol.Ability_ABILITY_RECOMMEND, protocol.Ability_ABILITY_SHORTLIST,
				protocol.Ability_ABILITY_DIAGNOSE, protocol.Ability_ABILITY_NEEDS,
			},
		}},
	})
	takes(`{"op":"describe","protocol":1,"minor":0,"host":"joust 1.0","features":[]}` + "\n")

	init := &protocol.InitRequest{
		Run: "1", Optimizer: "my-es", Config: `{"sigma":0.1}`, Dim: 2, Seed: math.MaxUint64, Budget: 9, Threads: 3,
		Init:   &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: []byte(raw(8, 9))}},
		Blocks: []*protocol.Block{{Name: "w", Off: 0, Len: 2, Layer: -1, Rows: 1, FanIn: 2, Scale: 0.5}},
	}
	i, err := c.Init(ctx, init)
	gives(i, err, &protocol.InitResponse{OptimizerSeconds: 0.5})
	takes(`{"op":"init","run":"1","optimizer":"my-es","config":{"sigma":0.1},"dim":2,"seed":18446744073709551615,"budget":9,"threads":3,` +
		`"blocks":[{"name":"w","off":0,"len":2,"layer":-1,"rows":1,"fan_in":2,"scale":0.5}],"bytes":16}` + "\n" + raw(8, 9))

	s, err := c.Step(ctx, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
	gives(s, err, &protocol.StepResponse{Asked: &protocol.Asked{Batch: 1, Rows: &protocol.Rows{N: 2, Where: &protocol.Rows_Data{Data: []byte(raw(1, 2, 3, 4))}}}})
	takes(`{"op":"step","run":"1","ask":true}` + "\n")

	tell := &protocol.Tell{Batch: 1, Losses: []float64{1, math.Inf(1)}, Grads: &protocol.Rows{N: 2, Where: &protocol.Rows_Data{Data: []byte(raw(4, 3, 2, 1))}}}
	s, err = c.Step(ctx, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}, Tell: tell})
	gives(s, err, &protocol.StepResponse{Told: true, OptimizerSeconds: 0.25, Asked: &protocol.Asked{Batch: 2, Need: protocol.Need_NEED_LOSS}})
	takes(`{"op":"step","run":"1","tell":{"batch":1,"n":2,"grads":true},"ask":true,"bytes":48}` + "\n" + raw(1, math.Inf(1), 4, 3, 2, 1))

	s, err = c.Step(ctx, &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}, Tell: &protocol.Tell{Batch: 1, Losses: []float64{1}}})
	var refused *protocol.Error
	if !errors.As(err, &refused) || refused.Kind != protocol.Failure_KIND_DIVERGED || refused.Message != "no" {
		t.Errorf("step: %v, want the refusal", err)
	}
	gives(s, nil, &protocol.StepResponse{Told: true, Failure: &protocol.Failure{Kind: protocol.Failure_KIND_DIVERGED, Message: "no"}})
	takes(`{"op":"step","run":"1","tell":{"batch":1,"n":1,"grads":false},"ask":true,"bytes":8}` + "\n" + raw(1))

	r, err := c.Recommend(ctx, &protocol.RecommendRequest{Run: "1", Shortlist: 2})
	gives(r, err, &protocol.RecommendResponse{Rows: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: []byte(raw(5, 6))}}})
	takes(`{"op":"recommend","run":"1","shortlist":2}` + "\n")

	g, err := c.Diagnose(ctx, &protocol.DiagnoseRequest{Run: "1"})
	gives(g, err, &protocol.DiagnoseResponse{Figures: []*protocol.Figure{{Name: "sigma", Value: 7}, {Name: "c", Value: math.Inf(1)}}})
	takes(`{"op":"diagnose","run":"1"}` + "\n")

	state, err := c.Checkpoint(ctx, &protocol.CheckpointRequest{Run: "1"})
	if err != nil || string(state) != "abc" {
		t.Errorf("checkpoint: %q %v", state, err)
	}
	takes(`{"op":"checkpoint","run":"1"}` + "\n")

	init.Run, init.Blocks, init.Config = "2", nil, ""
	i, err = c.Restore(ctx, init, state)
	gives(i, err, &protocol.InitResponse{})
	takes(`{"op":"restore","run":"2","optimizer":"my-es","dim":2,"seed":18446744073709551615,"budget":9,"threads":3,"state":3,"bytes":19}` + "\n" + raw(8, 9) + "abc")

	n, err := c.Finish(ctx, &protocol.FinishRequest{Run: "1"})
	gives(n, err, &protocol.FinishResponse{})
	takes(`{"op":"finish","run":"1"}` + "\n")
}

// Runs may be driven at the same time; each keeps its own rows.
func TestFramesOfSeveralRuns(t *testing.T) {
	requests, toPlugin := io.Pipe()
	fromPlugin, answers := io.Pipe()
	go func() { // answers each step of run n with a row of n
		d := json.NewDecoder(requests)
		for {
			var q struct {
				Op, Run string
			}
			if d.Decode(&q) != nil {
				return
			}
			answer := "{}\n"
			if q.Op == "step" {
				answer = `{"batch":1,"n":1,"bytes":8}` + "\n" + raw(float64(len(q.Run)))
			}
			if _, err := io.WriteString(answers, answer); err != nil {
				return
			}
		}
	}()
	c := newFrameConn(testProcess(DefaultReply), fromPlugin, toPlugin)
	var all sync.WaitGroup
	for n := 1; n <= 8; n++ {
		all.Go(func() {
			run := strings.Repeat("x", n)
			if _, err := c.Init(t.Context(), &protocol.InitRequest{Run: run, Dim: 1}); err != nil {
				t.Error(err)
			}
			for range 50 {
				a, err := c.Step(t.Context(), &protocol.StepRequest{Run: run, Ask: &protocol.Ask{}})
				if err != nil {
					t.Error(err)
					return
				}
				if got := protocol.Floats(a.Asked.Rows.GetData()); len(got) != 1 || got[0] != float64(n) {
					t.Errorf("run %d has rows %v", n, got)
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(toPlugin.Close(), fromPlugin.Close()); err != nil {
		t.Error(err)
	}
}

// Any bytes are an answer or an error of one line.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(`{"protocol":1,"optimizers":[{"name":"a","need":"loss","params":[{"name":"s","default":1}]}]}` + "\n{}\n" + `{"batch":1,"n":1,"bytes":16}` + "\n" + raw(1, 2)))
	f.Add([]byte(`{"protocol":1}` + "\n{}\n" + `{"batch":1,"n":67108864,"bytes":1073741824}` + "\n" + raw(1, 2)))
	f.Add([]byte(`{"protocol":1}` + "\n{}\n" + `{"batch":1}` + "\n" + `{"n":1,"bytes":16}` + "\n" + raw(1, 2) + `{"names":["a"],"bytes":8}` + "\n" + raw(1) + `{"bytes":1}` + "\nx{}\n"))
	f.Add([]byte(`{"protocol":1}` + "\n" + `{"error":{"kind":"invalid","message":"no \u001b"}}` + "\n" + `{"batch":-1}` + "\n"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		p := testProcess(DefaultReply)
		p.cause = errors.New("it is dead")
		close(p.died)
		c := newFrameConn(p, bytes.NewReader(answers), io.Discard)
		ctx := context.Background()
		check := func(err error) {
			if err == nil {
				return
			}
			if e := err.Error(); len(e) > 2000 || strings.ContainsAny(e, "\n\x1b") {
				t.Errorf("error %q", e)
			}
		}
		d, err := c.Describe(ctx, &protocol.DescribeRequest{})
		check(err)
		if err == nil && d == nil {
			t.Error("no description and no error")
		}
		check(initTest(c))
		for _, q := range []*protocol.StepRequest{{Run: "1", Ask: &protocol.Ask{}}, {Run: "1", Tell: &protocol.Tell{Batch: 1, Losses: []float64{1}}}, {Run: "none", Ask: &protocol.Ask{}}} {
			a, err := c.Step(ctx, q)
			check(err)
			if rows := a.GetAsked().GetRows(); err == nil && uint64(len(rows.GetData())) != 16*rows.GetN() {
				t.Errorf("%d rows of %d bytes", rows.GetN(), len(rows.GetData()))
			}
		}
		r, err := c.Recommend(ctx, &protocol.RecommendRequest{Run: "1", Shortlist: 2})
		check(err)
		if rows := r.GetRows(); rows.GetN() > 2 || len(rows.GetData()) != 16*int(rows.GetN()) {
			t.Errorf("%d rows of %d bytes", rows.GetN(), len(rows.GetData()))
		}
		_, err = c.Diagnose(ctx, &protocol.DiagnoseRequest{Run: "1"})
		check(err)
		_, err = c.Checkpoint(ctx, &protocol.CheckpointRequest{Run: "1"})
		check(err)
		_, err = c.Finish(ctx, &protocol.FinishRequest{Run: "1"})
		check(err)
	})
}
