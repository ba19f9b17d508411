package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the summary as indented JSON. Numbers are written in full; those
// that are not finite as [Number] says. On an error nothing was written that
// looks like a whole document.
func JSON(w io.Writer, s Summary) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("summary of %q: %w", s.Name, err)
	}
	return nil
}
