package protocol

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"google.golang.org/protobuf/proto"
)

// bytesOf is what a wire writes.
func bytesOf(t *testing.T, messages ...*StepRequest) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWire(&b, 0)
	for _, m := range messages {
		if err := w.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func long(n int) *StepRequest { return &StepRequest{Run: strings.Repeat("x", n)} }

// A wireEnd is one that only reads.
type wireEnd struct{ io.Reader }

func (wireEnd) Write([]byte) (int, error) { return 0, errors.New("not to be written to") }

// TestWireCarriesMessages has them shorter and longer than its buffers, and two
// ways in which they may come.
func TestWireCarriesMessages(t *testing.T) {
	sent := []*StepRequest{long(0), long(5), long(wireBuffer), long(3*wireStep + 1), long(1)}
	data := bytesOf(t, sent...)
	if want := "\x07\x00\x00\x00\x0a\x05xxxxx"; !bytes.Equal(data[4:][:len(want)], []byte(want)) {
		t.Errorf("the second message is %q, want %q", data[4:][:len(want)], want)
	}
	for name, r := range map[string]io.Reader{"at once": bytes.NewReader(data), "by halves": iotest.HalfReader(bytes.NewReader(data))} {
		w := NewWire(wireEnd{r}, 4*wireStep)
		for i, want := range sent {
			got := &StepRequest{}
			if err := w.Recv(got); err != nil || !proto.Equal(got, want) {
				t.Fatalf("%s: message %d: %v, or another than was sent", name, i, err)
			}
		}
		if err := w.Recv(&StepRequest{}); !errors.Is(err, io.EOF) {
			t.Errorf("%s: at the end: %v, want EOF", name, err)
		}
	}
}

func TestWireRefuses(t *testing.T) {
	const most = 1000
	whole := bytesOf(t, long(100))
	for _, test := range []struct {
		name, data string
		want       string
	}{
		{"half a length", "\x01\x00", "unexpected EOF"},
		{"nothing after a length", "\x01\x00\x00\x00", "unexpected EOF"},
		{"half a message", string(whole[:50]), "unexpected EOF"},
		{"a long one", "\xe9\x03\x00\x00", "a message of 1001 bytes, want at most 1000"},
		{"the longest", "\xff\xff\xff\xff", "a message of 4294967295 bytes, want at most 1000"},
		{"no message", "\x04\x00\x00\x00\xff\xff\xff\xff", "cannot parse invalid wire-format data"},
	} {
		err := NewWire(wireEnd{strings.NewReader(test.data)}, most).Recv(&StepRequest{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}
