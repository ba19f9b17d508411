// Package gradient holds the optimizers that follow the gradient that
// backpropagation computes. They keep one iterate, and ask for one candidate at
// a time: a step is an evaluation.
//
// [SGD] moves by the gradient, so that where the gradient vanishes it is stuck.
// [Rprop] moves by the signs of its components alone, which is one of the
// remedies: Behnke trained his Neural Abstraction Pyramid with it.
//
// # Design
//
// What is the iterate after an overflow? The last finite one. A step that would
// give NaN or Inf is not taken; Tell returns [optimizers.ErrDiverged], and
// Recommend the point before. Clipping it instead would report a trial that
// diverged as one that found a bad minimum.
//
// Why are schedules in fractions of the budget? A result at one budget then
// compares with one at another: the last tenth of a run is that at both. They
// need the budget, and say so when it is unknown.
//
// Why does Rprop compare signs, and not multiply the two gradients as in the
// paper's pseudocode? The product of 1e-200 and 1e-200 is zero: in a deep
// sigmoid network it would take a gradient that vanishes for a change of
// nothing, and keep the step from growing, just where the method is of use. A
// test scales the gradient by 1e-300 and wants the same bits.
package gradient
