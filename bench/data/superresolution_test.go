package data

import (
	"slices"
	"testing"
)

func TestCoarsePixelsAreMeans(t *testing.T) {
	s := Coarse(Set{N: 2, X: []float64{
		0, 1, 2, 3,
		4, 5, 6, 7,
		0, 0, 0, 4,
		0, 0, 4, 0,
		1, 1, 0, 0,
		1, 1, 0, 0,
		0, 0, 8, 8,
		0, 0, 8, 8,
	}, Labels: []int32{3, 4}}, 4, 2)
	if want := []float64{2.5, 4.5, 0, 2, 1, 0, 0, 8}; !slices.Equal(s.X, want) {
		t.Errorf("means %v, want %v", s.X, want)
	}
	if len(s.Y) != 32 || s.Y[5] != 5 || s.Labels != nil {
		t.Errorf("targets %v, labels %v, want the images and none", s.Y, s.Labels)
	}
}
