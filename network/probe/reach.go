package probe

import (
	"math"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// Reach is how much of the gradient of each example's loss arrives at the inputs, by
// how far they are from the last: of sequences (T, F), the root mean square over
// features and examples of dLoss/dx, by steps before the last one of the sequence, and of
// images (C, H, W) by steps up and to the left of the last corner. What is read at the
// end of a sequence, or in that corner, has to come from there. It is nil for inputs of
// other shapes, and every figure is finite.
//
// The loss is that of the outputs, without those that layers have by themselves. It
// makes one forward and one backward pass in Train mode, and takes the place of the
// network's last Forward. A network with
// [network.Network.BatchStatistics] needs at least 2 examples.
func Reach[T network.Float](n *network.Network[T], w []T, x network.Tensor[T], k loss.Kind, t loss.Target[T]) []float64 {
	distance := distances(x.Shape)
	if distance == nil {
		return nil
	}
	z := n.Forward(network.Pass{Mode: network.Train}, w, x)
	dz := z.With(z.Shape, make([]T, len(z.Data)))
	loss.Evaluate(k, make([]T, z.N), dz.Data, z.Data, z.Stride, t.Outputs(z.Shape.Len()), z.N, t, 1)
	dx := n.Backward(w, make([]T, n.Dim()), dz)

	sum, count := make([]float64, distance[0]+1), make([]float64, distance[0]+1)
	for f, d := range distance {
		for i, v := range dx.Row(f) {
			at := d
			if x.Lens != nil {
				at -= x.Shape[0] - x.Lens[i]
			}
			if at < 0 {
				continue // after the end of the sequence
			}
			sum[at] += float64(float64(v) * float64(v))
			count[at]++
		}
	}
	for i := range sum {
		sum[i] = bounded(math.Sqrt(sum[i] / max(1, count[i])))
	}
	return sum
}

// Lags are those of the first layer that has some, as in [Recurrence]; nil if there is
// none. It makes one forward and one backward pass in Train mode, and takes the place of
// what watched n. A network with [network.Network.BatchStatistics] needs at least 2
// examples.
func Lags(n *network.Network[float64], w []float64, x network.Tensor[float64], k loss.Kind, t loss.Target[float64]) []float64 {
	h := &historian{index: map[part]int{}}
	n.Watch(h)
	defer n.Watch(nil)
	pass(n, w, make([]float64, n.Dim()), x, k, t, 0)
	for _, r := range h.recurrences() {
		if r.Lags != nil {
			return r.Lags
		}
	}
	return nil
}

// distances are those of the values of an input, the first being the farthest.
func distances(s network.Shape) []int {
	list := make([]int, 0, s.Len())
	switch len(s) {
	case 2:
		for t := range s[0] {
			for range s[1] {
				list = append(list, s[0]-1-t)
			}
		}
	case 3:
		for range s[0] {
			for row := range s[1] {
				for column := range s[2] {
					list = append(list, s[1]-1-row+s[2]-1-column)
				}
			}
		}
	default:
		return nil
	}
	return list
}
