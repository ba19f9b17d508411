package loss

import (
	"fmt"
	"slices"
	"strings"

	"github.com/joust-bench/joust/network/kernel"
)

// A Kind is a loss, by its name.
type Kind string

// The losses, of an example with outputs z.
const (
	// SoftmaxCrossEntropy is -ln p[label] with p = softmax(z): classification
	// into classes (Bridle 1990, doi:10.1007/978-3-642-76153-9_28).
	SoftmaxCrossEntropy Kind = "softmax-cross-entropy"
	// BinaryCrossEntropy is ln(1+e^z) - t z, which is -ln sigmoid(z) at t = 1
	// and -ln(1-sigmoid(z)) at t = 0: two classes, one output. A target t may
	// be any probability.
	BinaryCrossEntropy Kind = "binary-cross-entropy"
	// MSE is the mean over the outputs of (z-t)^2, without a factor of 1/2:
	// regression.
	MSE Kind = "mse"
	// CTC is -ln p(labels), the probability that a path of classes, one for each
	// step, reads as the labels once repetitions and then blanks, class 0, are left
	// out: sequences whose labels are known, and not when they come (Graves et al.
	// 2006, doi:10.1145/1143844.1143891). Labels that cannot be read from so few steps
	// have loss +Inf and gradient 0.
	CTC Kind = "ctc"
)

// A Description says what a loss is.
type Description struct {
	Kind    Kind
	Summary string // one line
	Refs    []string
}

// All describes the losses.
func All() []Description {
	return []Description{
		{SoftmaxCrossEntropy, "-ln p of the right class, p the softmax of the outputs: one of several classes", []string{
			"Bridle 1990, Probabilistic interpretation of feedforward classification network outputs, doi:10.1007/978-3-642-76153-9_28",
		}},
		{BinaryCrossEntropy, "-ln p of the right class, p the sigmoid of one output: two classes", []string{
			"Solla, Levin & Fleisher 1988, Accelerated learning in layered neural networks, Complex Systems 2:625-640",
		}},
		{MSE, "mean squared difference of outputs and targets: regression", []string{
			"Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors, doi:10.1038/323533a0",
		}},
		{CTC, "-ln p of a sequence of labels over all ways to place them in time: labels without positions", []string{
			"Graves, Fernández, Gomez & Schmidhuber 2006, Connectionist temporal classification, doi:10.1145/1143844.1143891",
		}},
	}
}

// Kinds lists the losses.
func Kinds() []Kind {
	var kinds []Kind
	for _, d := range All() {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

// Check says why k, which may come from a file, is no loss of a network with
// out outputs.
func (k Kind) Check(out int) error {
	switch {
	case !slices.Contains(Kinds(), k):
		var names []string
		for _, k := range Kinds() {
			names = append(names, string(k))
		}
		return fmt.Errorf("unknown loss %q, want one of %s", string(k), strings.Join(names, ", "))
	case (k == SoftmaxCrossEntropy || k == CTC) && out < 2:
		return fmt.Errorf("%s: want an output for each of at least 2 classes, got %d", k, out)
	case k == BinaryCrossEntropy && out != 1:
		return fmt.Errorf("%s: want 1 output, got %d", k, out)
	case out < 1:
		return fmt.Errorf("%s: want at least 1 output, got %d", k, out)
	}
	return nil
}

// A Target is what the outputs for a batch of n examples should have been. It
// is read, never written.
//
// With Steps, the outputs are those of sequences, [Steps][out][stride], and there is a
// target for each step: Labels [Steps][Stride] or Values [Steps][out][Stride]. The loss
// of an example is the sum of those of its steps, each times its weight; with weights
// that add up to 1, their mean. What follows the end of a sequence has weight 0.
// Outputs in steps of weight 0 are not read, and their gradient is 0.
//
// For [CTC], Labels is [u][Stride], of which example i has LabelLens[i], and its
// outputs are those of Lens[i] steps.
type Target[T kernel.Float] struct {
	Labels []int32 // len n, from 0 to out-1: SoftmaxCrossEntropy
	Values []T     // [out][Stride], of which n columns count, like a tensor's Data: the others
	Stride int

	Steps   int // 0: one output for an example, not one for each step
	Weights []T // [Steps][Stride], none negative

	Lens, LabelLens []int32 // len n: CTC alone
}

// Slice is the targets of examples lo to hi, where they are.
func (t Target[T]) Slice(lo, hi int) Target[T] {
	switch {
	case t.Labels != nil && t.Steps > 0:
		t.Labels = t.Labels[min(lo, len(t.Labels)):] // for CTC there may be none
	case t.Labels != nil:
		t.Labels = t.Labels[lo:hi]
	case t.Values != nil:
		t.Values = t.Values[lo:]
	}
	if t.Weights != nil {
		t.Weights = t.Weights[lo:]
	}
	if t.Lens != nil {
		t.Lens, t.LabelLens = t.Lens[lo:hi], t.LabelLens[lo:hi]
	}
	return t
}

// Outputs is how many there are of an example at each step, of so many values in all.
func (t Target[T]) Outputs(values int) int { return values / max(1, t.Steps) }

// Evaluate is [Evaluator.Evaluate] with memory of its own.
func Evaluate[T kernel.Float](k Kind, losses, dz, z []T, stride, out, n int, t Target[T], scale T) {
	new(Evaluator[T]).Evaluate(k, losses, dz, z, stride, out, n, t, scale)
}

// An Evaluator computes losses. It keeps the memory that those of sequences take, and
// serves one goroutine; the zero value is ready.
type Evaluator[T kernel.Float] struct{ work []T }

// Evaluate sets losses, len n, to the loss of each example, and dz to scale
// times its derivative with respect to z. z and dz are [out][stride], or
// [Steps][out][stride], of which n columns count, and may not overlap; dz nil: the
// losses alone. It trusts its arguments: [Kind.Check] has passed, and labels are in
// range.
func (e *Evaluator[T]) Evaluate(k Kind, losses, dz, z []T, stride, out, n int, t Target[T], scale T) {
	switch {
	case k == CTC:
		longest := 0
		for _, u := range t.LabelLens[:n] {
			longest = max(longest, int(u))
		}
		e.work = slices.Grow(e.work[:0], kernel.CTCWork(t.Steps, out, longest, n))
		kernel.CTC(losses, dz, z, stride, t.Steps, out, n, t.Labels, t.Stride, t.LabelLens, t.Lens, scale, e.work[:cap(e.work)])
	case t.Steps > 0:
		e.steps(k, losses, dz, z, stride, out, n, t, scale)
	default:
		evaluate(k, losses, dz, z, stride, out, n, t, scale)
	}
}

// evaluate is Evaluate for one output of each example.
func evaluate[T kernel.Float](k Kind, losses, dz, z []T, stride, out, n int, t Target[T], scale T) {
	switch k {
	case SoftmaxCrossEntropy:
		kernel.SoftmaxCrossEntropy(losses, dz, z, stride, out, n, t.Labels, scale)
	case BinaryCrossEntropy:
		kernel.BinaryCrossEntropy(losses, dz, z, n, t.Values, scale)
	case MSE:
		kernel.SquaredError(losses, dz, z, stride, out, n, t.Values, t.Stride, scale)
	default:
		panic(fmt.Sprintf("loss: unknown loss %q: it was not checked", string(k)))
	}
}
