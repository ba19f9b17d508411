package initializer

import (
	"math"
	"testing"
)

// The second half of every row is the first with the other sign, V is orthogonal,
// and W [h, -h] is 2 V h. An odd last input has no partner, and weights 0.
func TestLooksLinear(t *testing.T) {
	f, err := ByName("looks-linear")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Shape{{Out: 1, In: 2}, {Out: 5, In: 8}, {Out: 8, In: 6}, {Out: 4, In: 7}, {Out: 3, In: 4, Field: 9}, {Out: 2, In: 1}} {
		w := make([]float64, s.Len())
		f.Fill(w, s, newRand(4))
		cols, n := s.FanIn(), half(s).FanIn()
		square := 0.
		for i := range s.Out {
			row := w[i*cols:][:cols]
			for j, v := range row {
				square += v * v
				if j < n && row[n+j] != -v {
					t.Errorf("%v: weights %d and %d of row %d are %v and %v, want opposite ones", s, j, n+j, i, v, row[n+j])
				}
				if j >= 2*n && v != 0 {
					t.Errorf("%v: weight %d of row %d is %v, want 0", s, j, i, v)
				}
			}
		}
		for i := range s.Out {
			for k := range i + 1 {
				d := dot(w[i*cols:][:n], w[k*cols:][:n])
				want := 0.
				if i == k {
					want = 1
				}
				if s.Out <= n && math.Abs(d-want) > 1e-12 {
					t.Errorf("%v: rows %d and %d of V have the inner product %v, want %v", s, i, k, d, want)
				}
			}
		}
		if got, want := f.Std(s), math.Sqrt(square/float64(len(w))); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: standard deviation %v, want that of the weights, %v", s, got, want)
		}
	}
}

// A square matrix copies, a wide or a tall one does as far as it goes, and a
// convolution takes the middle of its field.
func TestIdentity(t *testing.T) {
	f, err := ByName("irnn")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Shape{{Out: 3, In: 3}, {Out: 2, In: 4}, {Out: 4, In: 2}, {Out: 2, In: 2, Field: 9}} {
		w := make([]float64, s.Len())
		w[0] = 7
		f.Fill(w, s, nil)
		field := max(1, s.Field)
		for i := range s.Out {
			for j := range s.In {
				for k := range field {
					want := 0.
					if i == j && k == field/2 {
						want = 1
					}
					if got := w[(i*s.In+j)*field+k]; got != want {
						t.Errorf("%v: weight [%d][%d][%d] = %v, want %v", s, i, j, k, got, want)
					}
				}
			}
		}
	}
}
