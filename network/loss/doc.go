// Package loss measures how far outputs are from targets, and says in which
// direction each output should move.
//
//	losses := make([]float64, n)
//	dz := make([]float64, len(z))
//	loss.Evaluate(loss.SoftmaxCrossEntropy, losses, dz, z, stride, classes, n, target, 1/float64(n))
//
// A loss of a minibatch is the mean over its examples, the mean of losses here,
// and dz with a scale of one over their number is the gradient of that mean. A
// minibatch that is evaluated in parts uses the number of the whole.
//
// All losses take what the last layer computes, without a softmax or sigmoid
// of its own: outputs of a classifier are logits.
//
// # Design
//
// Why a Kind and a function, not an interface? A loss is one call into package
// kernel, at two precisions, and it is named in tasks and files: a name and a
// switch are all there is to it. A loss with settings, such as a margin, would
// change it.
//
// Why is scale an argument and not 1/n? Probes want the gradient of each
// example's own loss, scale 1, and a panel of a minibatch one over the
// minibatch's size.
//
// Why losses by example and not their sum? The caller adds them in an order
// that does not depend on how the minibatch was cut.
//
// How is a sequence weighed? Every step has its weight, and they add up to 1 if the loss
// is to be a mean: of the steps that have a target, alike or not. A step is one call into
// package kernel, which knows no sequences, and then weighed; one that counts for nobody
// is left out, as most are where only the last is asked. Steps of weight 0 are not read,
// since there a network may have left anything.
//
// Why an Evaluator? [CTC] needs memory, for the probabilities of all beginnings and ends,
// and a loop that trains allocates nothing.
//
// How is CTC computed? With logarithms, over rows of the minibatch: every step is one
// call of the exponential for all states and examples, and one of the logarithm. Numbers
// scaled at every step would do without, but lose labellings less probable than 1e-308
// beside others, which are those to learn at the start. Labels for which there are too
// few steps have probability 0. Their loss is +Inf, as everywhere; where PyTorch gives
// NaN for the gradient it is 0 here.
package loss
