package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
)

// A networkDescription is what describe says of a network file.
type networkDescription struct {
	Input       network.Shape       `json:"input"`
	Output      network.Shape       `json:"output"`
	Loss        loss.Kind           `json:"loss,omitempty"`
	Dim         int                 `json:"dim"`         // weights
	Activations int                 `json:"activations"` // values that the layers compute for one example
	Blocks      []blockDescription  `json:"blocks"`
	Gradient    *gradientOfOneStart `json:"gradient"` // nil: there is none, or the network is too large
}

// A blockDescription is a named range of the weights.
type blockDescription struct {
	Name   string        `json:"name"`
	Offset int           `json:"offset"`
	Length int           `json:"length"`
	Shape  network.Shape `json:"shape"` // row-major: a row for each unit
	FanIn  int           `json:"fan_in"`
	Std    float64       `json:"std"` // of the initial weights
}

// A gradientOfOneStart is what happens to the gradient at the initial weights of one
// seed.
type gradientOfOneStart struct {
	Data string `json:"data"` // what it was measured on
	probe.Judgement
	Layers []probe.Layer `json:"layers"`
}

func newNetworkDescribeCommand() *cobra.Command {
	var asJSON bool
	var seed uint64
	cmd := &cobra.Command{
		Use:   "describe FILE",
		Short: "Say which weights are what, and what becomes of the gradient",
		Example: `  joust network describe net.yaml
  joust network describe net.yaml --json`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := readNetwork(args[0])
			if err != nil {
				return err
			}
			d := n.describe(seed)
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(d)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), d.text())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.Flags().Uint64Var(&seed, "seed", defaultSeed, "of the weights and inputs that the gradient is measured on")
	return cmd
}

func (n wired) describe(seed uint64) networkDescription {
	d := networkDescription{
		Input: n.net.In(), Output: n.net.Out(), Loss: n.Loss, Dim: n.net.Dim(), Activations: n.net.Activations(),
		Blocks: []blockDescription{},
	}
	for _, b := range n.net.Blocks() {
		shape := network.Shape{b.Len}
		if b.Rows > 0 && b.Len > b.Rows {
			shape = network.Shape{b.Rows, b.Len / b.Rows}
		}
		d.Blocks = append(d.Blocks, blockDescription{b.Name, b.Off, b.Len, shape, b.FanIn, b.Scale})
	}
	// A file of a few lines can describe a network of a billion weights.
	const most = 1e7
	if n.net.Dim()+n.net.Activations()+n.Input.Len() <= most {
		d.Gradient = n.gradient(seed)
	}
	return d
}

// gradient measures the gradient at the initial weights, on noise; nil if there are no
// layers to measure it in.
func (n wired) gradient(seed uint64) *gradientOfOneStart {
	const most, work = 256, 1 << 25
	examples := max(2, min(most, work/(n.net.Activations()+n.Input.Len())))
	rng := rand.New(rand.NewPCG(seed, 1))
	draw := func(s network.Shape) network.Tensor[float64] {
		values := make([]float64, examples*s.Len())
		for i := range values {
			values[i] = rng.NormFloat64()
		}
		return columns(s, examples, values)
	}
	out := network.Shape{n.net.Out().Len()}
	kind, words, t := n.Loss, "random labels", loss.Target[float64]{}
	x := draw(n.Input)
	switch kind {
	case loss.SoftmaxCrossEntropy, loss.BinaryCrossEntropy:
		steps, classes := models.Steps(n.net.Out())
		labels := examples * max(1, steps)
		for range labels {
			t.Labels = append(t.Labels, int32(rng.IntN(max(2, classes))))
		}
		if steps > 0 {
			t.Steps, t.Stride = steps, examples
			t.Weights = slices.Repeat([]float64{1 / float64(steps)}, labels)
		}
		if kind == loss.BinaryCrossEntropy {
			t.Values, t.Stride = make([]float64, labels), examples
			for i, l := range t.Labels {
				t.Values[i] = float64(l)
			}
			t.Labels = nil
		}
	default:
		kind, words = loss.MSE, "N(0, 1) targets, mse"
		y := draw(out)
		t.Values, t.Stride = y.Data, y.Stride
	}
	layers := probe.Measure(n.net, n.initial(seed), x, kind, t)
	if len(layers) == 0 {
		return nil
	}
	return &gradientOfOneStart{
		Data:      fmt.Sprintf("%d examples of N(0, 1) inputs, %s", examples, words),
		Judgement: probe.Judge(layers), Layers: layers,
	}
}

func (d networkDescription) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "input   %v\noutput  %v\n", d.Input, d.Output)
	if d.Loss != "" {
		fmt.Fprintf(&b, "loss    %s\n", d.Loss)
	}
	fmt.Fprintf(&b, "weights %s\nvalues  %s of an example between layers\n", thousands(d.Dim), thousands(d.Activations))
	if len(d.Blocks) > 0 {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "\nblock\toffset\tlength\tshape\tfan-in\tinitial std\n")
		for _, k := range d.Blocks {
			fmt.Fprintf(w, "%s\t%d\t%d\t%v\t%d\t%.3g\n", k.Name, k.Offset, k.Length, k.Shape, k.FanIn, k.Std)
		}
		_ = w.Flush() // a strings.Builder does not fail
	}
	if g := d.Gradient; g != nil {
		fmt.Fprintf(&b, "\ngradient at the initial weights, on %s\n%s: factor %s a layer, first delta/last %s\n",
			g.Data, g.Verdict, figureText(g.Factor), figureText(g.Ratio))
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "\nlayer\tdelta\tgradient\tactivation mean\tstd\tdead\tsaturated\n")
		for _, l := range g.Layers {
			fmt.Fprintf(w, "%s\t%s\t%s\t%.3g\t%s\t%.0f %%\t%.0f %%\n", l.Name, figureText(l.Delta), figureText(l.Grad), l.Mean, figureText(l.Std), 100*l.Dead, 100*l.Saturated)
		}
		_ = w.Flush()
	}
	return b.String()
}
