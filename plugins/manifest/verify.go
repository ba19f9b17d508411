package manifest

import (
	"fmt"
	"strings"
)

// A State is what a lock says about a plugin.
type State uint8

// The states, from the best to the worst.
const (
	Pinned    State = iota // it is what was locked
	Elsewhere              // its files are, but not the machine, interpreter or modules
	Unlocked               // it is not in the lock
	Changed                // its files are others
)

// A Verdict is a [State] with its reasons.
type Verdict struct {
	ID    string
	State State
	// Reasons are what differs, each a line: "es.py changed: 0123, locked 4567".
	Reasons []string
}

// Verify compares a plugin as it is with what is locked of it. What the plugin
// says of itself is compared if p has it: before it runs, only the rest.
func (l *Lock) Verify(p Pin) Verdict {
	v := Verdict{ID: p.ID}
	locked, ok := l.Plugins[p.ID]
	if !ok {
		v.State, v.Reasons = Unlocked, []string{"not in " + LockFile}
		return v
	}
	v.Reasons = p.changedFiles(locked)
	for _, d := range []struct{ what, is, was string }{
		{"version", p.Version, locked.Version},
		{"protocol", fmt.Sprint(p.Protocol), fmt.Sprint(locked.Protocol)},
		{"runtime", p.Runtime, locked.Runtime},
	} {
		if d.is != d.was {
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s %s, locked %s", d.what, d.is, d.was))
		}
	}
	if len(v.Reasons) > 0 {
		v.State = Changed
	}
	if away := p.elsewhere(locked); len(away) > 0 {
		if v.State == Pinned {
			v.State = Elsewhere
		}
		v.Reasons = append(v.Reasons, away...)
	}
	return v
}

// String is what results are stamped with: "pinned", or "unpinned: " and why.
func (v Verdict) String() string {
	if v.State == Pinned {
		return "pinned"
	}
	return "unpinned: " + v.reasons()
}

// maxReasons is how many are told in one line.
const maxReasons = 5

func (v Verdict) reasons() string {
	if more := len(v.Reasons) - maxReasons; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(v.Reasons[:maxReasons], "; "), more)
	}
	return strings.Join(v.Reasons, "; ")
}

// Err is nil if the plugin is pinned, and else why it is not and what to do.
func (v Verdict) Err() error {
	switch v.State {
	case Pinned:
		return nil
	case Elsewhere:
		return fmt.Errorf("plugin %s is as it was locked, but not what it runs on: %s; joust plugin lock %[1]s locks it for this machine, --plugin-unlocked runs it unpinned", v.ID, v.reasons())
	case Unlocked:
		return fmt.Errorf("plugin %s is %s; joust plugin lock %[1]s locks it, --plugin-unlocked runs it unpinned", v.ID, v.reasons())
	default:
		return fmt.Errorf("plugin %s is not what was locked: %s; joust plugin lock %[1]s locks it if that is meant, --plugin-unlocked runs it unpinned", v.ID, v.reasons())
	}
}
