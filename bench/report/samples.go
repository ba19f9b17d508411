package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"

	"github.com/joust-bench/joust/bench"
)

// Imagined is what a generative model has made of a task's images.
type Imagined struct {
	Label string // of the model
	bench.Samples
}

// How the images are arranged.
const (
	imageGap   = 2  // pixels between two
	columnGap  = 12 // and between what is imagined and what is real
	imageScale = 3  // of a pixel on the page
	imageRows  = 20 // classes at most
)

// A samplesView is what the page's template sees.
type samplesView struct {
	Label         string
	PNG           template.URL // data: URLs need to be said to be safe; this one is made here
	Width, Height int          // on the page
	Imagined      int          // columns
}

// newSamplesView is nil where there is nothing to see. The error says that an
// image could not be encoded.
func newSamplesView(s Imagined) (*samplesView, error) {
	if len(s.Imagined) == 0 || s.Height < 1 || s.Width < 1 {
		return nil, nil
	}
	rows := min(len(s.Imagined), imageRows)
	imagined, real := columnCount(s.Imagined[:rows]), columnCount(s.Real[:min(rows, len(s.Real))])
	width := (imagined+real)*(s.Width+imageGap) - imageGap
	if real > 0 {
		width += columnGap
	}
	canvas := image.NewGray(image.Rect(0, 0, width, rows*(s.Height+imageGap)-imageGap))
	for r := range rows {
		for c, x := range s.Imagined[r] {
			s.paint(canvas, c*(s.Width+imageGap), r*(s.Height+imageGap), x)
		}
		if r >= len(s.Real) {
			continue
		}
		for c, x := range s.Real[r] {
			s.paint(canvas, (imagined+c)*(s.Width+imageGap)+columnGap, r*(s.Height+imageGap), x)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		return nil, fmt.Errorf("image of %s: %w", s.Label, err)
	}
	size := canvas.Bounds().Size()
	return &samplesView{
		Label: s.Label, Imagined: imagined, Width: imageScale * size.X, Height: imageScale * size.Y,
		PNG: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())),
	}, nil
}

func columnCount(rows [][][]float64) (n int) {
	for _, r := range rows {
		n = max(n, len(r))
	}
	return n
}

// paint draws one image, of values from 0 to 1, with its corner at x, y.
func (s Imagined) paint(canvas *image.Gray, x, y int, values []float64) {
	for i, v := range values {
		canvas.SetGray(x+i%s.Width, y+i/s.Width, color.Gray{Y: uint8(255*max(0, min(1, v)) + 0.5)})
	}
}
