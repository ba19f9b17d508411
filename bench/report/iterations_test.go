package report

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
)

// A row is what was given, enlarged, every step, and what was wanted.
func TestDrawingPaintsEveryPixel(t *testing.T) {
	grey := func(h, w int, v ...float64) bench.Image { return bench.Image{H: h, W: w, Pixels: v} }
	d, err := newDrawing(Contender{Pictures: []bench.Picture{
		{
			Given:  grey(1, 1, 0.2),
			Made:   []bench.Image{grey(2, 2, 0, 1, 2, -1), grey(2, 2, math.NaN(), 0.4, 0.6, 0.8)},
			Wanted: grey(2, 2, 1, 1, 0, 0),
		},
		{Given: grey(1, 1, 1), Made: []bench.Image{grey(2, 2, 0, 0, 0, 0), grey(2, 2, 0, 0, 0, 1)}, Wanted: grey(2, 2, 1, 1, 1, 1)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if d.Width != 4*2+3*2 || d.Height != 2*2+2 || d.Steps != 2 {
		t.Fatalf("%dx%d with %d steps, want 14x6 with 2", d.Width, d.Height, d.Steps)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(d.Source), "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			switch c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA); {
			case c.A == 0:
				got.WriteString(" --")
			case c.R != c.G:
				got.WriteString(" !!")
			default:
				fmt.Fprintf(&got, " %02x", c.R)
			}
		}
		got.WriteString("\n")
	}
	want := ` 33 33 -- -- 00 ff -- -- !! 66 -- -- ff ff
 33 33 -- -- ff 00 -- -- 99 cc -- -- 00 00
 -- -- -- -- -- -- -- -- -- -- -- -- -- --
 -- -- -- -- -- -- -- -- -- -- -- -- -- --
 ff ff -- -- 00 00 -- -- 00 00 -- -- ff ff
 ff ff -- -- 00 00 -- -- 00 ff -- -- ff ff
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestPicturesOfTheBestAreOnThePage(t *testing.T) {
	in := Input{Name: "images"}
	for i, name := range []string{"a", "b", "c", "d", "e", "f"} {
		in.Results = append(in.Results, bench.Result{
			Trial:  bench.Trial{Task: bench.Part{Name: "occlusion"}, Model: bench.Part{Name: "m"}, Optimizer: bench.Part{Name: name}, Seed: 1},
			Status: bench.Exhausted, Goal: bench.Goal{Metric: bench.Metric{Name: "rmse"}},
			Test: bench.Score{Loss: float64(i), Value: float64(i)}, Valid: bench.Score{Value: float64(i)}, Weights: []float64{1},
			Curve: []bench.Point{{Valid: bench.Score{Value: float64(i)}}},
		})
	}
	var asked []string
	in.Pictures = func(r bench.Result, n int) ([]bench.Picture, error) {
		name := r.Trial.Optimizer.Name
		asked = append(asked, name)
		if n != drawnExamples {
			t.Errorf("%d examples, want %d", n, drawnExamples)
		}
		one := bench.Image{H: 1, W: 1, Pixels: []float64{1}}
		switch name {
		case "b":
			return nil, errors.New("out of ink")
		case "c":
			return nil, nil
		case "d":
			return []bench.Picture{{Given: one, Made: []bench.Image{one, one, one}, Wanted: one}}, nil
		}
		return []bench.Picture{{Given: one, Made: []bench.Image{one}, Wanted: one}}, nil
	}
	s := Analyse(in)
	if got := strings.Join(asked, ""); got != "abcd" {
		t.Errorf("pictures of %q, want those of the best four, abcd", got)
	}
	var page strings.Builder
	if err := HTML(&page, s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want int
	}{
		{`<img class="pixels" src="data:image/png;base64,`, 2},
		// Images of one pixel, 80 times as large: three of them, or five, with gaps of 2.
		{`width="560" height="80"`, 1},
		{`width="1040" height="80"`, 1},
		{"What the best make of test images", 1},
		{"From left to right: the input, the output, the target.", 1},
		{"From left to right: the input, the output after each of 3 steps, the target.", 1},
		{"could not be drawn: out of ink.", 1},
		{"ZgotmplZ", 0},
	} {
		if got := strings.Count(page.String(), c.text); got != c.want {
			t.Errorf("%d times %q on the page, want %d", got, c.text, c.want)
		}
	}
	in.Pictures = nil
	page.Reset()
	if err := HTML(&page, Analyse(in)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "test images") {
		t.Error("a heading without pictures")
	}
}
