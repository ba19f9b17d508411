package report

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

//go:embed page
var pageFiles embed.FS

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"value":   func(n Number) string { return formatValue(float64(n)) },
	"work":    func(n Number) string { return formatWork(float64(n)) },
	"percent": func(n Number) string { return formatPercent(float64(n)) },
	"p":       func(n Number) string { return formatP(float64(n)) },
	"origin":  func(o *optimizers.Origin) string { return describeOrigin(*o) },
	"seconds": func(n Number) string { return formatSeconds(float64(n)) },
	"exact":   func(n Number) string { return formatExact(float64(n)) },
	"seeds":   formatSeeds,
	"config":  func(c json.RawMessage) string { return configText(c) },
	"known":   func(n Number) bool { return !math.IsNaN(float64(n)) },
	"sort":    sortKey,
	"lower":   func(v any) string { return strings.ToLower(fmt.Sprint(v)) },
	"budget":  formatWork,
	"figure":  func(f Figure) string { return f.String() },
}).ParseFS(pageFiles, "page/*"))

// HTML writes the summary as one self-contained page: no requests, readable
// printed, without scripts, in light and dark, and on a phone. The same summary
// gives the same bytes. The error is w's, or an image's.
func HTML(w io.Writer, s Summary) error {
	heat := newHeatScale(s.Tasks)
	v := pageView{Summary: s, Command: "joust run experiment.yaml"}
	for _, t := range s.Tasks {
		view := newTaskView(t, heat, s.GradCost)
		for _, made := range t.Imagined {
			samples, err := newSamplesView(made)
			if err != nil {
				return err
			}
			if samples != nil {
				view.Samples = append(view.Samples, samples)
			}
		}
		for _, c := range t.Contenders {
			if len(c.Pictures) == 0 {
				continue
			}
			d, err := newDrawing(c)
			if err != nil {
				return err
			}
			view.Drawings = append(view.Drawings, d)
		}
		v.Views = append(v.Views, view)
	}
	return page.ExecuteTemplate(w, "page.html", v)
}

// A pageView is what the page's template sees.
type pageView struct {
	Summary
	Views   []taskView
	Command string
}

// A taskView is one task's part of the page.
type taskView struct {
	Task
	ID        string
	Heading   string
	Grid      *grid
	Overview  []figure
	Legend    []legend
	Panels    []panel // curves, one contender each
	Heat      []panel
	Lags      []panel // of contenders whose networks have a state
	Health    *healthTable
	HeatKey   figure
	NoHeat    []string // contenders that were not probed
	Drawings  []drawing
	Strips    []figure
	Shown     int // rows of the strips
	Stability string
	Samples   []*samplesView
}

// Target reports whether the task has one.
func (v taskView) Target() bool { return v.Goal.Target != nil }

// A legend entry explains a line.
type legend struct {
	Class string
	Rank  int
	Label string
}

// A panel is one of many small figures.
type panel struct {
	Contender Contender
	Figure    figure
}

// openPanels is how many small figures of a kind are shown at once; the others
// are folded away, so that a page with hundreds of contenders stays usable.
const openPanels = 24

// Open and Folded split panels, and OpenRows and FoldedRows the contenders.
func (v taskView) Open(p []panel) []panel   { return p[:min(len(p), openPanels)] }
func (v taskView) Folded(p []panel) []panel { return p[min(len(p), openPanels):] }
func (v taskView) OpenRows() []Contender    { return v.Contenders[:min(len(v.Contenders), openPanels)] }

func (v taskView) FoldedRows() []Contender { return v.Contenders[min(len(v.Contenders), openPanels):] }

// Tall reports whether the leaderboard scrolls in a window of its own.
func (v taskView) Tall() bool { return len(v.Contenders) > 2*openPanels }

func newTaskView(t Task, heat heatScale, gradCost Number) taskView {
	v := taskView{Task: t, ID: "task-" + slug(t.Label), Heading: t.Label, Grid: newGrid(t), Stability: stabilitySentence(t, gradCost)}
	shown := slices.DeleteFunc(slices.Clone(t.Contenders), func(c Contender) bool { return len(c.Curve.Work) == 0 })
	if len(shown) > 0 {
		x := curveX(shown)
		lines := overview(t)
		for i, c := range lines {
			v.Legend = append(v.Legend, legend{lineClass(lines, i), c.Rank, c.Label})
		}
		ms := measures(t, shown)
		for _, m := range ms {
			v.Overview = append(v.Overview, overviewPlot(t, m, x, lines))
		}
		if len(shown) > overviewRuns {
			others := references(shown)
			for _, c := range shown {
				v.Panels = append(v.Panels, panel{c, panelPlot(t, ms[0], x, c, others)})
			}
		}
	}
	for _, c := range t.Contenders {
		if len(c.Deltas.Work) == 0 {
			v.NoHeat = append(v.NoHeat, c.Label)
			continue
		}
		v.Heat = append(v.Heat, panel{c, heatPlot(t, c, heat)})
	}
	v.HeatKey = heat.key()
	steps, size := newLagAxes(t.Contenders)
	for _, c := range t.Contenders {
		if len(lagTraces(c)) > 0 {
			c.Start = nil // the verdict is about layers
			v.Lags = append(v.Lags, panel{c, lagPlot(t, c, steps, size)})
		}
	}
	v.Health = newHealthTable(t)
	var solved, scored []Contender
	for _, c := range t.Contenders {
		if c.Solved > 0 {
			solved = append(solved, c)
		}
		if c.Rank > 0 {
			scored = append(scored, c)
		}
	}
	if t.Goal.Target != nil && len(solved) > 0 {
		v.Strips = append(v.Strips, stripPlot(workStrip(t), solved[:min(len(solved), stripRows)], true))
	}
	if len(scored) > 0 {
		v.Strips = append(v.Strips, stripPlot(valueStrip(t), scored[:min(len(scored), stripRows)], false))
		v.Shown = min(len(scored), stripRows)
	}
	return v
}

// references are what every small plot repeats: the winner, and the best random
// search.
func references(shown []Contender) []Contender {
	refs := shown[:1:1]
	if y := slices.IndexFunc(shown, func(c Contender) bool { return c.Yardstick }); y > 0 {
		refs = append(refs, shown[y])
	}
	return refs
}

// slug makes an identifier of a label.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
}

// sortKey is a number for the script that sorts tables: in full, and empty for
// what there is not.
func sortKey(n Number) string {
	switch v := float64(n); {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "Inf", "Infinity", 1)
	default:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
}

// A grid is models against optimizers at a glance.
type grid struct {
	Optimizers []string
	Rows       []gridRow
}

type gridRow struct {
	Model string
	Start *Gradient // the same for every optimizer: all start from the same weights
	Cells []gridCell
}

type gridCell struct {
	Text, Note string
	Rank       int
	Class      string // full, part, or nothing; below
}

// gridColumns is how many optimizers fit side by side.
const gridColumns = 10

// newGrid is nil where nothing is ranked, or there is only one model or one
// optimizer, or too many to be read at a glance.
func newGrid(t Task) *grid {
	g := &grid{}
	index := make(map[string]int)
	var models []string
	for _, c := range t.Contenders {
		if !slices.Contains(g.Optimizers, c.OptimizerLabel) {
			g.Optimizers = append(g.Optimizers, c.OptimizerLabel)
		}
		if !slices.Contains(models, c.ModelLabel) {
			models = append(models, c.ModelLabel)
		}
	}
	if t.Contenders[0].Rank == 0 || len(models) < 2 || len(g.Optimizers) < 2 || len(g.Optimizers) > gridColumns || len(models) > openPanels {
		return nil
	}
	for _, m := range models {
		index[m] = len(g.Rows)
		g.Rows = append(g.Rows, gridRow{Model: m, Cells: make([]gridCell, len(g.Optimizers))})
	}
	for _, c := range t.Contenders {
		row := &g.Rows[index[c.ModelLabel]]
		if row.Start == nil {
			row.Start = c.Start
		}
		row.Cells[slices.Index(g.Optimizers, c.OptimizerLabel)] = newGridCell(t, c)
	}
	return g
}

func newGridCell(t Task, c Contender) gridCell {
	cell := gridCell{Rank: c.Rank}
	switch {
	case c.Rank == 0:
		cell.Text = string(bench.Skipped)
		if len(c.Statuses) > 0 {
			cell.Text = string(c.Statuses[0].Status)
		}
	case t.Goal.Target == nil:
		cell.Text = formatValue(float64(c.Value.Value))
	case c.Solved == 0:
		cell.Text, cell.Note = fmt.Sprintf("0/%d", c.Runs), formatValue(float64(c.Value.Value))
	default:
		cell.Text, cell.Note = fmt.Sprintf("%d/%d", c.Solved, c.Runs), formatWork(float64(c.ERT.Value))
	}
	switch {
	case c.BelowRandom:
		cell.Class = "below"
	case c.Solved > 0 && c.Solved == c.Runs:
		cell.Class = "full"
	case c.Solved > 0:
		cell.Class = "part"
	}
	return cell
}
