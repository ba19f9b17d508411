package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// enumerate is CTC by its definition: the sum over all classes^T paths of z
// [T][classes] that read as labels, and the gradient of its logarithm.
func enumerate(z [][]float64, labels []int32) (loss float64, dz [][]float64) {
	steps, classes := len(z), len(z[0])
	y := make([][]float64, steps)
	share := make([][]float64, steps)
	for t := range y {
		sum := 0.0
		for _, v := range z[t] {
			sum += math.Exp(v)
		}
		for _, v := range z[t] {
			y[t] = append(y[t], math.Exp(v)/sum)
		}
		share[t] = make([]float64, classes)
	}
	p := 0.0
	path := make([]int, steps)
	for {
		var read []int32
		q := 1.0
		for t, c := range path {
			q *= y[t][c]
			if c != 0 && (t == 0 || c != path[t-1]) {
				read = append(read, int32(c))
			}
		}
		if fmt.Sprint(read) == fmt.Sprint(labels) {
			p += q
			for t, c := range path {
				share[t][c] += q
			}
		}
		t := 0
		for ; t < steps; t++ {
			if path[t]++; path[t] < classes {
				break
			}
			path[t] = 0
		}
		if t == steps {
			break
		}
	}
	for t := range share {
		for c := range share[t] {
			share[t][c] = y[t][c] - share[t][c]/p
		}
	}
	return -math.Log(p), share
}

// ctcCase is a batch of sequences.
type ctcCase struct {
	total, classes int
	labels         [][]int32
	steps          []int32
}

// target lays the labels out, with labels that there are not after the last.
func (c ctcCase) target(ldl int) (labels, lens []int32) {
	most := 0
	for _, l := range c.labels {
		most = max(most, len(l))
		lens = append(lens, int32(len(l)))
	}
	labels = make([]int32, most*ldl)
	for i := range labels {
		labels[i] = -7
	}
	for j, l := range c.labels {
		for u, v := range l {
			labels[u*ldl+j] = v
		}
	}
	return labels, lens
}

// All labellings of up to 3 of 3 classes, and sequences of 1 to 5 steps, in one batch.
func everyLabelling() ctcCase {
	c := ctcCase{total: 5, classes: 3}
	all := [][]int32{nil}
	for i := 0; i < len(all); i++ {
		if len(all[i]) < 3 {
			for l := int32(1); l <= 2; l++ {
				all = append(all, append(append([]int32(nil), all[i]...), l))
			}
		}
	}
	for steps := int32(1); steps <= 5; steps++ {
		for _, l := range all {
			c.labels, c.steps = append(c.labels, l), append(c.steps, steps)
		}
	}
	return c
}

func TestCTCIsTheSumOverAllPaths(t *testing.T) {
	both(t, testCTCPaths[float64], testCTCPaths[float32])
}

func testCTCPaths[T Float](t *testing.T) {
	c := everyLabelling()
	n, rng := len(c.labels), rand.New(rand.NewPCG(1, 2))
	z, dz := newMatrix[T](rng, c.total*c.classes, n, n+3), newMatrix[T](rng, c.total*c.classes, n, n+3)
	for j := range n { // logits after the end may be anything
		for row := int(c.steps[j]) * c.classes; row < c.total*c.classes; row++ {
			z.data[row*z.ld+j] = T(math.NaN())
		}
	}
	labels, lens := c.target(n + 1)
	losses, alone := newMatrix[T](rng, 1, n, n), newMatrix[T](rng, 1, n, n)
	before := z.clone()
	work := make([]T, CTCWork(c.total, c.classes, 3, n))
	for i := range work {
		work[i] = T(math.NaN())
	}
	CTC(losses.data, dz.data, z.data, z.ld, c.total, c.classes, n, labels, n+1, lens, c.steps, 0.5, work)
	CTC(alone.data, nil, z.data, z.ld, c.total, c.classes, n, labels, n+1, lens, c.steps, 0.5, work)
	dz.check(t, "dz")
	losses.check(t, "losses")
	if !equal(z.all, before.all) {
		t.Fatal("the logits have changed")
	}
	if !equal(alone.data, losses.data) {
		t.Errorf("losses %v without a gradient, want %v", alone.data, losses.data)
	}
	tolerance := 1e-12
	if !double[T]() {
		tolerance = 1e-5
	}
	for j := range n {
		x := make([][]float64, c.steps[j])
		for s := range x {
			for k := range c.classes {
				x[s] = append(x[s], float64(z.at(s*c.classes+k, j)))
			}
		}
		want, grad := enumerate(x, c.labels[j])
		got := float64(losses.data[j])
		if math.IsInf(want, 1) != math.IsInf(got, 1) || !math.IsInf(want, 1) && !(math.Abs(got-want) <= tolerance*max(1, want)) {
			t.Errorf("labels %v in %d steps: loss %v, want %v", c.labels[j], c.steps[j], got, want)
		}
		for s := range c.total {
			for k := range c.classes {
				d := 0.0 // after the end, and for what cannot be
				if s < len(x) && !math.IsInf(want, 1) {
					d = 0.5 * grad[s][k]
				}
				if got := float64(dz.at(s*c.classes+k, j)); !(math.Abs(got-d) <= tolerance) || d == 0 && got != 0 {
					t.Errorf("labels %v in %d steps: gradient of class %d at step %d is %v, want %v", c.labels[j], c.steps[j], k, s, got, d)
				}
			}
		}
	}
}

// Two steps, blank and a, all even: aa, a- and -a read as a, 3 of 4 paths.
func TestCTCByHand(t *testing.T) {
	losses := []float64{0}
	CTC(losses, nil, make([]float64, 4), 1, 2, 2, 1, []int32{1}, 1, []int32{1}, []int32{2}, 1, make([]float64, CTCWork(2, 2, 1, 1)))
	if math.Abs(losses[0]-0.2876820725) > 1e-10 {
		t.Errorf("loss %.12f, want -ln 0.75 = 0.2876820725", losses[0])
	}
}

// Probabilities far below the least number: with logits of 0, 400 steps of 11 classes.
func TestCTCOfLongSequences(t *testing.T) {
	const total, classes = 400, 11
	z, dz := make([]float64, total*classes), make([]float64, total*classes)
	labels := make([]int32, 20)
	for i := range labels {
		labels[i] = int32(1 + i%10)
	}
	losses := []float64{0}
	CTC(losses, dz, z, 1, total, classes, 1, labels, 1, []int32{20}, []int32{total}, 1, make([]float64, CTCWork(total, classes, 20, 1)))
	// Labels that differ from their neighbours: a path is where each of the 20
	// begins and ends. Each is a run of at least one, with blanks between: the number
	// of ways is C(total+20, 40).
	ways := 0.0
	for i := range 40 {
		ways += math.Log(float64(total+20-i)) - math.Log(float64(i+1))
	}
	if want := total*math.Log(classes) - ways; math.Abs(losses[0]-want) > 1e-9*want {
		t.Errorf("loss %v, want %v", losses[0], want)
	}
	for s := range total {
		sum := 0.0
		for k := range classes {
			sum += dz[s*classes+k]
		}
		if !(math.Abs(sum) < 1e-9) {
			t.Fatalf("the gradient of step %d adds up to %v, want 0", s, sum)
		}
	}
}

func TestCTCSameOnEveryPath(t *testing.T) {
	once(t, testCTCSame[float64], testCTCSame[float32])
}

func testCTCSame[T Float](t *testing.T) {
	c := everyLabelling()
	n := len(c.labels)
	labels, lens := c.target(n)
	for _, specials := range []bool{false, true} {
		samePaths(t, fmt.Sprintf("CTC, specials %t", specials), func(rng *rand.Rand) []matrix[T] {
			z, dz := mixed[T](rng, c.total*c.classes, n, n+5, specials), newMatrix[T](rng, c.total*c.classes, n, n+5)
			losses := newMatrix[T](rng, 1, n, n)
			CTC(losses.data, dz.data, z.data, z.ld, c.total, c.classes, n, labels, n, lens, c.steps, 0.3, make([]T, CTCWork(c.total, c.classes, 3, n)))
			return []matrix[T]{losses, dz}
		})
	}
}

func TestCTCOutsideTheNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, tt := range []struct{ blank, a, loss float64 }{
		{nan, 0, nan}, {0, nan, nan}, {inf, 0, nan}, {-inf, -inf, nan}, {0, -inf, inf}, {-inf, 0, 0},
	} {
		losses, dz := []float64{7}, []float64{7, 7}
		CTC(losses, dz, []float64{tt.blank, tt.a}, 1, 1, 2, 1, []int32{1}, 1, []int32{1}, []int32{1}, 1, make([]float64, CTCWork(1, 2, 1, 1)))
		if bits(losses[0]) != bits(tt.loss) || math.IsNaN(dz[0]) != math.IsNaN(tt.loss) || math.IsInf(tt.loss, 1) && (dz[0] != 0 || dz[1] != 0) {
			t.Errorf("logits %g and %g, label a: loss %g, gradient %g, want loss %g", tt.blank, tt.a, losses[0], dz, tt.loss)
		}
	}
	for _, tt := range []struct {
		label, steps int32
	}{{0, 1}, {2, 1}, {1, 0}, {1, 2}} {
		if !panics(func() {
			CTC(make([]float64, 1), nil, make([]float64, 4), 1, 1, 2, 1, []int32{tt.label}, 1, []int32{1}, []int32{tt.steps}, 1, make([]float64, 99))
		}) {
			t.Errorf("label %d, %d steps of 1: no panic", tt.label, tt.steps)
		}
	}
}
