package scaling

import (
	"fmt"
	"time"

	"github.com/joust-bench/joust/bench/stats"
)

// workloads measures each workload at both precisions on all numbers of threads,
// and in the same rounds the peak on one core and on the most.
func (m *measurer) workloads(list []Workload, d time.Duration) ([]Scaling, error) {
	var all []Scaling
	for _, w := range list {
		for _, precision := range precisions {
			if m.stopped() {
				return all, nil
			}
			m.Progress(PartWorkloads, w.Name+" "+precision)
			jobs := make([]job, len(m.Threads))
			for i, threads := range m.Threads {
				run, err := w.New(precision, threads)
				if err != nil {
					return all, fmt.Errorf("%s in %s on %d threads: %w", w.Name, precision, threads, err)
				}
				jobs[i] = job{run, float64(w.Count)}
			}
			// The same rounds say how much faster cores are that need nothing else.
			most := m.Threads[len(m.Threads)-1]
			control := []job{peakJob(precision, 1), peakJob(precision, most)}
			s := Scaling{Workload: w.Name, Summary: w.Summary, Precision: precision, Unit: w.Unit}
			rates := m.rates(d/time.Duration(len(list)*len(precisions)), append(jobs, control...)...)
			if len(rates[0]) > 0 {
				s = s.of(m.Threads, rates[:len(jobs)])
				s.CoresFree = stats.Median(rates[len(jobs)+1]) / stats.Median(rates[len(jobs)])
				all = append(all, s)
			}
		}
	}
	return all, nil
}

// of fills in what rates on numbers of threads, from 1, say.
func (s Scaling) of(threads []int, rates [][]float64) Scaling {
	s.Rounds = len(rates[0])
	one := stats.Median(rates[0])
	var speedups []float64
	for i, p := range threads {
		rate := stats.Median(rates[i])
		s.Points = append(s.Points, Point{
			Threads: p, PerSecond: rate, Spread: spread(rates[i]),
			Speedup: rate / one, Efficiency: rate / one / float64(p),
		})
		speedups = append(speedups, rate/one)
	}
	if fit, ok := FitAmdahl(threads, speedups); ok {
		s.Fit, s.On64 = &fit, fit.Speedup(64)
	}
	return s
}
