package report

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
	"github.com/joust-bench/joust/network/probe"
)

// severity orders verdicts: worst is a gradient that is not usable at all, then
// one that reaches no unit, then one that reaches only the last layers, then one that is
// noise where it arrives.
func severity(v probe.Verdict) int {
	return slices.Index([]probe.Verdict{probe.Healthy, probe.Shattered, probe.Vanishing, probe.Dead, probe.Exploding}, v)
}

// firstProbe is where the trouble shows: at the initial weights, before any
// training has changed them.
func firstProbe(p []bench.Probe) []probe.Layer { return p[0].Layers }

// lastProbe is the health of the final weights, or nearly.
func lastProbe(p []bench.Probe) []probe.Layer { return p[len(p)-1].Layers }

// gradient judges one probe of each run: the worst verdict of any, how many runs
// agree on it, and the medians of those. It is nil if no run was probed.
func gradient(runs []run, pick func([]bench.Probe) []probe.Layer) *Gradient {
	var worst Gradient
	var factors, ratios []float64
	seeds := 0
	for _, r := range runs {
		if len(r.Probes) == 0 {
			continue
		}
		layers := pick(r.Probes)
		if len(layers) == 0 {
			continue
		}
		seeds++
		j := probe.Judge(layers)
		switch now, before := severity(j.Verdict), severity(worst.Verdict); {
		case worst.Agree == 0 || now > before:
			worst = Gradient{Verdict: j.Verdict, Layers: len(layers), Agree: 1}
			factors, ratios = []float64{j.Factor}, []float64{j.Ratio}
		case now == before:
			worst.Agree++
			factors, ratios = append(factors, j.Factor), append(ratios, j.Ratio)
		}
	}
	if seeds == 0 {
		return nil
	}
	worst.Seeds = seeds
	worst.Factor, worst.Ratio = Number(stats.Median(factors)), Number(stats.Median(ratios))
	return &worst
}

// deltas collects the size of the error signal by layer along the run that was
// probed furthest; other runs contribute the last probe at or before each of
// its, and keep their last one when they have ended.
func deltas(runs []run) Deltas {
	var ref *run
	for i, r := range runs {
		if n := len(r.Probes); n > 0 && len(r.Probes[n-1].Layers) > 0 && (ref == nil || probedUntil(r) > probedUntil(*ref)) {
			ref = &runs[i]
		}
	}
	var d Deltas
	if ref == nil {
		return d
	}
	layers := ref.Probes[0].Layers
	for _, l := range layers {
		d.Layers = append(d.Layers, bench.Printable(l.Name))
		d.Ratio = append(d.Ratio, make([]Number, len(ref.Probes)))
	}
	values := make([]float64, 0, len(runs))
	for j, p := range ref.Probes {
		w := ref.units(p.Work)
		d.Work = append(d.Work, Number(w))
		for l := range layers {
			values = values[:0]
			for _, r := range runs {
				if at := r.probeAt(w); len(at) == len(layers) {
					values = append(values, deltaRatio(at[l].Delta, at[len(at)-1].Delta))
				}
			}
			d.Ratio[l][j] = Number(stats.Median(values))
		}
	}
	return d
}

func probedUntil(r run) float64 { return r.units(r.Probes[len(r.Probes)-1].Work) }

// probeAt returns the layers at the last probe whose work is at most w.
func (r run) probeAt(w float64) (layers []probe.Layer) {
	for _, p := range r.Probes {
		if r.units(p.Work) > w*(1+1e-9) {
			break
		}
		layers = p.Layers
	}
	return layers
}

// deltaRatio is a delta over the last layer's. A delta of exactly 0 is 0 whatever
// the last one is. Probes have math.MaxFloat64 for what is not finite; here it
// is +Inf.
func deltaRatio(delta, last float64) float64 {
	switch {
	case delta == 0:
		return 0
	case !(delta < math.MaxFloat64) || !(last < math.MaxFloat64): // true of NaN
		return math.Inf(1)
	}
	return delta / last
}
