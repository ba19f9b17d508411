package data

import (
	"math"
	"slices"
	"testing"
)

func TestNoDeformationChangesNothing(t *testing.T) {
	s := Strokes(10, 16, 0.03, newRand(1))
	d := Deformed(s, 16, 3, Deformation{}, newRand(2))
	if d.N != 30 {
		t.Fatalf("%d images, want three of each of 10", d.N)
	}
	for i := range 30 {
		for p, v := range d.X[i*256:][:256] {
			if want := s.X[i/3*256+p]; math.Abs(v-want) > 1e-12 {
				t.Fatalf("pixel %d of copy %d = %g, want %g", p, i, v, want)
			}
		}
		if d.Labels[i] != s.Labels[i/3] {
			t.Errorf("label of copy %d = %d, want %d", i, d.Labels[i], s.Labels[i/3])
		}
	}
}

// sources returns where the pixels of deformed images come from: interpolation is
// exact on images whose values are a coordinate.
func sources(size, copies int, d Deformation) (y, x []float64) {
	ramp := func(coordinate func(p int) int) []float64 {
		s := Set{N: 1, X: make([]float64, size*size)}
		for p := range s.X {
			s.X[p] = float64(coordinate(p)) + 1
		}
		return Deformed(s, size, copies, d, newRand(7)).X
	}
	y, x = ramp(func(p int) int { return p / size }), ramp(func(p int) int { return p % size })
	for i := range y {
		y[i]--
		x[i]--
	}
	return y, x
}

// Near the middle, which nothing beyond the border can get to, the sources are those
// of a turned and stretched grid.
func TestRotationAndScaling(t *testing.T) {
	const size, copies, near = 17, 500, 4
	for _, d := range []Deformation{{Rotation: 15}, {Scaling: 0.2}} {
		ys, xs := sources(size, copies, d)
		var most, mostY, least, leastY float64 = 0, 0, 9, 9
		for i := range copies {
			at := func(dy, dx int) (y, x float64) {
				p := i*size*size + (size/2+dy)*size + size/2 + dx
				return ys[p] - size/2, xs[p] - size/2
			}
			a, c := at(near, 0) // near times the images of the unit vectors
			b, e := at(0, near)
			for dy := -near; dy <= near; dy++ {
				for dx := -near; dx <= near; dx++ {
					y, x := at(dy, dx)
					wantY, wantX := (float64(dy)*a+float64(dx)*b)/near, (float64(dy)*c+float64(dx)*e)/near
					if math.Hypot(y-wantY, x-wantX) > 1e-12 {
						t.Fatalf("%+v: (%d, %d) is from (%g, %g), want (%g, %g), as for a linear map", d, dy, dx, y, x, wantY, wantX)
					}
				}
			}
			if d.Rotation > 0 {
				angle := math.Atan2(c, a) * 180 / math.Pi
				most, least = max(most, angle), min(least, angle)
				if math.Abs(math.Hypot(a, c)-near) > 1e-12 || math.Abs(a-e) > 1e-12 || math.Abs(b+c) > 1e-12 {
					t.Fatalf("(%g %g; %g %g), want a rotation", a, b, c, e)
				}
				continue
			}
			if b != 0 || c != 0 {
				t.Fatalf("(%g %g; %g %g), want no rotation", a, b, c, e)
			}
			most, least = max(most, near/e), min(least, near/e)
			mostY, leastY = max(mostY, near/a), min(leastY, near/a)
		}
		if d.Rotation > 0 && (most > 15 || most < 14.7 || least < -15 || least > -14.7) {
			t.Errorf("angles from %g to %g, want -15 to 15", least, most)
		}
		if d.Scaling > 0 && (max(most, mostY) > 1.2 || min(most, mostY) < 1.19 || min(least, leastY) < 0.8 || max(least, leastY) > 0.81) {
			t.Errorf("scales from %g and %g to %g and %g, want 0.8 to 1.2", least, leastY, most, mostY)
		}
	}
}

// The displacement in the middle is a weighted sum of uniform numbers, of variance
// 1/3 each: that of the Gaussian's squares, about 1/(4 pi sigma²) in all.
func TestElasticDisplacement(t *testing.T) {
	const size, copies = 25, 2000
	d := Deformation{Alpha: 4, Sigma: 2}
	ys, xs := sources(size, copies, d)
	middle := size * size / 2
	var mean, square, joint, smooth float64
	for i := range copies {
		p := i*size*size + middle
		y, x := ys[p]-size/2, xs[p]-size/2
		mean += (y + x) / (2 * copies)
		square += (y*y + x*x) / (2 * copies)
		joint += y * x / copies
		smooth += math.Pow(ys[p+1]-ys[p], 2) / copies
	}
	want := 16. / 3 / (4 * math.Pi * 4)
	sd := math.Sqrt(want)
	if math.Abs(mean) > 4*sd/math.Sqrt(2*copies) || math.Abs(joint) > 4*want/math.Sqrt(copies) {
		t.Errorf("mean displacement %g, mean product %g, want 0", mean, joint)
	}
	if math.Abs(square/want-1) > 4*math.Sqrt(2./(2*copies)) {
		t.Errorf("mean squared displacement %g, want %g", square, want)
	}
	// Neighbours correlate by e^(-1/(4 sigma²)).
	if want := 2 * want * (1 - math.Exp(-1./16)); math.Abs(smooth/want-1) > 4*math.Sqrt(2./copies) {
		t.Errorf("mean squared difference of neighbours %g, want %g", smooth, want)
	}
}

func TestHandwritingIsStillRead(t *testing.T) {
	const size = 16
	s := Strokes(200, size, 0.03, newRand(1))
	d := Deformed(s, size, 1, Handwriting(size), newRand(2))
	if slices.Equal(d.X, s.X) {
		t.Error("nothing is deformed")
	}
	if got := nearestAccuracy(Strokes(1000, size, 0.03, newRand(3)), d); got < 0.6 {
		t.Errorf("accuracy of the nearest of 1000 images = %g, want at least 0.6", got)
	}
}
