package bench

import (
	"fmt"
	"slices"

	"github.com/joust-bench/joust/network"
)

// A Picture is a test example of a task that makes images of images.
type Picture struct {
	Given  Image
	Made   []Image // by the network: after each of its iterations, or at the end alone
	Wanted Image
}

// An Image is grey values, from 0 to 1 if they are what was meant, row by row. The
// arrays of one with several are below each other.
type Image struct {
	H, W   int
	Pixels []float64 // [H][W]
}

// A Painter is an [Objective] whose outputs are images.
type Painter interface {
	// Pictures shows what w makes of the first n test examples, or of all if there
	// are fewer; nil if outputs or inputs are no images.
	Pictures(w []float64, n int) []Picture
}

// Pictures shows what came of a trial: n test examples as its final weights make
// them. It is nil without an error if there are no weights, or l has no task of the
// trial's name that makes images ([Task.Images]). Relative paths start in dir.
func (l Lists) Pictures(r Result, n int, dir string) ([]Picture, error) {
	makes := slices.ContainsFunc(l.Tasks, func(t Task) bool { return t.Name == r.Trial.Task.Name && t.Images })
	if !makes || len(r.Weights) == 0 {
		return nil, nil
	}
	o, _, err := l.pose(r.Trial, 1, dir)
	if err != nil {
		return nil, err
	}
	p, ok := o.(Painter)
	if !ok {
		return nil, nil
	}
	if dim := len(o.Init()); dim != len(r.Weights) {
		return nil, fmt.Errorf("%d weights, want the %d of the network", len(r.Weights), dim)
	}
	return p.Pictures(r.Weights, n), nil
}

// pose poses the task of a trial to its model.
func (l Lists) pose(t Trial, threads int, dir string) (Objective, Model, error) {
	task, err := find(l.Tasks, t.Task.Name, "task", func(t Task) string { return t.Name })
	if err != nil {
		return nil, Model{}, err
	}
	model, err := find(l.Models, t.Model.Name, "model", func(m Model) string { return m.Name })
	if err != nil {
		return nil, model, err
	}
	o, err := task.New(t.Task.Config, Setup{
		Layers: func(in, out network.Shape) (network.Specs, error) {
			return model.Layers(t.Model.Config, dir, in, out)
		},
		Seed: t.Seed, Batch: t.Batch, Precision: t.Precision, Threads: threads, Dir: dir,
	})
	return o, model, err
}

// Pictures implements [Painter].
func (o *supervised[T]) Pictures(w []float64, n int) []Picture {
	in, out := o.data.In, o.data.Image
	if len(in) != 3 || len(out) != 3 {
		return nil
	}
	image := func(v []float64, width int) Image { return Image{len(v) / width, width, v} }
	n = min(n, o.data.Test.N)
	y := o.iterations(w, panels[T](&o.data, &o.data.Test, n, n)[0].x)
	steps := y.Shape.Len() / out.Len()
	pictures := make([]Picture, n)
	for i := range pictures {
		pictures[i].Given = image(o.data.Test.X[i*in.Len():][:in.Len()], in[2])
		pictures[i].Wanted = image(o.data.Test.Y[i*len(o.data.Test.Y)/o.data.Test.N:][:out.Len()], out[2])
		for t := range steps {
			v := make([]float64, out.Len())
			for c := range v {
				v[c] = float64(y.Row(t*out.Len() + c)[i])
			}
			pictures[i].Made = append(pictures[i].Made, image(v, out[2]))
		}
	}
	return pictures
}

// iterations is the outputs for x: after every step, if the network ends in a pyramid,
// whose weights are the same when it keeps them all.
func (o *supervised[T]) iterations(w []float64, x network.Tensor[T]) network.Tensor[T] {
	o.share(w)
	net := o.net()
	if specs := everyStep(o.specs); specs != nil {
		var err error
		if net, err = network.New[T](o.data.In, specs...); err != nil {
			panic("bench: a pyramid that keeps all its steps cannot be built: " + err.Error())
		}
	}
	if net.BatchStatistics() {
		for _, p := range o.calibrate {
			net.Forward(network.Pass{Mode: network.Calibrate}, o.w, p.x)
		}
	}
	return net.Forward(network.Pass{Mode: network.Infer}, o.w, x)
}

// everyStep returns specs up to the pyramid that they end in, which has the outputs of
// every step; nil: they do not.
func everyStep(specs network.Specs) network.Specs {
	last := len(specs) - 1
	for last >= 0 && specs[last] == (network.Flatten{}) {
		last--
	}
	if last < 0 {
		return nil
	}
	p, ok := specs[last].(network.Pyramid)
	if !ok {
		return nil
	}
	p.Every = true
	return append(slices.Clone(specs[:last]), p)
}
