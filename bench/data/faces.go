package data

import (
	"math"
	"math/rand/v2"
)

// Proportions of a face, in half heights of its ellipse, from its centre.
const (
	faceWidth  = 0.75 // half width
	eyeAside   = 0.3  // left and right
	eyeAbove   = 0.25
	eyeRadius  = 0.14
	mouthBelow = 0.5
	mouthWidth = 0.35 // half width
	mouthThick = 0.08 // half height
)

// Faces returns n images (1, size, size) with a face each, and for targets (2,
// size, size) where its eyes are: for the left eye in the image, and the right one,
// exp(-d²/(2 sigma²)) at distance d from the centre of the eye, with sigma = size/16
// pixels. A face is a bright ellipse with dark discs for eyes and a dark bar for a
// mouth; its half height is uniform between 0.2 and 0.4 of the image, and it is
// somewhere within the image. Behind it are rectangles of random greys, as bright
// and as dark as the face, some with dark discs.
func Faces(n, size int, rng *rand.Rand) Set {
	pixels := size * size
	s := Set{N: n, X: make([]float64, n*pixels), Y: make([]float64, n*2*pixels)}
	for i := range n {
		c := canvas{s.X[i*pixels:][:pixels], size}
		c.clutter(rng)
		h := (0.2 + float64(0.2*rng.Float64())) * float64(size)
		w := faceWidth * h
		y := h + float64(rng.Float64()*(float64(size)-2*h))
		x := w + float64(rng.Float64()*(float64(size)-2*w))
		skin, dark := 0.6+float64(0.4*rng.Float64()), 0.3*rng.Float64()
		c.ellipse(y, x, h, w, skin)
		c.box(y+float64(mouthBelow*h), x, mouthThick*h, mouthWidth*h, dark)
		for eye, side := range []float64{-eyeAside, eyeAside} {
			ey, ex := y-float64(eyeAbove*h), x+float64(side*h)
			c.ellipse(ey, ex, eyeRadius*h, eyeRadius*h, dark)
			blob(s.Y[(2*i+eye)*pixels:][:pixels], size, ey, ex)
		}
	}
	return s
}

// A canvas is an image to paint on. The centre of pixel (i, j) is at (i+1/2,
// j+1/2).
type canvas struct {
	image []float64
	size  int
}

// clutter paints a background.
func (c canvas) clutter(rng *rand.Rand) {
	level := rng.Float64()
	for i := range c.image {
		c.image[i] = level
	}
	side := float64(c.size)
	at := func() float64 { return side * rng.Float64() }
	extent := func() float64 { return side * (0.05 + float64(0.2*rng.Float64())) }
	for range 8 {
		y, x, h, w, grey := at(), at(), extent(), extent(), rng.Float64()
		c.box(y, x, h, w, grey)
	}
	for range 4 {
		y, x, r := at(), at(), side*(0.03+float64(0.03*rng.Float64()))
		c.ellipse(y, x, r, r, 0.3*rng.Float64())
	}
}

// ellipse paints one with half axes h and w, or the pixel at its centre, which may
// be beyond the border, if it is smaller than that.
func (c canvas) ellipse(y, x, h, w, grey float64) {
	c.paint(y, x, h, w, grey, func(dy, dx float64) bool { return float64(dy*dy)+float64(dx*dx) <= 1 })
}

// box is the same for a rectangle.
func (c canvas) box(y, x, h, w, grey float64) {
	c.paint(y, x, h, w, grey, func(dy, dx float64) bool { return max(dy, -dy, dx, -dx) <= 1 })
}

// paint paints the pixels that are in a shape, given in units of its half axes.
func (c canvas) paint(y, x, h, w, grey float64, in func(dy, dx float64) bool) {
	h, w = max(h, 0.5), max(w, 0.5)
	first := func(v float64) int { return max(0, int(math.Floor(v))) }
	last := func(v float64) int { return min(c.size-1, int(math.Floor(v))) }
	for i := first(y - h); i <= last(y+h); i++ {
		for j := first(x - w); j <= last(x+w); j++ {
			dy, dx := (float64(i)+0.5-y)/h, (float64(j)+0.5-x)/w
			if in(dy, dx) {
				c.image[i*c.size+j] = grey
			}
		}
	}
}

// blob paints a Gaussian around (y, x).
func blob(image []float64, size int, y, x float64) {
	sigma := float64(size) / 16
	for p := range image {
		dy, dx := float64(p/size)+0.5-y, float64(p%size)+0.5-x
		image[p] = math.Exp(-(float64(dy*dy) + float64(dx*dx)) / (2 * sigma * sigma))
	}
}
