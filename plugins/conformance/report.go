package conformance

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes a line for people: how the check went, its name, and why.
// For programs, a Result has a JSON form.
func WriteText(w io.Writer, r Result) error {
	mark := map[Outcome]string{OK: "ok  ", Failed: "FAIL", Skipped: "n/a "}[r.Outcome]
	line := mark + " " + r.Check
	if r.Message != "" {
		line += ": " + strings.ReplaceAll(r.Message, "\n", "\n     ")
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// A Count is how many checks of an optimizer went how.
type Count struct {
	Optimizer string  `json:"optimizer"`
	OK        int     `json:"ok"`
	Failed    int     `json:"failed"`
	Skipped   int     `json:"skipped"`
	Seconds   float64 `json:"seconds"` // of the whole; less than the sum where they ran in parallel
}

// Add counts a result.
func (c *Count) Add(r Result) {
	c.Optimizer = r.Optimizer
	switch r.Outcome {
	case OK:
		c.OK++
	case Failed:
		c.Failed++
	case Skipped:
		c.Skipped++
	}
}

// String is "es: 40 ok, 1 failed, 3 not applicable in 1.2 s".
func (c *Count) String() string {
	return fmt.Sprintf("%s: %d ok, %d failed, %d not applicable in %.1f s", c.Optimizer, c.OK, c.Failed, c.Skipped, c.Seconds)
}
