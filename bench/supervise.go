package bench

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// The free measurements use a bounded part of the training data, from its
// start, which is in random order.
const (
	probeExamples     = 256
	calibrateExamples = 2048
)

// mostKept is how many values of a minibatch are kept example by example too, for the
// gradient of the first layer.
const mostKept = 1 << 23

// Supervise poses supervised data to the network that s wires.
func Supervise(d Data, s Setup) (Objective, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	specs, err := s.Layers(d.In, d.Outputs())
	if err != nil {
		return nil, err
	}
	switch s.Precision {
	case "float64":
		return supervise[float64](d, s, specs)
	case "float32":
		return supervise[float32](d, s, specs)
	}
	return nil, fmt.Errorf("precision %q, want float64 or float32", s.Precision)
}

// supervised is an [Objective] over data in memory.
type supervised[T network.Float] struct {
	data    Data
	specs   network.Specs
	metric  metric
	seed    uint64
	batch   int
	workers []worker[T] // one for each core
	cost    int         // of an example: weights and values, to compare with others

	whole       bool // the examples of a batch depend on each other, so it cannot be cut
	order       *order
	index       []int32               // of the examples of the current minibatch
	pass        network.Pass          // of the current step
	current     int                   // the step whose minibatch is in panels; -1: none
	blocks      []panel[T]            // the minibatch
	slabs       []panel[T]            // likewise, in parts of blocks
	panels      []panel[T]            // likewise, in parts of slabs
	sums        []float64             // of the losses, on each panel
	w           []T                   // the candidate that all workers are at
	partial     [][]T                 // gradients of groups of panels
	slots       []worker[T]           // for the deltas of each panel of a wave
	nets        []*network.Network[T] // of the slots
	done        int                   // panels of earlier waves
	waved       []*network.Network[T] // of the panels of this one
	valid, test []panel[T]
	calibrate   []panel[T]                // one panel; nil if there are no statistics to fix
	probe       []panel[T]                // one panel
	wideNet     *network.Network[float64] // of float32 networks, for surveys; nil until the first

	// What the units work on, during a call and nil between calls.
	units      units
	candidates [][]float64
	evals      []optimizers.Evaluation
	wide       []float64
}

// A worker is what one goroutine computes with.
type worker[T network.Float] struct {
	net  *network.Network[T]
	loss loss.Evaluator[T]
	w    []T       // the candidate at the network's precision
	sums []float64 // of its losses, on each panel
	rows []T       // scratch: examples, one after another, or a part of a gradient
	out  []T       // the losses of the last examples
	dz   []T
	// Where losses writes the gradient or, if more is set or to dw, adds it; both nil:
	// it is left to network.PartGradient.
	dw     []T
	wide   []float64
	more   bool
	sample sample
}

func supervise[T network.Float](d Data, s Setup, specs network.Specs) (*supervised[T], error) {
	net, err := network.New[T](d.In, specs...)
	if err != nil {
		return nil, err
	}
	if out := net.Out(); d.Steps == 0 && len(out) == 2 && out[1] == d.Out {
		d = d.everyStep(out[0])
	}
	// A vector of all steps lies in memory as the steps do, and one of pixels as an
	// image does.
	if want := d.Outputs(); !slices.Equal(net.Out(), want) && !slices.Equal(net.Out(), network.Shape{want.Len()}) {
		return nil, fmt.Errorf("the network's output has shape %v, want %v", net.Out(), want)
	}
	if net.Dim() == 0 {
		return nil, errors.New("the network has no weights to train")
	}
	o := &supervised[T]{data: d, specs: specs, seed: s.Seed, whole: net.BatchStatistics(), current: -1}
	if o.metric, err = newMetric(&d); err != nil {
		return nil, err
	}
	switch o.batch = s.Batch; {
	case o.batch == AutoBatch && d.Train.N > AutoBatchLimit:
		o.batch = AutoBatchSize
	case o.batch == AutoBatch, o.batch == 0, o.batch > d.Train.N:
		o.batch = d.Train.N
	}
	if o.whole && o.batch < 2 {
		return nil, fmt.Errorf("a minibatch of %d, want at least 2: the network normalises over the minibatch", o.batch)
	}
	o.pass = network.Pass{Mode: network.Train, Seed: Stream(s.Seed, StreamPass), Batch: o.batch}
	o.units = o.newUnits()
	o.cost = net.Dim() + net.Activations()
	o.workers = make([]worker[T], max(1, s.Threads))
	for i := range o.workers {
		o.workers[i].net = net
		if i > 0 {
			o.workers[i].net = net.Clone()
		}
	}
	for _, e := range []*Examples{&o.data.Train, &o.data.Valid, &o.data.Test} {
		e.normalise(&d)
	}
	d = o.data
	size, slab := cut(net)
	block := slab
	if net.Parts() > 0 {
		block = maxSlab // what a sum of the gradient runs over
	}
	o.valid = panels[T](&d, &d.Valid, d.Valid.N, slab)
	o.test = panels[T](&d, &d.Test, d.Test.N, slab)
	if o.whole {
		size, slab, block = o.batch, o.batch, o.batch
		o.calibrate = panels[T](&d, &d.Train, min(calibrateExamples, d.Train.N), calibrateExamples)
	}
	o.blocks = newPanels[T](&d, &d.Train, o.batch, block)
	if net.Parts() > 0 && o.batch*d.In.Len() <= mostKept {
		for i := range o.blocks {
			o.blocks[i].x.KeepExamples()
		}
	}
	if o.batch == d.Train.N {
		fillInOrder(o.blocks, &d, &d.Train)
	} else {
		o.order = newOrder(Stream(s.Seed, StreamBatch), d.Train.N)
		o.index = make([]int32, o.batch)
	}
	o.slabs = parts(o.blocks, slab)
	o.panels = parts(o.slabs, size)
	o.probe = panels[T](&d, &d.Train, min(probeExamples, d.Train.N), probeExamples)
	return o, nil
}

func (o *supervised[T]) net() *network.Network[T] { return o.workers[0].net }

func (o *supervised[T]) Goal() Goal              { return o.data.Goal }
func (o *supervised[T]) Examples() int           { return o.data.Train.N }
func (o *supervised[T]) Batch() int              { return o.batch }
func (o *supervised[T]) HasGrad() (bool, string) { return true, "" }

func (o *supervised[T]) Init() []float64 { return o.net().Init(rng(o.seed, StreamInit)) }

func (o *supervised[T]) Blocks() []optimizers.Block {
	var blocks []optimizers.Block
	for _, b := range o.net().Blocks() {
		blocks = append(blocks, optimizers.Block(b))
	}
	return blocks
}

func (o *supervised[T]) Probe(w []float64) []probe.Layer {
	p := o.probe[0]
	if o.whole && p.x.N < 2 {
		return nil
	}
	return probe.Measure(o.net(), o.workers[0].weights(w), p.x, o.data.Loss, p.t)
}

// Reach implements [Reacher].
func (o *supervised[T]) Reach(w []float64) []float64 {
	p := o.probe[0]
	if o.whole && p.x.N < 2 {
		return nil
	}
	return probe.Reach(o.net(), o.workers[0].weights(w), p.x, o.data.Loss, p.t)
}

// Lags implements [Reacher].
func (o *supervised[T]) Lags(w []float64) []float64 {
	n := o.surveyExamples()
	if o.whole && n < 2 {
		return nil
	}
	p := panels[float64](&o.data, &o.data.Train, n, n)[0]
	return probe.Lags(o.inDouble(), w, p.x, o.data.Loss, p.t)
}

// inDouble is the network in float64.
func (o *supervised[T]) inDouble() *network.Network[float64] {
	if net, ok := any(o.net()).(*network.Network[float64]); ok {
		return net
	}
	if o.wideNet == nil {
		var err error
		if o.wideNet, err = network.New[float64](o.data.In, o.net().Specs()...); err != nil {
			panic("bench: a network that was built cannot be built in float64: " + err.Error())
		}
	}
	return o.wideNet
}

// Survey implements [Surveyor], in float64 whatever the precision is: it takes
// differences of gradients.
func (o *supervised[T]) Survey(w []float64) *probe.Survey {
	n := o.surveyExamples()
	if o.whole && n < 2 {
		return nil
	}
	p := panels[float64](&o.data, &o.data.Train, n, n)[0]
	s := probe.Take(o.inDouble(), w, p.x, o.data.Loss, p.t)
	return &s
}

// surveyExamples is how many a survey takes: fewer of a large network, so that it ends
// within seconds.
func (o *supervised[T]) surveyExamples() int {
	const least, work = 16, 1 << 23
	n := probeExamples
	for n > least && n*o.cost > work {
		n /= 2
	}
	return min(n, o.data.Train.N)
}

// weights returns the candidate at the network's precision, without a copy if
// it has it.
func (k *worker[T]) weights(w []float64) []T {
	if same, ok := any(w).([]T); ok {
		return same
	}
	k.w = slices.Grow(k.w[:0], len(w))[:len(w)]
	kernel.Narrow(k.w, w)
	return k.w
}

// losses returns the losses of w on the examples of p, which last until the next
// call, those that layers have by themselves among them. If scale is not 0, it
// computes the gradient of their sum times scale too.
func (k *worker[T]) losses(o *supervised[T], w []T, p *panel[T], scale T) []T {
	pass := o.pass
	pass.First = p.first
	y := k.net.Forward(pass, w, p.x)
	k.out = slices.Grow(k.out[:0], y.N)[:y.N]
	var dz []T
	if scale != 0 {
		k.dz = slices.Grow(k.dz[:0], len(y.Data))[:len(y.Data)]
		dz = k.dz
	}
	k.loss.Evaluate(o.data.Loss, k.out, dz, y.Data, y.Stride, o.data.Out, y.N, p.t, scale)
	k.net.Auxiliary(k.out, scale)
	switch dy := y.With(y.Shape, dz); {
	case scale == 0:
	case k.dw != nil:
		k.net.BackwardWeights(w, k.dw, dy)
	case k.wide != nil:
		k.net.Gradient(w, k.wide, dy, k.more)
	default:
		k.net.Deltas(w, dy)
	}
	return k.out
}

// sum adds up in order, in float64.
func sum[T network.Float](x []T) float64 {
	total := 0.0
	for _, v := range x {
		total += float64(v)
	}
	return total
}

// finite returns v, or +Inf if it is not a number or not finite.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, -1) {
		return math.Inf(1)
	}
	return v
}
