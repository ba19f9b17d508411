package tasks

import (
	"slices"
	"testing"
)

// The four patterns as bits are the truth table.
func TestXORWithBits(t *testing.T) {
	d, err := xorConfig{Bits: true}.data(1, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{0, 0, 0, 1, 1, 0, 1, 1}; !slices.Equal(d.Train.X, want) {
		t.Errorf("inputs %v, want %v", d.Train.X, want)
	}
	if want := []float64{0, 1, 1, 0}; !slices.Equal(d.Train.Y, want) || !slices.Equal(d.Test.X, d.Train.X) {
		t.Errorf("targets %v of %v, want %v", d.Train.Y, d.Test.X, want)
	}
}
