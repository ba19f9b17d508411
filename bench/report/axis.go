package report

import (
	"math"
	"slices"
)

// An axis maps values to coordinates. Values outside its range, the infinities
// included, land on its ends; NaN stays NaN.
type axis struct {
	lo, hi   float64 // of the values; for a logarithmic axis both are positive
	from, to float64 // coordinates of lo and hi
	log      bool
	// zero is the coordinate of values up to 0 on a logarithmic axis that has a
	// place for them, apart from the rest.
	zero float64
}

// between places the axis between two coordinates.
func (a axis) between(from, to float64) axis {
	if a.log && a.zero < a.from {
		gutter := a.from - a.zero
		a.zero, from = from, from+gutter
	}
	a.from, a.to = from, to
	return a
}

// at is the coordinate of v.
func (a axis) at(v float64) float64 {
	switch {
	case math.IsNaN(v):
		return v
	case a.log && v <= 0:
		return a.zero
	}
	lo, hi := a.lo, a.hi
	v = max(lo, min(hi, v))
	if a.log {
		lo, hi, v = math.Log10(lo), math.Log10(hi), math.Log10(v)
	}
	if hi == lo {
		return (a.from + a.to) / 2
	}
	return a.from + float64((v-lo)/(hi-lo)*(a.to-a.from))
}

// ticks are round values within the axis: at most about n of them.
func (a axis) ticks(n int) []float64 {
	if a.log {
		return logTicks(a.lo, a.hi, n)
	}
	return linearTicks(a.lo, a.hi, n)
}

// linearTicks are multiples of 1, 2 or 5 times a power of ten.
func linearTicks(lo, hi float64, n int) []float64 {
	if !(hi > lo) {
		return []float64{lo}
	}
	raw := (hi - lo) / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*(1-1e-9) {
			step = m * power
			break
		}
	}
	var ticks []float64
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step; k++ {
		ticks = append(ticks, float64(k*step)+0) // and not -0
	}
	return ticks
}

// logTicks are powers of ten, every so many of them; over less than two
// decades, 1, 2 and 5 times powers of ten.
func logTicks(lo, hi float64, n int) []float64 {
	first, last := math.Floor(math.Log10(lo)+1e-9), math.Ceil(math.Log10(hi)-1e-9)
	inside := func(v float64) bool { return v >= lo*(1-1e-9) && v <= hi*(1+1e-9) }
	var ticks []float64
	if math.Log10(hi/lo) < 2 {
		for e := first; e <= last; e++ {
			for _, m := range []float64{1, 2, 5} {
				if v := m * math.Pow(10, e); inside(v) {
					ticks = append(ticks, v)
				}
			}
		}
		return ticks
	}
	stride := math.Max(1, math.Ceil((last-first)/float64(n)))
	for e := last; e >= first; e -= stride {
		if v := math.Pow(10, e); inside(v) {
			ticks = append(ticks, v)
		}
	}
	slices.Reverse(ticks)
	return ticks
}

// workAxis is a logarithmic axis over the positive ones of the works, with a
// place for 0, the start, at its left end.
func workAxis(works []float64, from, to float64) axis {
	lo, hi := math.Inf(1), 0.0
	for _, w := range works {
		if w > 0 && !math.IsInf(w, 1) {
			lo, hi = min(lo, w), max(hi, w)
		}
	}
	if hi == 0 {
		lo, hi = 1, 10
	}
	if hi < 2*lo {
		lo, hi = lo/2, hi*2
	}
	const gutter = 26 // between 0 and the first positive value
	return axis{lo: lo, hi: hi, from: from + gutter, to: to, log: true, zero: from}
}

// A frame is a figure with two axes drawn.
type frame struct {
	figure
	x, y axis
}

// margins of a frame around the area of the plot.
type margins struct{ left, right, top, bottom float64 }

// draw adds the area, the ticks and the titles of both axes.
func (f *frame) draw(m margins, xTitle, yTitle string, xTicks, yTicks int, yText func(float64) string) {
	left, right := m.left, float64(f.Width)-m.right
	top, bottom := m.top, float64(f.Height)-m.bottom
	var grid pen
	for _, v := range f.y.ticks(yTicks) {
		y := f.y.at(v)
		grid.to('M', left, y)
		grid.to('H', right)
		f.text("tick", "end", left-5, y+3.5, yText(v))
	}
	for _, v := range f.x.ticks(xTicks) {
		x := f.x.at(v)
		grid.to('M', x, top)
		grid.to('V', bottom)
		f.text("tick", "middle", x, bottom+13, formatWork(v))
	}
	if f.x.log && f.x.zero < f.x.from {
		f.text("tick", "middle", f.x.zero, bottom+13, "0")
	}
	f.path("grid", grid.String())
	f.text("axis", "middle", (left+right)/2, bottom+27, xTitle)
	f.Texts = append(f.Texts, text{
		Class: "axis", Anchor: "middle", Text: yTitle,
		X: "0", Y: "0", Turn: "translate(" + px(11) + " " + px((top+bottom)/2) + ") rotate(-90)",
	})
}
