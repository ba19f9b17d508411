package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/joust-bench/joust/network/kernel"
)

// sequences draws outputs and targets of k for n sequences with weights that are 0
// for about half of all steps, for all of the last but one, and for all of the steps
// but the last of example 0. What has weight 0 is NaN.
func sequences[T kernel.Float](k Kind, rng *rand.Rand, steps, out, n, stride int) (z []T, t Target[T]) {
	nan := T(math.NaN())
	fill := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = nan
		}
		return x
	}
	z = fill(steps * out * stride)
	t = Target[T]{Steps: steps, Stride: stride + 1, Weights: fill(steps * (stride + 1))}
	if k == SoftmaxCrossEntropy {
		t.Labels = make([]int32, steps*t.Stride)
	} else {
		t.Values = fill(steps * out * t.Stride)
	}
	for s := range steps {
		for i := range n {
			w := T(float32(rng.Float64()))
			if rng.IntN(2) == 0 || s == steps-2 || i == 0 && s < steps-1 {
				w = 0
			}
			t.Weights[s*t.Stride+i] = w
			if t.Labels != nil {
				t.Labels[s*t.Stride+i] = int32(rng.IntN(out))
			}
			for o := range out {
				v, y := T(float32(2*rng.NormFloat64())), T(float32(rng.Float64()))
				if w != 0 {
					z[(s*out+o)*stride+i] = v
				}
				if t.Values != nil {
					t.Values[(s*out+o)*t.Stride+i] = y
				}
			}
		}
	}
	return z, t
}

// The loss of a sequence is the weighted sum of the losses of its steps, each of
// them computed as one example alone, and so is its gradient.
func TestStepsAreWeighted(t *testing.T) {
	const steps, scale = 5, 0.25
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: 4, BinaryCrossEntropy: 1, MSE: 3}[k]
		for _, n := range []int{1, 5, block - 1, block, block + 1, 2*block + 9} {
			stride := n + 2
			z, target := sequences[float64](k, rand.New(rand.NewPCG(1, uint64(n))), steps, out, n, stride)
			losses, dz := make([]float64, n), make([]float64, len(z))
			for i := range dz {
				dz[i] = math.NaN() // left over from before
			}
			Evaluate(k, losses, dz, z, stride, out, n, target, scale)
			alone := make([]float64, n)
			Evaluate(k, alone, nil, z, stride, out, n, target, 1)
			for i := range n {
				want := 0.0
				for s := range steps {
					w := target.Weights[s*target.Stride+i]
					one, d, x := []float64{0}, make([]float64, out), make([]float64, out)
					y := Target[float64]{Stride: 1}
					for o := range out {
						x[o] = z[(s*out+o)*stride+i]
						if target.Values != nil {
							y.Values = append(y.Values, target.Values[(s*out+o)*target.Stride+i])
						}
					}
					if target.Labels != nil {
						y.Labels = []int32{target.Labels[s*target.Stride+i]}
					}
					if w != 0 {
						Evaluate(k, one, d, x, 1, out, 1, y, 1)
						want += w * one[0]
					}
					for o := range out {
						if got, want := dz[(s*out+o)*stride+i], scale*w*d[o]; !(math.Abs(got-want) < 1e-15) {
							t.Fatalf("%s, n = %d: gradient of output %d of example %d at step %d is %v, want %v", k, n, o, i, s, got, want)
						}
					}
				}
				if !(math.Abs(losses[i]-want) < 1e-14) || losses[i] != alone[i] {
					t.Fatalf("%s, n = %d: loss %d is %v, and %v alone, want %v", k, n, i, losses[i], alone[i], want)
				}
			}
		}
	}
}

// What is in other columns changes no bit: minibatches are cut into panels.
func TestStepsOfPartsHaveTheSameBits(t *testing.T) {
	const steps, n = 4, 2*block + 30
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: 4, BinaryCrossEntropy: 1, MSE: 3}[k]
		z, target := sequences[float32](k, rand.New(rand.NewPCG(3, 4)), steps, out, n, n)
		losses, dz := make([]float32, n), make([]float32, len(z))
		Evaluate(k, losses, dz, z, n, out, n, target, 0.1)
		for lo := 0; lo < n; lo += 37 {
			m := min(37, n-lo)
			part := target.Slice(lo, lo+m)
			l, d := make([]float32, m), make([]float32, len(z)-lo)
			Evaluate(k, l, d, z[lo:], n, out, m, part, 0.1)
			for i := range m {
				if l[i] != losses[lo+i] {
					t.Fatalf("%s: loss %d is %v in a part, %v in the whole", k, lo+i, l[i], losses[lo+i])
				}
				for row := range steps * out {
					if got, want := d[row*n+i], dz[row*n+lo+i]; got != want {
						t.Fatalf("%s: gradient of row %d of example %d is %v in a part, %v in the whole", k, row, lo+i, got, want)
					}
				}
			}
		}
	}
}

// A slice of targets is of those examples, whatever the kind and whether there are steps.
func TestSlicesOfTargets(t *testing.T) {
	const steps, classes, n, lo, hi = 5, 4, 9, 3, 7
	rng := rand.New(rand.NewPCG(7, 8))
	type problem struct {
		kind   Kind
		z      []float64
		target Target[float64]
	}
	var problems []problem
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: classes, BinaryCrossEntropy: 1, MSE: 3}[k]
		z, target := random[float64](k, rng, out, n, n)
		problems = append(problems, problem{k, z, target})
		z, target = sequences[float64](k, rng, steps, out, n, n)
		problems = append(problems, problem{k, z, target})
	}
	ctc := Target[float64]{Steps: steps, Stride: n, Labels: make([]int32, 2*n)}
	for i := range 2 * n {
		ctc.Labels[i] = int32(1 + i%3)
	}
	for i := range n {
		ctc.Lens, ctc.LabelLens = append(ctc.Lens, int32(steps-i%2)), append(ctc.LabelLens, int32(i%3))
	}
	z := make([]float64, steps*classes*n)
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	silent := ctc
	silent.Labels, silent.LabelLens = nil, make([]int32, n)
	problems = append(problems, problem{CTC, z, ctc}, problem{CTC, z, silent})
	for _, p := range problems {
		out := p.target.Outputs(len(p.z) / n)
		whole, part := make([]float64, n), make([]float64, hi-lo)
		Evaluate(p.kind, whole, nil, p.z, n, out, n, p.target, 1)
		Evaluate(p.kind, part, nil, p.z[lo:], n, out, hi-lo, p.target.Slice(lo, hi), 1)
		if !slices.Equal(part, whole[lo:hi]) {
			t.Errorf("%s, %d steps: losses %v, want those of the whole, %v", p.kind, p.target.Steps, part, whole[lo:hi])
		}
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	const steps, n = 3, block + 5
	rng := rand.New(rand.NewPCG(5, 6))
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: 4, BinaryCrossEntropy: 1, MSE: 3}[k]
		z, target := sequences[float64](k, rng, steps, out, n, n)
		losses, dz := make([]float64, n), make([]float64, len(z))
		var e Evaluator[float64]
		if got := testing.AllocsPerRun(10, func() { e.Evaluate(k, losses, dz, z, n, out, n, target, 1) }); got != 0 {
			t.Errorf("%s: %v allocations, want none", k, got)
		}
	}
	e := Evaluator[float64]{}
	target := Target[float64]{Steps: 4, Labels: []int32{1, 2, 1, 1}, Stride: 2, LabelLens: []int32{2, 1}, Lens: []int32{4, 3}}
	z, losses, dz := make([]float64, 4*3*2), make([]float64, 2), make([]float64, 4*3*2)
	if got := testing.AllocsPerRun(10, func() { e.Evaluate(CTC, losses, dz, z, 2, 3, 2, target, 1) }); got != 0 {
		t.Errorf("%s: %v allocations, want none", CTC, got)
	}
}

func ExampleTarget_sequences() {
	// Two sequences with an output in each of three steps. Of the first the last
	// step counts; the second has two steps, which count alike.
	z := []float64{
		9, 1,
		9, 2,
		3, 9,
	}
	target := Target[float64]{
		Steps: 3, Stride: 2,
		Values:  []float64{0, 0, 0, 0, 0, 0},
		Weights: []float64{0, 0.5, 0, 0.5, 1, 0},
	}
	losses := make([]float64, 2)
	Evaluate(MSE, losses, nil, z, 2, 1, 2, target, 1)
	fmt.Println(losses)
	// Output:
	// [9 2.5]
}
