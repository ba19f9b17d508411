package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/joust-bench/joust/optimizers"
)

// detectSeparator counts the candidates in the header, outside of quotes.
func detectSeparator(content []byte) rune {
	const candidates = ",;\t" // the first of equals wins
	var count [len(candidates)]int
	quoted := false
	for _, b := range content {
		if b == '"' {
			quoted = !quoted
		}
		if quoted {
			continue
		}
		if b == '\n' {
			break
		}
		if i := strings.IndexByte(candidates, b); i >= 0 {
			count[i]++
		}
	}
	best := 0
	for i, n := range count {
		if n > count[best] {
			best = i
		}
	}
	return rune(candidates[best])
}

// checkHeader finds the target.
func (r *csvReader) checkHeader() error {
	line, _ := r.csv.FieldPos(0)
	numbers := 0
	seen := make(map[string]bool, len(r.header))
	for i, h := range r.header {
		if h == "" {
			return r.errorf(line, "column %d has no name, want one in the header, or remove the column", i+1)
		}
		if seen[h] {
			return r.errorf(line, "two columns are named %q, want every name once", h)
		}
		seen[h] = true
		if _, err := strconv.ParseFloat(h, 64); err == nil {
			numbers++
		}
	}
	switch {
	case numbers == len(r.header):
		return r.errorf(line, "the first line has only numbers, want a header with the names of the columns")
	case len(r.header) == 1:
		return r.errorf(line, "one column, %q, want a target and at least one feature, separated by %q", r.header[0], r.csv.Comma)
	case r.options.Target == "":
		r.at = len(r.header) - 1
		return nil
	}
	if r.at = slices.Index(r.header, r.options.Target); r.at >= 0 {
		return nil
	}
	hint := ""
	if near := optimizers.Suggest(r.options.Target, r.header); near != "" {
		hint = fmt.Sprintf(", did you mean %q?", near)
	}
	return r.errorf(line, "no column is named %q%s (columns: %s)", r.options.Target, hint, list(r.header))
}

// list joins names, but not too many.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
