package evolution

import (
	"math"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// A covariance is a covariance matrix C and a factor of it, with C = U'U as it
// was when U was last computed. U' is the Cholesky factor, so that U' z has
// covariance C if z is standard normal. Both are n x n by rows, and only their
// upper triangles are used.
type covariance struct {
	p optimizers.Problem
	n int
	c []float64
	u []float64

	// What the tasks of the loops below work on, so that none is allocated.
	run struct {
		y, z       []float64 // sample
		rows       int       // sample, update
		a, b       []float64 // update
		keep       float64   // update
		from, to   int       // factor: rows of the block
		sampleTask func(i int)
		updateTask func(i int)
		solveTask  func(i int)
	}
}

// panel is the number of rows or columns that one task takes, and block the
// number of rows that are factored at once. Every sum has an order of its own,
// so that neither changes a result.
const (
	panel = 64
	block = 32
)

func newCovariance(n int, p optimizers.Problem) *covariance {
	if n < 2*panel {
		p.Threads = 1 // to start a goroutine takes longer than the work
	}
	m := &covariance{p: p, n: n, c: make([]float64, n*n), u: make([]float64, n*n)}
	m.run.sampleTask, m.run.updateTask, m.run.solveTask = m.samplePanel, m.updatePanel, m.solvePanel
	m.identity()
	return m
}

func (m *covariance) identity() {
	clear(m.c)
	clear(m.u)
	for i := range m.n {
		m.c[i*m.n+i], m.u[i*m.n+i] = 1, 1
	}
}

// panels is the number of tasks for all rows or columns from a first one.
func (m *covariance) panels(from int) int { return (m.n - from + panel - 1) / panel }

// sample sets the rows of y (rows x n) to U' z for the rows of z.
func (m *covariance) sample(y, z []float64, rows int) {
	m.run.y, m.run.z, m.run.rows = y, z, rows
	m.p.Parallel(m.panels(0), m.run.sampleTask)
}

// samplePanel computes some columns of y = z U. Below its diagonal U is zero,
// and so the columns end with their last row of U. The longest are first.
func (m *covariance) samplePanel(i int) {
	n, r := m.n, &m.run
	from := (m.panels(0) - 1 - i) * panel
	to := min(from+panel, n)
	kernel.Gemm(r.rows, to-from, to, r.y[from:], n, r.z, n, 1, m.u[from:], n, nil, false)
}

// update sets C to keep C + sum over p < rows of a_p' b_p, with the rows of a and
// b (rows x n), of which a_p is a multiple of b_p.
func (m *covariance) update(keep float64, a, b []float64, rows int) {
	m.run.keep, m.run.a, m.run.b, m.run.rows = keep, a, b, rows
	m.p.Parallel(m.panels(0), m.run.updateTask)
}

// updatePanel updates some rows from their diagonal on. The first are the longest.
func (m *covariance) updatePanel(i int) {
	n, r := m.n, &m.run
	from := i * panel
	to := min(from+panel, n)
	for j := from; j < to; j++ {
		kernel.Scale(m.c[j*n+from:(j+1)*n], r.keep)
	}
	kernel.Gemm(to-from, n-from, r.rows, m.c[from*n+from:], n, r.a[from:], 1, n, r.b[from:], n, nil, true)
}

// factor computes U from C and reports whether C is positive definite, as far as
// can be told. If not, U is of no use.
//
// It takes the rows of U in blocks. With those above the block known, what is
// left to explain of C is C - U'U, from which each row follows.
func (m *covariance) factor() bool {
	n, u := m.n, m.u
	for from := 0; from < n; from += block {
		to := min(from+block, n)
		m.run.from, m.run.to = from, to
		// The diagonal block. kernel.Gemm adds, so it is all done with the
		// opposite sign.
		m.eliminate(from, to, from, to)
		for j := from; j < to; j++ {
			row := u[j*n+j : j*n+to]
			kernel.Gemm(1, to-j, j-from, row, n, u[from*n+j:], 1, n, u[from*n+j:], n, nil, true)
			pivot := -row[0]
			if !(pivot > 0) || pivot > math.MaxFloat64 {
				return false
			}
			kernel.Scale(row, -1/math.Sqrt(pivot))
			clear(u[j*n+from : j*n+j]) // sample takes the panels whole
		}
		if to < n {
			m.p.Parallel(m.panels(to), m.run.solveTask)
		}
	}
	return true
}

// eliminate sets a part of U to U'U - C, of the rows of U above it.
func (m *covariance) eliminate(row, rowEnd, col, colEnd int) {
	n := m.n
	for j := row; j < rowEnd; j++ {
		at := max(col, j)
		dst := m.u[j*n+at : j*n+colEnd]
		copy(dst, m.c[j*n+at:])
		kernel.Scale(dst, -1)
	}
	kernel.Gemm(rowEnd-row, colEnd-col, row, m.u[row*n+col:], n, m.u[row:], 1, n, m.u[col:], n, nil, true)
}

// solvePanel computes the rows of the block in some columns right of it.
func (m *covariance) solvePanel(i int) {
	n, u, from, to := m.n, m.u, m.run.from, m.run.to
	col := to + i*panel
	end := min(col+panel, n)
	m.eliminate(from, to, col, end)
	for j := from; j < to; j++ {
		row := u[j*n+col : j*n+end]
		kernel.Gemm(1, end-col, j-from, row, n, u[from*n+j:], 1, n, u[from*n+col:], n, nil, true)
		kernel.Scale(row, -1/u[j*n+j])
	}
}

// repair makes C positive definite, by a little more variance in all directions,
// and factors it.
func (m *covariance) repair() {
	most := 0x1p-500
	for i := range m.n {
		most = max(most, math.Abs(m.c[i*m.n+i]))
	}
	for shift := 0x1p-50 * most; ; shift *= 16 {
		for i := range m.n {
			m.c[i*m.n+i] += shift
		}
		if m.factor() {
			return
		}
	}
}

// deviation is the standard deviation of coordinate i.
func (m *covariance) deviation(i int) float64 { return math.Sqrt(max(0, m.c[i*m.n+i])) }

// variances returns the smallest and the largest variance of a coordinate.
func (m *covariance) variances() (least, most float64) {
	least, most = math.Inf(1), 0
	for i := range m.n {
		least, most = min(least, m.c[i*m.n+i]), max(most, m.c[i*m.n+i])
	}
	return least, most
}

// condition is a lower bound of the condition number of C, from the diagonal of
// its factor: the smallest eigenvalue is at most the square of the smallest
// element of it, and the largest at least that of the largest.
func (m *covariance) condition() float64 {
	least, most := math.Inf(1), 0.0
	for i := range m.n {
		least, most = min(least, m.u[i*m.n+i]), max(most, m.u[i*m.n+i])
	}
	return float64(most/least) * float64(most/least)
}
