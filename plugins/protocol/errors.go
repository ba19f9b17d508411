package protocol

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// kinds pairs each kind of failure with its status in gRPC.
var kinds = []struct {
	kind Failure_Kind
	code codes.Code
}{
	{Failure_KIND_UNKNOWN_RUN, codes.NotFound},
	{Failure_KIND_WRONG_ORDER, codes.FailedPrecondition},
	{Failure_KIND_INVALID, codes.InvalidArgument},
	{Failure_KIND_DIVERGED, codes.Aborted},
	{Failure_KIND_BAD_STATE, codes.DataLoss},
	{Failure_KIND_TOO_LARGE, codes.ResourceExhausted},
	{Failure_KIND_BROKEN, codes.Internal},
}

// Code is the gRPC status of a failure; that of a kind this version does not
// know is Internal.
func (k Failure_Kind) Code() codes.Code {
	for _, p := range kinds {
		if p.kind == k {
			return p.code
		}
	}
	return codes.Internal
}

// KindOf is the kind of failure that a gRPC status stands for, or unspecified
// if it is one of the transport's own. Unknown is what a server answers whose
// handler raised something else than a status, and Unimplemented what one
// answers that lacks the call.
func KindOf(c codes.Code) Failure_Kind {
	for _, p := range kinds {
		if p.code == c {
			return p.kind
		}
	}
	switch c {
	case codes.Unknown:
		return Failure_KIND_BROKEN
	case codes.Unimplemented:
		return Failure_KIND_INVALID
	}
	return Failure_KIND_UNSPECIFIED
}

// Name is the kind as frames write it: "wrong_order".
func (k Failure_Kind) Name() string {
	return strings.ToLower(strings.TrimPrefix(k.String(), "KIND_"))
}

// KindNamed is the kind of a name, or unspecified if there is none.
func KindNamed(name string) Failure_Kind {
	for _, p := range kinds {
		if p.kind.Name() == name {
			return p.kind
		}
	}
	return Failure_KIND_UNSPECIFIED
}

// Errorf returns an error of a kind. Its message is made fit to be sent: one
// line of UTF-8, cut off where it is very long.
func Errorf(kind Failure_Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: line(fmt.Sprintf(format, args...))}
}

// line makes one line of a message. gRPC sends it in a header, which has to be
// short.
func line(s string) string {
	const most = 2000
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if len(s) > most {
		cut := most
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "..."
	}
	return s
}

// GRPCStatus is what a handler of gRPC answers that returns e.
func (e *Error) GRPCStatus() *status.Status { return status.New(e.Kind.Code(), e.Message) }

// Failure is e as a member of a message.
func (e *Error) Failure() *Failure { return &Failure{Kind: e.Kind, Message: e.Message} }

// Err is the failure as an [*Error], or nil if there was none. What the other
// side calls a kind that this one does not know is a fault of the optimizer.
func (f *Failure) Err() error {
	if f == nil {
		return nil
	}
	kind := f.Kind
	if kind == Failure_KIND_UNSPECIFIED || Failure_Kind_name[int32(kind)] == "" {
		kind = Failure_KIND_BROKEN
	}
	return Errorf(kind, "%s", f.Message)
}

// FromGRPC returns the error of a gRPC call as an [*Error] if the other side
// refused it or failed, and as it is if the transport did.
func FromGRPC(err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	if kind := KindOf(s.Code()); kind != Failure_KIND_UNSPECIFIED {
		return Errorf(kind, "%s", s.Message())
	}
	return err
}
