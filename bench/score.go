package bench

import (
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
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

// Score implements [Objective]. It leaves out what layers lose by themselves
// ([network.Network.Auxiliary]), which is a means to the end. A network with batch statistics first fixes
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
	e := o.examples(s)
	sums := make([]totals, len(ps))
	optimizers.Parallel(len(workers), len(ps), func(worker, i int) {
		k, p := &workers[worker], &ps[i]
		y := k.net.Forward(network.Pass{Mode: network.Infer}, o.w, p.x)
		k.out = slices.Grow(k.out[:0], y.N)[:y.N]
		k.loss.Evaluate(o.data.Loss, k.out, nil, y.Data, y.Stride, o.data.Out, y.N, p.t, 0)
		sums[i].loss = sum(k.out)
		for j := range y.N {
			readSample(&k.sample, y, p, j)
			k.sample.from(&o.data, e, i*ps[0].x.N+j)
			sums[i].add(o.metric.example(&k.sample))
		}
	})
	var total totals
	for _, v := range sums {
		total.loss += v.loss
		total.add(v.metric, v.weight)
	}
	return Score{finite(total.loss / float64(e.N)), o.metric.value(total.metric, total.weight)}
}

// totals are what a score is made of.
type totals struct{ loss, metric, weight float64 }

func (t *totals) add(metric, weight float64) {
	t.metric += metric
	t.weight += weight
}

func (o *supervised[T]) examples(s Split) *Examples {
	if s == Valid {
		return &o.data.Valid
	}
	return &o.data.Test
}

// A sample is the outputs for one example and what they should have been.
type sample struct {
	z        []float64 // [steps][out]
	values   []float64 // [steps][out]; nil if the targets are labels
	labels   []int32   // [steps], or a sequence of them for CTC
	weights  []float64 // [steps]; nil: 1, of one step
	possible []float64 // [steps][out], not 0 where a label could have been; nil: that of labels
}

// readSample reads the outputs of example j of panel p, and its values as the loss
// sees them, at the precision of the network.
func readSample[T network.Float](s *sample, y network.Tensor[T], p *panel[T], j int) {
	column := func(dst []float64, data []T, stride int) []float64 {
		dst = dst[:0]
		for row := range y.Shape.Len() {
			dst = append(dst, float64(data[row*stride+j]))
		}
		return dst
	}
	s.z = column(s.z, y.Data, y.Stride)
	if p.t.Values != nil {
		s.values = column(s.values, p.t.Values, p.t.Stride)
	}
}

// from completes s with what example i of e says.
func (s *sample) from(d *Data, e *Examples, i int) {
	steps := max(1, d.Steps)
	switch {
	case d.Loss == loss.CTC:
		s.z = s.z[:e.steps(d, i)*d.Out]
		s.labels = e.Labels[i*len(e.Labels)/e.N:][:e.LabelLens[i]]
		return
	case d.Loss == loss.SoftmaxCrossEntropy:
		s.labels = e.Labels[i*steps:][:steps]
		if e.Y != nil {
			s.possible = e.Y[i*steps*d.Out:][:steps*d.Out]
		}
	}
	if d.Steps > 0 {
		s.weights = e.Weights[i*steps:][:steps]
	}
}

// mean is the mean over the steps that count of f(t), by their weights.
func (s *sample) mean(f func(t int) float64) float64 {
	if s.weights == nil {
		return f(0)
	}
	total := 0.0
	for t, w := range s.weights {
		if w > 0 {
			total += float64(w * f(t))
		}
	}
	return total
}
