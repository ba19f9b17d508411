package host

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func logged(t *testing.T, text string) []string {
	t.Helper()
	var whole, pieces tail
	if _, err := io.WriteString(&whole, text); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(&pieces, iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.last(), pieces.last()); diff != "" {
		t.Errorf("what is kept of %.100q differs when it comes byte by byte (-at once +in pieces):\n%s", text, diff)
	}
	return whole.last()
}

func TestTheEndOfTheLogIsKept(t *testing.T) {
	numbered := func(from, to int) (lines []string) {
		for i := from; i < to; i++ {
			lines = append(lines, fmt.Sprint("line ", i))
		}
		return lines
	}
	long := strings.Repeat("x", 1<<20)
	for text, want := range map[string][]string{
		"":                                   nil,
		"\n\r\n \n":                          nil,
		"one":                                {"one"},
		"one\ntwo\r\n\nthree\n":              {"one", "two", "three"},
		strings.Join(numbered(0, 100), "\n"): numbered(90, 100),
		"panic: oh no\n" + strings.Join(numbered(0, 12), "\n"):       append([]string{"panic: oh no", "..."}, numbered(2, 12)...),
		"fatal error: oh no\n" + strings.Join(numbered(0, 9), "\n"):  append([]string{"fatal error: oh no"}, numbered(0, 9)...),
		"panic: 1\npanic: 2\n" + strings.Join(numbered(0, 20), "\n"): append([]string{"panic: 2", "..."}, numbered(10, 20)...),
		"a \x1b[31mred\x07 \u202eword \xff\tand \u2028 é \x00":       {`a \x1b[31mred\x07 \u202eword \xff and \u2028 é \x00`},
		"before\n" + long + "\nafter":                                {"before", long[:logWidth] + "...", "after"},
		long[:logWidth]:                                              {long[:logWidth]},
		"carriage\rreturn\n\U000e0001tag \x85\n":                     {`carriage\x0dreturn`, `\U000e0001tag \x85`},
	} {
		if diff := cmp.Diff(want, logged(t, text)); diff != "" {
			t.Errorf("of %.100q is kept (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzHarmless(f *testing.F) {
	f.Add("a \x1b[31mred\x07 \u202eword \xff\tand \n\r\n", 10)
	f.Fuzz(func(t *testing.T, s string, width int) {
		width &= 0xfff
		h := harmless(s, width)
		if len(h) > width+20 || !utf8.ValidString(h) {
			t.Errorf("%q is %d bytes or no UTF-8, want at most about %d", h, len(h), width)
		}
		for _, r := range h {
			if !unicode.IsGraphic(r) {
				t.Errorf("%q has %q", h, r)
			}
		}
	})
}
