package data

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 1e-12 })
}

func TestStandardise(t *testing.T) {
	nan := math.NaN()
	// Columns: 1 2 3 4; a constant that sums do not hit; 0, 2 and two missing.
	train := Set{N: 4, X: []float64{
		1, 0.1, nan,
		2, 0.1, 0,
		3, 0.1, nan,
		4, 0.1, 2,
	}}
	test := Set{N: 1, X: []float64{5, 7, nan}}
	Standardise(train, test)
	a := math.Sqrt(1.25) // of 1 2 3 4
	want := []float64{
		-1.5 / a, 0, 0,
		-0.5 / a, 0, -1,
		0.5 / a, 0, 0,
		1.5 / a, 0, 1,
	}
	if !near(train.X, want) {
		t.Errorf("train = %v, want %v", train.X, want)
	}
	if want := []float64{2.5 / a, 0, 0}; !near(test.X, want) {
		t.Errorf("test = %v, want %v", test.X, want)
	}
}

func TestStandardiseKnowsOnlyTheTrainingPart(t *testing.T) {
	draw := func() (train, test Set) { return Moons(50, 0.1, newRand(1)), Moons(50, 0.1, newRand(2)) }
	train, test := draw()
	Standardise(train, test)
	train2, test2 := draw()
	for i := range test2.X {
		test2.X[i] = 1000 - 3*test2.X[i]
	}
	Standardise(train2, test2)
	if !slices.Equal(train.X, train2.X) {
		t.Error("a shifted test part changed the training part")
	}
	if slices.Equal(test.X, test2.X) {
		t.Error("a shifted test part did not stay shifted")
	}
}

func TestStandardiseAtTheLimitsOfNumbers(t *testing.T) {
	for _, scale := range []float64{MaxMagnitude, 1e-300} {
		train := Set{N: 2, X: []float64{-scale, scale}}
		Standardise(train)
		if !near(train.X, []float64{-1, 1}) {
			t.Errorf("±%g became %v, want ±1", scale, train.X)
		}
	}
	// The same number, but for how it was rounded.
	train := Set{N: 2, X: []float64{0.1 + 0.2, 0.3}}
	if train.X[0] == train.X[1] {
		train.X[0] = math.Nextafter(0.3, 1)
	}
	Standardise(train)
	if !slices.Equal(train.X, []float64{0, 0}) {
		t.Errorf("0.1+0.2 and 0.3 became %v, want 0", train.X)
	}
	Standardise(Set{}) // nothing to do
}

func TestStandardiseTarget(t *testing.T) {
	train, test := Set{N: 2, Y: []float64{10, 14}}, Set{N: 1, Y: []float64{16}}
	mean, std, err := StandardiseTarget(train, test)
	if err != nil || mean != 12 || std != 2 {
		t.Errorf("mean %g, std %g, %v, want 12 and 2", mean, std, err)
	}
	if !near(train.Y, []float64{-1, 1}) || !near(test.Y, []float64{2}) {
		t.Errorf("train %v, test %v, want -1 1 and 2", train.Y, test.Y)
	}
	_, _, err = StandardiseTarget(Set{N: 2, Y: []float64{5, 5}})
	if err == nil || !strings.Contains(err.Error(), "the target is 5 in all 2 training examples") {
		t.Errorf("constant target: error %v, want one that says so", err)
	}
}
