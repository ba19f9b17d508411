// Package netcheck proves that a layer computes the gradient of what it
// computes, and that it keeps the other promises that networks rely on. The
// test of a layer is one line:
//
//	func TestDense(t *testing.T) {
//		netcheck.Layer(t, network.Shape{5}, network.Dense{Out: 3})
//	}
//
// The gradient is compared with central finite differences in float64, by
// coordinate for some weights of every block and some inputs, and along random
// directions for all of them at once. Then the contract: examples do not see
// each other unless the network says so, padding is not read, gradients are
// added and not written, clones share nothing, buffers survive a change of
// batch size, nothing is allocated once warm, float32 agrees with float64.
//
// [Kernels] proves that something has the same bits with all the instructions that
// package kernel can use.
//
// # Design
//
// Which loss? A fixed random weighting of all the outputs, averaged over the
// batch. It is linear, so that its own curvature adds no error to the finite
// difference, and a mistake in any output shows. The difference is taken
// output by output before it is summed, which loses fewer digits than the
// difference of two sums.
//
// Why allow for rounding? With a step of 1e-5 the difference of two sums of
// about 1 is exact to about 1e-10. A gradient that is 0, as that of a bias
// below a batch norm, or just small, cannot be confirmed to a relative 1e-6 of
// itself; it is confirmed to that 1e-10.
//
// How deep may the network be? About four layers. A gradient that has vanished
// is below the noise of the finite difference, and any value would pass.
//
// Why are kinks discarded? Between two sides of a kink there is no derivative
// to compare with. A coordinate is discarded when an input of an activation
// that is not smooth changes sign between its two evaluations; a check that
// discards more than half of them fails.
//
// Why weights and inputs that fit a float32, in float64 too? Both precisions
// then compute the same function, and what differs is arithmetic alone. The
// bound is 1e-5 of the largest value compared, some eighty roundings of
// float32; the layers of this module stay below 1e-6.
//
// Why does [Kernels] start processes? Which instructions are used is settled when one
// starts, so that nothing has to look while it computes. Digests of values are compared,
// not tolerances: a loss that depends on the processor makes a trial that nobody else
// can repeat.
package netcheck
