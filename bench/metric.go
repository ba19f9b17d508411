package bench

import (
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/network/loss"
)

// A metric scores outputs against targets: a term and its weight for each example,
// and the value of a set from their sums.
type metric struct {
	example func(s *sample) (term, weight float64)
	value   func(sum, weight float64) float64
}

// newMetric makes one of these. Like the loss, they are means over the examples of
// means over the steps that count.
//
//	accuracy            the share of outputs that are right
//	sequence-accuracy   the share of examples all of whose outputs are
//	label-error-rate    of CTC: insertions, deletions and replacements that make the
//	                    labels of what was read, for each label there is
//	rmse                the root of the mean squared error, in the unit of the target
//	distance            between the places that images mark and should, in pixels
//
// A class is right if it has the largest output, or, where an example says which
// classes were possible, if all those have larger outputs than the others; a
// probability if it is on the right side of 1/2; values if each is within the task's
// tolerance; and labels for CTC if the best path reads as them.
func newMetric(d *Data) (metric, error) {
	mean := func(sum, weight float64) float64 { return sum / weight }
	right := newRight(d)
	switch name := d.Goal.Metric.Name; {
	case name == "accuracy" && right != nil:
		return metric{func(s *sample) (float64, float64) {
			return s.mean(func(t int) float64 { return one(right(s, t)) }), 1
		}, mean}, nil
	case name == "sequence-accuracy" && d.Loss == loss.CTC:
		return metric{func(s *sample) (float64, float64) {
			return one(slices.Equal(loss.Decode(nil, s.z, d.Out), s.labels)), 1
		}, mean}, nil
	case name == "sequence-accuracy" && d.Steps > 0 && right != nil:
		return metric{func(s *sample) (float64, float64) {
			for t, w := range s.weights {
				if w > 0 && !right(s, t) {
					return 0, 1
				}
			}
			return 1, 1
		}, mean}, nil
	case name == "label-error-rate" && d.Loss == loss.CTC:
		return metric{func(s *sample) (float64, float64) {
			return float64(editDistance(loss.Decode(nil, s.z, d.Out), s.labels)), float64(len(s.labels))
		}, mean}, nil
	case name == "rmse" && d.Loss == loss.MSE:
		scale := d.Scale
		if scale == 0 {
			scale = 1
		}
		return metric{func(s *sample) (float64, float64) {
			return s.mean(func(t int) float64 {
				sum := 0.0
				for c := range d.Out {
					e := s.z[t*d.Out+c] - s.values[t*d.Out+c]
					sum += float64(e * e)
				}
				return sum / float64(d.Out)
			}), 1
		}, func(sum, weight float64) float64 { return scale * math.Sqrt(finite(sum/weight)) }}, nil
	case name == "distance" && d.Loss == loss.MSE:
		return distance(d.Image)
	}
	return metric{}, fmt.Errorf("metric %q cannot be computed for the loss %q, want accuracy or with steps sequence-accuracy for a cross-entropy, and for mse with a tolerance, "+
		"rmse or distance for mse, or label-error-rate or sequence-accuracy for ctc", d.Goal.Metric.Name, d.Loss)
}

// newRight returns whether the outputs of step t are right; nil if that is no question.
func newRight(d *Data) func(s *sample, t int) bool {
	out := d.Out
	switch {
	case d.Loss == loss.SoftmaxCrossEntropy:
		return func(s *sample, t int) bool {
			if s.possible != nil {
				return mostActive(s.z[t*out:][:out], s.possible[t*out:][:out])
			}
			return argmax(s.z[t*out:][:out]) == int(s.labels[t])
		}
	case d.Loss == loss.BinaryCrossEntropy:
		return func(s *sample, t int) bool {
			z, y := s.z[t], s.values[t] // NaN is neither class
			return z > 0 && y > 0.5 || z <= 0 && y <= 0.5
		}
	case d.Loss == loss.MSE && d.Tolerance > 0:
		return func(s *sample, t int) bool {
			for c, z := range s.z[t*out:][:out] {
				if !(math.Abs(z-s.values[t*out+c]) < d.Tolerance) {
					return false
				}
			}
			return true
		}
	}
	return nil
}

// mostActive reports whether the possible ones of z are larger than all others.
func mostActive(z, possible []float64) bool {
	least, most := math.Inf(1), math.Inf(-1)
	for c, v := range z {
		switch {
		case math.IsNaN(v):
			return false
		case possible[c] != 0:
			least = min(least, v)
		default:
			most = max(most, v)
		}
	}
	return least > most
}

// editDistance is how many labels have to be inserted, deleted or replaced to make b
// of a (Levenshtein 1966).
func editDistance(a, b []int32) int {
	row := make([]int, len(b)+1) // from the first labels of a to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i, l := range a {
		corner := row[0]
		row[0] = i + 1
		for j, m := range b {
			replaced := corner
			if l != m {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// argmax returns the index of the first largest of z, or -1 if one is NaN.
func argmax(z []float64) int {
	best := 0
	for c, v := range z {
		switch {
		case math.IsNaN(v):
			return -1
		case v > z[best]:
			best = c
		}
	}
	return best
}
