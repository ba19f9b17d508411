package bench

import (
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// ScoreWork implements [Objective].
func (o *supervised[T]) ScoreWork(s Split) (part, calibration Work) {
	return Work{Forward: examples(o.split(s))}, Work{Forward: examples(o.calibrate)}
}

func examples[T network.Float](ps []panel[T]) (n int64) {
	for _, p := range ps {
		n += int64(p.x.N)
	}
	return n
}

func (o *supervised[T]) split(s Split) []panel[T] {
	switch s {
	case Valid:
		return o.valid
	case Test:
		return o.test
	}
	panic(fmt.Sprintf("bench: scoring on %q data, want valid or test", s))
}

// Score implements [Objective]. A network with batch statistics first fixes
// them on training data, at w.
func (o *supervised[T]) Score(w []float64, s Split) Score {
	ps := o.split(s)
	o.share(w)
	workers := o.workers
	if o.whole {
		// The statistics belong to one network: that one scores alone.
		workers = workers[:1]
		for _, p := range o.calibrate {
			workers[0].net.Forward(network.Pass{Mode: network.Calibrate}, o.w, p.x)
		}
	}
	type pair struct{ loss, metric float64 }
	sums := make([]pair, len(ps))
	parallel(len(workers), len(ps), func(worker, i int) {
		k, p := &workers[worker], &ps[i]
		y := k.net.Forward(network.Pass{Mode: network.Infer}, o.w, p.x)
		k.out = slices.Grow(k.out[:0], y.N)[:y.N]
		loss.Evaluate(o.data.Loss, k.out, nil, y.Data, y.Stride, o.data.Out, y.N, p.t, 0)
		sums[i].loss = sum(k.out)
		for j := range y.N {
			sums[i].metric += o.metric.example(func(c int) float64 { return float64(y.Data[c*y.Stride+j]) }, target(p.t, j))
		}
	})
	var total pair
	for _, v := range sums {
		total.loss += v.loss
		total.metric += v.metric
	}
	n := int(examples(ps))
	return Score{finite(total.loss / float64(n)), o.metric.value(total.metric, n)}
}

// target returns the targets of example j as a function of the output.
func target[T network.Float](t loss.Target[T], j int) func(c int) float64 {
	if t.Labels != nil {
		return func(int) float64 { return float64(t.Labels[j]) }
	}
	return func(c int) float64 { return float64(t.Values[c*t.Stride+j]) }
}

// A metric scores outputs against targets: a term for each example, and the
// value of a set from the sum of its terms.
type metric struct {
	example func(z, target func(c int) float64) float64
	value   func(sum float64, n int) float64
}

func newMetric(d *Data) (metric, error) {
	mean := func(sum float64, n int) float64 { return sum / float64(n) }
	switch {
	case d.Goal.Metric.Name == "accuracy" && d.Loss == loss.SoftmaxCrossEntropy:
		return metric{func(z, t func(int) float64) float64 { return one(argmax(z, d.Out) == int(t(0))) }, mean}, nil
	case d.Goal.Metric.Name == "accuracy" && d.Loss == loss.BinaryCrossEntropy:
		return metric{func(z, t func(int) float64) float64 {
			v := z(0) // NaN is neither class
			return one(v > 0 && t(0) > 0.5 || v <= 0 && t(0) <= 0.5)
		}, mean}, nil
	case d.Goal.Metric.Name == "rmse" && d.Loss == loss.MSE:
		scale := d.Scale
		if scale == 0 {
			scale = 1
		}
		return metric{func(z, t func(int) float64) float64 {
			sum := 0.0
			for c := range d.Out {
				e := z(c) - t(c)
				sum += e * e
			}
			return sum / float64(d.Out)
		}, func(sum float64, n int) float64 { return scale * math.Sqrt(finite(sum/float64(n))) }}, nil
	case d.Goal.Metric.Name == "distance" && d.Loss == loss.MSE:
		return distance(d.Image)
	}
	return metric{}, fmt.Errorf("metric %q cannot be computed for the loss %q, want accuracy for a cross-entropy, rmse or distance for mse", d.Goal.Metric.Name, d.Loss)
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// argmax returns the first largest of n outputs, or -1 if one is NaN.
func argmax(z func(int) float64, n int) int {
	best := 0
	for c := range n {
		switch v := z(c); {
		case math.IsNaN(v):
			return -1
		case v > z(best):
			best = c
		}
	}
	return best
}

// Constant implements [Objective]: the frequencies of the classes in the
// training data, or the mean of the targets.
func (o *supervised[T]) Constant() Score {
	d := &o.data
	n := float64(d.Train.N)
	out := make([]float64, d.Out)
	for _, l := range d.Train.Labels {
		out[l] += 1 / n
	}
	for i := range d.Train.N {
		for c := range d.Out {
			if d.Train.Labels == nil {
				out[c] += d.Train.Y[i*d.Out+c] / n
			}
		}
	}
	// The metric sees logits, whose order is that of the probabilities.
	logits := slices.Clone(out)
	if d.Loss == loss.BinaryCrossEntropy {
		for c, p := range out {
			logits[c] = math.Log(p) - math.Log1p(-p)
		}
	}
	var lossSum, metricSum float64
	for j := range d.Test.N {
		t := func(c int) float64 { return float64(d.Test.Y[j*d.Out+c]) }
		if d.Test.Labels != nil {
			t = func(int) float64 { return float64(d.Test.Labels[j]) }
		}
		metricSum += o.metric.example(func(c int) float64 { return logits[c] }, t)
		switch d.Loss {
		case loss.SoftmaxCrossEntropy:
			lossSum -= math.Log(out[d.Test.Labels[j]])
		case loss.BinaryCrossEntropy:
			lossSum -= xlogy(t(0), out[0]) + xlogy(1-t(0), 1-out[0])
		case loss.MSE:
			for c := range d.Out {
				e := out[c] - t(c)
				lossSum += e * e / float64(d.Out)
			}
		}
	}
	return Score{finite(lossSum / float64(d.Test.N)), o.metric.value(metricSum, d.Test.N)}
}

// xlogy is x ln y, and 0 where x is 0.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}
