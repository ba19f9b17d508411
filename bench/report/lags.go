package report

import (
	"fmt"
	"math"
	"strconv"
)

// A lagTrace is the gradient with respect to the state of one layer, by steps before the
// last, over that at the last step.
type lagTrace struct {
	name       string
	start, end []float64
}

// lagTraces are those of a contender's layers with a state. A layer without a gradient
// at the last step has none.
func lagTraces(c Contender) []lagTrace {
	if c.Health == nil {
		return nil
	}
	var traces []lagTrace
	for _, l := range c.Health.Lags {
		tr := lagTrace{l.Name, relative(l.Start), relative(l.End)}
		if max(len(tr.start), len(tr.end)) > 1 {
			traces = append(traces, tr)
		}
	}
	return traces
}

// relative is lags over the first of them; nil if that is 0.
func relative(lags []Number) []float64 {
	var list []float64
	for _, v := range lags {
		if lags[0] == 0 {
			return nil
		}
		list = append(list, deltaRatio(float64(v), float64(lags[0])))
	}
	return list
}

// newLagAxes covers the lags of all contenders, within the bounds of the heat map.
func newLagAxes(contenders []Contender) (x, y axis) {
	x, y = axis{hi: 1}, axis{lo: -2, hi: 1}
	for _, c := range contenders {
		for _, tr := range lagTraces(c) {
			for _, list := range [][]float64{tr.start, tr.end} {
				x.hi = max(x.hi, float64(len(list)-1))
				for _, v := range list {
					if v > 0 && !math.IsInf(v, 1) {
						y.lo, y.hi = min(y.lo, math.Floor(math.Log10(v))), max(y.hi, math.Ceil(math.Log10(v)))
					}
				}
			}
		}
	}
	return x, axis{lo: math.Pow(10, max(y.lo, -12)), hi: math.Pow(10, min(y.hi, 6)), log: true}
}

// lagPlot draws how a contender's gradient reaches back in time, on a logarithmic axis
// with a place for 0: dashed at the start, and in full at the end. Layers with a state
// have a colour each, and if there are several, a legend below.
func lagPlot(t Task, c Contender, x, y axis) figure {
	const row = 14 // of the legend
	traces := lagTraces(c)
	named := 0
	if len(traces) > 1 {
		named = len(traces)
	}
	box := margins{left: 54, right: 8, top: 6, bottom: 34}
	f := &frame{figure: figure{
		Title: fmt.Sprintf("%s on %s: gradient by steps before the last", c.Label, t.Label),
		Width: 280, Height: 160 + row*named,
	}}
	box.bottom += float64(row * named)
	left, bottom := box.left, float64(f.Height)-box.bottom
	f.x = x.between(left, float64(f.Width)-box.right)
	f.y = y.between(bottom-row, box.top) // 0 is below
	f.y.zero = bottom
	f.draw(box, "steps before the last", "gradient (last step = 1)", 5, 5, func(v float64) string { return decade(int(math.Round(math.Log10(v)))) })
	f.text("tick", "end", left-5, bottom+3.5, "0")
	for i, tr := range traces {
		color := "c" + strconv.Itoa(i%overviewLines)
		f.path("line "+color, f.lags(tr.end))
		f.path("line dash "+color, f.lags(tr.start))
		for _, at := range []struct {
			when string
			list []float64
		}{{"start", tr.start}, {"end", tr.end}} {
			if n := len(at.list); n > 0 {
				f.Desc += fmt.Sprintf("%s at the %s: %s of it left %d steps before. ", tr.name, at.when, formatValue(at.list[n-1]), n-1)
			}
		}
		if named > 0 {
			y := float64(f.Height-row*named) + float64(row*(i+1)) - 3
			f.path("line "+color, segment(left, y-3.5, left+22, y-3.5))
			f.text("tick", "start", left+28, y, shorten(tr.name, 40))
		}
	}
	return f.figure
}

// lags is the line of one layer.
func (f *frame) lags(list []float64) string {
	x, y := make([]float64, len(list)), make([]float64, len(list))
	for k, v := range list {
		x[k], y[k] = f.x.at(float64(k)), f.y.at(v)
	}
	return polyline(x, y)
}

// decade writes a power of ten.
func decade(e int) string {
	if e == 0 {
		return "1"
	}
	return "1e" + strconv.Itoa(e)
}
