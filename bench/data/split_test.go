package data

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestSplitPartsAreDisjointAndComplete(t *testing.T) {
	for _, n := range []int{3, 10, 101, 1000} {
		p, err := Split(n, nil, 0.3, 0.3, newRand(1))
		if err != nil {
			t.Errorf("n = %d: %v", n, err)
			continue
		}
		all := slices.Concat(p.Train, p.Valid, p.Test)
		slices.Sort(all)
		for i, v := range all {
			if v != i {
				t.Fatalf("n = %d: parts hold %v, want every example once", n, all)
			}
		}
		if len(all) != n {
			t.Errorf("n = %d: %d examples in the parts", n, len(all))
		}
	}
}

func TestSplitCounts(t *testing.T) {
	for _, c := range []struct {
		n                    int
		test, valid          float64
		train, valids, tests int
	}{
		{100, 0.2, 0.25, 60, 20, 20},
		{10000, 0.2, 0.1, 7200, 800, 2000},
		{11, 0.2, 0.2, 7, 2, 2}, // 2.2 and 1.8
		{4, 0.25, 0.34, 2, 1, 1},
		{10, 0, 0.2, 8, 2, 0},
		{1, 0, 0, 1, 0, 0},
	} {
		p, err := Split(c.n, nil, c.test, c.valid, newRand(1))
		if err != nil || len(p.Train) != c.train || len(p.Valid) != c.valids || len(p.Test) != c.tests {
			t.Errorf("Split(%d, test %g, valid %g) = %d, %d, %d, %v, want %d, %d, %d", c.n, c.test, c.valid, len(p.Train), len(p.Valid), len(p.Test), err, c.train, c.valids, c.tests)
		}
	}
}

func TestSplitIsStratified(t *testing.T) {
	// 70, 20, 7 and 2 examples, and 1, in the order of their classes.
	counts := []int{70, 20, 7, 2, 1}
	var labels []int32
	for c, n := range counts {
		labels = append(labels, slices.Repeat([]int32{int32(c)}, n)...)
	}
	for seed := range uint64(20) {
		p, err := Split(100, labels, 0.2, 0.25, newRand(seed))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Test) != 20 || len(p.Valid) != 20 {
			t.Fatalf("%d to test and %d to validate, want 20 of each", len(p.Test), len(p.Valid))
		}
		for c, n := range counts {
			in := func(part []int) (k int) {
				for _, i := range part {
					if int(labels[i]) == c {
						k++
					}
				}
				return k
			}
			if got := in(p.Test); math.Abs(float64(got)-0.2*float64(n)) >= 1 {
				t.Errorf("%d of the %d of class %d in the test part, want a fifth", got, n, c)
			}
			if in(p.Train) == 0 {
				t.Errorf("none of the %d of class %d in the training part", n, c)
			}
		}
	}
}

func TestSplitKeepsTheLastExampleOfAClass(t *testing.T) {
	// Quotas of 0.9 of one example, and 1.8 of two, would round to all of them.
	labels := []int32{0, 1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4}
	p, err := Split(len(labels), labels, 0.9, 0, newRand(1))
	if err != nil {
		t.Fatal(err)
	}
	var in [5]bool
	for _, i := range p.Train {
		in[labels[i]] = true
	}
	if in != [5]bool{true, true, true, true, true} {
		t.Errorf("classes %v in the training part %v, want all", in, p.Train)
	}
}

func TestSplitDependsOnTheSeedAlone(t *testing.T) {
	split := func(valid float64, seed uint64) Parts {
		p, err := Split(200, nil, 0.2, valid, newRand(seed))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b, other, larger := split(0.2, 1), split(0.2, 1), split(0.2, 2), split(0.5, 1)
	if !slices.Equal(a.Train, b.Train) || !slices.Equal(a.Test, b.Test) {
		t.Error("the same seed split otherwise")
	}
	if slices.Equal(a.Test, other.Test) {
		t.Error("another seed split the same")
	}
	if !slices.Equal(a.Test, larger.Test) {
		t.Error("another validation part changed the test part")
	}
	if slices.IsSorted(a.Train) {
		t.Error("the training part is sorted, want it in random order")
	}
}

func TestSplitTooFew(t *testing.T) {
	for _, n := range []int{0, 1, 2} {
		_, err := Split(n, nil, 0.3, 0.3, newRand(1))
		if err == nil || !strings.Contains(err.Error(), "want at least 1 of each") {
			t.Errorf("Split of %d: error %v, want one that says so", n, err)
		}
	}
}
