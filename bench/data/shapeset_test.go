package data

import (
	"math"
	"slices"
	"testing"
)

func TestUnitShapesHaveTheirAreas(t *testing.T) {
	const grid = 1000
	for _, c := range []struct {
		name string
		in   func(u, v float64) bool
		area float64
		tips []point // on the unit circle, just inside and just outside
	}{
		{"triangle", triangle, 3 * math.Sqrt(3) / 4, []point{{0, -1}, {math.Sqrt(3) / 2, 0.5}, {-math.Sqrt(3) / 2, 0.5}}},
		{"square", square, 2, []point{{math.Sqrt2 / 2, math.Sqrt2 / 2}, {-math.Sqrt2 / 2, math.Sqrt2 / 2}}},
		{"disc", disc, math.Pi, []point{{0.6, 0.8}, {-1, 0}}},
	} {
		area := 0.0
		for i := range grid * grid {
			if c.in(2.2*(float64(i/grid)+0.5)/grid-1.1, 2.2*(float64(i%grid)+0.5)/grid-1.1) {
				area += 2.2 * 2.2 / (grid * grid)
			}
		}
		if math.Abs(area/c.area-1) > 4e-3 { // the grid is 0.0022 wide
			t.Errorf("%s: area %g, want %g", c.name, area, c.area)
		}
		for _, p := range c.tips {
			if !c.in(0.999*p.x, 0.999*p.y) || c.in(1.001*p.x, 1.001*p.y) {
				t.Errorf("%s: want it to end at %v", c.name, p)
			}
		}
	}
}

func TestShapesAreSeenApart(t *testing.T) {
	for _, size := range []int{16, 32} {
		const n = 450
		s := Shapeset(n, size, newRand(1))
		for i := range n {
			if s.Labels[i] != int32(i%9) {
				t.Fatalf("class of image %d = %d, want %d", i, s.Labels[i], i%9)
			}
			pixels := map[float64]int{}
			image := s.X[i*size*size:][:size*size]
			for _, v := range image {
				pixels[v]++
			}
			var greys []float64
			for v := range pixels {
				greys = append(greys, v)
			}
			slices.Sort(greys)
			want := 2 // the background and a shape
			if s.Labels[i] >= 3 {
				want = 3
			}
			if len(greys) != want || greys[0] < 0 || greys[want-1] > 1 {
				t.Fatalf("size %d, image %d of class %d has greys %v, want %d between 0 and 1", size, i, s.Labels[i], greys, want)
			}
			for k := range greys[1:] {
				if d := greys[k+1] - greys[k]; d < 0.25 {
					t.Errorf("image %d: greys %v, want 0.25 between them", i, greys)
				}
			}
			// The smallest: 0.18 by 0.09 of a triangle, half of it hidden.
			if least := 0.18 * 0.09 * 1.3 / 2 * float64(size*size) * 0.6; float64(pixels[greys[0]]) < least {
				t.Errorf("image %d: %d pixels of one grey, want at least %g", i, pixels[greys[0]], least)
			}
		}
	}
}

// A shape has the area of its form in any direction, so that none is cut off.
func TestPlacedShapesAreWhole(t *testing.T) {
	const size = 256
	rng := newRand(3)
	mask := make([]bool, size*size)
	for i := range 60 {
		place(mask, size, disc, rng)
		var area, y, x, yy, xx, xy float64
		for p, in := range mask {
			if in {
				py, px := float64(p/size)+0.5, float64(p%size)+0.5
				area++
				y, x, yy, xx, xy = y+py, x+px, yy+py*py, xx+px*px, xy+px*py
			}
		}
		y, x = y/area, x/area
		yy, xx, xy = yy/area-y*y, xx/area-x*x, xy/area-x*y
		// An ellipse has the area 4 pi times the root of the determinant of its
		// second moments; one that is cut off has other moments.
		whole := 4 * math.Pi * math.Sqrt(yy*xx-xy*xy)
		if math.Abs(area/whole-1) > 2e-3 {
			t.Errorf("ellipse %d: area %g, want %g by its moments", i, area, whole)
		}
		if least, most := math.Pi*0.18*0.09*size*size, math.Pi*0.35*0.35*size*size; area < 0.99*least || area > 1.01*most {
			t.Errorf("ellipse %d: area %g, want %g to %g", i, area, least, most)
		}
	}
}

func TestApartByHand(t *testing.T) {
	mask := func(s string) []bool {
		m := make([]bool, len(s))
		for i := range m {
			m[i] = s[i] == '#'
		}
		return m
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"###...", "...###", true},
		{"###...", "..###.", true},  // one of three
		{"####..", "..####", false}, // half
		{"######", "#.....", false},
		{"......", "#.....", false}, // nothing is not apart
	} {
		if got := apart(mask(c.a), mask(c.b)); got != c.want {
			t.Errorf("apart(%s, %s) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
