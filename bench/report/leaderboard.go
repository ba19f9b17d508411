package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// A leaderboard in a terminal: columns are as wide as their widest cell. When
// they do not fit, the interval of the metric goes first, then that of the
// work, the bars, and beside a target the metric; then labels are cut.

const (
	barWidth   = 8
	labelRoom  = 24 // columns that labels get before other columns give way
	belowMark  = "▼"
	yardMark   = "◇"
	gap        = "  "
	labelIndex = 1
)

// A column of the leaderboard. The shorter forms of its cells come later.
type column struct {
	title string
	left  bool // aligned to the left
	cell  func(t Task, c Contender, short int) string
}

// columns of a task: with a target, how often and how fast it is reached; and
// always the metric on test data.
func columns(t Task) []column {
	m := t.Goal.Metric
	cols := []column{
		{"#", false, func(_ Task, c Contender, _ int) string {
			if c.Rank == 0 {
				return none
			}
			return fmt.Sprint(c.Rank)
		}},
		{"contender", true, func(_ Task, c Contender, _ int) string { return mark(c) + c.Label }},
	}
	value := column{"test " + m.Name, true, func(_ Task, c Contender, short int) string { return formatEstimate(c.Value, formatValue, short > 0) }}
	if t.Goal.Target == nil {
		bar := column{"", true, func(t Task, c Contender, short int) string {
			if short > 2 {
				return ""
			}
			return bar(gain(t, c))
		}}
		return append(cols, bar, value)
	}
	return append(cols,
		column{"solved", true, func(_ Task, c Contender, short int) string {
			if c.Runs == 0 {
				return none
			}
			s := fmt.Sprintf("%d/%d", c.Solved, c.Runs)
			if short < 3 {
				s += " " + bar(float64(c.SolvedShare.Value))
			}
			return s
		}},
		column{"work to target", true, func(_ Task, c Contender, short int) string {
			if c.Solved == 0 {
				if c.Runs == 0 {
					return none
				}
				return "> " + formatWork(float64(c.Spent))
			}
			return formatEstimate(c.ERT, formatWork, short > 1)
		}},
		value)
}

// valueIndex is the column of the metric on test data.
func valueIndex(t Task) int {
	if t.Goal.Target == nil {
		return labelIndex + 2
	}
	return labelIndex + 3
}

// mark flags a contender in front of its label.
func mark(c Contender) string {
	switch {
	case c.Yardstick:
		return yardMark + " "
	case c.BelowRandom:
		return belowMark + " "
	}
	return "  "
}

// gain is how far a test value got from the constant predictor's, 0, to the best
// of the task, 1.
func gain(t Task, c Contender) float64 {
	best := float64(t.Contenders[0].Value.Value)
	zero := float64(t.Constant.Value)
	g := (float64(c.Value.Value) - zero) / (best - zero)
	if math.IsNaN(g) || !t.Goal.Metric.Better(best, zero) {
		return 0
	}
	return max(0, min(1, g))
}

// bar draws a share in eighths of a block (U+2588 to U+258F).
func bar(share float64) string {
	if math.IsNaN(share) {
		share = 0
	}
	eighths := int(math.Round(share * barWidth * 8))
	s := strings.Repeat("█", eighths/8)
	if r := eighths % 8; r > 0 {
		s += string(rune('█' + 8 - r))
	}
	return s + strings.Repeat(" ", barWidth-utf8.RuneCountInString(s))
}

// formatEstimate writes a value and its interval: 0.98 [0.97, 0.99].
func formatEstimate(e Estimate, format func(float64) string, short bool) string {
	s := format(float64(e.Value))
	if short || math.IsNaN(float64(e.Lo)) {
		return s
	}
	return fmt.Sprintf("%s [%s, %s]", s, format(float64(e.Lo)), format(float64(e.Hi)))
}

// truncate cuts s to width runes, the last of them an ellipsis.
func truncate(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return string([]rune(s)[:width-1]) + "…"
}

// shorten cuts s to width runes by an ellipsis in its middle: labels of contenders
// begin alike and differ in what comes last.
func shorten(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	end := (width - 1) / 2
	return string(r[:width-1-end]) + "…" + string(r[len(r)-end:])
}

// leaderboard writes the table of a task.
func (p *printer) leaderboard(t Task) {
	cols := columns(t)
	rows := t.Contenders[:min(len(t.Contenders), textRows)]
	constant := Contender{Label: "constant predictor", Value: Estimate{t.Constant.Value, unknown.Lo, unknown.Hi}, Yardstick: true}
	table, widths := layout(t, cols, append(rows[:len(rows):len(rows)], constant), p.width)
	flagged := false
	for r, cells := range table {
		var b strings.Builder
		for i, cell := range cells {
			cell = shorten(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				b.WriteString(gap)
			}
			if !cols[i].left {
				b.WriteString(pad)
			}
			b.WriteString(p.style(p.rowStyle(t, r, i), cell))
			if cols[i].left {
				b.WriteString(pad)
			}
		}
		p.line(strings.TrimRight(b.String(), " "))
		flagged = flagged || r > 0 && r <= len(rows) && rows[r-1].BelowRandom
	}
	if n := len(t.Contenders) - textRows; n > 0 {
		p.line(p.style(dim, fmt.Sprintf("... %d more in the report", n)))
	}
	legend := yardMark + " yardstick"
	if flagged {
		legend += "   " + belowMark + " does not beat random search at equal work"
	}
	p.line(p.style(dim, legend))
}

// rowStyle is the style of a cell; row 0 is the head, the last one the
// constant predictor.
func (p *printer) rowStyle(t Task, row, col int) string {
	switch {
	case row == 0:
		return dim
	case row > min(len(t.Contenders), textRows):
		return dim
	}
	c := t.Contenders[row-1]
	switch {
	case c.Yardstick:
		return dim
	case col == labelIndex && c.BelowRandom:
		return red
	case c.Rank == 1 && col <= labelIndex:
		return bold
	}
	return ""
}

// layout renders the cells, the head first, in the longest form that fits and
// leaves room for the labels.
func layout(t Task, cols []column, rows []Contender, width int) (table [][]string, widths []int) {
	const shortest = 4
	for short := 0; ; short++ {
		if short == shortest && t.Goal.Target != nil {
			cols = cols[:len(cols)-1]
		}
		head := make([]string, len(cols))
		for i, c := range cols {
			head[i] = c.title
		}
		head[labelIndex] = "  " + head[labelIndex]
		table = [][]string{head}
		for i, r := range rows {
			cells := make([]string, len(cols))
			for j, c := range cols {
				cells[j] = c.cell(t, r, short)
			}
			if i == len(rows)-1 { // the constant predictor has no runs
				for j := range cells {
					if j != labelIndex && j != valueIndex(t) {
						cells[j] = ""
					}
				}
			}
			table = append(table, cells)
		}
		widths = make([]int, len(cols))
		for _, cells := range table {
			for j, cell := range cells {
				widths[j] = max(widths[j], utf8.RuneCountInString(cell))
			}
		}
		room := width - len(gap)*(len(cols)-1)
		for j, w := range widths {
			if j != labelIndex {
				room -= w
			}
		}
		if room >= min(widths[labelIndex], labelRoom) || short == shortest {
			widths[labelIndex] = max(1, min(widths[labelIndex], room))
			return table, widths
		}
	}
}
