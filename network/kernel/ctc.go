package kernel

import (
	"fmt"
	"math"
)

// CTC is the loss of connectionist temporal classification (Graves et al. 2006,
// doi:10.1145/1143844.1143891) of logits z [steps][classes][ld], of which n columns
// are sequences, and its gradient. Class 0 is the blank.
//
//	losses[j]    = -ln p, the probability of all paths that read as the labels of j
//	dz[t][c][j]  = scale * (y[t][c] - share[t][c])
//
// where y is the softmax of step t, and share is how much of p has class c there. A
// path is a class for each step; it reads as what is left without repetitions and
// then without blanks.
//
// Labels are [u][ldl], lens[j] of them for sequence j, from 1 to classes-1; others
// panic. Sequence j has steps[j] steps, from 1 to total; dz is 0 in those after them,
// whose logits are not read. Labels that need more steps than there are have loss
// +Inf, and so have those of probability 0; their dz is 0: nothing that a small step
// changes would help. NaN, +Inf, or nothing but -Inf among the logits of a step give
// NaN.
//
// dz has the layout of z and must not overlap it; nil, it is left out, and the losses
// are the same. work is [CTCWork] numbers that hold nothing.
//
// Arithmetic: with l the labels and a blank before, between and after them, s from 0
// to 2u, ln y[t][c] is (z-max) - ln(sum of e^(z-max) over c in order), and
//
//	a[t][s] = L(a[t-1][s], a[t-1][s-1], a[t-1][s-2]) + ln y[t][l[s]]
//	b[t][s] = L(b'[s], b'[s+1], b'[s+2])             b'[s] = b[t+1][s] + ln y[t+1][l[s]]
//
// where L is the logarithm of the sum of exponentials, max + ln(sum of e^(x-max)) in
// the order of its arguments, and the last argument is -Inf unless l[s] is a label
// and not the one before (after). p is L of the last two a of the last step. share is
// the sum of e^((a+b) - ln p) over s in order, taken from y, and scale is a product
// of its own.
func CTC[T Float](losses, dz, z []T, ld, total, classes, n int, labels []int32, ldl int, lens, steps []int32, scale T, work []T) {
	if n <= 0 {
		return
	}
	longest := int32(0)
	for j, u := range lens[:n] {
		longest = max(longest, u)
		if steps[j] < 1 || int(steps[j]) > total {
			panic(fmt.Sprintf("kernel: %d steps of sequence %d, want 1 to %d", steps[j], j, total))
		}
		for i := range u {
			if l := labels[int(i)*ldl+j]; l < 1 || int(l) >= classes {
				panic(wrongLabel(l, classes))
			}
		}
	}
	c := ctc[T]{
		z: z, ld: ld, classes: classes, n: n, labels: labels, ldl: ldl,
		lens: lens, steps: steps, states: 2*int(longest) + 1, kept: 2,
	}
	if dz != nil {
		c.kept = total
	}
	c.cut(work)
	for t := range total {
		c.softmax(t)
		c.forward(t)
		for j, last := range steps[:n] {
			if int(last) == t+1 {
				losses[j] = 0 - c.total(t, j) // +0 for a probability of 1
			}
		}
	}
	if dz == nil {
		return
	}
	for t := total - 1; t >= 0; t-- {
		c.backward(t, total)
		c.gradient(t, dz, losses, scale)
	}
}

// CTCWork is how much memory [CTC] takes for sequences of at most so many labels.
func CTCWork(total, classes, labels, n int) int {
	states := 2*labels + 1
	return n * (max(2, total)*(classes+states) + 7*states + classes + 2)
}

// ctc is one call of [CTC]. Rows have n values.
type ctc[T Float] struct {
	z           []T
	ld          int
	classes, n  int
	labels      []int32
	ldl         int
	lens, steps []int32
	states      int // of the longest labels
	kept        int // steps whose rows are kept, the last ones

	logy  []T // [kept][classes]
	a     []T // [kept][states]
	b     []T // [states]
	next  []T // [states]: b'
	terms []T // [3*states]
	sums  []T // [states]
	most  []T // [states]
	y     []T // [classes]
	row   []T // two rows
}

func (c *ctc[T]) cut(work []T) {
	take := func(rows int) []T {
		part := work[: rows*c.n : rows*c.n]
		work = work[rows*c.n:]
		return part
	}
	c.logy, c.a = take(c.kept*c.classes), take(c.kept*c.states)
	c.b, c.next = take(c.states), take(c.states)
	c.terms, c.sums, c.most = take(3*c.states), take(c.states), take(c.states)
	c.y, c.row = take(c.classes), take(2)
}

// class is the class of state s of sequence j: a label, or blank.
func (c *ctc[T]) class(s, j int) int {
	if s%2 == 0 {
		return 0
	}
	return int(c.labels[s/2*c.ldl+j])
}

// apart reports whether states s and s+2 of sequence j are different labels, so that
// no blank is needed between them.
func (c *ctc[T]) apart(s, j int) bool {
	return s%2 == 1 && s/2+1 < int(c.lens[j]) && c.class(s, j) != c.class(s+2, j)
}

// logs are the logarithms of the probabilities of step t, and states those of paths.
func (c *ctc[T]) logs(t int) []T { return c.logy[t%c.kept*c.classes*c.n:][:c.classes*c.n] }

func (c *ctc[T]) paths(t int) []T {
	return c.a[t%c.kept*c.states*c.n:][:c.states*c.n]
}

// softmax computes the logarithms of the probabilities of step t.
func (c *ctc[T]) softmax(t int) {
	n, z := c.n, c.z[t*c.classes*c.ld:]
	most, sum, logs := c.row[:n], c.row[n:], c.logs(t)
	copy(most, z[:n])
	for k := 1; k < c.classes; k++ {
		for j, v := range z[k*c.ld:][:n] {
			if v > most[j] {
				most[j] = v
			}
		}
	}
	for k := range c.classes {
		for j, v := range z[k*c.ld:][:n] {
			logs[k*n+j] = v - most[j]
		}
	}
	Exp(c.y, logs)
	clear(sum)
	for k := range c.classes {
		for j, v := range c.y[k*n:][:n] {
			sum[j] += v
		}
	}
	Log(sum, sum)
	for k := range c.classes {
		for j, v := range sum {
			logs[k*n+j] -= v
		}
	}
}

// forward computes a[t].
func (c *ctc[T]) forward(t int) {
	n, a, logs := c.n, c.paths(t), c.logs(t)
	inf := T(math.Inf(-1))
	if t == 0 {
		fill(a, inf)
		for j := range n {
			a[j] = logs[j]
			if c.lens[j] > 0 {
				a[n+j] = logs[c.class(1, j)*n+j]
			}
		}
		return
	}
	before := c.paths(t - 1)
	for s := range c.states {
		x := c.terms[3*s*n:]
		for j := range n {
			x[j], x[n+j], x[2*n+j] = before[s*n+j], inf, inf
			if s > 0 {
				x[n+j] = before[(s-1)*n+j]
			}
			if s > 1 && c.apart(s-2, j) {
				x[2*n+j] = before[(s-2)*n+j]
			}
		}
	}
	c.add(a)
	for s := range c.states {
		for j := range n {
			if s <= 2*int(c.lens[j]) { // from states that there are not, no way leads back
				a[s*n+j] += logs[c.class(s, j)*n+j]
			}
		}
	}
}

// add sets dst, a row for each state, to the logarithms of the sums of the
// exponentials of three rows of terms each.
func (c *ctc[T]) add(dst []T) {
	n := c.n
	for s := range c.states {
		x := c.terms[3*s*n:][:3*n]
		for j := range n {
			m := x[j]
			if x[n+j] > m {
				m = x[n+j]
			}
			if x[2*n+j] > m {
				m = x[2*n+j]
			}
			if math.IsInf(float64(m), -1) {
				m = 0 // the sum of nothing is 0
			}
			c.most[s*n+j] = m
			x[j], x[n+j], x[2*n+j] = x[j]-m, x[n+j]-m, x[2*n+j]-m
		}
	}
	Exp(c.terms, c.terms)
	for s := range c.states {
		x := c.terms[3*s*n:][:3*n]
		for j := range n {
			c.sums[s*n+j] = x[j] + x[n+j] + x[2*n+j]
		}
	}
	Log(dst, c.sums)
	Add(dst, c.most)
}

// total is ln p of sequence j, whose last step is t.
func (c *ctc[T]) total(t, j int) T {
	a, last := c.paths(t), 2*int(c.lens[j])
	x, y := a[last*c.n+j], T(math.Inf(-1))
	if last > 0 {
		y = a[(last-1)*c.n+j]
	}
	m := x
	if !(y <= m) { // NaN is the largest here
		m = y
	}
	if math.IsInf(float64(m), -1) {
		return m
	}
	return m + log(exp(x-m)+exp(y-m))
}

// backward computes b of step t from that of step t+1.
func (c *ctc[T]) backward(t, total int) {
	n, inf := c.n, T(math.Inf(-1))
	if t+1 < total {
		logs := c.logs(t + 1)
		for s := range c.states {
			for j := range n {
				if i := s*n + j; s <= 2*int(c.lens[j]) {
					c.next[i] = c.b[i] + logs[c.class(s, j)*n+j]
				} else {
					c.next[i] = inf
				}
			}
		}
		for s := range c.states {
			x := c.terms[3*s*n:]
			for j := range n {
				x[j], x[n+j], x[2*n+j] = c.next[s*n+j], inf, inf
				if s+1 < c.states {
					x[n+j] = c.next[(s+1)*n+j]
				}
				if s+2 < c.states && c.apart(s, j) {
					x[2*n+j] = c.next[(s+2)*n+j]
				}
			}
		}
		c.add(c.b)
	}
	for j := range n {
		if int(c.steps[j]) != t+1 {
			continue
		}
		last := 2 * int(c.lens[j])
		for s := range c.states {
			c.b[s*n+j] = inf
			if s == last || s == last-1 {
				c.b[s*n+j] = 0
			}
		}
	}
}

// gradient fills in dz of step t.
func (c *ctc[T]) gradient(t int, dz, losses []T, scale T) {
	n, a := c.n, c.paths(t)
	Exp(c.y, c.logs(t))
	for s := range c.states {
		for j := range n {
			c.sums[s*n+j] = a[s*n+j] + c.b[s*n+j] + losses[j]
		}
	}
	Exp(c.sums, c.sums)
	for s := range c.states {
		for j := range n {
			if s <= 2*int(c.lens[j]) {
				c.y[c.class(s, j)*n+j] -= c.sums[s*n+j]
			}
		}
	}
	dz = dz[t*c.classes*c.ld:]
	for k := range c.classes {
		d := dz[k*c.ld:][:n]
		for j, v := range c.y[k*n:][:n] {
			d[j] = scale * v
			if t >= int(c.steps[j]) || math.IsInf(float64(losses[j]), 1) {
				d[j] = 0
			}
		}
	}
}
