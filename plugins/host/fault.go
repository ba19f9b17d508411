package host

import (
	"errors"
	"fmt"
	"time"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// A fault is what a process is killed for, and started again once: it died, the
// way to it broke, or it gave no answer.
type fault struct {
	err    error         // of the call
	silent time.Duration // how long there was no answer; 0: there was an error
}

func (f *fault) Error() string { return f.err.Error() }

// A lie is an answer that cannot be right. Asked again, the process would say
// the same.
type lie struct{ what string }

func (l *lie) Error() string { return l.what }

func lief(format string, args ...any) error { return &lie{fmt.Sprintf(format, args...)} }

// answered reports whether an error is an answer of the plugin, right or wrong.
func answered(err error) bool {
	var refused *protocol.Error
	var lied *lie
	return errors.As(err, &refused) || errors.As(err, &lied)
}

// A refusal is what a plugin refused, or what failed there.
type refusal struct{ e *protocol.Error }

func (r refusal) Error() string { return r.e.Message }
func (r refusal) Unwrap() error { return r.e }

// Is makes divergence an [optimizers.ErrDiverged].
func (r refusal) Is(target error) bool {
	return target == optimizers.ErrDiverged && r.e.Kind == protocol.Failure_KIND_DIVERGED
}

// messageBytes is how much of a plugin's message is shown.
const messageBytes = 2000

// refuse makes the error of a call one that the caller can look into, with its
// message on one line.
func refuse(err error) error {
	var e *protocol.Error
	if !errors.As(err, &e) {
		return err
	}
	return refusal{&protocol.Error{Kind: e.Kind, Message: harmless(e.Message, messageBytes)}}
}

func isDiverged(err error) bool { return errors.Is(err, optimizers.ErrDiverged) }
