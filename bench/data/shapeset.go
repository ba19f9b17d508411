package data

import (
	"math"
	"math/rand/v2"
)

// ShapesetClasses is the number of classes of [Shapeset]: three shapes alone, and
// six pairs.
const ShapesetClasses = 9

// shapesOf are the shapes in an image of each class.
var shapesOf = [ShapesetClasses][]func(u, v float64) bool{
	{triangle},
	{square},
	{disc},
	{triangle, triangle},
	{triangle, square},
	{triangle, disc},
	{square, square},
	{square, disc},
	{disc, disc},
}

// The shapes before they are stretched, slanted and turned, around the origin: an
// equilateral triangle and a square with corners at a distance of 1, and a disc.
// That makes them any triangle, parallelogram and ellipse.
func triangle(u, v float64) bool {
	half := math.Sqrt(3) * u
	return v <= 0.5 && float64(half)-v <= 1 && float64(-half)-v <= 1
}

func square(u, v float64) bool { return max(u, -u, v, -v) <= math.Sqrt2/2 }

func disc(u, v float64) bool { return float64(u*u)+float64(v*v) <= 1 }

// Shapeset returns n images (1, size, size) with one or two shapes, each a triangle,
// a parallelogram or an ellipse of a random size, form, direction, place and grey;
// classes take turns, and a class is which shapes there are, whatever their order
// (Shapeset-3x2 of Glorot & Bengio 2010, section 2.1; the paper leaves the
// distributions open). Greys differ by 0.25 at least, from each other and from the
// background. Of two shapes less than half of either is where the other is too, and
// the second covers the first.
func Shapeset(n, size int, rng *rand.Rand) Set {
	pixels := size * size
	s := Set{N: n, X: make([]float64, n*pixels), Labels: make([]int32, n)}
	masks := [2][]bool{make([]bool, pixels), make([]bool, pixels)}
	for i := range n {
		class := i % ShapesetClasses
		s.Labels[i] = int32(class)
		shapes := shapesOf[class]
		image := s.X[i*pixels:][:pixels]
		first := rng.IntN(len(shapes)) // either may cover the other
		greys := distinct(len(shapes)+1, rng)
		for p := range image {
			image[p] = greys[0]
		}
		for {
			for k := range shapes {
				place(masks[k], size, shapes[(first+k)%len(shapes)], rng)
			}
			if len(shapes) < 2 || apart(masks[0], masks[1]) {
				break
			}
		}
		for k := range shapes {
			for p, in := range masks[k] {
				if in {
					image[p] = greys[k+1]
				}
			}
		}
	}
	return s
}

// distinct draws greys that are 0.25 or more apart.
func distinct(n int, rng *rand.Rand) []float64 {
	greys := make([]float64, 0, n)
next:
	for len(greys) < n {
		g := rng.Float64()
		for _, other := range greys {
			if max(g-other, other-g) < 0.25 {
				// What is left may be too narrow: all are drawn again.
				greys = greys[:0]
				continue next
			}
		}
		greys = append(greys, g)
	}
	return greys
}

// place draws a shape as a mask: its longer half axis is between 0.18 and 0.35 of the
// image, its shorter at least half of that, it is slanted by up to 0.5, turned in any
// direction, and within the image.
func place(mask []bool, size int, in func(u, v float64) bool, rng *rand.Rand) {
	a := (0.18 + float64(0.17*rng.Float64())) * float64(size)
	b := a * (0.5 + float64(0.5*rng.Float64()))
	shear := rng.Float64() - 0.5
	sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
	// Slanting makes nothing longer than by its norm, of 1.28 at most.
	slant := max(shear, -shear)
	reach := a * (slant + math.Sqrt(float64(slant*slant)+4)) / 2
	y := reach + float64(rng.Float64()*(float64(size)-2*reach))
	x := reach + float64(rng.Float64()*(float64(size)-2*reach))
	for p := range mask {
		dy, dx := float64(p/size)+0.5-y, float64(p%size)+0.5-x
		// Back: turned, slanted, stretched.
		u, v := float64(cos*dx)+float64(sin*dy), float64(cos*dy)-float64(sin*dx)
		u -= float64(shear * v)
		mask[p] = in(u/a, v/b)
	}
}

// apart reports whether less than half of each mask is in the other.
func apart(a, b []bool) bool {
	var inA, inB, both int
	for p := range a {
		if a[p] {
			inA++
		}
		if b[p] {
			inB++
		}
		if a[p] && b[p] {
			both++
		}
	}
	return 2*both < min(inA, inB)
}
