package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// TextOptions says what kind of terminal there is.
type TextOptions struct {
	Width int  // columns; 0: 100. Less than 60 counts as 60.
	Color bool // ANSI colours and weights
}

// Limits of what is printed; the HTML report has everything.
const (
	defaultWidth  = 100
	minWidth      = 60
	textRows      = 40 // of a leaderboard
	textVerdicts  = 12 // verdicts of a task
	textFailures  = 20 // lines of failures
	footerMargin  = 2
	hangingIndent = 4
)

// Text writes the summary for a terminal: the answer first, then a leaderboard
// for each task, the reasons, and what the answer depends on. The error is
// w's.
func Text(w io.Writer, s Summary, opts TextOptions) error {
	width := opts.Width
	if width == 0 {
		width = defaultWidth
	}
	p := &printer{w: bufio.NewWriter(w), width: max(width, minWidth), color: opts.Color}
	p.head(s)
	for _, t := range s.Tasks {
		p.task(t)
	}
	p.failures(s.Failures)
	p.footer(s)
	return p.w.Flush()
}

// A printer writes lines of at most width columns. Errors stay in w until
// Flush.
type printer struct {
	w     *bufio.Writer
	width int
	color bool
}

// The styles that are used, as ANSI sequences (ECMA-48, section 8.3.117).
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// style wraps s in a style, if there are colours.
func (p *printer) style(style, s string) string {
	if !p.color || style == "" || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (p *printer) line(s string) { _, _ = fmt.Fprintln(p.w, s) } // an error stays in p.w

// paragraph writes text wrapped, its lines after the first indented further by
// hang.
func (p *printer) paragraph(indent, hang int, text string) {
	for i, l := range wrap(text, p.width-indent-hang) {
		pad := indent
		if i > 0 {
			pad += hang
		}
		p.line(strings.Repeat(" ", pad) + l)
	}
}

// wrap breaks text at spaces into lines of at most width runes; longer words
// are broken.
func wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(text) {
		for n := utf8.RuneCountInString(word); n > width; n = utf8.RuneCountInString(word) {
			if length > 0 {
				lines, line, length = append(lines, line), "", 0
			}
			runes := []rune(word)
			lines = append(lines, string(runes[:width]))
			word = string(runes[width:])
		}
		n := utf8.RuneCountInString(word)
		switch {
		case length == 0:
			line, length = word, n
		case length+1+n <= width:
			line, length = line+" "+word, length+1+n
		default:
			lines = append(lines, line)
			line, length = word, n
		}
	}
	if length > 0 {
		lines = append(lines, line)
	}
	return lines
}

// head writes the question and the answer.
func (p *printer) head(s Summary) {
	if title := bench.Printable(s.Title); title != "" {
		for _, l := range wrap(title, p.width) {
			p.line(p.style(bold, l))
		}
	}
	p.line(p.style(dim, truncate(fmt.Sprintf("%s: %d of %s", bench.Printable(s.Name), s.Done, formatCount(s.Planned, "trial")), p.width)))
	p.line("")
	for i, a := range s.Answer {
		if i > 0 {
			p.line("")
		}
		p.answer(a)
	}
	for _, n := range s.Notes {
		p.line("")
		p.paragraph(0, 2, "! "+n)
	}
}

// answer writes a paragraph, its lead in bold.
func (p *printer) answer(a Paragraph) {
	lead := utf8.RuneCountInString(a.Lead)
	for _, l := range wrap(a.Lead+" "+a.Detail, p.width) {
		n := min(utf8.RuneCountInString(l), lead)
		lead -= min(n+1, lead) // the space at which the line was broken
		runes := []rune(l)
		p.line(p.style(bold, string(runes[:n])) + string(runes[n:]))
	}
}

// task writes the leaderboard of one task and its verdicts.
func (p *printer) task(t Task) {
	p.line("")
	for _, l := range wrap(taskHeading(t), p.width) {
		p.line(p.style(bold, l))
	}
	p.line("")
	p.leaderboard(t)
	p.line("")
	p.line(p.style(bold, "Why") + ": the gradient at the start, and what came of it")
	shown := telling(t.Contenders)
	for i, c := range t.Contenders {
		if !shown[i] {
			continue
		}
		for j, l := range wrap(c.Label+": "+c.Words, p.width-2-hangingIndent) {
			pad := "  "
			if j > 0 {
				pad += strings.Repeat(" ", hangingIndent)
			}
			p.line(pad + p.verdictColors(l))
		}
	}
	if n := len(t.Contenders) - textVerdicts; n > 0 {
		p.line(p.style(dim, fmt.Sprintf("  ... %d more in the report", n)))
	}
	p.health(t, shown)
}

// telling chooses the contenders whose verdicts a terminal has room for: those
// whose gradient is in trouble from the start, whatever came of it, then the
// best.
func telling(rows []Contender) map[int]bool {
	shown := make(map[int]bool)
	for _, trouble := range []bool{true, false} {
		for i, c := range rows {
			if len(shown) < textVerdicts && (c.Start != nil && c.Start.Verdict != probe.Healthy) == trouble {
				shown[i] = true
			}
		}
	}
	return shown
}

// verdictColors colours the verdicts in a line that is already wrapped.
func (p *printer) verdictColors(l string) string {
	for _, v := range []struct {
		verdict probe.Verdict
		style   string
	}{{probe.Healthy, green}, {probe.Vanishing, red}, {probe.Exploding, red}, {probe.Dead, yellow}, {probe.Shattered, yellow}} {
		l = strings.ReplaceAll(l, string(v.verdict), p.style(v.style, string(v.verdict)))
	}
	return l
}

// taskHeading says what was asked of whom.
func taskHeading(t Task) string {
	goal := t.Goal.Metric.Name
	if goal == "" {
		goal = "no metric"
	}
	if t.Goal.Metric.Unit != "" {
		goal += " in " + t.Goal.Metric.Unit
	}
	if t.Goal.Target != nil {
		goal += ", target " + formatExact(*t.Goal.Target)
	}
	return bench.Printable(fmt.Sprintf("%s · %s · %s, %s%s", t.Label, goal,
		formatCount(len(t.Contenders), "contender"), formatCount(t.Seeds, "seed"), budgetWords(t.Budget)))
}

func budgetWords(b bench.Budget) string {
	s := ""
	if b.Work > 0 {
		s += ", budget " + formatWork(b.Work) + " units of work"
	}
	if b.Wall > 0 {
		s += ", at most " + b.Wall.String()
	}
	return s
}

// failures lists what went wrong.
func (p *printer) failures(list []Failure) {
	if len(list) == 0 {
		return
	}
	p.line("")
	p.line(p.style(bold, "Failed, diverged or skipped"))
	for _, f := range list[:min(len(list), textFailures)] {
		p.paragraph(2, hangingIndent, fmt.Sprintf("%s on %s, %s: %s after work %s: %s",
			f.Contender, f.Task, formatSeeds(f.Seeds), f.Status, formatWork(float64(f.Spent)), bench.Printable(f.Reason)))
	}
	if n := len(list) - textFailures; n > 0 {
		p.line(p.style(dim, fmt.Sprintf("  ... %d more in the report", n)))
	}
}

// formatSeeds writes seeds with ranges: "seed 7", "seeds 1-5, 9".
func formatSeeds(seeds []uint64) string {
	var parts []string
	for i := 0; i < len(seeds); {
		j := i + 1
		for j < len(seeds) && seeds[j] == seeds[j-1]+1 {
			j++
		}
		if j-i > 2 {
			parts = append(parts, fmt.Sprintf("%d-%d", seeds[i], seeds[j-1]))
		} else {
			for _, s := range seeds[i:j] {
				parts = append(parts, fmt.Sprint(s))
			}
		}
		i = j
	}
	noun := "seeds "
	if len(seeds) == 1 {
		noun = "seed "
	}
	return noun + strings.Join(parts, ", ")
}

// footer says how to read the numbers.
func (p *printer) footer(s Summary) {
	if len(s.Tasks) == 0 {
		return
	}
	p.line("")
	for _, t := range s.Tasks {
		if l := stabilitySentence(t, s.GradCost); l != "" {
			p.paragraph(0, footerMargin, "Price of a gradient, "+l)
		}
	}
	for _, l := range wrap(fmt.Sprintf("Work: one unit is a forward pass of one training example; a loss and gradient cost %s an example. "+
		"Work to target is the expected one, failures included. Brackets are 95 %% intervals (bootstrap; more in the report).", formatExact(float64(s.GradCost))), p.width) {
		p.line(p.style(dim, l))
	}
}
