package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// An mdlstmCase is a step of m cells on n examples, and the gradient of its outputs.
type mdlstmCase[T Float] struct {
	m, n, ld               int
	z, up, left, peepholes matrix[T] // given
	h, c, tanhC, gates     matrix[T] // computed
	dh, dc                 matrix[T] // given
	dz, dup, dleft         matrix[T] // computed, the last two by adding
	peep                   []T       // those above, or nil
}

func newMDLSTMCase[T Float](rng *rand.Rand, m, n, ld int, peepholes, specials bool) mdlstmCase[T] {
	mat := func(rows int) matrix[T] { return mixed[T](rng, rows, n, ld, specials) }
	k := mdlstmCase[T]{
		m: m, n: n, ld: ld, z: mat(5 * m), up: mat(m), left: mat(m), peepholes: mixed[T](rng, 1, 5*m, 5*m, specials),
		h: mat(m), c: mat(m), tanhC: mat(m), gates: mat(5 * m),
		dh: mat(m), dc: mat(m), dz: mat(5 * m), dup: mat(m), dleft: mat(m),
	}
	if peepholes {
		k.peep = k.peepholes.data
	}
	return k
}

func (k mdlstmCase[T]) forward() {
	MDLSTM(k.h.data, k.c.data, k.tanhC.data, k.gates.data, k.z.data, k.up.data, k.left.data, k.ld, k.m, k.n, k.peep)
}

func (k mdlstmCase[T]) backward() {
	MDLSTMGrad(k.dz.data, k.dup.data, k.dleft.data, k.dh.data, k.dc.data, k.gates.data, k.up.data, k.left.data, k.tanhC.data, k.ld, k.m, k.n, k.peep)
}

func TestMDLSTMSameOnEveryPath(t *testing.T) {
	once(t, testMDLSTMPaths[float64], testMDLSTMPaths[float32])
}

func testMDLSTMPaths[T Float](t *testing.T) {
	for n := 1; n < 2*4*16+4; n++ {
		for _, m := range []int{1, 3} {
			for how := range byte(8) {
				mdlstmSame[T](t, m, n, how)
			}
		}
	}
	mdlstmSame[T](t, 2, lstmChunk+1, 0) // in one row
	mdlstmSame[T](t, 2, lstmChunk+1, 3)
}

// mdlstmSame is lstmSame.
func mdlstmSame[T Float](t *testing.T, m, n int, how byte) {
	t.Helper()
	ld, peepholes, specials := n+int(how&1)*3, how&2 != 0, how&4 != 0
	name := fmt.Sprintf("MDLSTM %dx%d, leading dimension %d, peepholes %t, specials %t", m, n, ld, peepholes, specials)
	samePaths(t, name, func(rng *rand.Rand) []matrix[T] {
		k := newMDLSTMCase[T](rng, m, n, ld, peepholes, specials)
		k.forward()
		k.backward()
		return []matrix[T]{k.h, k.c, k.tanhC, k.gates, k.dz, k.dup, k.dleft, k.z, k.up, k.left, k.dh, k.dc, k.peepholes}
	})
}

func FuzzMDLSTMSameOnEveryPath(f *testing.F) {
	f.Add(byte(3), uint16(33), byte(7))
	f.Fuzz(func(t *testing.T, m byte, n uint16, how byte) {
		mdlstmSame[float64](t, int(m%9)+1, int(n%300)+1, how)
		mdlstmSame[float32](t, int(m%9)+1, int(n%300)+1, how)
	})
}

// The equations, as they stand in the doc comment, with package math.
func TestMDLSTMIsItsEquations(t *testing.T) {
	both(t, testMDLSTMEquations[float64], testMDLSTMEquations[float32])
}

func testMDLSTMEquations[T Float](t *testing.T) {
	tolerance := 1e-14
	if !double[T]() {
		tolerance = 1e-6
	}
	for _, peepholes := range []bool{false, true} {
		k := newMDLSTMCase[T](rand.New(rand.NewPCG(1, 2)), 5, 37, 40, peepholes, false)
		k.forward()
		for u := range k.m {
			var p [5]float64
			if peepholes {
				for which := range p {
					p[which] = float64(k.peep[which*k.m+u])
				}
			}
			for j := range k.n {
				at := func(x matrix[T], gate int) float64 { return float64(x.at(gate*k.m+u, j)) }
				up, left := at(k.up, 0), at(k.left, 0)
				i := refSigmoid(at(k.z, 0) + p[0]*up + p[1]*left)
				fu, fl := refSigmoid(at(k.z, 1)+p[2]*up), refSigmoid(at(k.z, 2)+p[3]*left)
				g := math.Tanh(at(k.z, 4))
				c := fu*up + fl*left + i*g
				o := refSigmoid(at(k.z, 3) + p[4]*c)
				for _, v := range []struct {
					name      string
					got, want float64
				}{
					{"i", at(k.gates, 0), i},
					{"u", at(k.gates, 1), fu},
					{"l", at(k.gates, 2), fl},
					{"o", at(k.gates, 3), o},
					{"g", at(k.gates, 4), g},
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

// With nothing to the left, and its gate shut, a step is one of an LSTM, to the bit.
func TestMDLSTMWithoutLeftIsLSTM(t *testing.T) {
	both(t, testMDLSTMWithoutLeft[float64], testMDLSTMWithoutLeft[float32])
}

func testMDLSTMWithoutLeft[T Float](t *testing.T) {
	for _, peepholes := range []bool{false, true} {
		k := newMDLSTMCase[T](rand.New(rand.NewPCG(7, 8)), 3, 75, 75, peepholes, false)
		clear(k.left.data)
		clear(k.dup.data)
		size := k.m * k.n
		l := newLSTMCase[T](rand.New(rand.NewPCG(9, 10)), 3, 75, 75, peepholes, false)
		for to, from := range []int{0, 1, 3, 4} { // i, f, o, g
			copy(l.z.data[to*size:][:size], k.z.data[from*size:][:size])
		}
		for to, from := range []int{0, 2, 4} { // pi, pf, po
			copy(l.peepholes.data[to*k.m:][:k.m], k.peepholes.data[from*k.m:][:k.m])
		}
		copy(l.prev.data, k.up.data)
		copy(l.dh.data, k.dh.data)
		copy(l.dc.data, k.dc.data)
		k.forward()
		l.forward()
		k.backward()
		l.backward()
		if !equal(k.h.data, l.h.data) || !equal(k.c.data, l.c.data) {
			t.Errorf("peepholes %t: h or c is not that of an LSTM", peepholes)
		}
		// dc*f is rounded there before peepholes are added, as it is here to 0.
		if !equal(k.dup.data, l.dc.data) || !equal(k.dz.data[:2*size], l.dz.data[:2*size]) || !equal(k.dz.data[3*size:], l.dz.data[2*size:]) {
			t.Errorf("peepholes %t: a gradient is not that of an LSTM", peepholes)
		}
	}
}

// In place of z the gates are the same, and up may be left.
func TestMDLSTMInPlace(t *testing.T) {
	both(t, testMDLSTMInPlace[float64], testMDLSTMInPlace[float32])
}

func testMDLSTMInPlace[T Float](t *testing.T) {
	for _, peepholes := range []bool{false, true} {
		k := newMDLSTMCase[T](rand.New(rand.NewPCG(7, 8)), 3, 75, 75, peepholes, false)
		copy(k.left.data, k.up.data)
		k.forward()
		inPlace := k
		inPlace.h, inPlace.gates, inPlace.left = k.h.clone(), k.z, k.up
		inPlace.forward()
		if !equal(inPlace.gates.all, k.gates.all) || !equal(inPlace.h.all, k.h.all) {
			t.Errorf("peepholes %t: with gates in the place of z, they or h are not the same", peepholes)
		}
	}
}

// The gradient is the slope of the sum of dh*h + dc*c.
func TestMDLSTMGradIsTheSlope(t *testing.T) {
	eachPath(func(path string) {
		for _, peepholes := range []bool{false, true} {
			k := newMDLSTMCase[float64](rand.New(rand.NewPCG(3, 4)), 4, 11, 13, peepholes, false)
			before := [2]matrix[float64]{k.dup.clone(), k.dleft.clone()}
			k.forward()
			k.backward()
			for i := range before {
				after := []matrix[float64]{k.dup, k.dleft}[i]
				for j := range after.data {
					after.data[j] -= before[i].data[j]
				}
			}
			loss := func() (s float64) {
				k.forward()
				for u := range k.m {
					for j := range k.n {
						s += k.dh.at(u, j)*k.h.at(u, j) + k.dc.at(u, j)*k.c.at(u, j)
					}
				}
				return s
			}
			for _, v := range []struct {
				name    string
				x, grad matrix[float64]
			}{{"z", k.z, k.dz}, {"up", k.up, k.dup}, {"left", k.left, k.dleft}} {
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

func TestShortSlicesOfMDLSTMPanicOnEveryPath(t *testing.T) {
	const m, n = 3, 8
	eachPath(func(path string) {
		for i := range 17 {
			s := make([][]float64, 17)
			for k := range s {
				switch k {
				case 3, 4, 7, 12: // gates, z; dz, gates
					s[k] = make([]float64, 5*m*n)
				case 16:
					s[k] = make([]float64, 5*m)
				default:
					s[k] = make([]float64, m*n)
				}
			}
			run := func() {
				MDLSTM(s[0], s[1], s[2], s[3], s[4], s[5], s[6], n, m, n, s[16])
				MDLSTMGrad(s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], n, m, n, s[16])
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
