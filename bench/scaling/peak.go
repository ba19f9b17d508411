package scaling

import (
	"fmt"
	"slices"
	"time"

	"github.com/joust-bench/joust/network/kernel"
)

// peak measures fused multiply-adds, of both precisions on one core and on all.
func (m *measurer) peak(d time.Duration) []Peak {
	var peaks []Peak
	var jobs []job
	for _, threads := range m.oneAndAll() {
		for _, precision := range precisions {
			peaks = append(peaks, Peak{Precision: precision, Threads: threads})
			jobs = append(jobs, peakJob(precision, threads))
		}
	}
	m.Progress(PartPeak, "floating-point operations")
	return best(peaks, m.rates(d, jobs...), func(p *Peak, rate float64) { p.GFLOPS = rate / 1e9 })
}

// precisions are those of networks.
var precisions = []string{"float64", "float32"}

func peakJob(precision string, threads int) job {
	if precision == "float64" {
		return fmaJob[float64](threads)
	}
	return fmaJob[float32](threads)
}

// fmaJob is some 10 ms of multiply-adds on each core: it may take a good part of
// one until the last has woken up.
func fmaJob[T kernel.Float](threads int) job {
	// What all paths can keep in registers, AVX2 in two to four goes.
	const (
		numbers = 192
		steps   = 2_000_000
	)
	x := make([][]T, threads)
	for i := range x {
		x[i] = make([]T, numbers)
	}
	n := steps
	if kernel.Path() == "portable" {
		n /= 50 // as much slower
	}
	return job{func() { onCores(threads, func(core int) { kernel.Halve(x[core], n) }) }, 2 * float64(numbers*n*threads)}
}

// best fills in the best rate of each thing that was measured, and drops what
// was not.
func best[T any](things []T, rates [][]float64, set func(*T, float64)) []T {
	var measured []T
	for i, t := range things {
		if len(rates[i]) > 0 {
			set(&t, slices.Max(rates[i]))
			measured = append(measured, t)
		}
	}
	return measured
}

// bestPeaks joins two lists of peaks: of the same kind, the better one.
func bestPeaks(a, b []Peak) []Peak {
	for _, p := range b {
		i := slices.IndexFunc(a, func(q Peak) bool { return q.Precision == p.Precision && q.Threads == p.Threads })
		if i < 0 {
			a = append(a, p)
		} else {
			a[i].GFLOPS = max(a[i].GFLOPS, p.GFLOPS)
		}
	}
	return a
}

// peakOf is the peak of one core.
func peakOf(peaks []Peak, precision string) float64 {
	for _, p := range peaks {
		if p.Precision == precision && p.Threads == 1 {
			return p.GFLOPS
		}
	}
	return 0
}

// memory measures reads from every level of the memory and the triad on the
// last, on one core and on all.
func (m *measurer) memory(d time.Duration) []Memory {
	levels := levels(cacheFiles())
	d /= time.Duration(len(levels) + 1)
	var all []Memory
	for i, l := range levels {
		if m.stopped() {
			break
		}
		m.Progress(PartPeak, fmt.Sprintf("memory, %s", l.name))
		var read, triad []Memory
		var reads, triads []job
		for _, threads := range m.oneAndAll() {
			buffers := make([][]float64, threads)
			// Each core touches its own first, which places it close to it.
			onCores(threads, func(core int) {
				buffers[core] = make([]float64, l.buffer(threads)/8)
				for j := range buffers[core] {
					buffers[core][j] = 1
				}
			})
			size := 8 * len(buffers[0])
			read = append(read, Memory{Operation: "read", Level: l.name, Bytes: size, Threads: threads})
			reads = append(reads, readJob(buffers))
			if i == len(levels)-1 {
				triad = append(triad, Memory{Operation: "triad", Level: l.name, Bytes: 8 * (len(buffers[0]) / 3), Threads: threads})
				triads = append(triads, triadJob(buffers))
			}
		}
		set := func(m *Memory, rate float64) { m.GBPerSecond = rate / 1e9 }
		all = append(all, best(read, m.rates(d, reads...), set)...)
		if triads != nil {
			all = append(all, best(triad, m.rates(d, triads...), set)...)
		}
	}
	return all
}

// readJob reads the buffers, one on each core, for some milliseconds.
func readJob(buffers [][]float64) job {
	size := 8 * len(buffers[0])
	times := max(1, (512<<20)/size)
	return job{
		func() {
			onCores(len(buffers), func(core int) { kernel.ReadBits(buffers[core], times) })
		}, float64(size * times * len(buffers)),
	}
}

// triadJob is a = b + s*c on the thirds of the buffers.
func triadJob(buffers [][]float64) job {
	n := len(buffers[0]) / 3
	return job{
		func() {
			onCores(len(buffers), func(core int) {
				b := buffers[core]
				kernel.Sum2(b[:n], b[n:2*n], b[2*n:3*n], 1e-3)
			})
		}, float64(24 * n * len(buffers)),
	}
}
