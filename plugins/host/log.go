package host

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	logLines = 10  // of the end of a plugin's log that are kept
	logWidth = 400 // bytes of a line that are kept
)

// A tail is a plugin's log, of which it keeps the end: what is told of a plugin
// that died. It takes writes from several goroutines.
type tail struct {
	mu    sync.Mutex
	lines []string // at most logLines, oldest first
	head  string   // the last line that says why a program crashed; its stack is longer than the tail
	part  []byte   // of a line that has not ended
}

// Write takes any bytes; lines may come in any pieces. It does not fail.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(b)
	for len(b) > 0 {
		i := 0
		for i < len(b) && b[i] != '\n' {
			i++
		}
		t.part = append(t.part, b[:min(i, logWidth+1-min(len(t.part), logWidth+1))]...)
		if i == len(b) {
			break
		}
		t.end()
		b = b[i+1:]
	}
	return n, nil
}

// end ends the line that has been begun.
func (t *tail) end() {
	line := harmless(string(t.part), logWidth)
	t.part = t.part[:0]
	if line == "" {
		return
	}
	if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
		t.head = line
	}
	if len(t.lines) == logLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, line)
}

// last returns the last lines, oldest first, and before them the one that says
// why the program crashed if it is not among them.
func (t *tail) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.part) > 0 {
		t.end()
	}
	var lines []string
	if t.head != "" {
		lines = append(lines, t.head, "...")
		for _, l := range t.lines {
			if l == t.head {
				lines = nil
				break
			}
		}
	}
	return append(lines, t.lines...)
}

// harmless returns s as one line of at most about width bytes that does nothing
// to a terminal: a control character, a character that turns the direction of
// writing, and a byte that is no UTF-8 are escaped as in Go.
func harmless(s string, width int) string {
	var b strings.Builder
	s = strings.TrimRight(s, " \t\r\n")
	for len(s) > 0 {
		if b.Len() >= width {
			b.WriteString("...")
			break
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\t':
			b.WriteByte(' ')
		case r == '\n':
			b.WriteString("; ")
		case unicode.IsGraphic(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// quoted is s made harmless in quotes.
func quoted(s string, width int) string { return `"` + harmless(s, width) + `"` }
