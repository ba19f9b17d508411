package data

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// meanAndVariance returns the mean and the variance of x.
func meanAndVariance(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// steps returns the inputs of example i, a slice for each of its steps. All that
// follows its end must be 0.
func steps(t *testing.T, s Set, i, features int) [][]float64 {
	t.Helper()
	size := len(s.X) / s.N
	x := s.X[i*size:][:size]
	n := size / features
	if s.Lens != nil {
		n = s.Lens[i]
	}
	for _, v := range x[n*features:] {
		if v != 0 {
			t.Fatalf("input %v after the end of sequence %d", v, i)
		}
	}
	var rows [][]float64
	for at := range n {
		rows = append(rows, x[at*features:][:features])
	}
	return rows
}

// symbols returns the symbols of example i, whose inputs must be one-hot.
func symbols(t *testing.T, s Set, i, features int) []int {
	t.Helper()
	var all []int
	for _, x := range steps(t, s, i, features) {
		at := slices.Index(x, 1)
		for f, v := range x {
			if f != at && v != 0 || at < 0 {
				t.Fatalf("inputs %v of example %d, want a 1 and nothing else", x, i)
			}
		}
		all = append(all, at)
	}
	return all
}

// lengths tests that all lengths from least to most come.
func lengths(t *testing.T, lens []int, least, most int) {
	t.Helper()
	if slices.Min(lens) != least || slices.Max(lens) != most {
		t.Errorf("lengths from %d to %d, want %d to %d", slices.Min(lens), slices.Max(lens), least, most)
	}
}

// expect tests a statistic to four of its standard deviations.
func expect(t *testing.T, what string, got, want, deviation float64) {
	t.Helper()
	if math.Abs(got-want) > 4*deviation {
		t.Errorf("%s = %.5g, want %.5g to %.2g", what, got, want, 4*deviation)
	}
}

func TestAddingIsTheSumOfTwoMarkedValues(t *testing.T) {
	const n, length = 20000, 21
	s := Adding(n, length, newRand(1))
	var firsts, seconds []float64
	for i := range n {
		sum, marked := 0.0, []int(nil)
		for at, x := range steps(t, s, i, 2) {
			if x[0] < 0 || x[0] >= 1 || x[1] != 0 && x[1] != 1 {
				t.Fatalf("inputs %v, want a value in [0, 1) and a marker", x)
			}
			sum += x[0] * x[1]
			if x[1] == 1 {
				marked = append(marked, at)
			}
		}
		if sum != s.Y[i] || len(marked) != 2 || marked[0] >= length/2 || marked[1] < length/2 {
			t.Fatalf("example %d: target %v, want %v; marked are %v, want one in each half", i, s.Y[i], sum, marked)
		}
		firsts, seconds = append(firsts, float64(marked[0])), append(seconds, float64(marked[1]))
	}
	mean, variance := meanAndVariance(s.Y)
	expect(t, "mean target", mean, 1, math.Sqrt(1./6/n))
	// The triangular distribution has a fourth moment of 1/15.
	expect(t, "variance of the target", variance, 1./6, math.Sqrt((1./15-1./36)/n))
	mean, variance = meanAndVariance(firsts)
	expect(t, "mean first place", mean, 4.5, math.Sqrt(variance/n))
	mean, variance = meanAndVariance(seconds)
	expect(t, "mean second place", mean, 15, math.Sqrt(variance/n))
}

func TestHistoricalAdding(t *testing.T) {
	const n, least = 20000, 40
	s := HistoricalAdding(n, least, newRand(2))
	lengths(t, s.Lens, least, 44)
	zeros := 0
	var errors []float64
	for i := range n {
		sum, marked, early := 0.0, 0, false
		rows := steps(t, s, i, 2)
		for at, x := range rows {
			end := at == 0 || at == len(rows)-1
			if x[0] < -1 || x[0] >= 1 || end != (x[1] == -1) || !end && x[1] != 0 && x[1] != 1 {
				t.Fatalf("inputs %v of step %d of %d", x, at, len(rows))
			}
			if x[1] == 1 {
				sum += x[0]
				marked++
				early = early || at < 10
				if at > least/2-1 {
					t.Fatalf("step %d is marked, want at most %d", at, least/2-1)
				}
			}
		}
		if s.Y[i] != 0.5+sum/4 || marked > 2 || marked < 1 || !early && marked == 2 {
			t.Fatalf("target %v, want %v; %d steps are marked", s.Y[i], 0.5+sum/4, marked)
		}
		if marked == 1 {
			zeros++ // the other is the first step
		} else {
			errors = append(errors, s.Y[i]-0.5)
		}
	}
	// The first step is X1 for one in 10, and else X2 for one in 19.
	p := 0.1 + 0.9/19
	expect(t, "share with the first step marked", float64(zeros)/n, p, math.Sqrt(p*(1-p)/n))
	_, variance := meanAndVariance(errors)
	expect(t, "variance of the target", variance, 1./24, 1./24/math.Sqrt(n/2))
}

func TestCopyRepeatsWhatCameFirst(t *testing.T) {
	const n, count, lag = 3000, 3, 7
	s := Copy(n, count, lag, newRand(3))
	length := lag + 2*count
	if len(s.X) != n*length*CopyFeatures || len(s.Labels) != n*length {
		t.Fatalf("%d inputs and %d labels", len(s.X), len(s.Labels))
	}
	seen := make([]float64, 8)
	for i := range n {
		x, y := symbols(t, s, i, CopyFeatures), s.Labels[i*length:][:length]
		for at := range length {
			input, label := 8, 8
			switch {
			case at < count:
				input = x[at]
				seen[input]++
			case at == count+lag-1:
				input = 9
			}
			if at >= length-count {
				label = x[at-(length-count)]
			}
			if x[at] != input || int(y[at]) != label || at < count && input > 7 {
				t.Fatalf("step %d of %v has label %d", at, x, y[at])
			}
		}
	}
	for symbol, k := range seen {
		expect(t, fmt.Sprintf("share of symbol %d", symbol), k/(n*count), 1./8, math.Sqrt(7./64/(n*count)))
	}
}

// The strings of the grammar, which is written here as the expression that it is.
func TestReberStrings(t *testing.T) {
	const n, length = 4000, 30
	for _, embedded := range []bool{false, true} {
		s := Reber(n, length, embedded, newRand(4))
		branches, total := 0.0, 0.0
		for i := range n {
			text := ""
			for _, symbol := range symbols(t, s, i, 7) {
				text += ReberSymbols[symbol : symbol+1]
			}
			steps := len(text)
			labels := s.Labels[i*length:][:steps]
			text += ReberSymbols[labels[steps-1]:][:1]
			for at, l := range labels {
				if ReberSymbols[l] != text[at+1] {
					t.Fatalf("label %d of %s is %c", at, text, ReberSymbols[l])
				}
			}
			inner := text
			if embedded {
				inner = text[2 : len(text)-2]
				if text[0] != 'B' || text[1] != text[len(text)-2] || text[len(text)-1] != 'E' {
					t.Fatalf("%s is not embedded", text)
				}
				if text[1] == 'T' {
					branches++
				}
			}
			if !reberAccepts(inner) {
				t.Fatalf("%s is not in the grammar", inner)
			}
			total += float64(len(inner))
			// What could have followed, worked out from the strings themselves.
			for at := range labels {
				for c := range ReberSymbols {
					possible := s.Y[(i*length+at)*7+c] == 1
					if got := reberContinues(text[:at+1], ReberSymbols[c], embedded); got != possible {
						t.Fatalf("%c after %s possible: %t, want %t", ReberSymbols[c], text[:at+1], possible, got)
					}
				}
			}
		}
		if embedded {
			expect(t, "share of T", branches/n, 0.5, 0.5/math.Sqrt(n))
		}
		// Lengths vary by about 3 symbols.
		expect(t, "mean length", total/n, 1+reberExpected(), 3.2/math.Sqrt(n))
	}
}

// reberExpected is the mean number of symbols after B, both ways out of a node being as
// likely, by iteration of what that says of each node.
func reberExpected() float64 {
	var e [7]float64
	for range 1000 {
		e[5] = 1
		e[4] = 1 + (e[3]+e[5])/2
		e[3] = 1 + (e[2]+e[5])/2
		e[2] = 1 + (e[2]+e[4])/2
		e[1] = 1 + (e[1]+e[3])/2
		e[0] = 1 + (e[1]+e[2])/2
	}
	return e[0]
}

// reberNext is the grammar as a table of its own: the node after a symbol, or -1.
func reberNext(node int, symbol byte) int {
	switch fmt.Sprintf("%d %c", node, symbol) {
	case "0 T", "1 S":
		return 1
	case "0 P", "2 T", "3 X":
		return 2
	case "1 X", "4 P":
		return 3
	case "2 V":
		return 4
	case "3 S", "4 V":
		return 5
	case "5 E":
		return 6
	}
	return -1
}

func reberAccepts(text string) bool {
	node := 0
	for i := 1; i < len(text) && node >= 0; i++ {
		node = reberNext(node, text[i])
	}
	return strings.HasPrefix(text, "B") && node == 6
}

// reberContinues reports whether symbol can follow the beginning of a string.
func reberContinues(text string, symbol byte, embedded bool) bool {
	if embedded {
		switch len(text) {
		case 1:
			return symbol == 'T' || symbol == 'P'
		case 2:
			return symbol == 'B'
		}
		inner := text[2:]
		if end := strings.IndexByte(inner, 'E'); end >= 0 {
			if end == len(inner)-1 {
				return symbol == text[1]
			}
			return symbol == 'E'
		}
		text = inner
	}
	node := 0
	for i := 1; i < len(text); i++ {
		node = reberNext(node, text[i])
	}
	return reberNext(node, symbol) >= 0
}

func TestTwoSequence(t *testing.T) {
	const n, informative = 2000, 3
	s := TwoSequence(n, 10, 12, informative, 0.2, newRand(5))
	lengths(t, s.Lens, 10, 12)
	var noise []float64
	for i := range n {
		for at, x := range steps(t, s, i, 1) {
			if at >= informative {
				noise = append(noise, x[0])
			} else if int(s.Labels[i]) != i%2 || x[0] != float64(2*(i%2)-1) {
				t.Fatalf("input %d of example %d is %v, its class %d", at, i, x[0], s.Labels[i])
			}
		}
	}
	mean, variance := meanAndVariance(noise)
	expect(t, "mean noise", mean, 0, math.Sqrt(0.2/float64(len(noise))))
	expect(t, "variance of the noise", variance, 0.2, 0.2*math.Sqrt(2/float64(len(noise))))
}

func TestLatchFree(t *testing.T) {
	s := LatchFree(600, 5, 7, 0.2, newRand(6))
	lengths(t, s.Lens, 5, 7)
	var noise []float64
	for i := range s.N {
		for at, x := range steps(t, s, i, 3) {
			first := at == 0
			if class := i % 2; int(s.Labels[i]) != class || (x[0] == 1) != (first && class == 1) || (x[1] == 1) != (first && class == 0) || first != (x[2] == 0) {
				t.Fatalf("inputs %v at step %d, class %d", x, at, s.Labels[i])
			}
			if !first {
				noise = append(noise, x[2])
			}
		}
	}
	_, variance := meanAndVariance(noise)
	expect(t, "variance of the noise", variance, 0.2, 0.2*math.Sqrt(2/float64(len(noise))))
}

func TestTemporalOrderIsTheClass(t *testing.T) {
	const n = 8000
	for _, tt := range []struct {
		relevant int
		places   [][2]int
	}{
		{2, [][2]int{{10, 20}, {50, 60}}},
		{3, [][2]int{{10, 20}, {33, 43}, {66, 76}}},
	} {
		s := TemporalOrder(n, 100, tt.relevant, newRand(7))
		lengths(t, s.Lens, 100, 110)
		counts, least, most := make([]float64, 1<<tt.relevant), slices.Repeat([]int{1000}, tt.relevant), make([]int, tt.relevant)
		for i := range n {
			x := symbols(t, s, i, TemporalFeatures)
			if x[0] != 0 || x[len(x)-1] != 1 {
				t.Fatalf("%v, want 0 at its start and 1 at its end", x)
			}
			class, j := 0, 0
			for at, v := range x[1 : len(x)-1] {
				switch {
				case v >= 6:
					class = 2*class + v - 6
					least[j], most[j] = min(least[j], at+1), max(most[j], at+1)
					j++
				case v < 2:
					t.Fatalf("%v: %d inside", x, v)
				}
			}
			if j != tt.relevant || class != int(s.Labels[i]) {
				t.Fatalf("%v: class %d, want %d", x, s.Labels[i], class)
			}
			counts[class]++
		}
		for j, p := range tt.places {
			if least[j] != p[0] || most[j] != p[1] {
				t.Errorf("place %d from %d to %d, want %v", j, least[j], most[j], p)
			}
		}
		for c, k := range counts {
			p := 1 / float64(len(counts))
			expect(t, fmt.Sprintf("share of class %d", c), k/n, p, math.Sqrt(p*(1-p)/n))
		}
	}
}

func TestNoiseFree(t *testing.T) {
	s := NoiseFree(4) // a1 a2 a3 x y
	for i, first := range []int{3, 4} {
		if got, want := symbols(t, s, i, 5), []int{first, 0, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("sequence %d is %v, want %v", i, got, want)
		}
		if got, want := s.Labels[4*i:][:4], []int32{0, 1, 2, int32(first)}; !slices.Equal(got, want) {
			t.Errorf("labels of sequence %d are %v, want %v", i, got, want)
		}
	}
}

func TestNoisyLag(t *testing.T) {
	const n, p, q = 4000, 3, 10
	s := NoisyLag(n, p, q, newRand(8))
	total := 0.0
	for i := range n {
		x := symbols(t, s, i, p+4)
		last := len(x) - 1
		if x[0] != p+1 || x[1] != p+2+int(s.Labels[i]) || x[last] != p || last < q+2 || slices.Max(x[2:last]) >= p || int(s.Labels[i]) != i%2 {
			t.Fatalf("%v, class %d", x, s.Labels[i])
		}
		total += float64(len(x) - q - 3)
	}
	// The mean of a geometric distribution without what is above 40.
	mean, weight := 0.0, 0.0
	for k := range 41 {
		w := 0.1 * math.Pow(0.9, float64(k))
		mean, weight = mean+w*float64(k), weight+w
	}
	expect(t, "mean tail", total/n, mean/weight, 10/math.Sqrt(n))
}

func TestParityOverTime(t *testing.T) {
	const n = 4000
	s := ParityOverTime(n, 7, 9, newRand(9))
	lengths(t, s.Lens, 7, 9)
	ones, all := 0.0, 0.0
	for i := range n {
		odd := 0
		for _, x := range steps(t, s, i, 1) {
			if x[0] != 1 && x[0] != -1 {
				t.Fatalf("input %v, want 1 or -1", x[0])
			}
			if x[0] == 1 {
				odd ^= 1
				ones++
			}
			all++
		}
		if odd != int(s.Labels[i]) || odd != i%2 {
			t.Fatalf("class %d of example %d, want %d", s.Labels[i], i, odd)
		}
	}
	expect(t, "share of 1", ones/all, 0.5, 0.5/math.Sqrt(all))
}

func TestDigitStrings(t *testing.T) {
	const n, size, most = 500, 8, 3
	s := DigitStrings(n, size, most, 0.03, newRand(10))
	counts := make([]float64, most+1)
	for i := range n {
		k := s.LabelLens[i]
		counts[k]++
		if l := s.Lens[i]; l < k*size || l > k*(size+2) || len(steps(t, s, i, size)) != l {
			t.Fatalf("%d digits in %d columns", k, l)
		}
		for u, l := range s.Labels[i*most:][:most] {
			if u < k && (l < 1 || l > 10) || u >= k && l != 0 {
				t.Fatalf("labels %v, of which %d count", s.Labels[i*most:][:most], k)
			}
		}
	}
	for k := 1; k <= most; k++ {
		expect(t, fmt.Sprintf("share of %d digits", k), counts[k]/n, 1./most, math.Sqrt(2./9/n))
	}
	// A line of one digit is its image, turned: the nearest of many images is of the
	// same digit.
	images := Strokes(2000, size, 0.03, newRand(11))
	right, lines := 0.0, 0.0
	for i := range n {
		rows := steps(t, s, i, size)
		if s.LabelLens[i] != 1 {
			continue
		}
		image := make([]float64, size*size)
		for x, column := range rows[len(rows)-size:] {
			for y, v := range column {
				image[y*size+x] = v
			}
		}
		lines++
		if nearest(images, image) == s.Labels[i*most]%10 {
			right++
		}
	}
	if right/lines < 0.95 {
		t.Errorf("%g of %g digits are like those of their class", right, lines)
	}
}

func TestBarsAndStripes(t *testing.T) {
	if s := BarsAndStripes(3); s.N != 14 || len(s.X) != 14*9 {
		t.Fatalf("%d images, want 14", s.N)
	}
	s := BarsAndStripes(4)
	seen := map[string]bool{}
	for i := range s.N {
		seen[fmt.Sprint(s.X[i*16:][:16])] = true
	}
	if s.N != 30 || len(seen) != 30 {
		t.Errorf("%d images, %d of them different, want 30", s.N, len(seen))
	}
	c := BarsOrStripes(4)
	if c.N != 28 {
		t.Fatalf("%d images of one direction, want 28", c.N)
	}
	for i := range c.N {
		image := c.X[i*16:][:16]
		if !seen[fmt.Sprint(image)] {
			t.Fatalf("%v is neither bars nor stripes", image)
		}
		rows := true
		for y := range 4 {
			if w := bits.OnesCount(uint(image[4*y] + 2*image[4*y+1] + 4*image[4*y+2] + 8*image[4*y+3])); w != 0 && w != 4 {
				rows = false
			}
		}
		if rows != (c.Labels[i] == 0) {
			t.Errorf("class %d of %v", c.Labels[i], image)
		}
	}
}

func TestSameSeedSameSequences(t *testing.T) {
	for name, draw := range map[string]func(seed uint64) Set{
		"adding":            func(seed uint64) Set { return Adding(9, 10, newRand(seed)) },
		"historical adding": func(seed uint64) Set { return HistoricalAdding(9, 20, newRand(seed)) },
		"copy":              func(seed uint64) Set { return Copy(9, 3, 4, newRand(seed)) },
		"reber":             func(seed uint64) Set { return Reber(9, 30, true, newRand(seed)) },
		"latch":             func(seed uint64) Set { return LatchFree(9, 5, 9, 0.2, newRand(seed)) },
		"two-sequence":      func(seed uint64) Set { return TwoSequence(9, 5, 9, 1, 0.2, newRand(seed)) },
		"temporal order":    func(seed uint64) Set { return TemporalOrder(9, 10, 3, newRand(seed)) },
		"noisy lag":         func(seed uint64) Set { return NoisyLag(9, 3, 5, newRand(seed)) },
		"parity":            func(seed uint64) Set { return ParityOverTime(9, 5, 9, newRand(seed)) },
		"digit strings":     func(seed uint64) Set { return DigitStrings(9, 8, 3, 0.03, newRand(seed)) },
	} {
		a, b, other := draw(1), draw(1), draw(2)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s: the same seed gave other data", name)
		}
		if slices.Equal(a.X, other.X) {
			t.Errorf("%s: another seed gave the same data", name)
		}
	}
}
