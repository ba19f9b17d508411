package bench

import (
	"context"
	"fmt"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/pretrain"
)

// Samples are images that a model imagines, and some that it has learned from.
type Samples struct {
	Height, Width int
	Imagined      [][][]float64 // by class, several each: Height*Width values from 0 to 1
	Real          [][][]float64 // likewise
}

// How many images of a class there are.
const (
	imagined = 10
	shown    = 3
)

// The last machine of a network that imagines: persistent chains of one step, with
// the rate and the momentum that made images of [tasks] sharpest, for as many
// updates, whatever the number of examples. With 200 units and 4000 updates, 69 of 100
// digits were of the class that was asked for where it is 91 now (500 examples of 8x8
// pixels, 100 units below; by the nearest of 4000 others).
const (
	imagineUnits   = 400
	imagineUpdates = 10000
	imagineBatch   = 50
	imagineSteps   = 500 // of Gibbs sampling
)

// Imagine shows what a trial's pretraining has made of the data: it is done again,
// with the same result, one more machine is trained on what it infers and on the
// labels, and images are drawn for each label. That costs the time of pretraining
// and some seconds more; no trial knows of it. The second result is false if the model
// generates nothing, or the data are not images with classes. Relative paths of the
// task start at dir.
func Imagine(ctx context.Context, l Lists, t Trial, dir string) (Samples, bool, error) {
	model, err := find(l.Models, t.Model.Name, "model", func(m Model) string { return m.Name })
	if err != nil || model.Stage == nil {
		return Samples{}, false, err
	}
	stage, err := model.Stage(t.Model.Config)
	if err != nil {
		return Samples{}, false, err
	}
	generative, ok := stage.(pretrain.Contrastive)
	if !ok {
		return Samples{}, false, nil
	}
	t.Precision = "float64"
	o, _, err := l.pose(t, 1, dir)
	if err != nil {
		return Samples{}, false, err
	}
	p, ok := o.(posed)
	if !ok {
		return Samples{}, false, nil
	}
	d, specs := p.posed()
	if !d.drawable() {
		return Samples{}, false, nil
	}
	s, err := imagine(ctx, d, specs, generative, t.Seed)
	if err != nil {
		return Samples{}, false, fmt.Errorf("%s on %s: %w", t.Model.Name, t.Task.Name, err)
	}
	return s, true, nil
}

// drawable reports whether the examples are grey images with classes.
func (d *Data) drawable() bool {
	if n := len(d.In); d.Loss != loss.SoftmaxCrossEntropy || n < 2 || n > 3 || n == 3 && d.In[0] != 1 {
		return false
	}
	for _, x := range d.inputs() {
		if !(0 <= x && x <= 1) {
			return false
		}
	}
	return true
}

func imagine(ctx context.Context, d *Data, specs network.Specs, stage pretrain.Contrastive, seed uint64) (Samples, error) {
	net, err := stage.Network(ctx, d.In, specs, d.inputs(), rng(seed, StreamPretrain))
	if err != nil {
		return Samples{}, err
	}
	r := rng(seed, StreamImagine)
	last := pretrain.CD{
		K: 1, Persistent: true, Anneal: true, Epochs: max(1, imagineUpdates*imagineBatch/d.Train.N),
		Batch: imagineBatch, Rate: 0.05, Momentum: 0.5, Decay: 2e-4, Draw: true,
	}
	if err := net.AddTop(ctx, d.Train.X, d.Train.Labels, d.Out, imagineUnits, last, r); err != nil {
		return Samples{}, err
	}
	var labels []int32
	for class := range d.Out {
		for range imagined {
			labels = append(labels, int32(class))
		}
	}
	x, err := net.Generate(labels, imagineSteps, r)
	if err != nil {
		return Samples{}, err
	}
	s := Samples{
		Height: d.In[len(d.In)-2], Width: d.In[len(d.In)-1],
		Imagined: make([][][]float64, d.Out), Real: make([][][]float64, d.Out),
	}
	size := d.In.Len()
	for i, class := range labels {
		s.Imagined[class] = append(s.Imagined[class], x[i*size:][:size])
	}
	for i, class := range d.Train.Labels {
		if len(s.Real[class]) < shown {
			s.Real[class] = append(s.Real[class], d.Train.X[i*size:][:size])
		}
	}
	return s, nil
}
