package bench

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/network/loss"
)

// Constant implements [Objective]: what can be predicted without the inputs. It is the
// frequencies of the classes in the training data, or the mean of the targets; with
// outputs at every step those of each step, which a network that counts steps knows.
func (o *supervised[T]) Constant() Score {
	d := &o.data
	if d.Loss == loss.CTC {
		return o.constantPath()
	}
	out := d.means()
	// The metric sees logits, whose order is that of the probabilities.
	s := sample{z: slices.Clone(out)}
	if d.Loss == loss.BinaryCrossEntropy {
		for i, p := range out {
			s.z[i] = math.Log(p) - math.Log1p(-p)
		}
	}
	var total totals
	for j := range d.Test.N {
		if d.Test.Labels == nil {
			s.values = d.Test.Y[j*len(out):][:len(out)]
		}
		s.from(d, &d.Test, j)
		total.add(o.metric.example(&s))
		if s.weights == nil {
			total.loss = d.addConstantLoss(total.loss, out, &s, 0, 1)
		}
		for t, w := range s.weights {
			if w > 0 {
				total.loss = d.addConstantLoss(total.loss, out, &s, t, w)
			}
		}
	}
	return Score{finite(total.loss / float64(d.Test.N)), o.metric.value(total.metric, total.weight)}
}

// addConstantLoss adds to sum the loss of step t of s, where the means are predicted.
func (d *Data) addConstantLoss(sum float64, means []float64, s *sample, t int, w float64) float64 {
	switch p := means[t*d.Out:][:d.Out]; d.Loss {
	case loss.SoftmaxCrossEntropy:
		sum -= float64(w * math.Log(p[s.labels[t]]))
	case loss.BinaryCrossEntropy:
		y := s.values[t]
		sum -= float64(w * (xlogy(y, p[0]) + xlogy(1-y, 1-p[0])))
	case loss.MSE:
		for c, m := range p {
			e := m - s.values[t*d.Out+c]
			sum += w * (e * e) / float64(d.Out)
		}
	}
	return sum
}

// means are the frequencies of the classes in the training data, or the mean values,
// [steps][out].
//
// Of the steps that few sequences have, little is known: the mean of all steps counts
// as one more example there.
func (d *Data) means() []float64 {
	e, steps := &d.Train, max(1, d.Steps)
	out := make([]float64, steps*d.Out)
	add := func(means []float64, i, t int, w float64) {
		if e.Labels != nil {
			means[e.Labels[i*steps+t]] += w
			return
		}
		for c, y := range e.Y[(i*steps+t)*d.Out:][:d.Out] {
			means[c] += float64(y * w)
		}
	}
	if d.Steps == 0 {
		n := float64(e.N)
		for i := range e.N {
			if e.Labels != nil {
				out[e.Labels[i]] += 1 / n
				continue
			}
			for c, y := range e.Y[i*d.Out:][:d.Out] {
				out[c] += y / n
			}
		}
		return out
	}
	all, count := make([]float64, d.Out), make([]float64, steps)
	for i := range e.N {
		for t, w := range e.Weights[i*steps:][:steps] {
			if w > 0 {
				add(all, i, t, w/float64(e.N))
				add(out[t*d.Out:], i, t, 1)
				count[t]++
			}
		}
	}
	for i := range out {
		out[i] = (out[i] + all[i%d.Out]) / (count[i/d.Out] + 1)
	}
	return out
}

// constantPath predicts the same at every step, for CTC: the labels by their
// frequencies in the training data, and the blank with the best of some probabilities.
func (o *supervised[T]) constantPath() Score {
	const examples, parts = 256, 20
	d := &o.data
	counts, total := make([]float64, d.Out), 0.0
	for i := range d.Train.N {
		per := len(d.Train.Labels) / d.Train.N
		for _, l := range d.Train.Labels[i*per:][:d.Train.LabelLens[i]] {
			counts[l]++
			total++
		}
	}
	z := make([]float64, d.Out)
	set := func(part int) {
		blank := float64(part) / parts
		z[0] = math.Log(blank)
		for c, n := range counts[1:] {
			z[c+1] = math.Log((1 - blank) * n / max(1, total))
		}
	}
	best, lowest := parts/2, math.Inf(1)
	for part := 1; part < parts; part++ {
		set(part)
		if l, _ := o.scorePath(&d.Train, min(examples, d.Train.N), z); l < lowest {
			best, lowest = part, l
		}
	}
	set(best)
	l, value := o.scorePath(&d.Test, d.Test.N, z)
	return Score{finite(l), value}
}

// scorePath is the mean loss and the metric of the first n examples of e with outputs
// z at every step.
func (o *supervised[T]) scorePath(e *Examples, n int, z []float64) (float64, float64) {
	d := &o.data
	var total totals
	s := sample{}
	outputs := slices.Repeat(z, d.Steps)
	losses := []float64{0}
	var evaluator loss.Evaluator[float64]
	for i := range n {
		s.z = outputs
		s.from(d, e, i)
		total.add(o.metric.example(&s))
		evaluator.Evaluate(loss.CTC, losses, nil, outputs, 1, d.Out, 1, loss.Target[float64]{
			Labels: s.labels, Stride: 1, Steps: d.Steps,
			Lens: []int32{int32(e.steps(d, i))}, LabelLens: []int32{int32(len(s.labels))},
		}, 1)
		total.loss += losses[0]
	}
	return total.loss / float64(n), o.metric.value(total.metric, total.weight)
}

// xlogy is x ln y, and 0 where x is 0.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return float64(x * math.Log(y)) // not fused with a sum
}
