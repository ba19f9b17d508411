package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/paths"
)

// pathSamples is how many paths of each length are measured one by one.
const pathSamples = 8

// A pathReport is what blocks and the paths through them do to the gradient.
type pathReport struct {
	Loss    float64       `json:"loss"`
	Mean    float64       `json:"mean_length"` // of what the paths carry
	From    int           `json:"from"`        // to To: lengths of 95 % of it
	To      int           `json:"to"`
	Lengths []pathsReport `json:"lengths"`
	Blocks  []blockReport `json:"blocks"`
}

// A pathsReport is about the paths through so many blocks.
type pathsReport struct {
	Length int     `json:"length"`
	Paths  float64 `json:"paths"`    // how many there are
	One    float64 `json:"one"`      // norm of the gradient down one of them, on average
	Share  float64 `json:"share"`    // of all the norms together
	Whole  float64 `json:"together"` // norm of the gradient down all of them
}

// A blockReport is about one block.
type blockReport struct {
	Name    string  `json:"name"`
	Norm    float64 `json:"norm"`         // of the gradient at its input over that at its output
	Without float64 `json:"loss_without"` // loss if the block is its shortcut alone
}

func newNetworkPathsCommand() *cobra.Command {
	var in input
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "paths FILE --weights w.npy --inputs x.npy --targets y.npy",
		Short: "Say what paths of each length through residual blocks carry, and what each block is good for",
		Long: `Say what paths of each length through residual blocks carry, and what each block is
good for. A signal goes through each block or around it, so that L blocks make 2^L
paths. Most go through half of the blocks; what counts of the gradient comes down on
shorter ones, which do not make it vanish (Veit, Wilber & Belongie 2016,
arXiv:1605.06431). Gradients are those at the input of the first block; norms are
means over the examples. Where no block matters much by itself, the loss without it,
with nothing but its shortcut, is hardly more.`,
		Example: `  joust network paths resnet.yaml --weights w.npy --inputs x.npy --targets y.npy`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			if err := in.read(cmd, args[0], n, true); err != nil {
				return err
			}
			r, err := n.paths(&in, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(r)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), r.text())
			return err
		},
	}
	in.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (n wired) paths(in *input, file string) (pathReport, error) {
	var r pathReport
	parts := paths.Parts(n.Layers)
	c, err := paths.New(n.Input, parts...)
	if err != nil {
		return r, fmt.Errorf("%s: %w", file, err)
	}
	if c.Blocks() == 0 {
		return r, usagef("%s: no layer is residual, want at least one; joust network describe is for others", file)
	}
	y := c.Forward(network.Pass{Mode: network.Train}, in.w, in.x)
	losses, dy := make([]float64, y.N), y.With(y.Shape, make([]float64, len(y.Data)))
	loss.Evaluate(n.Loss, losses, dy.Data, y.Data, y.Stride, in.t.Outputs(y.Shape.Len()), y.N, in.t, 1/float64(y.N))
	for _, l := range losses {
		r.Loss += l / float64(y.N)
	}
	one := c.Sample(in.w, dy, rand.New(rand.NewPCG(defaultSeed, 0)), pathSamples)
	share, whole := paths.Contributions(one), c.Gradients(in.w, dy)
	r.Mean, r.From, r.To = paths.Mean(share), paths.Quantile(share, 0.025), paths.Quantile(share, 0.975)
	total := 0.0
	for k, v := range one {
		p := pathsReport{Length: k, Paths: 1, One: v, Share: share[k], Whole: paths.Norm(whole[k])}
		if k > 0 {
			p.Paths = r.Lengths[k-1].Paths * float64(c.Blocks()-k+1) / float64(k)
		}
		r.Lengths = append(r.Lengths, p)
		total += v
	}
	if !(total > 0 && total-total == 0) {
		return r, &exitError{exitFailed, fmt.Errorf("%s: the gradient at the first block has a norm of %v, want one to share out", file, total)}
	}
	norms, layer := c.Preservation(in.w, dy), 0
	for i, part := range parts {
		if _, ok := part[0].(network.Residual); ok {
			b := blockReport{Name: fmt.Sprintf("%d.residual", layer), Norm: norms[i]}
			if err := n.net.Lesion(layer); err != nil {
				return r, fmt.Errorf("%s: %w", file, err)
			}
			_, _, l := n.forward(in)
			b.Without = l.outputs
			r.Blocks = append(r.Blocks, b)
		}
		layer += len(part)
	}
	return r, n.net.Lesion()
}

func (r pathReport) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loss %.4g; 95 %% of what paths carry to the first of %d blocks comes through %d to %d, %.3g on average\n\n",
		r.Loss, len(r.Blocks), r.From, r.To, r.Mean)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "through\tpaths\tgradient of one\tshare\tof all together\n")
	for _, p := range r.Lengths {
		fmt.Fprintf(w, "%d\t%.4g\t%s\t%.1f %%\t%s\n", p.Length, p.Paths, figureText(p.One), 100*p.Share, figureText(p.Whole))
	}
	_ = w.Flush() // a strings.Builder does not fail
	fmt.Fprintln(&b)
	w = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "block\tgradient below/above\tloss without it\n")
	for _, l := range r.Blocks {
		fmt.Fprintf(w, "%s\t%s\t%s\n", l.Name, figureText(l.Norm), figureText(l.Without))
	}
	_ = w.Flush()
	return b.String()
}
