package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestKindsAreStatusesOfGRPC has the table that other languages follow.
func TestKindsAreStatusesOfGRPC(t *testing.T) {
	want := map[Failure_Kind]codes.Code{
		Failure_KIND_UNKNOWN_RUN: codes.NotFound,
		Failure_KIND_WRONG_ORDER: codes.FailedPrecondition,
		Failure_KIND_INVALID:     codes.InvalidArgument,
		Failure_KIND_DIVERGED:    codes.Aborted,
		Failure_KIND_BAD_STATE:   codes.DataLoss,
		Failure_KIND_TOO_LARGE:   codes.ResourceExhausted,
		Failure_KIND_BROKEN:      codes.Internal,
	}
	if len(want) != len(Failure_Kind_name)-1 {
		t.Fatalf("%d kinds in this table, want one of each of %v but the unspecified", len(want), Failure_Kind_name)
	}
	for kind, code := range want {
		if got := kind.Code(); got != code {
			t.Errorf("%v is %v, want %v", kind, got, code)
		}
		if got := KindOf(code); got != kind {
			t.Errorf("%v is %v, want %v", code, got, kind)
		}
		if got := KindNamed(kind.Name()); got != kind {
			t.Errorf("%q is %v, want %v", kind.Name(), got, kind)
		}
		// There and back, as gRPC does it: from a handler's error to its status.
		sent := fmt.Errorf("handler: %w", Errorf(kind, "reason %d", 7))
		var back *Error
		err := FromGRPC(status.Convert(sent).Err())
		if !errors.As(err, &back) || back.Kind != kind || !strings.HasSuffix(back.Message, "reason 7") {
			t.Errorf("%v came back as %#v", kind, err)
		}
		if got := Errorf(kind, "x").Failure().Err(); !errors.As(got, &back) || back.Kind != kind || back.Message != "x" {
			t.Errorf("%v came back from a message as %#v", kind, got)
		}
	}
	if got := Failure_KIND_WRONG_ORDER.Name(); got != "wrong_order" {
		t.Errorf("name %q", got)
	}
	if got := KindNamed("unspecified"); got != Failure_KIND_UNSPECIFIED {
		t.Errorf("no kind is %v", got)
	}
}

func TestWhatIsTheTransportsStaysSo(t *testing.T) {
	for _, err := range []error{
		status.Error(codes.Unavailable, "connection closed"),
		status.Error(codes.DeadlineExceeded, "too late"),
		status.Error(codes.Canceled, "never mind"),
		io.ErrUnexpectedEOF, context.Canceled, nil,
	} {
		if got := FromGRPC(err); got != err { //nolint:errorlint // the same error
			t.Errorf("%v became %v", err, got)
		}
	}
	for code, kind := range map[codes.Code]Failure_Kind{codes.Unknown: Failure_KIND_BROKEN, codes.Unimplemented: Failure_KIND_INVALID} {
		var e *Error
		if err := FromGRPC(status.Error(code, "x")); !errors.As(err, &e) || e.Kind != kind {
			t.Errorf("%v is %#v, want %v", code, err, kind)
		}
	}
}

func TestFailuresOfOtherVersions(t *testing.T) {
	var none *Failure
	if err := none.Err(); err != nil {
		t.Errorf("no failure is %v", err)
	}
	var e *Error
	for _, kind := range []Failure_Kind{0, 99, -1} {
		if err := (&Failure{Kind: kind}).Err(); !errors.As(err, &e) || e.Kind != Failure_KIND_BROKEN {
			t.Errorf("kind %d is %#v, want one that is broken", kind, err)
		}
		if kind != 0 && kind.Code() != codes.Internal {
			t.Errorf("kind %d is %v", kind, kind.Code())
		}
	}
}

func TestMessagesAreALine(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	for _, tt := range []struct{ text, want string }{
		{"plain", "plain"},
		{"one\ntwo\r\n\tthree\x1b[31m\x00", "one two three [31m"},
		{"bad \xff byte", "bad ? byte"},
		{long, long[:2000] + "..."},
		{"x" + long, "x" + long[:1998] + "..."},
	} {
		got := Errorf(Failure_KIND_BROKEN, "%s", tt.text).Message
		if got != tt.want || !utf8.ValidString(got) {
			t.Errorf("message of %.40q is %.60q (%d bytes), want %.60q", tt.text, got, len(got), tt.want)
		}
	}
}
