package conformance

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
)

// A Check is one property that every optimizer in a plugin has.
type Check struct {
	// Name is "group/property"; that of a check of package opttest is
	// "contract/" and its name there.
	Name string
	// What says to authors what is required, and why.
	What string
	// Second says that it uses the second process, which serves one check at a
	// time.
	Second bool
	// Run returns what is wrong with the subject, or nil. A [NotApplicable] says
	// that the property is none of this subject's. A panic is an error, too.
	Run func(ctx context.Context, s Subject) error
}

// Checks returns all checks, in the order in which they are reported: what is
// wrong with the first often explains the others. They do not disturb each
// other, so they may run at the same time, but for those with Second.
func Checks() []Check {
	return slices.Concat(
		describing(), ordering(), initializing(), asking(), telling(), stepping(),
		repeating(), checkpointing(), finishing(), contract(), living(),
	)
}

// NotApplicable is the answer of a check that does not concern the subject.
type NotApplicable struct {
	Reason string
}

func (n *NotApplicable) Error() string { return "not applicable: " + n.Reason }

func notApplicable(format string, args ...any) error {
	return &NotApplicable{fmt.Sprintf(format, args...)}
}

// guarded turns a panic into an error: the subject may be a server in this process.
func guarded(run func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return run()
}

// probing is a check that drives runs through the protocol; they are finished
// when it returns.
func probing(name, what string, f func(p *probe) error) Check {
	return Check{Name: name, What: what, Run: func(ctx context.Context, s Subject) error {
		return guarded(func() error {
			p, err := newProbe(ctx, s, name)
			if err != nil {
				return err
			}
			if err := f(p); err != nil {
				_ = p.close() // what it says follows from that
				return err
			}
			return p.close()
		})
	}}
}

// elsewhere is a check that goes through the second process, too.
func elsewhere(name, what string, f func(p *probe, second Process) error) Check {
	c := probing(name, what, func(p *probe) error {
		second, err := p.subject.Second(p.ctx)
		if err != nil {
			return err
		}
		return f(p, second)
	})
	c.Second = true
	return c
}
