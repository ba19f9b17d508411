package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/spf13/cobra"

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
  loss: softmax-cross-entropy    # or mse, binary-cross-entropy, ctc

Weights are one flat vector; describe says which of them are what. Everything is
float64. Layers with statistics of the batch use those of the inputs, as in training.

Sequences, of inputs (T, F), may be of different lengths: --lengths has that of each,
and what comes after is not read. The targets of ctc are a row of labels for each,
from 1 up, filled up with -1; class 0 of the outputs (T, classes) is the blank. Another
loss of outputs (T, out) is the mean over the steps of a sequence, of softmax-cross-entropy
with a label for each, (N, T).`,
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
	cmd.AddCommand(newNetworkDescribeCommand(), newNetworkInitCommand(), newNetworkEvalCommand(), newNetworkGradCommand(), newNetworkPathsCommand(), newNetworkCheckCommand())
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

// losses are the mean losses of examples.
type losses struct {
	outputs   float64 // of the outputs, by the targets
	auxiliary float64 // what layers lose by themselves
	several   bool    // whether there are such layers
}

// String is a line for each.
func (l losses) String() string {
	if !l.several {
		return fmt.Sprintf("loss %v\n", l.outputs)
	}
	return fmt.Sprintf("loss %v\nauxiliary loss %v\n", l.outputs, l.auxiliary)
}

// forward computes the outputs, and with targets the losses and the gradient with respect
// to the outputs of their mean. A backward pass that follows is that of all losses, as in
// training: it is told that an example's share is that of one in a minibatch.
func (n wired) forward(in *input) (y, dy network.Tensor[float64], l losses) {
	y = n.net.Forward(network.Pass{Mode: network.Train, Batch: in.x.N}, in.w, in.x)
	l.several = n.net.HasAuxiliary()
	if in.targets == "" {
		return y, dy, l
	}
	share := 1 / float64(y.N)
	each := make([]float64, y.N)
	dy = y.With(y.Shape, make([]float64, len(y.Data)))
	loss.Evaluate(n.Loss, each, dy.Data, y.Data, y.Stride, in.t.Outputs(y.Shape.Len()), y.N, in.t, share)
	l.outputs = average(each)
	clear(each)
	n.net.Auxiliary(each, share)
	l.auxiliary = average(each)
	return y, dy, l
}

func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func newNetworkEvalCommand() *cobra.Command {
	var in input
	var outputs string
	cmd := &cobra.Command{
		Use:   "eval FILE --weights w.npy --inputs x.npy",
		Short: "Compute the outputs, and with targets the loss",
		Long: `Compute the outputs, and with targets the mean loss. What layers lose by themselves, such
as what a chunker does not predict or what the activity of a pyramid costs, is a line of
its own: a race minimises the sum of both.`,
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
				_, err = fmt.Fprint(cmd.OutOrStdout(), mean)
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
		Short: "Compute the gradient of the mean loss, as training takes it",
		Long: `Compute the gradient of the mean loss, as training takes it: of the sum of what the
outputs lose and what layers lose by themselves, such as what a chunker does not predict
or what the activity of a pyramid costs. The two are printed apart.

What layers do to a gradient on its way is in it too, although no loss shows it: amplify,
k2, and omega of an rnn, whose term pulls at the weights and is not computed. Collapse of
a chunker pulls at the lower level of two alone, although the loss is of both.`,
		Example: `  joust network grad net.yaml --weights w.npy --inputs x.npy --targets y.npy --grad g.npy
  joust network grad net.yaml --weights w.npy --inputs x.npy --targets y.npy --input-grad dx.npy

  # loss: ctc, of sequences of different lengths. In Python:
  #   numpy.save("lengths.npy", [7, 5])                # of the inputs, (2, 7, F)
  #   numpy.save("y.npy", [[1, 3, 3], [2, -1, -1]])    # labels 1 3 3, and 2
  joust network grad net.yaml --weights w.npy --inputs x.npy --lengths lengths.npy --targets y.npy --grad g.npy`,
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
			_, err = fmt.Fprint(cmd.OutOrStdout(), mean)
			return err
		},
	}
	in.flags(cmd)
	cmd.Flags().StringVar(&gradient, "grad", "", "NPY file to write the gradient with respect to the weights to, (dim)")
	cmd.Flags().StringVar(&inputGradient, "input-grad", "", "NPY file to write that with respect to the inputs to, (N, shape of an input)")
	return cmd
}

// A check has some thirty copies of the weights. It computes with minibatches of up to ten
// examples, in layers that keep several values for each output.
const (
	checkExamples = 30
	checkMost     = 10_000_000
)

func newNetworkCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Compare the gradient with finite differences",
		Long: `Compare the gradient of a network with finite differences, at random weights and inputs,
and check what else networks promise: that examples do not see each other unless the
network says so, that float32 agrees with float64, and more. Exit status 1: something
does not hold. What is checked may have ten million weights, or a third of a million
values between layers; a large network is best checked with narrow layers.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			if err := models.CheckSize(args[0], checkExamples, checkMost); err != nil {
				return &exitError{exitUsage, err}
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
