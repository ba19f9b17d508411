package gradient

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// line is one of the six functions of Moré & Thuente 1994, section 5, and its
// derivative.
func line(number int, a float64) (f, slope float64) {
	pair := func(b1, b2 float64) (float64, float64) {
		gamma := func(b float64) float64 { return math.Sqrt(1+b*b) - b }
		p, q := math.Hypot(1-a, b2), math.Hypot(a, b1)
		return gamma(b1)*p + gamma(b2)*q, -gamma(b1)*(1-a)/p + gamma(b2)*a/q
	}
	switch number {
	case 1:
		return -a / (a*a + 2), (a*a - 2) / ((a*a + 2) * (a*a + 2))
	case 2:
		x := a + 0.004
		return math.Pow(x, 5) - 2*math.Pow(x, 4), 5*math.Pow(x, 4) - 8*math.Pow(x, 3)
	case 3:
		const b, l = 0.01, 39
		p, d := math.Abs(a-1), math.Copysign(1, a-1)
		if math.Abs(a-1) < b {
			p, d = (a-1)*(a-1)/(2*b)+b/2, (a-1)/b
		}
		sin, cos := math.Sincos(l * math.Pi / 2 * a)
		return p + 2*(1-b)/(l*math.Pi)*sin, d + (1-b)*cos
	case 4:
		return pair(0.001, 0.001)
	case 5:
		return pair(0.01, 0.001)
	default:
		return pair(0.001, 0.01)
	}
}

// figures of testdata/minima.py.
type figures struct {
	Lines []struct {
		Function                   int
		First, Decrease, Curvature float64
		Steps                      []float64
		Accepted                   bool
	}
	Minima []struct {
		Function, Method string
		Start, X         []float64
		Loss             float64
		Within           int
	}
}

func readFigures(t *testing.T) figures {
	t.Helper()
	content, err := os.ReadFile("testdata/minima.json")
	if err != nil {
		t.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(content, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// The steps are those of MINPACK-2's dcsrch (in SciPy 1.10) on the functions of
// the paper, from steps that are far too short to far too long. The sine in
// the third is not the same in the two programs, and is taken of 1000.
func TestAgreesWithMINPACK(t *testing.T) {
	f := readFigures(t)
	if len(f.Lines) != 24 {
		t.Fatalf("%d searches, want 24", len(f.Lines))
	}
	for _, c := range f.Lines {
		var m moreThuente
		loss, slope := line(c.Function, 0)
		m.begin(loss, slope, c.First)
		known := searching
		tolerance := 1e-12
		if c.Function == 3 {
			tolerance = 1e-9
		}
		for i, want := range c.Steps {
			if known != searching || !(math.Abs(m.Step-want) <= tolerance*want) {
				t.Fatalf("function %d from step %v: step %d is %.17g (verdict %d), want %.17g", c.Function, c.First, i, m.Step, known, want)
			}
			loss, slope := line(c.Function, m.Step)
			known = m.next(wolfe{c.Decrease, c.Curvature, 1e-10}, loss, slope)
		}
		if c.Accepted != (known == accepted) {
			t.Errorf("function %d from step %v: verdict %d after %d steps, want accepted %v", c.Function, c.First, known, len(c.Steps), c.Accepted)
		}
	}
}

// A loss out of range shortens the step to a tenth, until it is in range.
func TestSearchComesBackFromInfinity(t *testing.T) {
	var m moreThuente
	m.begin(1, -1, 1000)
	for range 3 {
		m.shorten()
	}
	if math.Abs(m.Step-1) > 1e-12 {
		t.Errorf("step = %v after three losses of +Inf from 1000, want 1", m.Step)
	}
	// (1-step)^2/2: accepted at its minimum.
	if got := m.next(wolfe{1e-4, 0.1, 1e-10}, 0.5, 0); got != accepted {
		t.Errorf("verdict %d at the minimum, want accepted", got)
	}
}

// A loss that rises along a line that the slope says falls, as when the
// minibatch changes, ends in a stall at the start.
func TestSearchStallsWhereNothingIsLower(t *testing.T) {
	var m moreThuente
	m.begin(0, -1, 1)
	known := searching
	for range 100 {
		if known = m.next(wolfe{1e-4, 0.9, 1e-10}, 1, -1); known != searching {
			break
		}
	}
	if known != stalled || m.Step != 0 {
		t.Errorf("verdict %d at step %v, want stalled at 0", known, m.Step)
	}
}

// Losses whose difference overflows end a line, and not in NaN.
func TestSearchStallsOutOfRange(t *testing.T) {
	var m moreThuente
	m.begin(-1e308, -1, 1)
	if got := m.next(wolfe{1e-4, 0.9, 1e-10}, 1.7e308, 1); got != stalled {
		t.Errorf("verdict %d at step %v after a loss of -1e308 and one of 1.7e308, want stalled", got, m.Step)
	}
}
