package data

import (
	"math"
	"slices"
	"testing"
)

func TestStrokesAreInkOnPaper(t *testing.T) {
	for _, size := range []int{16, 28} {
		const n = 200
		s := Strokes(n, size, 0.03, newRand(1))
		if s.N != n || len(s.X) != n*size*size || len(s.Labels) != n {
			t.Fatalf("size %d: N = %d, %d pixels, %d labels", size, s.N, len(s.X), len(s.Labels))
		}
		for i := range n {
			image := s.X[i*size*size:][:size*size]
			if s.Labels[i] != int32(i%10) {
				t.Fatalf("label of image %d = %d, want %d", i, s.Labels[i], i%10)
			}
			if low := slices.Min(image); low < 0 {
				t.Errorf("size %d, image %d: darkest %g, want at least 0", size, i, low)
			}
			// Some pixel is nearly on the line.
			if high := slices.Max(image); high > 1 || high < 0.9 {
				t.Errorf("size %d, image %d: brightest %g, want at most 1 and near it", size, i, high)
			}
			ink := 0.0
			for _, v := range image {
				ink += v / float64(len(image))
			}
			// A 1 is the shortest, about 0.8 long and 0.04 sqrt(pi) wide.
			if ink < 0.03 || ink > 0.4 {
				t.Errorf("size %d, image %d of %d: %.0f %% ink, want 3 to 40 %%", size, i, s.Labels[i], 100*ink)
			}
		}
	}
}

func TestStrokesNoiseMovesTheKnots(t *testing.T) {
	still, moved := Strokes(10, 16, 0, newRand(1)), Strokes(10, 16, 0.03, newRand(1))
	if slices.Equal(still.X, moved.X) {
		t.Error("noise changes nothing")
	}
	if got := nearestAccuracy(Strokes(1000, 16, 0.3, newRand(1)), Strokes(100, 16, 0.3, newRand(2))); got > 0.8 {
		t.Errorf("accuracy of the nearest image at noise 0.3 = %g, want it unreadable", got)
	}
}

// The digits can be told apart, and not trivially: an image is more like the
// others of its class, but two of one class differ.
func TestStrokesCanBeReadByNearestNeighbour(t *testing.T) {
	train, test := Strokes(1000, 16, 0.03, newRand(1)), Strokes(300, 16, 0.03, newRand(2))
	if got := nearestAccuracy(train, test); got < 0.95 {
		t.Errorf("accuracy of the nearest of 1000 images = %g, want at least 0.95", got)
	}
	if got := nearestAccuracy(train.Pick([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), test); got < 0.3 || got > 0.9 {
		t.Errorf("accuracy of the nearest of one image a digit = %g, want above chance and far from perfect", got)
	}
}

func TestTouchMeasuresTheDistanceToALine(t *testing.T) {
	// A line from (0.25, 0.5) to (0.75, 0.5) on 8 by 8 pixels, whose centres
	// are at (j+1/2)/8: row 3 and 4 are 1/16 from it.
	const size = 8
	d2 := make([]float64, size*size)
	for i := range d2 {
		d2[i] = math.Inf(1)
	}
	touch(d2, size, point{0.25, 0.5}, point{0.75, 0.5}, 0.2)
	for _, c := range []struct {
		row, col int
		want     float64
	}{
		{3, 4, 1. / 16},
		{4, 2, 1. / 16},
		{2, 5, 3. / 16},
		{3, 1, math.Hypot(1./16, 1./16)}, // before its start
		{4, 7, math.Hypot(1./16, 3./16)}, // behind its end
		{0, 4, math.Inf(1)},              // 7/16, out of reach
	} {
		if got := math.Sqrt(d2[c.row*size+c.col]); math.Abs(got-c.want) > 1e-15 && got != c.want {
			t.Errorf("distance of pixel (%d, %d) = %g, want %g", c.row, c.col, got, c.want)
		}
	}
	// A line without length is a dot, and of two lines the nearer counts.
	touch(d2, size, point{0.5, 0.5}, point{0.5, 0.5}, 1)
	if got, want := math.Sqrt(d2[0]), math.Hypot(7./16, 7./16); math.Abs(got-want) > 1e-15 {
		t.Errorf("distance of the corner to a dot in the middle = %g, want %g", got, want)
	}
	if got := math.Sqrt(d2[4*size+2]); math.Abs(got-1./16) > 1e-15 {
		t.Errorf("distance of pixel (4, 2) after the dot = %g, want still 1/16", got)
	}
}

func TestStrokesCurveThroughTheMiddle(t *testing.T) {
	var h hand
	at := func(x, y float64) point { return point{x, y} }
	// Two knots between the ends: two curves that meet half-way between them.
	h.knots = []point{at(0, 0), at(0, 1), at(1, 1), at(1, 0)}
	h.follow(stroke{knots: make([]knot, 4)})
	if len(h.path) != 1+2*bezierParts {
		t.Fatalf("%d points, want %d", len(h.path), 1+2*bezierParts)
	}
	for i, want := range map[int]point{
		0:                   at(0, 0),
		bezierParts / 2:     at(0.125, 0.75), // (start + 2 control + end)/4
		bezierParts:         at(0.5, 1),
		bezierParts * 3 / 2: at(0.875, 0.75),
		bezierParts * 2:     at(1, 0),
	} {
		if got := h.path[i]; math.Hypot(got.x-want.x, got.y-want.y) > 1e-15 {
			t.Errorf("point %d = %v, want %v", i, got, want)
		}
	}
	// Corners are met exactly; a closed stroke ends where it began.
	h.follow(stroke{knots: []knot{{}, {corner: true}, {corner: true}, {}}})
	if !slices.Equal(h.path, h.knots) {
		t.Errorf("with corners: %v, want %v", h.path, h.knots)
	}
	h.follow(stroke{knots: make([]knot, 4), closed: true})
	if first, last := h.path[0], h.path[len(h.path)-1]; first != last || first != at(0.5, 0) {
		t.Errorf("closed: from %v to %v, want both (0.5, 0)", first, last)
	}
}

func TestPenIsAtLeastAPixelWide(t *testing.T) {
	for _, c := range []struct {
		size int
		pen  float64
	}{{16, 1. / 16}, {28, 0.04}, {64, 0.04}} {
		image := make([]float64, c.size*c.size)
		new(hand).draw(image, c.size, []stroke{{knots: []knot{{.5, .5, true}, {.5, .5, true}}}}, 0.03, newRand(5))
		// The two knots move apart a little, to a short line. Beyond its ends
		// ln v is -(d/pen)², where d is the distance to a point: its second
		// difference over neighbouring pixels is -2/(size pen)², and beside
		// the line it is nearer to 0.
		low := math.Inf(1)
		for i := range c.size {
			for j := 2; j < c.size; j++ {
				a, b, d := image[i*c.size+j-2], image[i*c.size+j-1], image[i*c.size+j]
				if a > 1e-3 && b > 1e-3 && d > 1e-3 {
					low = min(low, math.Log(a)-2*math.Log(b)+math.Log(d))
				}
			}
		}
		want := -2 / math.Pow(float64(c.size)*c.pen, 2)
		if math.Abs(low/want-1) > 1e-6 {
			t.Errorf("size %d: second difference of ln ink = %g, want %g", c.size, low, want)
		}
	}
}
