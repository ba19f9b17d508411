package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// An input is what eval and grad compute on.
type input struct {
	weights, inputs, lengths, targets string // files
	w                                 []float64
	x                                 network.Tensor[float64]
	t                                 loss.Target[float64]
}

func (in *input) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&in.weights, "weights", "", "NPY file with the weights, (dim)")
	cmd.Flags().StringVar(&in.inputs, "inputs", "", "NPY file with the inputs, (N, shape of an input)")
	cmd.Flags().StringVar(&in.targets, "targets", "", "NPY file with the targets: (N) labels, or (N, T) of outputs at T steps, (N, out) values, or of ctc (N, L) labels and -1")
	cmd.Flags().StringVar(&in.lengths, "lengths", "", "NPY file with the lengths of sequences, (N); without it all steps count")
}

// read reads the files. Targets may be missing if they are not needed.
func (in *input) read(cmd *cobra.Command, file string, n wired, needTargets bool) error {
	for _, f := range []struct{ flag, name, want string }{
		{"weights", in.weights, "(dim) weights; joust network init makes some"},
		{"inputs", in.inputs, "(N, shape of an input)"},
		{"targets", in.targets, "(N) labels, or (N, T) of outputs at T steps, (N, out) values, or of ctc (N, L) labels and -1"},
	} {
		if f.name == "" && (needTargets || f.flag != "targets") {
			return usagef("%s: no --%s, want an NPY file of %s", cmd.CommandPath(), f.flag, f.want)
		}
	}
	w, err := readNPY(in.weights)
	if err != nil {
		return err
	}
	if !slices.Equal(w.Shape, []int{n.net.Dim()}) {
		return usagef("%s: shape %v, want %v: %s has %s", in.weights, network.Shape(w.Shape), network.Shape{n.net.Dim()}, file, count(n.net.Dim(), "weight"))
	}
	x, err := readNPY(in.inputs)
	if err != nil {
		return err
	}
	if len(x.Shape) == 0 || x.Shape[0] < 1 || !slices.Equal(x.Shape[1:], n.Input) {
		return usagef("%s: shape %v, want (N, ...) with examples of shape %v, the input of %s", in.inputs, network.Shape(x.Shape), n.Input, file)
	}
	examples := x.Shape[0]
	if n.net.BatchStatistics() && examples < 2 {
		return usagef("%s: 1 example, want at least 2: %s normalises over them", in.inputs, file)
	}
	in.w, in.x = w.Data, columns(n.Input, examples, x.Data)
	if in.lengths != "" {
		if err := in.readLengths(file, n); err != nil {
			return err
		}
	}
	if in.targets == "" {
		return nil
	}
	if n.Loss == "" {
		return usagef("%s: no loss, want one of %v for targets", file, loss.Kinds())
	}
	if n.Loss == loss.CTC {
		return in.readSequences(n)
	}
	return in.readTargets(n, examples)
}

func (in *input) readTargets(n wired, examples int) error {
	y, err := readNPY(in.targets)
	if err != nil {
		return err
	}
	steps, out := models.Steps(n.net.Out())
	if steps > 0 {
		in.eachStep(steps)
	}
	if n.Loss == loss.SoftmaxCrossEntropy {
		return in.readLabels(y, steps, out)
	}
	out *= max(1, steps)
	whole := append([]int{examples}, n.net.Out()...)
	flat := []int{examples, out}
	if !slices.Equal(y.Shape, whole) && !slices.Equal(y.Shape, flat) && (out > 1 || !slices.Equal(y.Shape, []int{examples})) {
		return usagef("%s: shape %v, want %v", in.targets, network.Shape(y.Shape), network.Shape(whole))
	}
	t := columns(network.Shape{out}, examples, y.Data)
	in.t.Values, in.t.Stride = t.Data, t.Stride
	return nil
}

// readLabels takes one label for each of the inputs, or for each of their steps.
func (in *input) readLabels(y data.Array, steps, classes int) error {
	examples := in.x.N
	want, each := network.Shape{examples}, "the inputs"
	if steps > 0 {
		want, each = append(want, steps), "their steps"
	}
	if !slices.Equal(y.Shape, want) {
		return usagef("%s: shape %v, want a label for each of %s, %v", in.targets, network.Shape(y.Shape), each, want)
	}
	per := max(1, steps)
	in.t.Labels = make([]int32, examples*per)
	for k, v := range y.Data {
		i, t := k/per, k%per
		if in.x.Lens != nil && steps > 0 && t >= in.x.Lens[i] {
			continue // after the end
		}
		if v != float64(int32(v)) || v < 0 || int(v) >= classes {
			at := []int{i, t}[:len(want)]
			return usagef("%s: value %v is %v, want a label from 0 to %d", in.targets, at, v, classes-1)
		}
		in.t.Labels[t*examples+i] = int32(v)
	}
	return nil
}

// columns lays examples out as networks have them, one a column.
func columns(s network.Shape, n int, rows []float64) network.Tensor[float64] {
	x := network.NewTensor[float64](s, n)
	for f := range s.Len() {
		row := x.Row(f)
		for i := range row {
			row[i] = rows[i*s.Len()+f]
		}
	}
	return x
}

// rows is the reverse.
func rows(x network.Tensor[float64]) []float64 {
	n := x.Shape.Len()
	list := make([]float64, x.N*n)
	for f := range n {
		for i, v := range x.Row(f) {
			list[i*n+f] = v
		}
	}
	return list
}

func readNPY(path string) (data.Array, error) {
	a, err := data.ReadNPY(path)
	if err != nil {
		return a, &exitError{exitUsage, err}
	}
	return a, nil
}

func writeNPY(path string, shape []int, values []float64) error {
	f, err := os.Create(path)
	if err != nil {
		return usagef("%s cannot be written: %w", path, cause(err))
	}
	w := bufio.NewWriter(f)
	err = data.WriteNPY(w, data.Array{Shape: shape, Data: values})
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, cause(err))
	}
	return nil
}
