package main

import (
	"slices"

	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// readLengths reads how many steps of each sequence there are.
func (in *input) readLengths(file string, n wired) error {
	if len(n.Input) != 2 {
		return usagef("--lengths: inputs of %s are of shape %v, want sequences, (T, F), to have lengths", file, n.Input)
	}
	if steps, _ := models.Steps(n.net.Out()); in.targets != "" && steps > 0 && steps != n.Input[0] {
		return usagef("--lengths: %s makes %d steps of %d, and which of them count is not known", file, steps, n.Input[0])
	}
	a, err := readNPY(in.lengths)
	if err != nil {
		return err
	}
	if !slices.Equal(a.Shape, []int{in.x.N}) {
		return usagef("%s: shape %v, want a length for each of the inputs, %v", in.lengths, network.Shape(a.Shape), network.Shape{in.x.N})
	}
	for i, v := range a.Data {
		if v != float64(int(v)) || v < 1 || int(v) > n.Input[0] {
			return usagef("%s: value [%d] is %v, want a number of steps from 1 to %d", in.lengths, i, v, n.Input[0])
		}
		in.x.Lens = append(in.x.Lens, int(v))
	}
	return nil
}

// eachStep makes the loss of an example the mean over its steps.
func (in *input) eachStep(steps int) {
	n := in.x.N
	in.t.Steps, in.t.Stride, in.t.Weights = steps, n, make([]float64, steps*n)
	for i := range n {
		length := steps
		if in.x.Lens != nil {
			length = in.x.Lens[i]
		}
		for t := range length {
			in.t.Weights[t*n+i] = 1 / float64(length)
		}
	}
}

// readSequences reads the targets of CTC: a row of labels for each of the inputs, and
// -1 after the last.
func (in *input) readSequences(n wired) error {
	y, err := readNPY(in.targets)
	if err != nil {
		return err
	}
	steps, classes, examples := n.net.Out()[0], n.net.Out()[1], in.x.N
	if len(y.Shape) != 2 || y.Shape[0] != examples {
		return usagef("%s: shape %v, want (%d, L): a row of labels for each of the inputs, filled up with -1", in.targets, network.Shape(y.Shape), examples)
	}
	width := y.Shape[1]
	in.t = loss.Target[float64]{
		Steps: steps, Stride: examples, Labels: make([]int32, width*examples),
		Lens: make([]int32, examples), LabelLens: make([]int32, examples),
	}
	for i := range examples {
		in.t.Lens[i] = int32(steps)
		if in.x.Lens != nil {
			in.t.Lens[i] = int32(in.x.Lens[i])
		}
		row := y.Data[i*width:][:width]
		labels := slices.Index(row, -1)
		if labels < 0 {
			labels = width
		}
		needed := labels // steps: one for each label, and a blank between equal ones
		for u, v := range row {
			switch {
			case u >= labels && v != -1:
				return usagef("%s: value [%d %d] is %v after a -1, want nothing but -1 after the last label", in.targets, i, u, v)
			case u < labels && (v != float64(int32(v)) || v < 1 || int(v) >= classes):
				return usagef("%s: value [%d %d] is %v, want a label from 1 to %d, or -1 after the last; 0 is the blank", in.targets, i, u, v, classes-1)
			case u < labels:
				in.t.Labels[u*examples+i] = int32(v)
				if u > 0 && v == row[u-1] {
					needed++
				}
			}
		}
		in.t.LabelLens[i] = int32(labels)
		if needed > int(in.t.Lens[i]) {
			return usagef("%s: the labels of row %d cannot be read from %s, want at least %d: one for each, and a blank between equal ones",
				in.targets, i, count(int(in.t.Lens[i]), "step"), needed)
		}
	}
	return nil
}
