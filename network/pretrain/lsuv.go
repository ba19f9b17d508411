package pretrain

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
)

// LSUV scales the weights of every dense layer, from the input to the output, so that
// what it computes before its activation has a variance of 1 over its units and a
// minibatch: layer-sequential unit variance (Mishkin & Matas 2016, arXiv:1511.06422,
// algorithm 1). The weights it starts from are to be orthonormal.
type LSUV struct {
	Examples  int     // of the minibatch; 0: all
	Tolerance float64 // how far from 1 the variance may stay
	Tries     int     // how often a layer is scaled at most
}

// DefaultLSUV has the tolerance of the paper's code.
func DefaultLSUV() LSUV { return LSUV{Examples: 256, Tolerance: 0.1, Tries: 10} }

// Cost implements [Stage]: as if no layer got it right before its last try.
func (s LSUV) Cost(in network.Shape, specs network.Specs, n int) (int64, error) {
	st, err := stackOf(in, specs)
	if err != nil {
		return 0, fmt.Errorf("lsuv: %w", err)
	}
	return st.passes(int64(s.Tries+1) * st.multiplyAdds() * int64(s.examples(n))), nil
}

func (s LSUV) examples(n int) int {
	if s.Examples <= 0 {
		return n
	}
	return min(n, s.Examples)
}

// Run implements [Stage]. A layer whose outputs do not vary, or are not finite, keeps
// its weights.
func (s LSUV) Run(ctx context.Context, in network.Shape, specs network.Specs, w, x []float64, rng *rand.Rand) (int64, error) {
	st, err := stackOf(in, specs)
	if err != nil {
		return 0, fmt.Errorf("lsuv: %w", err)
	}
	size := in.Len()
	n := s.examples(len(x) / size)
	rows := make([]float64, 0, n*size)
	for _, i := range rng.Perm(len(x) / size)[:n] {
		rows = append(rows, x[i*size:][:size]...)
	}
	a := network.NewTensor[float64](in, n)
	columns(batch{Shape: network.Shape{size}, N: n, Stride: a.Stride, Data: a.Data}, rows)
	var spent int64
	next := 0 // dense layer
	for _, spec := range specs {
		layer, err := network.New[float64](a.Shape, spec)
		if err != nil {
			return 0, fmt.Errorf("lsuv: %w", err)
		}
		if layer.Dim() == 0 {
			a = layer.Forward(network.Pass{Mode: network.Train}, nil, a)
			continue
		}
		d := st.dense[next]
		next++
		own := w[d.w:][:layer.Dim()]
		var z network.Tensor[float64]
		for try := 0; ; try++ {
			if err := ctx.Err(); err != nil {
				return st.passes(spent), err
			}
			z = layer.Forward(network.Pass{Mode: network.Train}, own, a)
			spent += int64(n) * d.len()
			v := variance(z)
			if try == s.Tries || math.Abs(v-1) <= s.Tolerance || !(v > 0) || math.IsInf(v, 1) {
				break
			}
			kernel.Scale(own[:d.in*d.out], 1/math.Sqrt(v))
		}
		a = z
	}
	return st.passes(spent), nil
}

// variance is that of all values of z around their mean.
func variance(z network.Tensor[float64]) float64 {
	rows := z.Shape.Len()
	sums := make([]float64, rows)
	kernel.RowSums(sums, z.Data, z.Stride, rows, z.N, false)
	m := mean(sums) / float64(z.N)
	total := 0.0
	for i := range rows {
		for _, v := range z.Row(i) {
			total += float64((v - m) * (v - m))
		}
	}
	return total / float64(rows*z.N)
}
