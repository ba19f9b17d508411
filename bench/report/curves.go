package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/joust-bench/joust/bench/stats"
)

const (
	// overviewLines is how many contenders one plot can hold and stay legible:
	// as many as there are line styles.
	overviewLines = 8
	// overviewRuns is up to how many contenders their single runs are drawn in
	// one plot. With more, each contender has a plot of its own as well.
	overviewRuns = 4
)

// A measure is what a learning curve shows: the loss or the metric.
type measure struct {
	name   string // of the axis, with its unit
	lower  bool   // less is better
	band   func(Curve) Band
	run    func(RunCurve) []Number
	level  float64 // the constant predictor's
	target float64 // NaN: none
	y      axis
	text   func(float64) string
}

// measures of a task, with axes that suit all of its contenders.
func measures(t Task, shown []Contender) []measure {
	m := t.Goal.Metric
	name := "validation " + m.Name
	if m.Unit != "" {
		name += " (" + m.Unit + ")"
	}
	value := measure{
		name: name, lower: !m.Higher, level: float64(t.Constant.Value), target: math.NaN(), text: formatValue,
		band: func(c Curve) Band { return c.Value },
		run:  func(r RunCurve) []Number { return r.Value },
	}
	if t.Goal.Target != nil {
		value.target = *t.Goal.Target
	}
	loss := measure{
		name: "validation loss", lower: true, level: float64(t.Constant.Loss), target: math.NaN(), text: formatValue,
		band: func(c Curve) Band { return c.Loss },
		run:  func(r RunCurve) []Number { return r.Loss },
	}
	value.scale(shown)
	loss.scale(shown)
	return []measure{value, loss}
}

// offScale is how many times worse than the constant predictor, or than most
// runs start, a value may be before it is cut off: one run that blows up must
// not flatten all the others.
const offScale = 3

// scale chooses the axis. Where less is better, the axis is logarithmic if the
// values are positive and span a factor of 20 or more.
func (m *measure) scale(shown []Contender) {
	var all, starts []float64
	add := func(v Number) {
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			all = append(all, f)
		}
	}
	for _, c := range shown {
		for i, v := range m.band(c.Curve).Median {
			add(v)
			if i == 0 && !math.IsInf(float64(v), 0) {
				starts = append(starts, float64(v))
			}
		}
		for _, r := range c.Curve.Runs {
			for _, v := range m.run(r) {
				add(v)
			}
		}
	}
	for _, v := range []float64{m.level, m.target} {
		add(Number(v))
	}
	if len(all) == 0 {
		all = []float64{0, 1}
	}
	lo, hi := stats.Quantile(all, 0), stats.Quantile(all, 1)
	if m.lower {
		limit := stats.Median(starts)
		if m.level > 0 && !(limit > m.level) {
			limit = m.level
		}
		if limit > 0 {
			hi = min(hi, offScale*limit)
		}
	}
	m.y = axis{lo: lo, hi: hi}
	if m.lower && lo > 0 && hi > 20*lo {
		m.y.log, m.y.lo, m.y.hi = true, max(lo, hi*1e-8), hi*math.Pow(hi/max(lo, hi*1e-8), .08)
		return
	}
	pad := .05 * (hi - lo)
	if pad == 0 {
		pad = max(.05, math.Abs(hi)/20)
	}
	// Room on the side of the constant predictor, for its name.
	if m.lower {
		m.y.lo, m.y.hi = lo-pad, hi+2*pad
	} else {
		m.y.lo, m.y.hi = lo-2*pad, hi+pad
	}
}

// curveX is the axis of work of a task, the same in all of its plots.
func curveX(shown []Contender) axis {
	var works []float64
	for _, c := range shown {
		for _, r := range c.Curve.Runs {
			for _, w := range r.Work {
				works = append(works, float64(w))
			}
		}
	}
	return workAxis(works, 0, 0)
}

// overviewPlot draws the curves of up to overviewLines contenders over each
// other. The number at the right end of a line is the contender's rank.
func overviewPlot(t Task, m measure, x axis, lines []Contender) figure {
	box := margins{left: 52, right: 26, top: 8, bottom: 34}
	f := &frame{figure: figure{
		Title: fmt.Sprintf("%s: %s against work", t.Label, m.name),
		Desc:  "Median over runs, with the middle 95 % of the runs as a band.",
		Width: 440, Height: 290,
	}}
	f.setAxes(box, m, x)
	f.draw(box, workTitle, m.name, 6, 6, m.text)
	f.levels(m, box)
	for i, c := range lines {
		f.curve(m, c, lineClass(lines, i), len(lines) <= overviewRuns)
	}
	f.ranks(m, lines)
	return f.figure
}

const workTitle = "work (forward passes of one example)"

// panelPlot draws the curve of one contender, with the winner's and random
// search's for comparison.
func panelPlot(t Task, m measure, x axis, c Contender, others []Contender) figure {
	box := margins{left: 50, right: 8, top: 6, bottom: 32}
	f := &frame{figure: figure{
		Title: fmt.Sprintf("%s on %s: %s against work", c.Label, t.Label, m.name),
		Desc:  "Median over runs, with the middle 95 % of the runs as a band and each run as a faint line; in grey the winner, and dashed random search.",
		Width: 280, Height: 170,
	}}
	f.setAxes(box, m, x)
	f.draw(box, "work", m.name, 4, 4, m.text)
	f.levels(m, box)
	for _, o := range others {
		class := "line ref"
		if o.Yardstick {
			class = "line ref dash"
		}
		f.path(class, f.line(o.Curve.Work, m.band(o.Curve).Median))
	}
	f.curve(m, c, "c0", true)
	return f.figure
}

func (f *frame) setAxes(box margins, m measure, x axis) {
	f.x = x.between(box.left, float64(f.Width)-box.right)
	f.y = m.y
	f.y.from, f.y.to = float64(f.Height)-box.bottom, box.top
	f.y.zero = f.y.from
}

// levels draws what curves are measured against: the constant predictor and
// the target.
func (f *frame) levels(m measure, box margins) {
	left, right := box.left, float64(f.Width)-box.right
	if !math.IsNaN(m.level) {
		y := f.y.at(m.level)
		f.path("level", segment(left, y, right, y))
		// On the far side of where curves go.
		at := y + 10
		if m.lower {
			at = y - 4
		}
		f.text("note", "end", right-3, at, "constant predictor")
	}
	if !math.IsNaN(m.target) {
		y := f.y.at(m.target)
		f.path("level target", segment(left, y, right, y))
		f.text("note", "start", left+4, y-3, "target "+formatExact(m.target))
	}
}

// curve draws one contender: band, runs if wanted, median, and a mark where a run
// left the scale.
func (f *frame) curve(m measure, c Contender, class string, runs bool) {
	b := m.band(c.Curve)
	x := f.xs(c.Curve.Work)
	f.path("band "+class, band(x, f.ys(b.Lo), f.ys(b.Hi)))
	var off pen
	for _, r := range c.Curve.Runs {
		if runs {
			f.path("run "+class, f.line(r.Work, m.run(r)))
		}
		for i, v := range m.run(r) {
			if !(float64(v) <= f.y.hi) { // NaN too
				off.polygon(f.x.at(float64(r.Work[i])), f.y.to, -4, 6, 4, 6, 0, 0)
				break
			}
		}
	}
	f.path("line "+class, f.line(c.Curve.Work, b.Median))
	f.path("mark "+class, off.String())
}

func (f *frame) line(work, values []Number) string {
	return polyline(f.xs(work), f.ys(values))
}

func (f *frame) xs(v []Number) []float64 {
	out := make([]float64, len(v))
	for i, n := range v {
		out[i] = f.x.at(float64(n))
	}
	return out
}

func (f *frame) ys(v []Number) []float64 {
	out := make([]float64, len(v))
	for i, n := range v {
		out[i] = f.y.at(float64(n))
	}
	return out
}

// ranks writes each contender's rank at the end of its line, or as near to it as
// there is room.
func (f *frame) ranks(m measure, lines []Contender) {
	const width, height = 14, 10
	type point struct{ x, y float64 }
	var placed []point
	for _, c := range lines {
		last := len(c.Curve.Work) - 1
		p := point{f.x.at(float64(c.Curve.Work[last])) + 4, f.y.at(float64(m.band(c.Curve).Median[last])) + 4}
		if math.IsNaN(p.y) {
			continue
		}
		taken := func(y float64) bool {
			return y > f.y.from || y < f.y.to ||
				slices.ContainsFunc(placed, func(q point) bool { return math.Abs(q.x-p.x) < width && math.Abs(q.y-y) < height })
		}
		for d := 0.0; d < float64(f.Height); d++ {
			if !taken(p.y + d) {
				p.y += d
				break
			}
			if !taken(p.y - d) {
				p.y -= d
				break
			}
		}
		placed = append(placed, p)
		f.text("rank", "start", p.x, p.y, strconv.Itoa(c.Rank))
	}
}

// overview picks the contenders of the plot: the best, and the best random
// search among them.
func overview(t Task) []Contender {
	with := slices.DeleteFunc(slices.Clone(t.Contenders), func(c Contender) bool { return len(c.Curve.Work) == 0 })
	if len(with) <= overviewLines {
		return with
	}
	lines := with[:overviewLines]
	if y := slices.IndexFunc(with, func(c Contender) bool { return c.Yardstick }); y >= overviewLines {
		lines[overviewLines-1] = with[y]
	}
	return lines
}

// lineClass is the style of a line: random search is grey and dashed, the
// others have a colour each.
func lineClass(lines []Contender, i int) string {
	if lines[i].Yardstick {
		return "yard"
	}
	n := 0
	for _, c := range lines[:i] {
		if !c.Yardstick {
			n++
		}
	}
	return fmt.Sprintf("c%d", n)
}
