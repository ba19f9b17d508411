package report

import (
	"fmt"
	"math"
	"strconv"
)

// The heat map's colours diverge from "as large as in the last layer": through
// blue to black for deltas that vanish, through orange to brown for those that
// explode. Blue and orange stay apart for all common kinds of colour blindness
// (Okabe & Ito 2008), and lightness orders each side on its own.
var (
	vanishStops  = [][3]float64{{243, 241, 234}, {141, 186, 217}, {47, 115, 180}, {12, 57, 115}, {4, 22, 48}}
	explodeStops = [][3]float64{{243, 241, 234}, {244, 178, 90}, {200, 84, 16}, {98, 36, 6}}
)

const (
	zeroColor      = "#000"    // a delta of exactly 0; marked with a dot as well
	notFiniteColor = "#CC79A7" // one that overflowed
	heatSteps      = 4         // colours per decade
)

// A heatScale maps log10 of a delta's ratio to a colour, alike for all panels of
// a report.
type heatScale struct{ lo, hi float64 } // whole decades, lo < 0 < hi

// newHeatScale covers what was measured, within bounds beyond which a gradient
// is as good as gone.
func newHeatScale(tasks []Task) heatScale {
	s := heatScale{-2, 1}
	for _, t := range tasks {
		for _, c := range t.Contenders {
			for _, row := range c.Deltas.Ratio {
				for _, v := range row {
					if r := float64(v); r > 0 && !math.IsInf(r, 1) {
						l := math.Log10(r)
						s.lo, s.hi = min(s.lo, math.Floor(l)), max(s.hi, math.Ceil(l))
					}
				}
			}
		}
	}
	return heatScale{max(s.lo, -12), min(s.hi, 6)}
}

// color of a ratio, in steps, so that a panel has few colours.
func (s heatScale) color(ratio float64) string {
	switch {
	case ratio == 0:
		return zeroColor
	case !(ratio > 0) || math.IsInf(ratio, 1):
		return notFiniteColor
	}
	l := math.Round(max(s.lo, min(s.hi, math.Log10(ratio)))*heatSteps) / heatSteps
	if l < 0 {
		return gradate(vanishStops, l/s.lo)
	}
	return gradate(explodeStops, l/s.hi)
}

// gradate is the colour a share of the way along the stops.
func gradate(stops [][3]float64, share float64) string {
	at := share * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	f := at - float64(i)
	rgb := "#"
	for c := range 3 {
		v := int(math.Round(float64((1-f)*stops[i][c]) + float64(f*stops[i+1][c])))
		rgb += fmt.Sprintf("%02x", v)
	}
	return rgb
}

// heatPlot draws the deltas of one contender: a row for each layer, the input
// at the bottom, and a column for each probe.
func heatPlot(t Task, c Contender, s heatScale) figure {
	const width, left, right, top, bottom = 280, 34, 8, 6, 32
	d := c.Deltas
	rows, cols := len(d.Layers), len(d.Work)
	height := max(3, min(30, 120/float64(rows)))
	f := figure{
		Title: fmt.Sprintf("%s on %s: RMS delta by layer and work", c.Label, t.Label),
		Desc: fmt.Sprintf("Rows are the %d layers from the input at the bottom to the output at the top, columns are %d probes. First-layer delta over the last at the start: %s; at the end: %s.",
			rows, cols, formatValue(float64(d.Ratio[0][0])), formatValue(float64(d.Ratio[0][cols-1]))),
		Width: width, Height: int(math.Ceil(top + height*float64(rows) + bottom)),
	}
	w := float64(width-left-right) / float64(cols)
	y := func(l int) float64 { return top + height*float64(rows-1-l) }
	index := make(map[string]int) // of the pen for a colour
	var colors []string
	var pens []*pen
	var zeros pen
	for l, row := range d.Ratio {
		for j := 0; j < cols; {
			color := s.color(float64(row[j]))
			k := j + 1
			for k < cols && s.color(float64(row[k])) == color {
				k++
			}
			if _, ok := index[color]; !ok {
				index[color] = len(pens)
				colors, pens = append(colors, color), append(pens, &pen{})
			}
			pens[index[color]].box(left+w*float64(j), y(l), w*float64(k-j), height)
			for ; j < k; j++ {
				if row[j] == 0 {
					zeros.disc(left+w*(float64(j)+.5), y(l)+height/2, 1.5)
				}
			}
		}
	}
	for i, p := range pens {
		f.Paths = append(f.Paths, path{Class: "cell", Fill: colors[i], D: p.String()})
	}
	f.path("zero", zeros.String())
	var edge pen
	edge.box(left, top, width-left-right, height*float64(rows))
	f.path("edge", edge.String())

	base := top + height*float64(rows)
	for _, l := range endsAndMiddle(rows) {
		f.text("tick", "end", left-4, y(l)+height/2+3.5, strconv.Itoa(l+1))
	}
	for _, j := range endsAndMiddle(cols) {
		anchor := "middle"
		if j == cols-1 && cols > 1 {
			anchor = "end"
		}
		x := left + w*(float64(j)+.5)
		if anchor == "end" {
			x = width - right
		}
		f.text("tick", anchor, x, base+13, formatWork(float64(d.Work[j])))
	}
	f.text("axis", "middle", left+(width-left-right)/2., base+27, "work at the probe")
	f.Texts = append(f.Texts, text{
		Class: "axis", Anchor: "middle", X: "0", Y: "0", Text: "layer",
		Turn: "translate(11 " + px(top+height*float64(rows)/2) + ") rotate(-90)",
	})
	return f
}

// endsAndMiddle are the first, middle and last of n indices.
func endsAndMiddle(n int) []int {
	switch {
	case n == 1:
		return []int{0}
	case n < 5:
		return []int{0, n - 1}
	}
	return []int{0, (n - 1) / 2, n - 1}
}

// key draws the scale itself.
func (s heatScale) key() figure {
	const width, left, bar, top = 440, 10, 250, 6
	f := figure{
		Title: "Colour scale of the heat maps",
		Desc:  "RMS delta of a layer over that of the last layer, from vanished through equal to exploded; separate colours for exactly 0 and for not finite.",
		Width: width, Height: 46,
	}
	steps := int((s.hi - s.lo) * heatSteps)
	w := float64(bar) / float64(steps+1)
	for i := range steps + 1 {
		var p pen
		p.box(left+w*float64(i), top, w, 14)
		f.Paths = append(f.Paths, path{Class: "cell", Fill: s.color(math.Pow(10, s.lo+float64(i)/heatSteps)), D: p.String()})
	}
	decades := int(s.hi - s.lo)
	stride := 1
	for decades/stride > 6 {
		stride++
	}
	for e := int(s.lo); e <= int(s.hi); e++ {
		if e%stride != 0 {
			continue
		}
		f.text("tick", "middle", left+w*(float64(e)-s.lo)*heatSteps+w/2, top+27, decade(e))
	}
	var edge, zero, dot, other pen
	edge.box(left, top, bar, 14)
	zero.box(left+bar+43, top, 14, 14)
	dot.disc(left+bar+50, top+7, 1.5)
	other.box(left+bar+108, top, 14, 14)
	f.Paths = append(f.Paths, path{Class: "edge", D: edge.String()},
		path{Class: "cell", Fill: zeroColor, D: zero.String()}, path{Class: "zero", D: dot.String()},
		path{Class: "cell", Fill: notFiniteColor, D: other.String()})
	f.text("tick", "middle", left+bar+50, top+27, "exactly 0")
	f.text("tick", "middle", left+bar+115, top+27, "not finite")
	f.text("axis", "start", left, top+39, "RMS delta of a layer, relative to the last layer (no unit)")
	return f
}
