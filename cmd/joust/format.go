package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// clock writes a duration as a clock does: 0:07, 12:34, 3:05:00.
func clock(d time.Duration) string {
	s := int64(max(0, d).Round(time.Second) / time.Second)
	if h := s / 3600; h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// left writes a time that is an estimate, with no more digits than that: about
// 38 s left, about 12 min left.
func left(d time.Duration) string {
	if d < time.Second {
		return "less than 1 s left"
	}
	return "about " + roughly(d) + " left"
}

// roughly writes a duration in one unit: 38 s, 12 min, 5 h, 3 d.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return "1 s"
	case d < 100*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 100*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	default:
		return fmt.Sprintf("%.0f d", d.Hours()/24)
	}
}

// work writes units of work: 850, 1.2e5.
func work(units float64) string {
	if math.IsNaN(units) || math.IsInf(units, 0) {
		return "–"
	}
	if units < 9999.5 {
		return strconv.FormatFloat(units, 'f', 0, 64)
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(units, 'e', 1, 64), "e+")
	return strings.TrimSuffix(mantissa, ".0") + "e" + strings.TrimLeft(exp, "0")
}

// metric writes the value of a metric with three digits.
func metric(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case a == 0 || 0.1 <= a && a < 10:
		return strconv.FormatFloat(v, 'f', 3, 64)
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}

// count writes "1 trial" and "2 trials".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// clip shortens s to at most width columns of a terminal, the last of which
// says so.
func clip(s string, width int) string {
	if lipgloss.Width(s) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && lipgloss.Width(string(r)) > width-1 {
		r = r[:len(r)-1]
	}
	if width < 1 {
		return ""
	}
	return string(r) + "…"
}

// shorten is clip that leaves out the middle of s: names of contenders begin alike
// and differ in what comes last.
func shorten(s string, width int) string {
	if lipgloss.Width(s) <= width {
		return s
	}
	r := []rune(s)
	end := len(r)
	for end > 0 && lipgloss.Width(string(r[end-1:])) <= (width-1)/2 {
		end--
	}
	last := string(r[end:])
	return clip(s, width-lipgloss.Width(last)) + last
}

// pad fills s up with spaces, or shortens it, to width columns.
func pad(s string, width int) string {
	s = shorten(s, width)
	return s + strings.Repeat(" ", max(0, width-lipgloss.Width(s)))
}

// wrap breaks s into lines that end before column width, the first of which
// starts at column indent, and the others below it. Width 0 is no limit.
func wrap(s string, indent, width int) string {
	var b strings.Builder
	col := indent
	for i, w := range strings.Fields(s) {
		n := lipgloss.Width(w)
		switch {
		case i == 0:
		case width > 0 && col+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			col = indent
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(w)
		col += n
	}
	return b.String()
}
