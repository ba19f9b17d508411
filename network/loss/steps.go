package loss

import (
	"slices"

	"github.com/joust-bench/joust/network/kernel"
)

// block is how many examples go through all steps together: as many as fill vectors,
// and few enough for their losses to stay in the cache.
const block = 128

// steps is Evaluate for an output at every step, by a step of a block of examples at a
// time. Steps that have weight 0 in all of them cost nothing.
func (e *Evaluator[T]) steps(k Kind, losses, dz, z []T, stride, out, n int, t Target[T], scale T) {
	e.work = slices.Grow(e.work[:0], block)[:block]
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		total := losses[lo:hi]
		clear(total)
		for s := range t.Steps {
			weights := t.Weights[s*t.Stride+lo:][:hi-lo]
			at := s*out*stride + lo
			var d []T
			if dz != nil {
				d = dz[at:]
			}
			if !supervised(weights) {
				silence(d, stride, out, hi-lo)
				continue
			}
			step := Target[T]{Stride: t.Stride}
			if t.Labels != nil {
				step.Labels = t.Labels[s*t.Stride+lo:][:hi-lo]
			} else {
				step.Values = t.Values[s*out*t.Stride+lo:]
			}
			own := e.work[:hi-lo]
			evaluate(k, own, d, z[at:], stride, out, hi-lo, step, scale)
			for i, w := range weights {
				if w != 0 {
					total[i] += T(w * own[i])
				}
			}
			weigh(d, stride, out, weights)
		}
	}
}

// supervised reports whether any weight is not 0.
func supervised[T kernel.Float](weights []T) bool {
	for _, w := range weights {
		if w != 0 {
			return true
		}
	}
	return false
}

// silence sets a step's gradient, if there is one, to 0.
func silence[T kernel.Float](d []T, stride, out, n int) {
	if d == nil {
		return
	}
	for o := range out {
		clear(d[o*stride:][:n])
	}
}

// weigh multiplies a step's gradient, if there is one, by its weights. Where one is 0
// the outputs may have been anything.
func weigh[T kernel.Float](d []T, stride, out int, weights []T) {
	if d == nil {
		return
	}
	for o := range out {
		row := d[o*stride:][:len(weights)]
		for i, w := range weights {
			if w == 0 {
				row[i] = 0
			} else {
				row[i] *= w
			}
		}
	}
}
