package loss

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/joust-bench/joust/network/kernel"
)

// The example with logits 1, 2, 3 and label 2: p = softmax is .0900305732,
// .2447284711, .6652409558 and the loss -ln p[2]. The others are closed forms.
func TestHandValues(t *testing.T) {
	for _, tt := range []struct {
		name   string
		k      Kind
		z      []float64
		target Target[float64]
		loss   float64
		grad   []float64
	}{
		{
			"softmax", SoftmaxCrossEntropy,
			[]float64{1, 2, 3},
			Target[float64]{Labels: []int32{2}},
			0.4076059644,
			[]float64{0.0900305732, 0.2447284711, 0.6652409558 - 1},
		},
		{
			"softmax of equal logits", SoftmaxCrossEntropy,
			[]float64{7, 7, 7, 7},
			Target[float64]{Labels: []int32{0}},
			math.Log(4),
			[]float64{-0.75, 0.25, 0.25, 0.25},
		},
		{
			"softmax of logits beyond the range of exp", SoftmaxCrossEntropy,
			[]float64{-2000, 2000},
			Target[float64]{Labels: []int32{0}},
			4000,
			[]float64{-1, 1},
		},
		{
			"binary at 0", BinaryCrossEntropy,
			[]float64{0},
			Target[float64]{Values: []float64{1}, Stride: 1},
			math.Ln2,
			[]float64{-0.5},
		},
		{
			"binary, sure and wrong", BinaryCrossEntropy,
			[]float64{-800},
			Target[float64]{Values: []float64{1}, Stride: 1},
			800,
			[]float64{-1},
		},
		{
			"binary, sure and right", BinaryCrossEntropy,
			[]float64{800},
			Target[float64]{Values: []float64{1}, Stride: 1},
			0,
			[]float64{0},
		},
		{
			"binary with a probability", BinaryCrossEntropy,
			[]float64{math.Log(3)},
			Target[float64]{Values: []float64{0.25}, Stride: 1},
			math.Log(4) - 0.25*math.Log(3),
			[]float64{0.75 - 0.25},
		},
		{
			"mse", MSE,
			[]float64{1, 5},
			Target[float64]{Values: []float64{-2, 6}, Stride: 1},
			(9.0 + 1.0) / 2,
			[]float64{3, -1},
		},
	} {
		var losses [1]float64
		dz := make([]float64, len(tt.z))
		Evaluate(tt.k, losses[:], dz, tt.z, 1, len(tt.z), 1, tt.target, 1)
		if math.Abs(losses[0]-tt.loss) > 1e-10*max(1, tt.loss) {
			t.Errorf("%s: loss %.12f, want %.12f", tt.name, losses[0], tt.loss)
		}
		for i, want := range tt.grad {
			if math.Abs(dz[i]-want) > 1e-10 {
				t.Errorf("%s: gradient of output %d is %.12f, want %.12f", tt.name, i, dz[i], want)
			}
		}
	}
}

// single are the losses of a single output; CTC has tests of its own.
var single = []Kind{SoftmaxCrossEntropy, BinaryCrossEntropy, MSE}

// random draws logits and targets of k for n examples; padding is NaN.
func random[T kernel.Float](k Kind, rng *rand.Rand, out, n, stride int) (z []T, t Target[T]) {
	z = make([]T, out*stride)
	t = Target[T]{Labels: make([]int32, n), Values: make([]T, out*(stride+1)), Stride: stride + 1}
	for i := range z {
		z[i] = T(math.NaN())
	}
	for i := range t.Values {
		t.Values[i] = T(math.NaN())
	}
	for o := range out {
		for i := range n {
			// Both precisions see the same numbers.
			z[o*stride+i] = T(float32(2 * rng.NormFloat64()))
			t.Values[o*t.Stride+i] = T(float32(rng.Float64()))
		}
	}
	for i := range n {
		t.Labels[i] = int32(rng.IntN(out))
	}
	if k == SoftmaxCrossEntropy {
		t.Values = nil
	} else {
		t.Labels = nil
	}
	return z, t
}

// The gradient of every loss is that of its finite differences, times scale;
// an example's loss depends on its own column alone, and not on padding.
func TestGradients(t *testing.T) {
	const h, scale = 1e-5, 0.25
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: 4, BinaryCrossEntropy: 1, MSE: 3}[k]
		for _, n := range []int{1, 5, 33} {
			stride := n + 2
			z, target := random[float64](k, rand.New(rand.NewPCG(1, uint64(n))), out, n, stride)
			losses, dz := make([]float64, n), make([]float64, len(z))
			Evaluate(k, losses, dz, z, stride, out, n, target, scale)
			at := func(i int, d float64) []float64 {
				old := z[i]
				defer func() { z[i] = old }()
				z[i] += d
				l := make([]float64, n)
				Evaluate(k, l, nil, z, stride, out, n, target, 1)
				return l
			}
			for o := range out {
				for i := range n {
					above, below := at(o*stride+i, h), at(o*stride+i, -h)
					for j := range n {
						if j != i && (above[j] != losses[j] || below[j] != losses[j]) {
							t.Fatalf("%s: the loss of example %d depends on output %d of example %d", k, j, o, i)
						}
					}
					got, want := dz[o*stride+i], scale*(above[i]-below[i])/(2*h)
					if !(math.Abs(got-want) < 1e-9) {
						t.Errorf("%s: gradient of output %d of example %d is %v, want %v", k, o, i, got, want)
					}
				}
			}
		}
	}
}

// float32 agrees with float64 to a few of its roundings at values of about 5.
func TestPrecisions(t *testing.T) {
	const n, stride, tolerance = 33, 35, 3e-6
	for _, k := range single {
		out := map[Kind]int{SoftmaxCrossEntropy: 4, BinaryCrossEntropy: 1, MSE: 3}[k]
		z, target := random[float64](k, rand.New(rand.NewPCG(1, 2)), out, n, stride)
		z32, target32 := random[float32](k, rand.New(rand.NewPCG(1, 2)), out, n, stride)
		losses, dz := make([]float64, n), make([]float64, len(z))
		losses32, dz32 := make([]float32, n), make([]float32, len(z))
		Evaluate(k, losses, dz, z, stride, out, n, target, 1)
		Evaluate(k, losses32, dz32, z32, stride, out, n, target32, 1)
		for i := range n {
			if !(math.Abs(float64(losses32[i])-losses[i]) < tolerance) {
				t.Errorf("%s: float32 loss %v, want %v", k, losses32[i], losses[i])
			}
			for o := range out {
				if got, want := dz32[o*stride+i], dz[o*stride+i]; !(math.Abs(float64(got)-want) < tolerance) {
					t.Errorf("%s: float32 gradient %v, want %v", k, got, want)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		k    Kind
		out  int
		want string // part of the error; empty: none
	}{
		{SoftmaxCrossEntropy, 2, ""},
		{SoftmaxCrossEntropy, 1, "at least 2 classes, got 1"},
		{CTC, 1, "at least 2 classes, got 1"},
		{CTC, 2, ""},
		{BinaryCrossEntropy, 1, ""},
		{BinaryCrossEntropy, 2, "want 1 output, got 2"},
		{MSE, 3, ""},
		{MSE, 0, "at least 1 output, got 0"},
		{"hinge", 1, `unknown loss "hinge", want one of softmax-cross-entropy, binary-cross-entropy, mse, ctc`},
	} {
		err := tt.k.Check(tt.out)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Kind(%q).Check(%d) = %v, want %q", string(tt.k), tt.out, err, tt.want)
		}
	}
}
