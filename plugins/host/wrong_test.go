package host

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/joust-bench/joust/plugins/protocol"
)

// testProcess is a process that has not been started, for what is said of it.
func testProcess(reply int64) *Process {
	return &Process{cmd: Command{ID: "test", Version: "1.2.3", Limits: Limits{Reply: reply}}, died: make(chan struct{})}
}

// turns are answers, of which a Read gives no more than one.
type turns []string

func (t *turns) Read(b []byte) (int, error) {
	if len(*t) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*t)[0])
	if (*t)[0] = (*t)[0][n:]; (*t)[0] == "" {
		*t = (*t)[1:]
	}
	return n, nil
}

// initTest makes the run "1" of two weights.
func initTest(c protocol.Conn) error {
	_, err := c.Init(context.Background(), &protocol.InitRequest{
		Run: "1", Dim: 2, Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: make([]byte, 16)}},
	})
	return err
}

const twoRows = `AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEA=` // 1 2 3 4

// An answer over gRPC that no plugin gives which keeps to the protocol is an
// error of the transport and says what was wrong.
func TestWrongAnswers(t *testing.T) {
	part := `{"asked":{"batch":1,"rows":{"n":2,"data":"` + twoRows + `"}},"more":true}`
	for _, f := range []struct {
		name    string
		answers []string
		want    string
	}{
		{"count", []string{`{"asked":{"batch":1,"rows":{"n":3,"data":"` + twoRows + `"}}}`}, "answered with 32 bytes, want 48 for 3 rows of 2 weights"},
		{"huge count", []string{`{"asked":{"batch":1,"rows":{"n":"18446744073709551615","data":"` + twoRows + `"}}}`}, "answered with 18446744073709551615 rows of 2 weights, want at most 1024 bytes"},
		{"no rows but bytes", []string{`{"asked":{"batch":1,"rows":{"n":0,"data":"` + twoRows + `"}}}`}, "answered with 32 bytes of 0 rows"},
		{"nowhere", []string{`{"asked":{"batch":1,"rows":{"n":3}}}`}, "answered with 3 rows that are nowhere"},
		{"beyond shared", []string{`{"asked":{"batch":1,"rows":{"n":1,"offset":"524288"}}}`}, "answered with 1 rows of 2 weights at byte 524288 of the shared memory, want them in its first 524288 bytes and at a multiple of 8"},
		{"far beyond shared", []string{`{"asked":{"batch":1,"rows":{"n":"18446744073709551615","offset":"8"}}}`}, "answered with 18446744073709551615 rows of 2 weights at byte 8 of the shared memory, want them in its first 524288 bytes and at a multiple of 8"},
		{"crooked", []string{`{"asked":{"batch":1,"rows":{"n":1,"offset":"4"}}}`}, "answered with 1 rows of 2 weights at byte 4 of the shared memory, want them in its first 524288 bytes and at a multiple of 8"},
		{"no batch", []string{`{}`}, "answered without the batch that was asked for"},
		{"no number", []string{`{"asked":{}}`}, "answered with a batch without a number, want one that counts from 1"},
		{"told", []string{`{"told":true,"asked":{"batch":1}}`}, "answered told = true, want false"},
		{"time", []string{`{"asked":{"batch":1},"optimizerSeconds":"NaN"}`}, "answered with optimizer_seconds NaN, want a time"},
		{"endless", slices.Repeat([]string{part}, 33), "answered with 66 rows of 2 weights, want at most 1024 bytes"},
		{"other batch", []string{part, strings.Replace(part, `"batch":1`, `"batch":2`, 1)}, "answered with a part of batch 2 in batch 1"},
		{"empty part", []string{part, `{"asked":{"batch":1},"more":true}`}, "answered in parts of which one has no rows"},
		{"first part without rows", []string{`{"asked":{"batch":1},"more":true}`, part}, "answered in parts of which one has no rows"},
		{"first part shared", []string{`{"asked":{"batch":1,"rows":{"n":1,"offset":"8"}},"more":true}`, part}, "answered in parts with rows in shared memory, want them at once"},
		{"shared part", []string{part, `{"asked":{"batch":1,"rows":{"n":1,"offset":"8"}},"more":true}`}, "answered in parts with rows in shared memory, want them at once"},
		{"failure with parts", []string{`{"failure":{"message":"x"},"more":true}`, part}, "answered in parts of which one has no rows"},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := &grpcConn{p: testProcess(1 << 10)}
			c.begin(&protocol.InitRequest{Run: "1", Dim: 2, SharedHalf: 512 << 10}, &protocol.InitResponse{Shared: true})
			s := &fakeStream{}
			for _, a := range f.answers {
				m := &protocol.StepResponse{}
				if err := protojson.Unmarshal([]byte(a), m); err != nil {
					t.Fatal(err)
				}
				s.answers = append(s.answers, m)
			}
			_, err := c.step(&protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}}, &stream{messages: s})
			var bad badAnswer
			if !errors.As(err, &bad) || err.Error() != f.want {
				t.Errorf("step: %v\nwant: %s", err, f.want)
			}
		})
	}
}

// A fakeStream answers a request with several messages.
type fakeStream struct {
	grpc.BidiStreamingClient[protocol.StepRequest, protocol.StepResponse]
	answers []*protocol.StepResponse
}

func (*fakeStream) Send(*protocol.StepRequest) error { return nil }

func (s *fakeStream) Recv() (*protocol.StepResponse, error) {
	if len(s.answers) == 0 {
		return nil, io.EOF
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	return a, nil
}

// What is no answer in frames is an error that says what came.
func TestWrongFrames(t *testing.T) {
	for _, f := range []struct {
		name   string
		answer string
		want   string
	}{
		{"no JSON", "hello \x1b[2J\n", `answered "hello \x1b[2J", which is no answer: invalid character 'h' looking for beginning of value`},
		{"no object", "null\n", `answered "null", want a JSON object`},
		{"other types", `{"batch":"one"}` + "\n", `answered "{"batch":"one"}", which is no answer: json: cannot unmarshal string into Go struct field FrameAnswer.batch of type uint64`},
		{"long line", strings.Repeat("x", 2<<20), `answered with a line of more than 1048576 bytes: "` + strings.Repeat("x", 60) + `..."`},
		{"negative bytes", `{"batch":1,"n":1,"bytes":-16}` + "\n", `answered with n 1 and bytes -16, want at least 0`},
		{"negative n", `{"batch":1,"n":-1}` + "\n", `answered with n -1 and bytes 0, want at least 0`},
		{"1 GiB", `{"batch":1,"n":16,"bytes":1073741824}` + "\n", `answered with 1073741824 bytes, want 256 for 16 rows of 2 weights`},
		{"more than 1 GiB", `{"batch":1,"n":67108865,"bytes":1073741840}` + "\n", `answered with 67108865 rows of 2 weights, want at most 1073741824 bytes`},
		{"more than there can be", `{"batch":1,"n":4611686018427387904,"bytes":0}` + "\n", `answered with 4611686018427387904 rows of 2 weights, want at most 1073741824 bytes`},
		{"too few bytes", `{"batch":1,"n":2,"bytes":16}` + "\n", `answered with 16 bytes, want 32 for 2 rows of 2 weights`},
		{"no batch", "{}\n", `answered without the batch that was asked for`},
		{"other answer", `{"protocol":1,"optimizers":[{"name":"a"}]}` + "\n", `answered with "protocol", which is no member of the answer to "step"`},
		{"names", `{"batch":1,"names":["a"],"bytes":8}` + "\n", `answered with "names", which is no member of the answer to "step"`},
		{"need", `{"batch":1,"need":"Loss"}` + "\n", `answered with need "Loss", which there is not`},
		{"told", `{"told":true,"batch":1}` + "\n", `answered told = true, want false`},
		{"error with bytes", `{"error":{"kind":"invalid","message":"no"},"bytes":8}` + "\n", `answered with an error and 8 bytes, want none`},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := newFrameConn(testProcess(DefaultReply), &turns{"{}\n", f.answer}, io.Discard)
			if err := initTest(c); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the connection is of no more use, and says the same again
				_, err := c.Step(t.Context(), &protocol.StepRequest{Run: "1", Ask: &protocol.Ask{}})
				if want := "plugin test 1.2.3: step: " + f.want; err == nil || err.Error() != want {
					t.Errorf("step: %v\nwant: %s", err, want)
				}
			}
		})
	}
}

func TestWrongDescriptionsInFrames(t *testing.T) {
	for answer, want := range map[string]string{
		`{"protocol":2,"optimizers":[]}`:                                               "it talks protocol 2 and this joust, which is older, 1: update joust, or install a version of the plugin for protocol 1",
		`{"optimizers":[]}`:                                                            "it talks protocol 0, which is older than this joust's, 1: update the plugin, or build it with the current SDK",
		`{"protocol":1,"optimizers":[{"name":"a","need":"love"}]}`:                     `answered with need "love", which there is not`,
		`{"protocol":1,"optimizers":[{"name":"a","abilities":["unspecified"]}]}`:       `answered with ability "unspecified", which there is not`,
		`{"protocol":1,"optimizers":[{"name":"a","params":[{"min":"x"}]}]}`:            `answered "{"protocol":1,"optimizers":[{"name":"a","params":[{"min":"x"}]}]}", which is no answer: json: cannot unmarshal string into Go struct field FrameParam.optimizers.params.min of type float64`,
		`{"protocol":1,"optimizers":[{"name":"a"}],"batch":1}`:                         `answered with "batch", which is no member of the answer to "describe"`,
		`{"protocol":1,"optimizers":[{"name":"a","need":"grad","unknown":{"a":[1]}}]}`: "",
	} {
		c := newFrameConn(testProcess(DefaultReply), strings.NewReader(answer+"\n"), io.Discard)
		d, err := c.Describe(t.Context(), &protocol.DescribeRequest{})
		switch {
		case want == "":
			if err != nil || d.Optimizers[0].Need != protocol.Need_NEED_GRAD {
				t.Errorf("describe: %v %v, want what was described", d, err)
			}
		case err == nil || err.Error() != "plugin test 1.2.3: describe: "+want:
			t.Errorf("describe: %v\nwant: plugin test 1.2.3: describe: %s", err, want)
		}
	}
}
