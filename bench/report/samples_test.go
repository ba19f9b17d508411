package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
)

// twoClasses are images of 2 x 3 pixels: two imagined ones for each of two classes,
// and one real one of the first.
func twoClasses() Imagined {
	grey := func(v ...float64) []float64 { return v }
	return Imagined{Label: "dbn <depth>", Samples: bench.Samples{
		Height: 2, Width: 3,
		Imagined: [][][]float64{
			{grey(0, 0.2, 0.4, 0.6, 0.8, 1), grey(1, 1, 1, 1, 1, 1)},
			{grey(0, 0, 0, 0, 0, 0), grey(-5, 7, 0, 0, 0, 0)},
		},
		Real: [][][]float64{{grey(0, 1, 0, 1, 0, 1)}, nil},
	}}
}

func TestSamplesArePainted(t *testing.T) {
	v, err := newSamplesView(twoClasses())
	if err != nil {
		t.Fatal(err)
	}
	data, ok := strings.CutPrefix(string(v.PNG), "data:image/png;base64,")
	if !ok {
		t.Fatalf("image %.30s, want a PNG in base 64", v.PNG)
	}
	b, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	// Three columns of 3 pixels and gaps of 2, 12 more before the real ones; two rows.
	if want := (image.Point{3*3 + 2*2 + 12, 2*2 + 2}); m.Bounds().Size() != want {
		t.Errorf("%v pixels, want %v", m.Bounds().Size(), want)
	}
	if v.Width != 3*m.Bounds().Dx() || v.Imagined != 2 {
		t.Errorf("%d wide with %d columns, want %d and 2", v.Width, v.Imagined, 3*m.Bounds().Dx())
	}
	for _, c := range []struct {
		x, y int
		want uint8
	}{
		{0, 0, 0}, {1, 0, 51}, {2, 0, 102}, {0, 1, 153}, {1, 1, 204}, {2, 1, 255}, // the first image
		{5, 0, 255}, {5, 4, 0}, {6, 4, 255}, // the second column; beyond 0 and 1 is 0 and 1
		{22, 0, 0}, {23, 0, 255}, {22, 1, 255}, // the real one
		{3, 0, 0}, {22, 4, 0}, // gaps, and what there is not
	} {
		if got := color.GrayModel.Convert(m.At(c.x, c.y)).(color.Gray).Y; got != c.want {
			t.Errorf("pixel %d, %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

func TestReportShowsWhatAModelImagines(t *testing.T) {
	s := analyse(ends("a", "x", 1, 1, 0.5))
	before := html(t, s)
	s.Tasks[0].Imagined = []Imagined{twoClasses(), {}, twoClasses()}
	page := html(t, s)
	wellFormed(t, "with samples", page)
	if !strings.Contains(page, "What dbn &lt;depth&gt; imagines") || strings.Count(page, `<img src="data:image/png;base64,`) != 2 {
		t.Error("the page does not show the samples")
	}
	if strings.Contains(before, "imagines") || strings.Contains(before, "<img") {
		t.Error("a page without samples speaks of them")
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "magined") {
		t.Error("the pixels are in the JSON")
	}
	for _, none := range []Imagined{{}, {Samples: bench.Samples{Height: 2, Imagined: [][][]float64{{{0}}}}}} {
		if v, err := newSamplesView(none); v != nil || err != nil {
			t.Errorf("view of %+v: %v, %v, want none", none, v, err)
		}
	}
}
