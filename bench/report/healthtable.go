package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// String is the figure at the start, and what became of it.
func (f Figure) String() string {
	start, end := formatValue(float64(f.Start)), formatValue(float64(f.End))
	switch {
	case start == end: // neither is known, or nothing became of it
		return start
	case math.IsNaN(float64(f.Start)):
		return "→ " + end
	}
	return start + " → " + end
}

// textHealth are the columns in a terminal, those that matter least last.
var textHealth = []string{"factor", firstStep, "through", "rank", "cosine", "sharpness", "saturated", "rank correlation"}

// health writes a table of what surveys say, for the contenders whose verdicts are
// shown; nothing if there was no survey.
func (p *printer) health(t Task, shown map[int]bool) {
	figure := func(c Contender, name string) Figure {
		if c.Health == nil {
			return Figure{name, Number(math.NaN()), Number(math.NaN())}
		}
		return c.Health.Figures[slices.IndexFunc(c.Health.Figures, func(f Figure) bool { return f.Name == name })]
	}
	if !slices.ContainsFunc(t.Contenders, func(c Contender) bool { return figure(c, "sharpness").known() }) {
		return
	}
	table := [][]string{{""}}
	for i, c := range t.Contenders {
		if shown[i] && c.Health != nil {
			table = append(table, []string{shorten(c.Label, 2*labelRoom)})
		}
	}
	width := 2 + columnWidth(table, 0)
	for _, name := range textHealth {
		if name == firstStep && !slices.ContainsFunc(t.Contenders, func(c Contender) bool { return figure(c, name).known() }) {
			continue // nothing has a state
		}
		column := []string{name}
		for i, c := range t.Contenders {
			if shown[i] && c.Health != nil {
				column = append(column, figure(c, name).String())
			}
		}
		most := 0
		for _, s := range column {
			most = max(most, utf8.RuneCountInString(s))
		}
		if width+len(gap)+most > p.width {
			break
		}
		width += len(gap) + most
		for i := range table {
			table[i] = append(table[i], column[i])
		}
	}
	p.line("")
	p.line(p.style(bold, "Health") + ": start → end, medians over layers and seeds")
	for r, cells := range table {
		var b strings.Builder
		b.WriteString("  ")
		for i, cell := range cells {
			if i > 0 {
				b.WriteString(gap)
			}
			b.WriteString(cell + strings.Repeat(" ", columnWidth(table, i)-utf8.RuneCountInString(cell)))
		}
		line := strings.TrimRight(b.String(), " ")
		if r == 0 {
			line = p.style(dim, line)
		}
		p.line(line)
	}
	var words []string
	all := measurements()
	for _, name := range table[0][1:] {
		m := all[slices.IndexFunc(all, func(m measurement) bool { return m.name == name })]
		words = append(words, fmt.Sprintf("%s: %s", m.name, m.doc))
	}
	for _, l := range wrap(strings.Join(words, "; "), p.width-2) {
		p.line(p.style(dim, "  "+l))
	}
}

func columnWidth(table [][]string, i int) int {
	w := 0
	for _, cells := range table {
		w = max(w, utf8.RuneCountInString(cells[i]))
	}
	return w
}

// A healthTable is that of the page: the figures that any contender has, and a row
// for each contender that was probed.
type healthTable struct {
	Columns []healthColumn
	Rows    []healthRow
}

type healthColumn struct{ Name, Doc string }

type healthRow struct {
	Label       string
	Cells       []Figure
	Diagnostics []Figure
}

// newHealthTable is nil if no contender was surveyed.
func newHealthTable(t Task) *healthTable {
	h := &healthTable{}
	var columns []int
	for i, m := range measurements() {
		if slices.ContainsFunc(t.Contenders, func(c Contender) bool { return c.Health != nil && c.Health.Figures[i].known() }) {
			columns = append(columns, i)
			h.Columns = append(h.Columns, healthColumn{m.name, m.doc})
		}
	}
	if !slices.ContainsFunc(h.Columns, func(c healthColumn) bool { return c.Name == "sharpness" }) {
		return nil
	}
	for _, c := range t.Contenders {
		if c.Health == nil {
			continue
		}
		row := healthRow{Label: c.Label, Diagnostics: c.Health.Diagnostics}
		for _, i := range columns {
			row.Cells = append(row.Cells, c.Health.Figures[i])
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
