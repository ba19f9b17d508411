package data

import (
	"math"
	"math/rand/v2"
)

// How strokes vary and are drawn.
const (
	maxRotation = 15 * math.Pi / 180 // each way
	maxScaling  = 0.15               // larger or smaller
	maxShear    = 0.15               // each way, in x for a unit of y
	penWidth    = 0.04               // distance at which ink has fallen to 1/e
	bezierParts = 8                  // straight pieces of a curve
)

// Strokes returns n images (1, size, size) of handwritten digits, drawn by pen
// strokes: digits take turns, and class is digit. Every image moves the control
// points of the digit's strokes by normal noise with the given standard
// deviation, rotates by up to 15 degrees, scales by up to 15 % and shears by up
// to 0.15, all uniform. A pixel at distance d from the nearest stroke has the
// value exp(-(d/pen)²), where the pen is 0.04 wide in units of the image, or as
// wide as a pixel if that is more: with a narrower one strokes would fade
// between the centres of pixels.
func Strokes(n, size int, noise float64, rng *rand.Rand) Set {
	s := Set{N: n, X: make([]float64, n*size*size), Labels: make([]int32, n)}
	var hand hand
	for i := range n {
		digit := i % len(glyphs)
		s.Labels[i] = int32(digit)
		hand.draw(s.X[i*size*size:][:size*size], size, glyphs[digit], noise, rng)
	}
	return s
}

type point struct{ x, y float64 }

// A hand draws. It keeps what it draws with from one image to the next.
type hand struct {
	knots []point // of a stroke, moved
	path  []point // the ends of its straight pieces
}

// draw draws strokes into image, [size][size].
func (h *hand) draw(image []float64, size int, strokes []stroke, noise float64, rng *rand.Rand) {
	uniform := func(most float64) float64 { return float64(most * (2*rng.Float64() - 1)) }
	sin, cos := math.Sincos(uniform(maxRotation))
	scale := 1 + uniform(maxScaling)
	shear := uniform(maxShear)
	pen := max(penWidth, 1/float64(size))
	for i := range image {
		image[i] = math.Inf(1) // squared distance to the nearest stroke
	}
	for _, s := range strokes {
		h.knots = h.knots[:0]
		for _, k := range s.knots {
			x := k.x + float64(noise*rng.NormFloat64()) - 0.5
			y := k.y + float64(noise*rng.NormFloat64()) - 0.5
			x += float64(shear * y)
			h.knots = append(h.knots, point{
				0.5 + float64(scale*(float64(cos*x)-float64(sin*y))),
				0.5 + float64(scale*(float64(sin*x)+float64(cos*y))),
			})
		}
		h.follow(s)
		for i := range h.path[1:] {
			touch(image, size, h.path[i], h.path[i+1], 3*pen) // beyond is less than e^-9
		}
	}
	for i, d2 := range image {
		image[i] = math.Exp(-d2 / (pen * pen))
	}
}

// follow turns the knots of a stroke into a path of straight pieces.
func (h *hand) follow(s stroke) {
	k := h.knots
	n := len(k)
	h.path = h.path[:0]
	if s.closed {
		h.path = append(h.path, middle(k[n-1], k[0]))
		for i := range k {
			h.curveTo(k[i], middle(k[i], k[(i+1)%n]))
		}
		return
	}
	isEnd := func(i int) bool { return i == n-1 || s.knots[i].corner }
	h.path = append(h.path, k[0])
	for i := 1; i < n; i++ {
		switch {
		case !isEnd(i) && isEnd(i+1):
			h.curveTo(k[i], k[i+1])
			i++
		case !isEnd(i):
			h.curveTo(k[i], middle(k[i], k[i+1]))
		default:
			h.path = append(h.path, k[i])
		}
	}
}

// curveTo continues the path with a quadratic Bezier curve.
func (h *hand) curveTo(control, end point) {
	start := h.path[len(h.path)-1]
	for i := 1; i <= bezierParts; i++ {
		t := float64(i) / bezierParts
		a, b, c := (1-t)*(1-t), 2*t*(1-t), t*t
		h.path = append(h.path, point{
			float64(a*start.x) + float64(b*control.x) + float64(c*end.x),
			float64(a*start.y) + float64(b*control.y) + float64(c*end.y),
		})
	}
}

func middle(p, q point) point { return point{(p.x + q.x) / 2, (p.y + q.y) / 2} }

// touch lowers the squared distances of the pixels within reach of the line
// from p to q.
func touch(d2 []float64, size int, p, q point, reach float64) {
	// The centre of pixel j is at (j+1/2)/size.
	pixels := func(a, b float64) (int, int) {
		first := math.Ceil(float64((min(a, b)-reach)*float64(size)) - 0.5)
		last := math.Floor(float64((max(a, b)+reach)*float64(size)) - 0.5)
		return max(0, int(first)), min(size-1, int(last))
	}
	left, right := pixels(p.x, q.x)
	top, bottom := pixels(p.y, q.y)
	dx, dy := q.x-p.x, q.y-p.y
	length2 := float64(dx*dx) + float64(dy*dy)
	for i := top; i <= bottom; i++ {
		y := (float64(i)+0.5)/float64(size) - p.y
		for j := left; j <= right; j++ {
			x := (float64(j)+0.5)/float64(size) - p.x
			t := 0.0 // where on the line, from 0 to 1, it is nearest
			if length2 > 0 {
				t = min(1, max(0, (float64(x*dx)+float64(y*dy))/length2))
			}
			ex, ey := x-float64(t*dx), y-float64(t*dy)
			at := &d2[i*size+j]
			*at = min(*at, float64(ex*ex)+float64(ey*ey))
		}
	}
}
