package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/netcheck"
)

func newNetworkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Compute a network of your own: its loss and gradient on given data",
		Long: `Compute a network from a file, on weights and data in NPY files: what joust computes
in a race, to look at or to compare with another program.

A network file is YAML: the shape of an input, the layers up to the outputs, and for
eval and grad a loss.

  input: [2]
  layers:
    - {type: dense, out: 8}
    - {type: activation, func: tanh}
    - {type: dense, out: 3}
  loss: softmax-cross-entropy    # or mse, binary-cross-entropy

Weights are one flat vector; describe says which of them are what. Everything is
float64. Layers with statistics of the batch use those of the inputs, as in training.`,
		Args: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			if len(args) > 0 {
				return usagef("there is no command network %s; %s", args[0], hint(args[0], names))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newNetworkDescribeCommand(), newNetworkInitCommand(), newNetworkEvalCommand(), newNetworkGradCommand(), newNetworkCheckCommand())
	return cmd
}

// oneFile accepts the name of a network file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s: %d arguments, want the name of a network file", cmd.CommandPath(), len(args))
	}
	return nil
}

// A wired is a network file with its network.
type wired struct {
	models.Definition
	net *network.Network[float64]
}

func readNetwork(path string) (wired, error) {
	d, err := models.ReadDefinition(path)
	if err != nil {
		return wired{}, &exitError{exitUsage, err}
	}
	net, err := network.New[float64](d.Input, d.Layers...)
	if err != nil {
		return wired{}, &exitError{exitUsage, fmt.Errorf("%s: %w", path, err)}
	}
	return wired{d, net}, nil
}

// initial are the weights that a seed draws.
func (n wired) initial(seed uint64) []float64 { return n.net.Init(rand.New(rand.NewPCG(seed, 0))) }

func newNetworkInitCommand() *cobra.Command {
	var seed uint64
	var weights string
	cmd := &cobra.Command{
		Use:     "init FILE --weights w.npy",
		Short:   "Draw initial weights, and write them",
		Example: `  joust network init net.yaml --weights w.npy --seed 7`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if weights == "" {
				return usagef("%s: no --weights, want the name of the file to write", cmd.CommandPath())
			}
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			if err := writeNPY(weights, []int{n.net.Dim()}, n.initial(seed)); err != nil {
				return err
			}
			cmd.Printf("%s of %s written to %s\n", count(n.net.Dim(), "weight"), args[0], weights)
			return nil
		},
	}
	cmd.Flags().StringVar(&weights, "weights", "", "file to write the weights to, (dim)")
	cmd.Flags().Uint64Var(&seed, "seed", defaultSeed, "of the weights")
	return cmd
}

// An input is what eval and grad compute on.
type input struct {
	weights, inputs, targets string // files
	w                        []float64
	x                        network.Tensor[float64]
	t                        loss.Target[float64]
}

func (in *input) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&in.weights, "weights", "", "NPY file with the weights, (dim)")
	cmd.Flags().StringVar(&in.inputs, "inputs", "", "NPY file with the inputs, (N, shape of an input)")
	cmd.Flags().StringVar(&in.targets, "targets", "", "NPY file with the targets: (N) labels, or (N, out) values")
}

// read reads the files. Targets may be missing if they are not needed.
func (in *input) read(cmd *cobra.Command, file string, n wired, needTargets bool) error {
	for _, f := range []struct{ flag, name, want string }{
		{"weights", in.weights, "(dim) weights; joust network init makes some"},
		{"inputs", in.inputs, "(N, shape of an input)"},
		{"targets", in.targets, "(N) labels or (N, out) values"},
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
	if in.targets == "" {
		return nil
	}
	if n.Loss == "" {
		return usagef("%s: no loss, want one of %v for targets", file, loss.Kinds())
	}
	return in.readTargets(n, examples)
}

func (in *input) readTargets(n wired, examples int) error {
	y, err := readNPY(in.targets)
	if err != nil {
		return err
	}
	out := n.net.Out().Len()
	if n.Loss == loss.SoftmaxCrossEntropy {
		if !slices.Equal(y.Shape, []int{examples}) {
			return usagef("%s: shape %v, want a label for each of the inputs, %v", in.targets, network.Shape(y.Shape), network.Shape{examples})
		}
		in.t.Labels = make([]int32, examples)
		for i, v := range y.Data {
			if v != float64(int32(v)) || v < 0 || int(v) >= out {
				return usagef("%s: value [%d] is %v, want a label from 0 to %d", in.targets, i, v, out-1)
			}
			in.t.Labels[i] = int32(v)
		}
		return nil
	}
	whole := append([]int{examples}, n.net.Out()...)
	flat := []int{examples, out}
	if !slices.Equal(y.Shape, whole) && !slices.Equal(y.Shape, flat) && (out > 1 || !slices.Equal(y.Shape, []int{examples})) {
		return usagef("%s: shape %v, want %v", in.targets, network.Shape(y.Shape), network.Shape(whole))
	}
	t := columns(network.Shape{out}, examples, y.Data)
	in.t.Values, in.t.Stride = t.Data, t.Stride
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

// forward computes the outputs, and with targets the mean loss and the gradient of it
// with respect to the outputs.
func (n wired) forward(in *input) (y, dy network.Tensor[float64], mean float64) {
	y = n.net.Forward(network.Pass{Mode: network.Train}, in.w, in.x)
	if in.targets == "" {
		return y, dy, 0
	}
	losses := make([]float64, y.N)
	dy = y.With(y.Shape, make([]float64, len(y.Data)))
	loss.Evaluate(n.Loss, losses, dy.Data, y.Data, y.Stride, y.Shape.Len(), y.N, in.t, 1/float64(y.N))
	for _, l := range losses {
		mean += l
	}
	return y, dy, mean / float64(y.N)
}

func newNetworkEvalCommand() *cobra.Command {
	var in input
	var outputs string
	cmd := &cobra.Command{
		Use:   "eval FILE --weights w.npy --inputs x.npy",
		Short: "Compute the outputs, and with targets the loss",
		Example: `  joust network eval net.yaml --weights w.npy --inputs x.npy --outputs out.npy
  joust network eval net.yaml --weights w.npy --inputs x.npy --targets y.npy`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			if err := in.read(cmd, args[0], n, outputs == ""); err != nil {
				return err
			}
			y, _, mean := n.forward(&in)
			if outputs != "" {
				if err := writeNPY(outputs, append([]int{y.N}, y.Shape...), rows(y)); err != nil {
					return err
				}
			}
			if in.targets != "" {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "loss %v\n", mean)
			}
			return err
		},
	}
	in.flags(cmd)
	cmd.Flags().StringVar(&outputs, "outputs", "", "NPY file to write the outputs to, (N, shape of an output)")
	return cmd
}

func newNetworkGradCommand() *cobra.Command {
	var in input
	var gradient, inputGradient string
	cmd := &cobra.Command{
		Use:   "grad FILE --weights w.npy --inputs x.npy --targets y.npy",
		Short: "Compute the gradient of the mean loss",
		Example: `  joust network grad net.yaml --weights w.npy --inputs x.npy --targets y.npy --grad g.npy
  joust network grad net.yaml --weights w.npy --inputs x.npy --targets y.npy --input-grad dx.npy`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if gradient == "" && inputGradient == "" {
				return usagef("%s: neither --grad nor --input-grad, want the name of a file to write", cmd.CommandPath())
			}
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			if err := in.read(cmd, args[0], n, true); err != nil {
				return err
			}
			_, dy, mean := n.forward(&in)
			dw := make([]float64, n.net.Dim())
			dx := n.net.Backward(in.w, dw, dy)
			if gradient != "" {
				if err := writeNPY(gradient, []int{len(dw)}, dw); err != nil {
					return err
				}
			}
			if inputGradient != "" {
				if err := writeNPY(inputGradient, append([]int{dx.N}, dx.Shape...), rows(dx)); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "loss %v\n", mean)
			return err
		},
	}
	in.flags(cmd)
	cmd.Flags().StringVar(&gradient, "grad", "", "NPY file to write the gradient with respect to the weights to, (dim)")
	cmd.Flags().StringVar(&inputGradient, "input-grad", "", "NPY file to write that with respect to the inputs to, (N, shape of an input)")
	return cmd
}

func newNetworkCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Compare the gradient with finite differences",
		Long: `Compare the gradient of a network with finite differences, at random weights and inputs,
and check what else networks promise: that examples do not see each other unless the
network says so, that float32 agrees with float64, and more. Exit status 1: something
does not hold.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			report, err := netcheck.Check(n.Input, n.Layers...)
			if err != nil {
				return &exitError{exitFailed, fmt.Errorf("%s: %w", args[0], err)}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "ok: %v\n", report)
			return err
		},
	}
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
