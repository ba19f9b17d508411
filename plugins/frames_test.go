package plugins_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/plugins"
)

// A turn of the session in FRAMES.md: frames as they are on the pipes.
type turn struct{ request, answer []byte }

// session reads it. A line of JSON starts a frame, others are its bytes.
func session(t *testing.T) []turn {
	t.Helper()
	text, err := os.ReadFile("FRAMES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "## A session")
	_, rest, _ = strings.Cut(rest, "```\n")
	block, _, closed := strings.Cut(rest, "```")
	if !closed {
		t.Fatal("no session in FRAMES.md")
	}
	var turns []turn
	for line := range strings.Lines(block) {
		who, what := line[0], strings.TrimSpace(line[1:])
		raw := []byte(what + "\n")
		if what[0] != '{' {
			if raw, err = hex.DecodeString(strings.ReplaceAll(what, " ", "")); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		if who == '>' && what[0] == '{' {
			turns = append(turns, turn{})
		}
		at := &turns[len(turns)-1]
		if who == '>' {
			at.request = append(at.request, raw...)
		} else {
			at.answer = append(at.answer, raw...)
		}
	}
	return turns
}

// frame cuts one off: its line without what differs from machine to machine,
// and its bytes.
func frame(r *bufio.Reader) (header map[string]any, body []byte, err error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(line, &header); err != nil {
		return nil, nil, err
	}
	n, _ := header["bytes"].(float64)
	body = make([]byte, int(n))
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, nil, err
	}
	delete(header, "optimizer_seconds")
	delete(header, "runtime")
	for _, d := range asList(header["optimizers"]) {
		delete(d.(map[string]any), "version")
	}
	return header, body, nil
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

func TestSessionOfTheSpecification(t *testing.T) {
	turns := session(t)
	if len(turns) < 12 {
		t.Fatalf("the session has %d turns", len(turns))
	}
	requests, toPlugin := io.Pipe()
	fromPlugin, answers := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- plugins.NewServer(Descent).ServeFrames(requests, answers) }()
	out := bufio.NewReader(fromPlugin)
	for _, turn := range turns {
		if _, err := toPlugin.Write(turn.request); err != nil {
			t.Fatal(err)
		}
		header, body, err := frame(out)
		if err != nil {
			t.Fatal(err)
		}
		want := bufio.NewReader(bytes.NewReader(turn.answer))
		wantHeader, wantBody, err := frame(want)
		if err != nil || want.Buffered() > 0 {
			t.Fatalf("the answer to %s in FRAMES.md: %v, %d bytes too many", turn.request, err, want.Buffered())
		}
		if diff := cmp.Diff(wantHeader, header); diff != "" {
			t.Errorf("answer to %q (-FRAMES.md +plugin):\n%s", turn.request, diff)
		}
		if !bytes.Equal(body, wantBody) {
			t.Errorf("bytes after the answer to %q:\n%x, in FRAMES.md\n%x", turn.request, body, wantBody)
		}
	}
	if err := toPlugin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Errorf("at the end of its input: %v", err)
	}
}

// TestFramesThatCannotBeFollowed ends the conversation with a reason.
func TestFramesThatCannotBeFollowed(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"no JSON", "hello\n", "no JSON object"},
		{"an empty line", "\n", "no JSON object"},
		{"null", "null\n", "no JSON object"},
		{"a list", "[]\n", "no JSON object"},
		{"cut off", `{"op":"describe"`, "a line without an end after 16 bytes"},
		{"too long", `{"op":"` + strings.Repeat("x", 1<<20) + `"}` + "\n", "a line of more than 1048576 bytes"},
		{"bytes missing", `{"op":"init","bytes":16}` + "\n1234", "4 bytes after a line that says 16"},
		{"bytes of no memory", `{"op":"init","bytes":18446744073709551615}` + "\n1234", "4 bytes after a line that says 18446744073709551615"},
		{"bytes negative", `{"op":"init","bytes":-1}` + "\n", "a number of bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := plugins.NewServer(Descent).ServeFrames(strings.NewReader(tt.in), &out)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %q", err, tt.want)
			}
			if header, _, err := frame(bufio.NewReader(&out)); err != nil || !strings.Contains(fmt.Sprint(header["error"]), tt.want) {
				t.Errorf("answer %v (%v), want an error about %q", header, err, tt.want)
			}
		})
	}
}

// TestFramesThatAreRefused go on with the next frame, wherever it starts.
func TestFramesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, in, kind, want string }{
		{"unknown op", `{"op":"dance","bytes":3}` + "\nabc", "invalid", "3 bytes after"},
		{"no op", `{}` + "\n", "invalid", "want describe, init"},
		{"a newer host", `{"op":"describe","protocol":2}` + "\n", "invalid", "build the plugin with a newer version"},
		{"an older host", `{"op":"describe","protocol":0}` + "\n", "invalid", "update joust"},
		{"a member of another type", `{"op":"init","dim":-1,"bytes":2}` + "\n{\n", "invalid", "dim"},
		{"no such run", `{"op":"step","run":"9","tell":{"batch":1,"n":1},"bytes":8}` + "\n12345678", "unknown_run", `no run "9"`},
		{"a state longer than what is there", `{"op":"restore","run":"1","optimizer":"descent","dim":1,"state":9,"bytes":8}` + "\n12345678", "invalid", "a state of 9 bytes in 8"},
		{"bytes after an ask", `{"op":"step","run":"9","ask":true,"bytes":8}` + "\n12345678", "invalid", "tells nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := plugins.NewServer(Descent).ServeFrames(strings.NewReader(tt.in+`{"op":"describe","protocol":1}`+"\n"), &out)
			if err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(&out)
			header, _, err := frame(r)
			refusal, _ := header["error"].(map[string]any)
			if err != nil || refusal["kind"] != tt.kind || !strings.Contains(fmt.Sprint(refusal["message"]), tt.want) {
				t.Errorf("answer %v (%v), want %s about %q", header, err, tt.kind, tt.want)
			}
			if header, _, err := frame(r); err != nil || header["optimizers"] == nil {
				t.Errorf("the next answer: %v (%v), want a description", header, err)
			}
		})
	}
}

// TestBytesThatDoNotFitATell have too few or too many, or none of the gradients.
func TestBytesThatDoNotFitATell(t *testing.T) {
	const made = `{"op":"init","run":"1","optimizer":"descent","dim":2,"threads":1,"bytes":16}` + "\n0123456789abcdef" + `{"op":"step","run":"1","ask":true}` + "\n"
	for _, tt := range []struct {
		tell  string
		bytes int
	}{
		{`{"batch":1,"n":1,"grads":true}`, 0},
		{`{"batch":1,"n":1,"grads":true}`, 8},
		{`{"batch":1,"n":1,"grads":true}`, 23},
		{`{"batch":1,"n":1,"grads":true}`, 32},
		{`{"batch":1,"n":1}`, 24},
		{`{"batch":1,"n":1}`, 7},
		{`{"batch":1,"n":2305843009213693953}`, 8}, // 8 times it is 8
		{`{"batch":1,"n":18446744073709551615,"grads":true}`, 24},
	} {
		step := fmt.Sprintf(`{"op":"step","run":"1","tell":%s,"bytes":%d}`+"\n", tt.tell, tt.bytes) + strings.Repeat("\x00", tt.bytes)
		right := `{"op":"step","run":"1","tell":{"batch":1,"n":1,"grads":true},"bytes":24}` + "\n" + strings.Repeat("\x00", 24)
		var out bytes.Buffer
		if err := plugins.NewServer(Descent).ServeFrames(strings.NewReader(made+step+right), &out); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(&out)
		for i, want := range []string{"map[]", "n:1", "kind:invalid message:" + fmt.Sprint(tt.bytes) + " bytes after a step that tells", "told:true"} {
			if header, _, err := frame(r); err != nil || !strings.Contains(fmt.Sprint(header), want) {
				t.Errorf("%s with %d bytes: answer %d is %v (%v), want %s", tt.tell, tt.bytes, i, header, err, want)
			}
		}
	}
}

// FuzzFrames sends anything. What it must not do is to panic, to hang, or to use
// more memory than it is sent bytes.
func FuzzFrames(f *testing.F) {
	text, err := os.ReadFile("FRAMES.md")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if request, ok := strings.CutPrefix(line, "> {"); ok {
			f.Add([]byte("{" + request + strings.Repeat("\x00", 80)))
		}
	}
	f.Add([]byte(`{"op":"init","run":"1","optimizer":"descent","dim":1,"threads":1,"bytes":8}` + "\n00000000" + `{"op":"step","run":"1","ask":true}` + "\n"))
	f.Add([]byte(`{"op":"init","bytes":99999999999}` + "\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := plugins.NewServer(Descent)
		var out bytes.Buffer
		if err := s.ServeFrames(bytes.NewReader(in), &out); err != nil && !strings.HasPrefix(err.Error(), "frames: ") {
			t.Errorf("error %v", err)
		}
		for r := bufio.NewReader(&out); ; {
			if _, _, err := frame(r); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("an answer that is no frame: %v", err)
			}
		}
	})
}
