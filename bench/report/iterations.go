package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/joust-bench/joust/bench"
)

// drawnContenders and drawnExamples are how many contenders of a task, the best of
// them, have their pictures shown, and of how many examples.
const (
	drawnContenders = 4
	drawnExamples   = 4
)

// draw adds what the best contenders make of the first test examples, each in its
// first run that ended with weights. It returns what could not be drawn, and why.
func (t *Task) draw(f *field, pictures func(r bench.Result, n int) ([]bench.Picture, error)) (notes []string) {
	results := make(map[string][]*bench.Result)
	for _, c := range f.contenders {
		results[c.label] = c.results
	}
	for i := range t.Contenders[:min(len(t.Contenders), drawnContenders)] {
		c := &t.Contenders[i]
		for _, r := range results[c.Label] {
			if len(r.Weights) == 0 {
				continue
			}
			var err error
			if c.Pictures, err = pictures(*r, drawnExamples); err != nil {
				notes = append(notes, fmt.Sprintf("%s: what %s made could not be drawn: %v.", t.Label, c.Label, err))
			}
			break
		}
	}
	return notes
}

// A drawing is the pictures of one contender, for the page.
type drawing struct {
	Contender     Contender
	Steps         int
	Width, Height int // in pixels of the images
	Scale         int // of one of them on the page
	Source        template.URL
}

// shownSize is about how large an image is on the page: the same, however many are in
// a row.
const shownSize = 80

// PageWidth and PageHeight are the size on a page that is wide enough.
func (d drawing) PageWidth() int { return d.Scale * d.Width }

// PageHeight is explained at PageWidth.
func (d drawing) PageHeight() int { return d.Scale * d.Height }

// Alt says what there is to see.
func (d drawing) Alt() string {
	return fmt.Sprintf("Test images of %s: %s", d.Contender.Label, d.Columns())
}

// Columns explains a row.
func (d drawing) Columns() string {
	if d.Steps == 1 {
		return "the input, the output, the target"
	}
	return fmt.Sprintf("the input, the output after each of %d steps, the target", d.Steps)
}

// newDrawing makes one image of pictures: a row for each, from what was given to what
// was wanted.
func newDrawing(c Contender) (drawing, error) {
	const gap = 2
	first := c.Pictures[0]
	d := drawing{Contender: c, Steps: len(first.Made)}
	h, w := first.Wanted.H, first.Wanted.W
	columns := d.Steps + 2
	d.Scale = max(1, shownSize/max(h, w))
	d.Width, d.Height = columns*(w+gap)-gap, len(c.Pictures)*(h+gap)-gap
	m := image.NewNRGBA(image.Rect(0, 0, d.Width, d.Height)) // between the images it is transparent
	for row, p := range c.Pictures {
		paint(m, p.Given, row*(h+gap), 0, h, w)
		for t, made := range p.Made {
			paint(m, made, row*(h+gap), (t+1)*(w+gap), h, w)
		}
		paint(m, p.Wanted, row*(h+gap), (columns-1)*(w+gap), h, w)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return d, err
	}
	d.Source = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())) // nothing in it is anyone's text
	return d, nil
}

// paint enlarges an image, by repeating its pixels, to as much of h x w as keeps its
// form.
func paint(m *image.NRGBA, src bench.Image, top, left, h, w int) {
	scale := max(1, min(h/src.H, w/src.W))
	for i := range min(h, scale*src.H) {
		for j := range min(w, scale*src.W) {
			v := src.Pixels[i/scale*src.W+j/scale]
			if math.IsNaN(v) {
				m.SetNRGBA(left+j, top+i, color.NRGBA{R: 255, A: 255}) // red, as no grey is
				continue
			}
			grey := uint8(math.Round(255 * min(1, max(0, v))))
			m.SetNRGBA(left+j, top+i, color.NRGBA{grey, grey, grey, 255})
		}
	}
}
