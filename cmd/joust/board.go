package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/joust-bench/joust/bench"
)

// Styles of the live leaderboard. Colours are the terminal's own sixteen, so
// that they suit its background; where there are none, the signs say it all.
var (
	strong  = lipgloss.NewStyle().Bold(true)
	faint   = lipgloss.NewStyle().Faint(true)
	good    = lipgloss.NewStyle().Foreground(lipgloss.Green)
	bad     = lipgloss.NewStyle().Foreground(lipgloss.Red)
	current = lipgloss.NewStyle().Foreground(lipgloss.Cyan)
)

// The signs of trials. All are one column wide.
const (
	signSolved  = "■"
	signDone    = "□"
	signFailed  = "x"
	signRunning = "▸"
	signWaiting = "·"
	maxSigns    = 10 // repetitions that are shown one by one
	minBoard    = 60 // columns; in fewer the terminal cuts lines off
	boardLines  = 5  // that are not of a task: title, meter, space, the rest, legend
)

// board draws the live leaderboard, with foot as its last line, into at most
// width columns and height lines.
func board(p *progress, title string, goals map[string]string, foot string, width, height int, elapsed time.Duration, now time.Time) string {
	width = max(width, minBoard)
	out := []string{strong.Render(clip(title, width)), meter(p, width, elapsed, now), ""}
	tasks := p.standing()
	room, hidden := fit(tasks, height), 0
	for _, rows := range tasks {
		if room < 1 {
			hidden += len(rows)
			continue
		}
		head := rows[0].task
		if g := goals[rows[0].taskName]; g != "" {
			head += ": " + g
		}
		columns, heading := rowWidths(rows, width)
		out = append(out, strong.Render(clip(head, width)), faint.Render(heading))
		for i, r := range rows[:min(room, len(rows))] {
			out = append(out, boardRow(p, r, i+1, columns))
		}
		hidden += max(0, len(rows)-room)
	}
	if hidden > 0 {
		out = append(out, faint.Render(fmt.Sprintf("    and %d more", hidden)))
	}
	out = append(out, foot)
	if len(out) > height && height > 0 {
		out = out[:height]
	}
	return strings.Join(out, "\n")
}

// fit is the number of rows that each task may have for all to fit into height
// lines; 0: their headings alone are too many.
func fit(tasks [][]*row, height int) int {
	for room := 0; ; room++ {
		total, longest := boardLines+2*len(tasks), 0
		for _, rows := range tasks {
			total += min(len(rows), room+1)
			longest = max(longest, len(rows))
		}
		if total > height || room >= longest {
			return room
		}
	}
}

// meter is a bar of all trials, and how long they take.
func meter(p *progress, width int, elapsed time.Duration, now time.Time) string {
	text := fmt.Sprintf(" %d/%d trials, %s", p.finished, len(p.trials), clock(elapsed))
	if d, ok := p.left(now); ok && p.finished < len(p.trials) {
		text += ", " + left(d)
	}
	n := min(40, width-lipgloss.Width(text))
	if n < 4 {
		return clip(strings.TrimSpace(text), width)
	}
	done := n * p.finished / max(1, len(p.trials))
	return good.Render(strings.Repeat("━", done)) + faint.Render(strings.Repeat("─", n-done)) + text
}

// widths are those of the columns of a leaderboard.
type widths struct{ label, trials, value int }

// rowWidths fits the columns into width, and returns their headings.
func rowWidths(rows []*row, width int) (widths, string) {
	w := widths{trials: 6, value: 8}
	name := "value"
	label := lipgloss.Width("contender")
	for _, r := range rows {
		w.trials = max(w.trials, min(len(r.trials), maxSigns))
		if r.goal.Metric.Name != "" {
			name = r.goal.Metric.Name
		}
		label = max(label, lipgloss.Width(r.contender))
	}
	w.value = min(12, max(w.value, lipgloss.Width(name)))
	const solved, work = 8, 9
	w.label = max(8, min(label, width-(4+2+w.trials+solved+2+w.value+2+work)))
	return w, clip(fmt.Sprintf("    %s  %s  solved  %*s  %9s", pad("contender", w.label), pad("trials", w.trials), w.value, clip(name, w.value), "to target"), width)
}

func boardRow(p *progress, r *row, rank int, w widths) string {
	place, solved, value, target := "", "–", "–", "–"
	if r.finished > 0 {
		place = strconv.Itoa(rank)
		if r.goal.Target != nil {
			solved = fmt.Sprintf("%d/%d", r.solved, r.finished)
		}
		value = metric(r.value())
		if t := r.workToTarget(); !math.IsInf(t, 1) {
			target = work(t)
		}
	}
	return fmt.Sprintf("%3s %s  %s  %6s  %*s  %9s", place, pad(r.contender, w.label), signs(p, r, w.trials), solved, w.value, value, target)
}

// signs shows the trials of a row one by one, or counts them if there are
// many, padded to width columns.
func signs(p *progress, r *row, width int) string {
	if len(r.trials) > maxSigns {
		return pad(fmt.Sprintf("%d/%d", r.finished, len(r.trials)), width)
	}
	var b strings.Builder
	for _, i := range r.trials {
		switch s := p.state[i]; {
		case s.phase == waiting:
			b.WriteString(faint.Render(signWaiting))
		case s.phase == running:
			b.WriteString(current.Render(signRunning))
		case s.status == bench.Failed:
			b.WriteString(bad.Render(signFailed))
		case s.status == bench.Solved:
			b.WriteString(good.Render(signSolved))
		default:
			b.WriteString(signDone)
		}
	}
	b.WriteString(strings.Repeat(" ", max(0, width-len(r.trials))))
	return b.String()
}

func legend(p *progress, width int) string {
	if p.failed > 0 {
		return bad.Render(clip(count(p.failed, "trial")+" failed; the report says why", width))
	}
	return faint.Render(clip(fmt.Sprintf("%s solved  %s not solved  %s failed  %s running   Ctrl-C stops, and keeps all",
		signSolved, signDone, signFailed, signRunning), width))
}
