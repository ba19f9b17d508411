// Package gradient holds the optimizers that follow the gradient that
// backpropagation computes. They keep one iterate, and ask for one candidate at
// a time: a step is an evaluation.
//
// Which for what?
//
//   - [SGD], [Momentum], [Nesterov] move by the gradient, so that where it
//     vanishes they are stuck: the control of every experiment here.
//   - [RMSProp], [AdaGrad], [Adam], [AdamW] divide it by its size in the past, for
//     each weight. What vanishes in magnitude alone moves, down to eps.
//   - [Rprop], [SignSGD], [Signum], [Lion] take its sign, which is one of the
//     remedies: Behnke trained his Neural Abstraction Pyramid with Rprop. Rprop
//     adapts the step of each weight and wants all of the training data at every
//     step; the others have one learning rate, and take minibatches.
//   - [LBFGS] and [CG] estimate the curvature and search along lines. They want all
//     of the data, and then need the fewest evaluations on smooth losses.
//
// # Gradient transforms
//
// [Transforms] are members of the configuration of every first-order method:
// clipping by value and by norm, weight decay, noise, a schedule of the learning
// rate, in the order that is written there. A method that has no use for one
// does not have its member, so that setting it is an error and not ignored:
//
//	                           clip  weight_decay  noise  schedule
//	sgd, momentum, nesterov    yes   L2            yes    yes
//	adam, rmsprop, adagrad     yes   L2            yes    yes
//	adamw, lion, signum        yes   decoupled     yes    yes
//	signsgd                    -     decoupled     yes    yes
//	rprop, lbfgs, cg           -     -             -      -
//
// # Design
//
// What is the iterate after an overflow? The last finite one. A step that would
// give NaN or Inf is not taken; Tell returns [optimizers.ErrDiverged], and
// Recommend the point before. Clipping it instead would report a trial that
// diverged as one that found a bad minimum. The next iterate is therefore made
// in a second vector, which costs 8 bytes a weight, and not in place.
//
// Why are schedules in fractions of the budget? A result at one budget then
// compares with one at another: the last tenth of a run is that at both. They
// need the budget, and say so when it is unknown.
//
// Why no transforms for Rprop? It uses no size that could be clipped and has no
// learning rate to schedule; noise is what breaks it; and weight decay would
// make the size of the gradient matter again. For LBFGS and CG the gradient has
// to be that of the loss they are told, or no step meets the conditions of the
// line search, and the search chooses the step. SignSGD without momentum refuses
// clipping, which changes no sign. For methods by sign weight decay is taken off
// the weights: added to a gradient whose size does not matter it would be
// nothing, or all.
//
// Why does Rprop compare signs, and not multiply the two gradients as in the
// paper's pseudocode? The product of 1e-200 and 1e-200 is zero: in a deep
// sigmoid network it would take a gradient that vanishes for a change of
// nothing, and keep the step from growing, just where the method is of use. A
// test scales the gradient by 1e-300 and wants the same bits.
//
// Why is a step a walk over stretches of 1,024 weights? A rule is three or four
// calls of package kernel, each in vectors, and their operands stay in the
// nearest cache between them: memory is read and written once. Measured in Tell
// of 100,000 weights on one core of a shared AMD Zen 4, the least of several
// runs, in ns a weight, before (two loops in Go) and after: sgd 3.4 and 0.32,
// momentum 3.3 and 0.45, nesterov 4.0 and 0.65, rprop (whose branches on signs are
// now none) 11 and 3.0. Those with a root and a division for each weight are loops in
// Go: adam 4.0, rmsprop and adagrad 3.9; signs 1.3 to 1.9. A kernel for the root
// and the division would change it. Cores take panels of 32 stretches, so that
// smaller networks, of which a step is some 10 µs, start no goroutine.
//
// Why are LBFGS and CG not those of gonum's package optimize, whose parts are
// exported and run without goroutines? Its vectors are added in another order in
// its assembly than in its Go: after 30 iterations on Rosenbrock's function in
// 33 dimensions, built with and without the tag noasm, the loss differed in the
// tenth digit, and here a result has the same bits on every machine. Its Moré-Thuente
// search (v0.17.0) forgets that it has an interval in the third and the fourth
// case of the choice of a step, and so differs from MINPACK-2's on 9 of the 24
// searches of the paper, with up to 4 evaluations more or fewer; ours has
// the same steps in all 24. And a checkpoint in the middle of a line would need
// its private fields, or a replay of pairs of vectors that double the memory.
//
// Why does a line end after 20 evaluations, or without a step that meets the
// conditions, with a steepest one? As in L-BFGS-B: rounding, or a loss that
// changes with the minibatch, has spoilt the estimate of the curvature. If the
// steepest line has nothing better either, the search has converged.
//
// Why is the first step of length 1, in weights? It is the only scale that does
// not depend on that of the loss, so that a gradient of 1e-10 is as good as any.
package gradient
