package bench_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// cutExamples are several panels.
const cutExamples = 600

// cutCases are networks that a mistake in cutting a minibatch would show in: with terms
// of the loss or its gradient that layers add, choices at random for each example,
// sequences of different lengths, and gradients in parts.
func cutCases() map[string]struct {
	data   bench.Data
	layers []network.Spec
} {
	const n = cutExamples
	ragged := kind{loss: loss.SoftmaxCrossEntropy, ragged: true}.data(n)
	last := network.Dense{Out: seqOut}
	return map[string]struct {
		data   bench.Data
		layers []network.Spec
	}{
		"omega":     {ragged, network.Specs{network.RNN{Hidden: 30, Omega: 5}, network.RNN{Hidden: 20, Omega: 2}, network.Last{}, last}},
		"a chunker": {ragged, network.Specs{network.Chunker{Levels: 2, Hidden: 25, Collapse: 0.5, Read: "all"}, last}},
		"two directions with omega": {ragged, network.Specs{
			network.Bidirectional{Body: network.Specs{network.RNN{Hidden: 30, Omega: 5}}}, network.Last{}, last,
		}},
		"a pyramid with a prior": {imageData(n), network.Specs{network.Pyramid{Features: []int{6, 8}, Steps: 2, Prior: 0.5, Range: 0.2}}},
		"dropout and gradients in parts": {ragged, network.Specs{
			network.Dropout{Rate: 0.3}, network.Last{}, network.Dense{Out: 60}, network.Activation{Func: "gelu"}, network.Dense{Out: 30}, last,
		}},
		"dropout and gradients in groups": {ragged, network.Specs{
			network.RNN{Hidden: 40}, network.Last{}, network.Dropout{Rate: 0.3}, network.Dense{Out: 9}, network.Dropout{Rate: 0.5}, last,
		}},
	}
}

// The loss of a minibatch and its gradient are the means over its examples of those that
// each has alone, with all that layers add, on any number of threads.
func TestMinibatchesAreMeansOverTheirExamples(t *testing.T) {
	for name, c := range cutCases() {
		for _, precision := range []string{"float64", "float32"} {
			t.Run(name+"/"+precision, func(t *testing.T) {
				var first optimizers.Evaluation
				for _, threads := range []int{1, 2, 3} {
					o := supervise(t, c.data, bench.Setup{Layers: wire(c.layers...), Seed: 1, Precision: precision, Threads: threads})
					w := o.Init()
					evals := make([]optimizers.Evaluation, 1)
					o.Evaluate(optimizers.NeedGrad, [][]float64{w}, 4, evals)
					got := evals[0]
					if threads > 1 {
						if got.Loss != first.Loss || !slices.Equal(got.Grad, first.Grad) {
							t.Errorf("%d threads: other bits than with one", threads)
						}
						continue
					}
					first = got
					value, grad := meanOfExamples(t, c.data, w, 4, c.layers...)
					tolerance := 1e-12
					if precision == "float32" {
						tolerance = 1e-5
					}
					within(t, "loss", got.Loss, value, tolerance*value)
					largest := max(slices.Max(grad), -slices.Min(grad))
					for i, g := range grad {
						within(t, fmt.Sprintf("gradient %d", i), got.Grad[i], g, tolerance*largest)
					}
				}
			})
		}
	}
}

// meanOfExamples is the mean of the losses that examples have one by one, and of their
// gradients, in float64.
func meanOfExamples(t *testing.T, d bench.Data, w []float64, step int, layers ...network.Spec) (value float64, grad []float64) {
	t.Helper()
	net, err := network.New[float64](d.In, layers...)
	if err != nil {
		t.Fatal(err)
	}
	n := d.Train.N
	if work := n * (net.Dim() + net.Activations()); work < 1<<20 {
		t.Fatalf("%d values to compute, want as many as take more than one core", work)
	}
	grad = make([]float64, net.Dim())
	for i := range n {
		x := network.Tensor[float64]{Shape: d.In, N: 1, Stride: 1, Data: d.Train.X[i*d.In.Len():][:d.In.Len()]}
		if d.Train.Lens != nil {
			x.Lens = d.Train.Lens[i:][:1]
		}
		target := loss.Target[float64]{Stride: 1}
		if d.Loss == loss.SoftmaxCrossEntropy {
			target.Labels = d.Train.Labels[i:][:1]
		} else {
			target.Values = d.Train.Y[i*d.Out:][:d.Out]
		}
		pass := network.Pass{Mode: network.Train, Seed: bench.Stream(1, bench.StreamPass), Step: step, First: i}
		z := net.Forward(pass, w, x)
		losses, dz := make([]float64, 1), z.With(z.Shape, make([]float64, len(z.Data)))
		loss.Evaluate(d.Loss, losses, dz.Data, z.Data, z.Stride, d.Out, 1, target, 1)
		net.Auxiliary(losses, 1)
		dw := make([]float64, net.Dim())
		net.BackwardWeights(w, dw, dz)
		value += losses[0] / float64(n)
		for j, g := range dw {
			grad[j] += g / float64(n)
		}
	}
	return value, grad
}

func within(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= math.Abs(tolerance)) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, tolerance)
	}
}

// What a probe says of the gradient is what an optimizer gets, and everything that is
// trained can be probed and surveyed.
func TestProbesAreOfTheGradientThatIsTrained(t *testing.T) {
	type problem struct {
		name   string
		data   bench.Data
		layers func(in, out network.Shape) (network.Specs, error)
	}
	var problems []problem
	for _, k := range kinds() {
		problems = append(problems, problem{k.String(), k.data(40), recurrent(3)})
	}
	for name, c := range cutCases() {
		if name[0] == 'd' { // a probe drops others
			continue
		}
		c.data.Train = between(c.data.Train, 0, 40)
		problems = append(problems, problem{name, c.data, wire(c.layers...)})
	}
	for _, p := range problems {
		for _, precision := range []string{"float64", "float32"} {
			o := supervise(t, p.data, bench.Setup{Layers: p.layers, Seed: 1, Precision: precision, Threads: 1})
			w := o.Init()
			grad := evaluate(o, w).Grad
			layers := o.Probe(w)
			at := 0
			blocks := o.Blocks()
			for i := 0; i < len(blocks); {
				layer, from, to, matrix := blocks[i].Layer, blocks[i].Off, 0, false
				for ; i < len(blocks) && blocks[i].Layer == layer; i++ {
					to = blocks[i].Off + blocks[i].Len
					matrix = matrix || blocks[i].FanIn > 0
				}
				if !matrix {
					continue
				}
				square := 0.0
				for _, g := range grad[from:to] {
					square += g * g / float64(to-from)
				}
				within(t, p.name+", "+precision+": "+layers[at].Name, layers[at].Grad, math.Sqrt(square), 1e-4*math.Sqrt(square))
				at++
			}
			if at != len(layers) {
				t.Errorf("%s: %d layers were probed, want %d", p.name, len(layers), at)
			}
			if s := o.(bench.Surveyor).Survey(w); len(s.Layers) != at || !(s.Beta > 0) {
				t.Errorf("%s: survey %+v, want one of %d layers", p.name, s, at)
			}
		}
	}
}

// A gradient that is worth more than one core has the same bits on one, where it is
// computed block by block, as on several, where it is computed part by part.
func TestLargeGradientsAreTheSameOnAnyThreads(t *testing.T) {
	const examples, batch = 700, 333 // blocks of 256 and 77, panels of 64 and the rest
	data := kind{loss: loss.SoftmaxCrossEntropy}.data(examples)
	tanh := network.Activation{Func: "tanh"}
	layers := []network.Spec{network.Last{}, network.Dense{Out: 60}, tanh, network.Dense{Out: 70, NoBias: true}, tanh, network.Dense{Out: seqOut}}
	for _, precision := range []string{"float64", "float32"} {
		for _, size := range []int{batch, 0} {
			var first optimizers.Evaluation
			for _, threads := range []int{1, 2, 3, 8} {
				o := supervise(t, data, bench.Setup{Layers: wire(layers...), Seed: 1, Precision: precision, Threads: threads, Batch: size})
				evals := make([]optimizers.Evaluation, 1)
				for step := range 3 {
					o.Evaluate(optimizers.NeedGrad, [][]float64{o.Init()}, step, evals)
				}
				got := evals[0]
				if threads == 1 {
					first = got
				} else if got.Loss != first.Loss || !slices.Equal(got.Grad, first.Grad) {
					t.Errorf("%s, batch %d: %d threads differ from one", precision, size, threads)
				}
			}
		}
	}
}
