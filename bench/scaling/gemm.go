package scaling

import (
	"fmt"
	"math/rand/v2"
	"time"
	"unsafe"

	"github.com/joust-bench/joust/network/kernel"
)

// gemmSizes are M examples, N outputs and K inputs: squares, and what the layers of
// W1, W3 and W4 are, as other libraries are measured on. Here the examples are the
// columns, so that the product is N x M.
var gemmSizes = [][3]int{
	{64, 64, 64},
	{256, 256, 256},
	{512, 512, 512},
	{1024, 1024, 1024},
	{256, 32, 64},
	{256, 10, 32},
	{512, 64, 784},
	{128, 256, 784},
}

// gemm measures matrix products on one core, and in the same rounds the peak of
// that core.
func (m *measurer) gemm(d time.Duration) (products []GEMM, peaks []Peak) {
	for _, precision := range precisions {
		if m.stopped() {
			break
		}
		m.Progress(PartGEMM, precision)
		of := []Peak{{Precision: precision, Threads: 1}}
		jobs := []job{peakJob(precision, 1)}
		var sizes []GEMM
		for _, s := range gemmSizes {
			sizes = append(sizes, GEMM{M: s[0], N: s[1], K: s[2], Precision: precision})
			jobs = append(jobs, gemmJob(precision, s[0], s[1], s[2]))
		}
		rates := m.rates(d/2, jobs...)
		peaks = append(peaks, best(of, rates[:1], func(p *Peak, rate float64) { p.GFLOPS = rate / 1e9 })...)
		products = append(products, best(sizes, rates[1:], func(g *GEMM, rate float64) { g.GFLOPS = rate / 1e9 })...)
	}
	return products, peaks
}

func gemmJob(precision string, m, n, k int) job {
	if precision == "float64" {
		return product[float64](n, m, k)
	}
	return product[float32](n, m, k)
}

// product is the matrix product m x n, often enough that the clock does not matter.
// Rows are apart by a cache line more than they are long, as networks have them.
func product[T kernel.Float](m, n, k int) job {
	r := rand.New(rand.NewPCG(1, 0))
	random := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(r.Float64() - 0.5)
		}
		return x
	}
	ld := n + 64/int(unsafe.Sizeof(T(0)))
	a, b, c := random(m*k), random(k*ld), make([]T, m*ld)
	operations := 2 * float64(m) * float64(n) * float64(k)
	times := 1 + int(1e7/operations)
	return job{func() {
		for range times {
			kernel.Gemm(m, n, k, c, ld, a, k, 1, b, ld, nil, false)
		}
	}, operations * float64(times)}
}

// String is M x N x K.
func (g GEMM) String() string { return fmt.Sprintf("%d x %d x %d", g.M, g.N, g.K) }
