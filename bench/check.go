package bench

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network/loss"
)

// check finds mistakes of a task: what a network would trip over later.
func (d *Data) check() error {
	if err := d.Loss.Check(d.Out); err != nil {
		return err
	}
	if d.Loss == loss.CTC && d.Steps == 0 {
		return fmt.Errorf("%s: one output for an example, want steps", d.Loss)
	}
	if d.Image != nil && (d.Steps > 0 || len(d.Image) != 3 || d.Image.Len() != d.Out) {
		return fmt.Errorf("images of shape %v in %d steps, want (k, H, W) of the %d outputs, and no steps", d.Image, d.Steps, d.Out)
	}
	for _, part := range []struct {
		split Split
		e     *Examples
	}{{Train, &d.Train}, {Valid, &d.Valid}, {Test, &d.Test}} {
		if err := part.e.check(d); err != nil {
			return fmt.Errorf("%s data: %w", part.split, err)
		}
	}
	if len(d.Unlabelled)%d.In.Len() != 0 {
		return fmt.Errorf("unlabelled data: %d input values, want a multiple of the %d of shape %v", len(d.Unlabelled), d.In.Len(), d.In)
	}
	if _, err := newMetric(d); err != nil {
		return err
	}
	return nil
}

func (e *Examples) check(d *Data) error {
	steps := max(1, d.Steps)
	switch {
	case e.N < 1:
		return fmt.Errorf("no examples, want at least 1")
	case len(e.X) != e.N*d.In.Len():
		return fmt.Errorf("%d input values, want %d (%d examples of shape %v)", len(e.X), e.N*d.In.Len(), e.N, d.In)
	case d.Loss == loss.CTC:
		if err := e.checkLabelLens(); err != nil {
			return err
		}
	case d.Loss == loss.SoftmaxCrossEntropy && len(e.Labels) != e.N*steps:
		return fmt.Errorf("%d labels, want %d", len(e.Labels), e.N*steps)
	case d.Loss != loss.SoftmaxCrossEntropy && len(e.Y) != e.N*steps*d.Out:
		return fmt.Errorf("%d target values, want %d", len(e.Y), e.N*steps*d.Out)
	}
	for i, l := range e.Labels {
		per := len(e.Labels) / e.N
		if d.Loss == loss.CTC && i%per >= e.LabelLens[i/per] {
			continue
		}
		if least := d.firstLabel(); int(l) < least || int(l) >= d.Out {
			return fmt.Errorf("label %d of example %d, want %d to %d", l, i/per, least, d.Out-1)
		}
	}
	if err := e.checkLens(d); err != nil {
		return err
	}
	return e.checkWeights(d)
}

// firstLabel is the least label there is: for CTC, 0 is the blank.
func (d *Data) firstLabel() int {
	if d.Loss == loss.CTC {
		return 1
	}
	return 0
}

func (e *Examples) checkLabelLens() error {
	if len(e.LabelLens) != e.N || len(e.Labels)%e.N != 0 {
		return fmt.Errorf("%d labels and %d lengths of them, want as many labels for each of %d examples, and a length", len(e.Labels), len(e.LabelLens), e.N)
	}
	for i, n := range e.LabelLens {
		if n < 0 || n > len(e.Labels)/e.N {
			return fmt.Errorf("%d labels of example %d, want 0 to %d", n, i, len(e.Labels)/e.N)
		}
	}
	return nil
}

func (e *Examples) checkLens(d *Data) error {
	if e.Lens == nil {
		return nil
	}
	switch {
	case len(d.In) < 2 || d.Steps > 0 && d.Steps != d.In[0]:
		return fmt.Errorf("lengths of sequences for inputs %v and %d steps, want sequences of as many steps", d.In, d.Steps)
	case len(e.Lens) != e.N:
		return fmt.Errorf("lengths of %d sequences, want %d", len(e.Lens), e.N)
	}
	for i, n := range e.Lens {
		if n < 1 || n > d.In[0] {
			return fmt.Errorf("length %d of sequence %d, want 1 to %d", n, i, d.In[0])
		}
		size := d.In.Len()
		for _, v := range e.X[i*size+n*size/d.In[0] : (i+1)*size] {
			if v != 0 {
				return fmt.Errorf("input %v after the end of sequence %d, want 0", v, i)
			}
		}
	}
	return nil
}

func (e *Examples) checkWeights(d *Data) error {
	if e.Weights == nil {
		return nil
	}
	if d.Steps == 0 || d.Loss == loss.CTC {
		return fmt.Errorf("weights of steps, want none where the steps have no targets of their own")
	}
	if len(e.Weights) != e.N*d.Steps {
		return fmt.Errorf("%d weights of steps, want %d", len(e.Weights), e.N*d.Steps)
	}
	for i := range e.N {
		total := 0.0
		for t, w := range e.Weights[i*d.Steps:][:d.Steps] {
			if !(w >= 0) || w > 0 && t >= e.steps(d, i) {
				return fmt.Errorf("weight %v of step %d of example %d, want at least 0, and 0 after its end", w, t, i)
			}
			total += w
		}
		if !(total > 0) || math.IsInf(total, 1) {
			return fmt.Errorf("weights of the steps of example %d add up to %v, want more than 0", i, total)
		}
	}
	return nil
}

// steps is how many steps with outputs example i has, at least 1.
func (e *Examples) steps(d *Data, i int) int {
	if e.Lens != nil && d.Steps > 0 {
		return e.Lens[i]
	}
	return max(1, d.Steps)
}

// normalise makes the weights of each example add up to 1, in memory of its own.
func (e *Examples) normalise(d *Data) {
	if d.Steps == 0 || d.Loss == loss.CTC {
		return
	}
	given := e.Weights
	e.Weights = make([]float64, e.N*d.Steps)
	for i := range e.N {
		weights := e.Weights[i*d.Steps:][:d.Steps]
		total := 0.0
		for t := range e.steps(d, i) {
			weights[t] = 1
			if given != nil {
				weights[t] = given[i*d.Steps+t]
			}
			total += weights[t]
		}
		for t := range weights {
			weights[t] /= total
		}
	}
}
