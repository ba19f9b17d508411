package report

import (
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
)

// curvePoints is how many points of a learning curve are kept: what a figure
// can show. Checkpoints may be many more.
const curvePoints = 100

// curve summarises the validation curves of runs at the checkpoints of the one
// that went furthest.
func (f *field) curve(runs []run) Curve {
	var c Curve
	var ref *run
	for i, r := range runs {
		if len(r.Curve) == 0 {
			continue
		}
		points := thin(r.Curve)
		rc := RunCurve{Seed: r.Trial.Seed}
		for _, p := range points {
			rc.Work = append(rc.Work, Number(r.units(p.Work)))
			rc.Loss = append(rc.Loss, Number(p.Valid.Loss))
			rc.Value = append(rc.Value, Number(p.Valid.Value))
		}
		c.Runs = append(c.Runs, rc)
		if ref == nil || measuredUntil(r) > measuredUntil(*ref) {
			ref = &runs[i]
		}
	}
	if ref == nil {
		return c
	}
	for _, p := range thin(ref.Curve) {
		w := ref.units(p.Work)
		var losses, values []float64
		for _, r := range runs {
			if at, ok := r.at(w); ok {
				losses = append(losses, worstIfNaN(at.Valid.Loss))
				values = append(values, f.orConstant(at.Valid.Value, r.Trial.Seed))
			}
		}
		c.Work = append(c.Work, Number(w))
		c.Loss.add(losses)
		c.Value.add(values)
	}
	return c
}

func measuredUntil(r run) float64 { return r.units(r.Curve[len(r.Curve)-1].Work) }

func worstIfNaN(loss float64) float64 {
	if math.IsNaN(loss) {
		return math.Inf(1)
	}
	return loss
}

// add appends one point to the band.
func (b *Band) add(values []float64) {
	b.Median = append(b.Median, Number(stats.Median(values)))
	b.Lo = append(b.Lo, Number(stats.Quantile(values, (1-level)/2)))
	b.Hi = append(b.Hi, Number(stats.Quantile(values, (1+level)/2)))
}

// thin drops points evenly, but neither the first nor the last, so that at most
// curvePoints are left. Checkpoints are evenly spaced on a logarithmic axis, so
// what is left is too.
func thin(points []bench.Point) []bench.Point {
	n := len(points)
	if n <= curvePoints {
		return points
	}
	kept := make([]bench.Point, curvePoints)
	for i := range kept {
		kept[i] = points[i*(n-1)/(curvePoints-1)]
	}
	return kept
}
