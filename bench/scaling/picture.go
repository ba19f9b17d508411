package scaling

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// WritePicture draws the report as one SVG: speed-ups against cores with the
// fitted law and the ideal, and matrix products as shares of the peak. It follows
// the reader's choice of light or dark. What was not measured is said to be
// missing.
func (r Report) WritePicture(w io.Writer) error {
	p := &picture{}
	p.b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500" width="1000" height="500" role="img" aria-label="Speed-up by cores, and matrix products as a share of the peak">` + "\n" + pictureStyle)
	p.text("title", "start", 20, 28, fmt.Sprintf("%s, %s, %s", r.Machine.CPU, count(r.Machine.Cores, "core"), r.Machine.Kernel))
	r.drawSpeedups(p)
	r.drawGEMM(p)
	p.b.WriteString("</svg>\n")
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("scaling: %w", err)
	}
	return nil
}

// The colours of lines are Okabe and Ito's, which those who are colour-blind can
// tell apart, lighter on dark.
const pictureStyle = `<style>
svg{--bg:#fff;--fg:#1b1f24;--muted:#57606a;--rule:#d8dee4;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#b07d00;--c5:#3a9bd6;--c6:#1b1f24;--c7:#8a6d00}
@media (prefers-color-scheme:dark){svg{--bg:#13161a;--fg:#e6e9ec;--muted:#9aa5b1;--rule:#343b43;--c0:#4c9fe0;--c1:#f07c2b;--c2:#1fc297;--c3:#e096bf;--c4:#f0b429;--c5:#a5dcff;--c6:#f2f4f6;--c7:#cbb24a}}
.bg{fill:var(--bg)}
text{font-family:system-ui,sans-serif;font-size:12px;fill:var(--fg)}
.title{font-size:15px;font-weight:600}.head{font-size:13px;font-weight:600}
.tick{fill:var(--muted);font-size:11px}
path{fill:none;stroke-linecap:round;stroke-linejoin:round}
.grid{stroke:var(--rule)}.ideal{stroke:var(--muted);stroke-dasharray:1 4}
.fit{stroke-width:1.4;stroke-dasharray:5 4}.line{stroke-width:2.2}
.s0{stroke:var(--c0)}.s1{stroke:var(--c1)}.s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.s4{stroke:var(--c4)}.s5{stroke:var(--c5)}.s6{stroke:var(--c6)}.s7{stroke:var(--c7)}
.f0{fill:var(--c0)}.f1{fill:var(--c1)}.f2{fill:var(--c2)}.f3{fill:var(--c3)}.f4{fill:var(--c4)}.f5{fill:var(--c5)}.f6{fill:var(--c6)}.f7{fill:var(--c7)}
.b0{fill:var(--muted)}.b1{fill:var(--fg)}
text.key{font-weight:600}
</style>
<rect class="bg" width="1000" height="500"/>
`

// pictureColours is how many lines look different.
const pictureColours = 8

// A picture is an SVG being drawn.
type picture struct{ b strings.Builder }

// px writes a coordinate: one decimal, so that equal reports are equal bytes.
func px(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func (p *picture) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&p.b, "<text class=%q text-anchor=%q x=%q y=%q>%s</text>\n", class, anchor, px(x), px(y), html.EscapeString(s))
}

// line connects points, given as x, y, x, y, ...
func (p *picture) line(class string, xy ...float64) {
	fmt.Fprintf(&p.b, "<path class=%q d=\"M", class)
	for i, v := range xy {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		p.b.WriteString(px(v))
	}
	p.b.WriteString("\"/>\n")
}

func (p *picture) dot(class string, x, y float64) {
	fmt.Fprintf(&p.b, "<circle class=%q cx=%q cy=%q r=\"3.5\"/>\n", class, px(x), px(y))
}

func (p *picture) bar(class string, x, y, width, height float64) {
	fmt.Fprintf(&p.b, "<rect class=%q x=%q y=%q width=%q height=%q/>\n", class, px(x), px(y), px(width), px(height))
}

// drawSpeedups draws speed-ups in float32 on axes that double: the measured
// ones as dots, and the law as far as 64 cores, or those there are.
func (r Report) drawSpeedups(p *picture) {
	const left, right, top, bottom = 60.0, 520.0, 84.0, 450.0
	p.text("head", "start", 20, 54, "Speed-up by cores, float32")
	list := slices.DeleteFunc(slices.Clone(r.Workloads), func(s Scaling) bool { return s.Precision != "float32" || s.Fit == nil })
	if len(list) == 0 {
		p.text("tick", "start", left, top+20, "not measured on more than one core")
		return
	}
	most := 64
	for _, s := range list {
		most = max(most, s.last().Threads)
	}
	doublings := math.Ceil(math.Log2(float64(most)))
	x := func(cores float64) float64 { return left + math.Log2(cores)/doublings*(right-left) }
	y := func(speedup float64) float64 {
		return min(bottom, bottom-math.Log2(speedup)/doublings*(bottom-top)) // slower than one core: on the axis
	}
	for v := 1; v <= 1<<int(doublings); v *= 2 {
		p.line("grid", left, y(float64(v)), right, y(float64(v)))
		p.line("grid", x(float64(v)), top, x(float64(v)), bottom)
		p.text("tick", "end", left-7, y(float64(v))+4, strconv.Itoa(v))
		p.text("tick", "middle", x(float64(v)), bottom+16, strconv.Itoa(v))
	}
	p.text("tick", "middle", (left+right)/2, bottom+34, "cores (dots: measured; dashed: Amdahl's law, fitted; dotted: ideal)")
	p.line("ideal", x(1), y(1), right, y(math.Exp2(doublings)))
	end := math.Exp2(doublings)
	labels := make([]label, len(list))
	for i, s := range list {
		var fit []float64
		for step := range 61 {
			cores := math.Exp2(doublings * float64(step) / 60)
			fit = append(fit, x(cores), y(s.Fit.Speedup(cores)))
		}
		colour := strconv.Itoa(i % pictureColours)
		p.line("fit s"+colour, fit...)
		for _, pt := range s.Points {
			p.dot("f"+colour, x(float64(pt.Threads)), y(pt.Speedup))
		}
		mark := ""
		if s.short() {
			mark = "†"
		}
		labels[i] = label{y(s.Fit.Speedup(end)), "key f" + colour, fmt.Sprintf("%s  %.1f%s", s.Workload, s.Fit.Speedup(end), mark)}
	}
	if slices.ContainsFunc(list, Scaling.short) {
		p.text("tick", "end", right, top-8, "† not all cores were free")
	}
	for _, l := range spreadOut(labels, 15, top, bottom) {
		p.text(l.class, "start", right+8, l.y+4, l.text)
	}
}

// A label is text beside a line.
type label struct {
	y           float64
	class, text string
}

// spreadOut moves labels apart, at least gap, in their order and between two
// heights if they all fit.
func spreadOut(labels []label, gap, top, bottom float64) []label {
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	for i := range labels {
		if i > 0 {
			labels[i].y = max(labels[i].y, labels[i-1].y+gap)
		}
	}
	limit := bottom
	for i := len(labels) - 1; i >= 0; i-- {
		labels[i].y = max(min(labels[i].y, limit), top)
		limit = labels[i].y - gap
	}
	return labels
}

// drawGEMM draws a pair of bars for each size.
func (r Report) drawGEMM(p *picture) {
	const left, right, top, bottom = 715.0, 940.0, 84.0, 450.0
	p.text("head", "start", 615, 54, "Matrix products, share of a core's peak")
	if len(r.GEMM) == 0 {
		p.text("tick", "start", left, top+20, "not measured")
		return
	}
	for i, precision := range precisions {
		x := 615 + 170*float64(i)
		p.bar("b"+strconv.Itoa(i), x, 65, 9, 9)
		p.text("tick", "start", x+14, 73.5, fmt.Sprintf("%s, of %s GFLOP/s", precision, digits(peakOf(r.Peak, precision))))
	}
	for v := 0; v <= 100; v += 25 {
		x := left + float64(v)/100*(right-left)
		p.line("grid", x, top, x, bottom)
		p.text("tick", "middle", x, bottom+16, strconv.Itoa(v)+" %")
	}
	var sizes []string
	for _, g := range r.GEMM {
		if !slices.Contains(sizes, g.String()) {
			sizes = append(sizes, g.String())
		}
	}
	height := (bottom - top) / float64(len(sizes))
	for i, size := range sizes {
		y := top + float64(i)*height
		p.text("", "end", left-8, y+height/2+4, size)
		for _, g := range r.GEMM {
			if g.String() != size {
				continue
			}
			at := slices.Index(precisions, g.Precision)
			width := max(0, min(g.Share, 1)) * (right - left)
			p.bar("b"+strconv.Itoa(at), left, y+height*(0.14+0.37*float64(at)), width, height*0.33)
			p.text("tick", "start", left+width+5, y+height*(0.14+0.37*float64(at))+height*0.33/2+4, percent(g.Share))
		}
	}
}
