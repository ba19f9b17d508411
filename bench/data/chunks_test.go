package data

import (
	"fmt"
	"testing"
)

func TestChunksByHand(t *testing.T) {
	s := Chunks(2)
	want := "[1 0 0 0 0 0 1 0 0 0 0 1 0 1 0 0 0 0 1 0 0 0 0 1]" // a b1 b2, x b1 b2
	if got := fmt.Sprint(s.X); got != want || s.N != 2 || fmt.Sprint(s.Labels) != "[0 1]" {
		t.Errorf("%d sequences %s with labels %v, want 2, %s, [0 1]", s.N, got, s.Labels, want)
	}
}
