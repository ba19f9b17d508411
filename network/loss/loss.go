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
)

// Kinds lists the losses.
func Kinds() []Kind { return []Kind{SoftmaxCrossEntropy, BinaryCrossEntropy, MSE} }

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
	case k == SoftmaxCrossEntropy && out < 2:
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
type Target[T kernel.Float] struct {
	Labels []int32 // len n, from 0 to out-1: SoftmaxCrossEntropy
	Values []T     // [out][Stride], of which n columns count, like a tensor's Data: the others
	Stride int
}

// Evaluate sets losses, len n, to the loss of each example, and dz to scale
// times its derivative with respect to z. z and dz are [out][stride], of which
// n columns count, and may not overlap; dz nil: the losses alone. It trusts its
// arguments: [Kind.Check] has passed, and labels are in range.
func Evaluate[T kernel.Float](k Kind, losses, dz, z []T, stride, out, n int, t Target[T], scale T) {
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
