package report

import (
	"math"
	"strconv"
	"strings"
)

// A figure is an SVG drawing as plain data, which the page's template writes:
// html/template escapes the labels, which may come from anyone's files. Its
// coordinates are strings already, with one decimal, so that the same summary
// gives the same bytes.
type figure struct {
	Title, Desc   string // for readers who cannot see it
	Width, Height int
	Paths         []path
	Texts         []text
}

// A path is a shape: lines, areas, marks, or all cells of one colour.
type path struct {
	Class string // style, from the style sheet
	Fill  string // colour, where the style sheet does not have it
	D     string // in the SVG path language
}

// A text is a label at a position.
type text struct {
	Class, X, Y string
	Anchor      string // "start", "middle" or "end"
	Turn        string // transform, for the titles of vertical axes
	Text        string
}

// px writes a coordinate.
func px(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

func (f *figure) path(class string, d string) {
	if d != "" {
		f.Paths = append(f.Paths, path{Class: class, D: d})
	}
}

func (f *figure) text(class, anchor string, x, y float64, s string) {
	f.Texts = append(f.Texts, text{Class: class, X: px(x), Y: px(y), Anchor: anchor, Text: s})
}

// A pen builds the data of a path.
type pen struct{ b strings.Builder }

func (p *pen) to(command byte, v ...float64) {
	p.b.WriteByte(command)
	for i, c := range v {
		if i > 0 {
			p.b.WriteByte(' ')
		}
		p.b.WriteString(px(c))
	}
}

func (p *pen) String() string { return p.b.String() }

// segment is a straight line.
func segment(x0, y0, x1, y1 float64) string {
	var p pen
	p.to('M', x0, y0)
	p.to('L', x1, y1)
	return p.String()
}

// polyline connects points; one that is NaN leaves a gap.
func polyline(x, y []float64) string {
	var p pen
	down := false
	for i := range x {
		switch {
		case math.IsNaN(y[i]):
			down = false
			continue
		case down:
			p.to('L', x[i], y[i])
		default:
			p.to('M', x[i], y[i])
		}
		down = true
	}
	return p.String()
}

// band is the area between two lines over the same x, as far as both are known.
func band(x, lo, hi []float64) string {
	n := 0
	for n < len(x) && !math.IsNaN(lo[n]) && !math.IsNaN(hi[n]) {
		n++
	}
	if n < 2 {
		return ""
	}
	var p pen
	p.to('M', x[0], hi[0])
	for i := 1; i < n; i++ {
		p.to('L', x[i], hi[i])
	}
	for i := n - 1; i >= 0; i-- {
		p.to('L', x[i], lo[i])
	}
	p.to('Z')
	return p.String()
}

// box is a rectangle.
func (p *pen) box(x, y, w, h float64) {
	p.to('M', x, y)
	p.to('h', w)
	p.to('v', h)
	p.to('h', -w)
	p.to('z')
}

// disc is a circle.
func (p *pen) disc(x, y, r float64) {
	p.to('M', x-r, y)
	p.to('a', r, r, 0, 1, 0, 2*r, 0)
	p.to('a', r, r, 0, 1, 0, -2*r, 0)
	p.to('z')
}

// polygon is a closed shape around (x, y), given the offsets of its corners.
func (p *pen) polygon(x, y float64, corners ...float64) {
	for i := 0; i+1 < len(corners); i += 2 {
		command := byte('L')
		if i == 0 {
			command = 'M'
		}
		p.to(command, x+corners[i], y+corners[i+1])
	}
	p.to('z')
}
