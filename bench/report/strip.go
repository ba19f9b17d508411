package report

import (
	"fmt"
	"math"
)

// A strip plot has a row for each contender: a dot for each run, a diamond for
// the estimate and a line for its interval.

// stripRows is how many contenders a strip plot shows.
const stripRows = 24

// A strip says what is plotted.
type strip struct {
	title, axis string
	estimate    func(Contender) Estimate
	value       func(Hit) float64
	hollow      func(Hit) bool // the run did not get there
	text        func(float64) string
	limit       float64 // what is larger is drawn at the end of the axis
}

// workStrip is the work to target, run by run.
func workStrip(t Task) strip {
	return strip{
		title: t.Label + ": work to target", axis: workTitle,
		estimate: func(c Contender) Estimate { return c.ERT },
		value:    func(h Hit) float64 { return float64(h.Work) },
		hollow:   func(h Hit) bool { return !h.Solved },
		text:     formatWork, limit: math.Inf(1),
	}
}

// valueStrip is the metric on test data, run by run.
func valueStrip(t Task) strip {
	axis := "test " + t.Goal.Metric.Name
	if t.Goal.Metric.Unit != "" {
		axis += " (" + t.Goal.Metric.Unit + ")"
	}
	limit := math.Inf(1)
	if c := float64(t.Constant.Value); !t.Goal.Metric.Higher && c > 0 {
		limit = offScale * c
	}
	return strip{
		title: t.Label + ": test " + t.Goal.Metric.Name, axis: axis, limit: limit,
		estimate: func(c Contender) Estimate { return c.Value },
		value:    func(h Hit) float64 { return float64(h.Value) },
		hollow:   func(Hit) bool { return false },
		text:     formatValue,
	}
}

// stripPlot draws the contenders of a task that have something to show, in
// order of rank; logWork says that the axis is one of work.
func stripPlot(s strip, rows []Contender, logWork bool) figure {
	box := margins{left: 12, right: 14, top: 4, bottom: 34}
	const rowHeight, lineAt, labelAt = 32, 21, 11
	f := &frame{figure: figure{
		Title: s.title,
		Desc:  "One row for each contender, the best first: a dot for each run, a diamond for the estimate, a line for its 95 % interval.",
		Width: 440, Height: int(box.top+box.bottom) + rowHeight*len(rows),
	}}
	var all []float64
	for _, c := range rows {
		e := s.estimate(c)
		all = append(all, float64(e.Value), float64(e.Lo), float64(e.Hi))
		for _, h := range c.Hits {
			all = append(all, s.value(h))
		}
	}
	left, right := box.left, float64(f.Width)-box.right
	if logWork {
		f.x = workAxis(all, left, right)
		f.x.from, f.x.zero = left, left // a target is not reached at 0
	} else {
		lo, hi := span(all)
		f.x = axis{lo: min(lo, s.limit), hi: min(hi, s.limit), from: left, to: right}
	}
	base := float64(f.Height) - box.bottom
	var grid pen
	for _, v := range f.x.ticks(6) {
		x := f.x.at(v)
		grid.to('M', x, box.top)
		grid.to('V', base)
		f.text("tick", "middle", x, base+13, s.text(v))
	}
	f.path("grid", grid.String())
	f.text("axis", "middle", (left+right)/2, base+27, s.axis)
	for i, c := range rows {
		top := box.top + rowHeight*float64(i)
		f.text("row", "start", left, top+labelAt, fmt.Sprintf("%d  %s", c.Rank, shorten(c.Label, 56)))
		f.row(s, c, top+lineAt)
	}
	return f.figure
}

// row draws one contender at height y.
func (f *frame) row(s strip, c Contender, y float64) {
	var solid, hollow, diamond pen
	for _, h := range c.Hits {
		v := s.value(h)
		if math.IsNaN(v) {
			continue
		}
		if x := f.x.at(v); s.hollow(h) {
			hollow.polygon(x, y, -3, -4, 4, 0, -3, 4)
		} else {
			solid.disc(x, y, 3)
		}
	}
	class := "c0"
	if c.Yardstick {
		class = "yard"
	}
	f.path("dot "+class, solid.String())
	f.path("open "+class, hollow.String())
	e := s.estimate(c)
	if v := float64(e.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
		if !math.IsNaN(float64(e.Lo)) {
			f.path("whisker", segment(f.x.at(float64(e.Lo)), y, f.x.at(float64(e.Hi)), y))
		}
		diamond.polygon(f.x.at(v), y, -4.5, 0, 0, -4.5, 4.5, 0, 0, 4.5)
		f.path("diamond", diamond.String())
	}
}

// span is the range of the finite values, with a margin; 0 to 1 without any.
func span(values []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	switch {
	case lo > hi:
		return 0, 1
	case lo == hi:
		pad := max(.05, math.Abs(lo)/20)
		return lo - pad, hi + pad
	}
	pad := .03 * (hi - lo)
	return lo - pad, hi + pad
}
