package probe

import (
	"math"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// A Survey is what takes more than a pass or two: a few hundred, of a part of the
// examples. Its figures are finite, as those of a [Layer], where they do not say that
// they may be NaN.
type Survey struct {
	Layers []LayerSurvey // as of Measure, in the same order
	Stages []Stage       // from the input to the output
	// Through is the Jacobian from the inputs of the network to those of its last
	// stage, the output layer as a rule: of the whole network if that is all there is.
	Through Spectrum
	Landscape
	Recurrent []Recurrence // of the recurrent layers, if there are any
}

// A LayerSurvey is a closer look at a layer with a weight matrix.
type LayerSurvey struct {
	Noise // between the gradients of eighths of the examples
	// Rank and Stable are the effective and the stable rank of the activation that
	// follows, units by examples, with the mean of each unit taken out: how many
	// dimensions the layer makes use of. Of a sequence or an image, all its values are
	// units.
	Rank, Stable float64
}

// parts is the number of parts whose gradients are compared.
const parts = 8

// Take surveys the loss of a network with weights w on the examples x and t, in which
// its layers' own losses are included ([network.Network.Auxiliary]); the stages are
// those on the way of the other one. Its cost is about that of 16 gradients of all of
// them. It takes the place of what watched n, and of its last Forward. A network with
// [network.Network.BatchStatistics] needs at least 2 examples.
func Take(n *network.Network[float64], w []float64, x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) Survey {
	var s Survey
	s.activations(n, w, x, k, t)
	s.noise(n, w, x, k, t)
	s.stages(n, w, x, k, t)
	few := max(min(x.N, 2), x.N/4)
	f := mean(n, x.Slice(0, few), k, t.Slice(0, few))
	s.Landscape = Walk(f, w)
	s.Sharpness = Sharpness(f, w)
	return s
}

// activations measures ranks, and recurrences.
func (s *Survey) activations(n *network.Network[float64], w []float64, x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) {
	var of []network.Tensor[float64]
	o := newObserver[float64](n, x.N)
	o.activations = func(layer int, y network.Tensor[float64]) {
		if layer == len(of) {
			of = append(of, network.Tensor[float64]{})
		}
		of[layer] = y // what a layer returns lasts until its next Forward
	}
	h := &historian{observer: o, index: map[part]int{}}
	n.Watch(h)
	defer n.Watch(nil)
	pass(n, w, make([]float64, n.Dim()), x, k, t, 0)
	s.Recurrent = h.recurrences()
	s.Layers = make([]LayerSurvey, len(of))
	for i, y := range of {
		values := SingularValues(centred(y), y.Shape.Len(), y.N)
		s.Layers[i].Rank, s.Layers[i].Stable = bounded(EffectiveRank(values)), bounded(StableRank(values))
	}
}

// centred has the rows of y without their means.
func centred(y network.Tensor[float64]) []float64 {
	data := make([]float64, 0, y.Shape.Len()*y.N)
	for f := range y.Shape.Len() {
		mean := 0.0
		for _, v := range y.Row(f) {
			mean += v / float64(y.N)
		}
		for _, v := range y.Row(f) {
			data = append(data, v-mean)
		}
	}
	return data
}

// noise compares the gradients of parts of the examples, layer by layer.
func (s *Survey) noise(n *network.Network[float64], w []float64, x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) {
	count := min(parts, x.N)
	if n.BatchStatistics() {
		count = min(parts, x.N/2)
	}
	full := make([]float64, len(w))
	gradients := make([][]float64, count)
	for i := range gradients {
		lo, hi := i*x.N/count, (i+1)*x.N/count
		gradients[i] = make([]float64, len(w))
		pass(n, w, gradients[i], x.Slice(lo, hi), k, t.Slice(lo, hi), hi-lo)
		for j, g := range gradients[i] {
			full[j] += float64(g*float64(hi-lo)) / float64(x.N)
		}
	}
	for i, r := range ranges(n) {
		of := make([][]float64, count)
		for j, g := range gradients {
			of[j] = g[r.off:][:r.len]
		}
		s.Layers[i].Noise = Compare(of, full[r.off:][:r.len])
	}
}

// A span is the weights and biases of a layer.
type span struct{ off, len int }

// ranges returns those of the layers with a weight matrix, in the order of [Measure].
func ranges(n *network.Network[float64]) []span {
	var list []span
	blocks := n.Blocks()
	for i := 0; i < len(blocks); {
		layer, s, matrix := blocks[i].Layer, span{off: blocks[i].Off}, false
		for ; i < len(blocks) && blocks[i].Layer == layer; i++ {
			s.len += blocks[i].Len
			matrix = matrix || blocks[i].FanIn > 0
		}
		if matrix {
			list = append(list, s)
		}
	}
	return list
}

// stages takes the network apart, and measures what each stage does to the gradient.
func (s *Survey) stages(n *network.Network[float64], w []float64, x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) {
	list := stages(n, w)
	s.Stages = make([]Stage, len(list))
	at := x
	for i, p := range list {
		s.Stages[i] = Stage{Name: p.name, Spectrum: p.spectrum(at)} // makes passes of its own
		at = p.net.Forward(network.Pass{Mode: network.Train}, p.w, at)
	}
	if len(list) == 0 {
		return
	}
	dy := at.With(at.Shape, make([]float64, len(at.Data)))
	loss.Evaluate(k, make([]float64, at.N), dy.Data, at.Data, at.Stride, t.Outputs(at.Shape.Len()), at.N, t, 1)
	for i := len(list) - 1; i >= 0; i-- {
		p := list[i]
		dx := p.net.Backward(p.w, make([]float64, len(p.w)), dy)
		s.Stages[i].Norm = preserved(total(dx), total(dy))
		dy = dx
	}
	through := stage{from: 0, to: list[len(list)-1].from}
	if len(list) == 1 {
		through.to = list[0].to
	}
	s.Through = through.of(n, w).spectrum(x)
}

// total is the root of the sum of squares of x.
func total(x network.Tensor[float64]) float64 {
	return bounded(rms(x) * math.Sqrt(float64(x.Shape.Len()*x.N)))
}

// preserved is a norm over the one before; 1 of none at all.
func preserved(now, before float64) float64 {
	if before == 0 {
		return 1
	}
	return bounded(now / before)
}

// pass makes a forward and a backward pass, adds the gradient of the losses to dw, and
// returns them, those that layers have by themselves included: of their mean over batch
// examples, or if that is 0 of their sum.
func pass[T network.Float](n *network.Network[T], w, dw []T, x network.Tensor[T], k loss.Kind, t loss.Target[T], batch int) []T {
	scale := 1 / T(max(1, batch))
	y := n.Forward(network.Pass{Mode: network.Train, Batch: batch}, w, x)
	losses, dy := make([]T, y.N), y.With(y.Shape, make([]T, len(y.Data)))
	loss.Evaluate(k, losses, dy.Data, y.Data, y.Stride, t.Outputs(y.Shape.Len()), y.N, t, scale)
	n.Auxiliary(losses, scale)
	n.BackwardWeights(w, dw, dy)
	return losses
}

// mean is the mean loss of the examples as a function of the weights.
func mean(n *network.Network[float64], x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) Function {
	return func(w, g []float64) float64 {
		clear(g)
		sum := 0.0
		for _, l := range pass(n, w, g, x, k, t, x.N) {
			sum += l
		}
		return sum / float64(x.N)
	}
}
