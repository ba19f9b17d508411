package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// An lstmCase is a step of m cells on n examples, and the gradient of its outputs.
type lstmCase[T Float] struct {
	m, n, ld           int
	z, prev, peepholes matrix[T] // given
	h, c, tanhC, gates matrix[T] // computed
	dh, dc             matrix[T] // given
	dz                 matrix[T] // computed, as is dc
	peep               []T       // those above, or nil
}

func newLSTMCase[T Float](rng *rand.Rand, m, n, ld int, peepholes, specials bool) lstmCase[T] {
	mat := func(rows int) matrix[T] { return mixed[T](rng, rows, n, ld, specials) }
	k := lstmCase[T]{
		m: m, n: n, ld: ld, z: mat(4 * m), prev: mat(m), peepholes: mixed[T](rng, 1, 3*m, 3*m, specials),
		h: mat(m), c: mat(m), tanhC: mat(m), gates: mat(4 * m),
		dh: mat(m), dc: mat(m), dz: mat(4 * m),
	}
	if peepholes {
		k.peep = k.peepholes.data
	}
	return k
}

func (k lstmCase[T]) forward() {
	LSTM(k.h.data, k.c.data, k.tanhC.data, k.gates.data, k.z.data, k.prev.data, k.ld, k.m, k.n, k.peep)
}

func (k lstmCase[T]) backward() {
	LSTMGrad(k.dz.data, k.dc.data, k.dh.data, k.gates.data, k.prev.data, k.tanhC.data, k.ld, k.m, k.n, k.peep)
}

func TestLSTMSameOnEveryPath(t *testing.T) {
	once(t, testLSTMPaths[float64], testLSTMPaths[float32])
}

func testLSTMPaths[T Float](t *testing.T) {
	for n := 1; n < 2*4*16+4; n++ {
		for _, m := range []int{1, 3} {
			for how := range byte(8) {
				lstmSame[T](t, m, n, how)
			}
		}
	}
	lstmSame[T](t, 2, lstmChunk+1, 0) // in one row
	lstmSame[T](t, 2, lstmChunk+1, 3)
}

// lstmSame compares the paths: without padding or with, without peepholes or with,
// on ordinary numbers or special ones.
func lstmSame[T Float](t *testing.T, m, n int, how byte) {
	t.Helper()
	ld, peepholes, specials := n+int(how&1)*3, how&2 != 0, how&4 != 0
	name := fmt.Sprintf("LSTM %dx%d, leading dimension %d, peepholes %t, specials %t", m, n, ld, peepholes, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		k := newLSTMCase[T](rng, m, n, ld, peepholes, specials)
		k.forward()
		k.backward()
		return []matrix[T]{k.h, k.c, k.tanhC, k.gates, k.dz, k.dc, k.z, k.prev, k.dh, k.peepholes}
	})
}

func FuzzLSTMSameOnEveryPath(f *testing.F) {
	f.Add(byte(3), uint16(33), byte(7))
	f.Fuzz(func(t *testing.T, m byte, n uint16, how byte) {
		lstmSame[float64](t, int(m%9)+1, int(n%300)+1, how)
		lstmSame[float32](t, int(m%9)+1, int(n%300)+1, how)
	})
}

// The equations, as they stand in the doc comment, with package math.
func TestLSTMIsItsEquations(t *testing.T) {
	both(t, testLSTMEquations[float64], testLSTMEquations[float32])
}

func testLSTMEquations[T Float](t *testing.T) {
	tolerance := 1e-14
	if !double[T]() {
		tolerance = 1e-6
	}
	for _, peepholes := range []bool{false, true} {
		k := newLSTMCase[T](rand.New(rand.NewPCG(1, 2)), 5, 37, 40, peepholes, false)
		k.forward()
		for u := range k.m {
			var p [3]float64
			if peepholes {
				for gate := range p {
					p[gate] = float64(k.peep[gate*k.m+u])
				}
			}
			for j := range k.n {
				at := func(x matrix[T], gate int) float64 { return float64(x.at(gate*k.m+u, j)) }
				prev := at(k.prev, 0)
				i := refSigmoid(at(k.z, 0) + p[0]*prev)
				f := refSigmoid(at(k.z, 1) + p[1]*prev)
				g := math.Tanh(at(k.z, 3))
				c := f*prev + i*g
				o := refSigmoid(at(k.z, 2) + p[2]*c)
				for _, v := range []struct {
					name      string
					got, want float64
				}{
					{"i", at(k.gates, 0), i},
					{"f", at(k.gates, 1), f},
					{"o", at(k.gates, 2), o},
					{"g", at(k.gates, 3), g},
					{"c", at(k.c, 0), c},
					{"tanh c", at(k.tanhC, 0), math.Tanh(c)},
					{"h", at(k.h, 0), o * math.Tanh(c)},
				} {
					if !(math.Abs(v.got-v.want) <= tolerance*(1+math.Abs(v.want))) {
						t.Fatalf("cell %d, example %d, peepholes %t: %s = %g, want %g", u, j, peepholes, v.name, v.got, v.want)
					}
				}
			}
		}
	}
}

func TestLSTMInPlace(t *testing.T) {
	both(t, testLSTMInPlace[float64], testLSTMInPlace[float32])
}

func testLSTMInPlace[T Float](t *testing.T) {
	for _, peepholes := range []bool{false, true} {
		k := newLSTMCase[T](rand.New(rand.NewPCG(7, 8)), 3, 75, 75, peepholes, false)
		k.forward()
		inPlace := k
		inPlace.h, inPlace.gates = k.h.clone(), k.z
		inPlace.forward()
		if !equal(inPlace.gates.all, k.gates.all) || !equal(inPlace.h.all, k.h.all) {
			t.Errorf("peepholes %t: with gates in the place of z, they or h are not the same", peepholes)
		}
	}
}

// One unit with weights 0 and biases 0 but that of g, which is 1, for three steps;
// worked out with tanh(1) = .7615941560 and gates of 1/2.
func TestLSTMByHand(t *testing.T) {
	both(t, testLSTMByHand[float64], testLSTMByHand[float32])
}

func testLSTMByHand[T Float](t *testing.T) {
	tolerance := 1e-10
	if !double[T]() {
		tolerance = 1e-7
	}
	z, prev := []T{0, 0, 0, 1}, []T{0}
	gates, h, c, tanhC := make([]T, 4), make([]T, 1), make([]T, 1), make([]T, 1)
	for step, want := range [][2]float64{{.3807970780, .1816997422}, {.5711956170, .2581184019}, {.6663948865, .2913017215}} {
		LSTM(h, c, tanhC, gates, z, prev, 1, 1, 1, nil)
		if math.Abs(float64(c[0])-want[0]) > tolerance || math.Abs(float64(h[0])-want[1]) > tolerance {
			t.Errorf("step %d: c = %.10f, h = %.10f, want %.10f and %.10f", step+1, c[0], h[0], want[0], want[1])
		}
		prev[0] = c[0]
	}
}

// The gradient is the slope of the sum of dh*h + dc*c.
func TestLSTMGradIsTheSlope(t *testing.T) {
	eachPath(func(path string) {
		for _, peepholes := range []bool{false, true} {
			k := newLSTMCase[float64](rand.New(rand.NewPCG(3, 4)), 4, 11, 13, peepholes, false)
			dc := k.dc.clone()
			k.forward()
			k.backward()
			loss := func() (s float64) {
				k.forward()
				for u := range k.m {
					for j := range k.n {
						s += k.dh.at(u, j)*k.h.at(u, j) + dc.at(u, j)*k.c.at(u, j)
					}
				}
				return s
			}
			for _, v := range []struct {
				name    string
				x, grad matrix[float64]
			}{{"z", k.z, k.dz.clone()}, {"prev", k.prev, k.dc.clone()}} {
				for i := range v.x.m {
					for j := range v.x.n {
						const step = 1e-5
						x := &v.x.data[i*v.x.ld+j]
						old := *x
						*x = old + step
						above := loss()
						*x = old - step
						below := loss()
						*x = old
						slope := (above - below) / (2 * step)
						// The sum is of about 10; its rounding over the step is 1e-9.
						if got := v.grad.at(i, j); !(math.Abs(got-slope) <= 1e-8) {
							t.Errorf("path %s, peepholes %t: gradient of %s[%d][%d] = %g, want the slope %g", path, peepholes, v.name, i, j, got, slope)
						}
					}
				}
			}
		}
	})
}

// With the forget gate open and the input gate closed, the state and its gradient
// pass unchanged, to the bit: the constant error carousel.
func TestLSTMConstantErrorCarousel(t *testing.T) {
	both(t, testLSTMCarousel[float64], testLSTMCarousel[float32])
}

func testLSTMCarousel[T Float](t *testing.T) {
	k := newLSTMCase[T](rand.New(rand.NewPCG(5, 6)), 3, 20, 20, false, false)
	for j := range k.m * k.n {
		k.z.data[j] = -800        // i = 0
		k.z.data[k.m*k.n+j] = 800 // f = 1
		k.dh.data[j] = 0
	}
	dc := k.dc.clone()
	k.forward()
	k.backward()
	if !equal(k.c.data, k.prev.data) {
		t.Errorf("c = %v, want the state before, %v", k.c.data, k.prev.data)
	}
	if !equal(k.dc.data, dc.data) {
		t.Errorf("dc = %v, want what it was, %v", k.dc.data, dc.data)
	}
}

func TestShortSlicesOfLSTMPanicOnEveryPath(t *testing.T) {
	const m, n = 3, 8
	eachPath(func(path string) {
		for i := range 13 {
			s := make([][]float64, 13)
			for k := range s {
				s[k] = make([]float64, 4*m*n)
				switch k {
				case 3, 4, 6, 9: // gates, z; dz, gates
				case 12:
					s[k] = s[k][:3*m]
				default:
					s[k] = s[k][:m*n]
				}
			}
			run := func() {
				LSTM(s[0], s[1], s[2], s[3], s[4], s[5], n, m, n, s[12])
				LSTMGrad(s[6], s[7], s[8], s[9], s[10], s[11], n, m, n, s[12])
			}
			if panics(run) {
				t.Fatalf("slices of the right length panic (path %s)", path)
			}
			s[i] = s[i][: len(s[i])-1 : len(s[i])-1]
			if !panics(run) {
				t.Errorf("slice %d one too short did not panic (path %s)", i, path)
			}
		}
	})
}
