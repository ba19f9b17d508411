package probe

import (
	"math"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
	"github.com/joust-bench/joust/network/loss"
)

// A Layer is the health of a layer with a weight matrix, on one batch. Every
// figure is finite: what overflows or is no number is [math.MaxFloat64].
type Layer struct {
	Name  string `json:"name"`  // path of the layer, such as "3.residual.1.dense"
	Depth int    `json:"depth"` // counts the layers with a weight matrix, 1 nearest the input
	// Delta is the root mean square, over units and examples, of dLoss/dz,
	// with z the outputs of the layer and Loss that of the example alone.
	Delta float64 `json:"delta"`
	// Grad is the root mean square of the gradient of the batch's mean loss, with
	// the losses that layers have by themselves, with respect to the layer's
	// weights and biases.
	Grad float64 `json:"grad"`
	// Weight is the root mean square of the weights and biases.
	Weight float64 `json:"weight"`
	// Mean and Std are taken over the units and examples of the activation
	// that follows: the outputs of the first [network.Activation] before the
	// next layer with a weight matrix, or if there is none of the layer itself.
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
	// UnitStd is the mean over the units of that activation of each unit's
	// standard deviation over the examples: 0 where no unit tells examples apart,
	// whatever Std says.
	UnitStd float64 `json:"unit_std"`
	// PreStd is the standard deviation, over units and examples, of what goes into
	// that activation.
	PreStd float64 `json:"pre_std"`
	// Dead is the share of that activation's units whose slope f'(z) is 0 for
	// all examples, or for a smooth f below 1e-3. 256 examples or more make
	// it meaningful.
	Dead float64 `json:"dead"`
	// Saturated is the share of units and examples at which |f'(z)| is below a
	// twentieth of its largest value, or of 1 if f' has none.
	Saturated float64 `json:"saturated"`
}

// Measure makes one forward and one backward pass in Train mode, with weights
// w and the examples x and t, and reports on the layers with a weight matrix
// from the input to the output, those nested in others in their place. It
// takes the place of what watched n, and of its last Forward. A network with
// [network.Network.BatchStatistics] needs at least 2 examples.
func Measure[T network.Float](n *network.Network[T], w []T, x network.Tensor[T], k loss.Kind, t loss.Target[T]) []Layer {
	o := newObserver(n, x.N)
	n.Watch(o)
	defer n.Watch(nil)

	pass(n, w, make([]T, n.Dim()), x, k, t, 0)
	return o.layers
}

// An observer fills in layers as the passes go by.
type observer[T network.Float] struct {
	examples int
	index    map[int]int // of layers, by number of the network's layer; -1: yet to come
	layers   []Layer
	follows  int // index of the layer whose activation is yet to come; -1: none
	// activations is told the outputs of each layer and then, if there is one, of
	// the activation that follows. Nil: nobody asks.
	activations func(layer int, y network.Tensor[T])
}

func newObserver[T network.Float](n *network.Network[T], examples int) *observer[T] {
	o := &observer[T]{examples: examples, index: map[int]int{}, follows: -1}
	for _, b := range n.Blocks() {
		if b.FanIn > 0 {
			o.index[b.Layer] = -1
		}
	}
	return o
}

func (o *observer[T]) seen(layer int, y network.Tensor[T]) {
	if o.activations != nil {
		o.activations(layer, y)
	}
}

// Forward implements [network.Observer].
func (o *observer[T]) Forward(l network.Layer, w []T, x, y network.Tensor[T]) {
	if _, ok := o.index[l.Number]; ok {
		i := len(o.layers)
		o.index[l.Number], o.follows = i, i
		h := Layer{Name: l.Path, Depth: i + 1, Weight: rms(vector(w))}
		h.Mean, h.Std = moments(y)
		h.PreStd, h.UnitStd = h.Std, unitStd(y)
		o.layers = append(o.layers, h)
		o.seen(i, y)
		return
	}
	spec, ok := l.Spec.(network.Activation)
	if !ok || o.follows < 0 {
		return
	}
	i := o.follows
	h := &o.layers[i]
	o.follows = -1
	h.Mean, h.Std = moments(y)
	_, h.PreStd = moments(x)
	h.UnitStd = unitStd(y)
	o.seen(i, y)
	f, err := activation.ByName(spec.Func)
	if err != nil {
		panic("probe: a network with an activation that there is none of: " + err.Error())
	}
	h.Dead, h.Saturated = slopes(f, x, y)
}

// Backward implements [network.Observer].
func (o *observer[T]) Backward(l network.Layer, _, dw []T, dy network.Tensor[T]) {
	if i, ok := o.index[l.Number]; ok {
		o.layers[i].Delta = rms(dy)
		o.layers[i].Grad = rms(vector(dw))
		if o.layers[i].Grad < math.MaxFloat64 {
			o.layers[i].Grad /= float64(o.examples) // dw is the gradient of the sum
		}
	}
}

// slopes returns the shares of dead units, and of saturated units and
// examples, of y = f(z). The derivatives are the kernels', in float64: those of the
// standard library are not the same to the last bit everywhere, and a unit at a
// threshold would be dead on one processor and alive on another.
func slopes[T network.Float](f activation.Func, z, y network.Tensor[T]) (dead, saturated float64) {
	steepest := f.SupDeriv
	if math.IsInf(steepest, 1) {
		steepest = 1
	}
	units := z.Shape.Len()
	in, out, slope := make([]float64, z.N), make([]float64, z.N), make([]float64, z.N)
	for u := range units {
		alive := false
		for i, v := range z.Row(u) {
			in[i], out[i], slope[i] = float64(v), float64(y.Row(u)[i]), 1
		}
		f.Float64.Grad(slope, slope, in, out)
		for _, v := range slope {
			slope := math.Abs(v)
			if slope < 0.05*steepest {
				saturated++
			}
			if f.Smooth && slope >= 1e-3 || !f.Smooth && slope != 0 {
				alive = true
			}
		}
		if !alive {
			dead++
		}
	}
	return dead / float64(units), saturated / float64(units*z.N)
}

// vector is w as a tensor of one example's values.
func vector[T network.Float](w []T) network.Tensor[T] {
	return network.Tensor[T]{Shape: network.Shape{1}, N: len(w), Stride: len(w), Data: w}
}

// rms is the root mean square of the values of x. They are divided by the
// largest before they are squared: a gradient of 1e-200 is not 0.
func rms[T network.Float](x network.Tensor[T]) float64 {
	var largest float64
	for f := range x.Shape.Len() {
		for _, v := range x.Row(f) {
			largest = max(largest, math.Abs(float64(v))) // NaN if any is
		}
	}
	if largest == 0 || math.IsNaN(largest) || math.IsInf(largest, 1) {
		return bounded(largest)
	}
	var sum float64
	for f := range x.Shape.Len() {
		for _, v := range x.Row(f) {
			r := float64(v) / largest
			sum += float64(r * r) // the conversion keeps compilers from fusing: digests cover it
		}
	}
	return bounded(largest * math.Sqrt(sum/float64(x.Shape.Len()*x.N)))
}

// moments returns the mean and the standard deviation of the values of x.
func moments[T network.Float](x network.Tensor[T]) (mean, std float64) {
	n := float64(x.Shape.Len() * x.N)
	for f := range x.Shape.Len() {
		for _, v := range x.Row(f) {
			mean += float64(v) / n
		}
	}
	var sum float64
	for f := range x.Shape.Len() {
		for _, v := range x.Row(f) {
			d := float64(v) - mean
			sum += d * d / n
		}
	}
	return bounded(mean), bounded(math.Sqrt(sum))
}

// unitStd is the mean of the standard deviations of the rows of x.
func unitStd[T network.Float](x network.Tensor[T]) float64 {
	units, sum := x.Shape.Len(), 0.0
	for f := range units {
		_, std := moments(network.Tensor[T]{Shape: network.Shape{1}, N: x.N, Stride: x.N, Data: x.Row(f)})
		sum += std / float64(units)
	}
	return bounded(sum)
}

// bounded keeps v finite.
func bounded(v float64) float64 {
	switch {
	case math.IsNaN(v), v > math.MaxFloat64:
		return math.MaxFloat64
	case v < -math.MaxFloat64:
		return -math.MaxFloat64
	}
	return v
}
