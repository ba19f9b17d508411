package main

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// leastText is the width below which text is not put into a column of its own.
const leastText = 24

// aligned writes rows of cells in columns, two spaces from the left. The last column is
// text, which is wrapped at a width unless that is 0: in its column, or where no room is
// left for one, below the others.
func aligned(rows [][]string, width int) string {
	var columns []int
	for _, r := range rows {
		for i, cell := range r[:len(r)-1] {
			if i == len(columns) {
				columns = append(columns, 0)
			}
			columns[i] = max(columns[i], lipgloss.Width(cell))
		}
	}
	indent := 2
	for _, c := range columns {
		indent += c + 2
	}
	var b strings.Builder
	for _, r := range rows {
		line := "  "
		for i, cell := range r[:len(r)-1] {
			line += cell + strings.Repeat(" ", columns[i]-lipgloss.Width(cell)+2)
		}
		text := r[len(r)-1]
		if width > 0 && width-indent < leastText {
			line = strings.TrimRight(line, " ") + "\n      " + wrap(text, 6, width)
		} else {
			line += wrap(text, indent, width)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
