// Package paths looks at residual networks as a collection of paths: a signal, or a
// gradient, goes through the branch of each block or around it, so that L blocks
// make 2^L paths, of lengths 0 to L.
//
//	c, err := paths.New(in, paths.Parts(specs)...)
//	y := c.Forward(network.Pass{Mode: network.Train}, w, x)
//	... the gradient dy of the loss with respect to y (package loss) ...
//	g := c.Gradients(w, dy)                // one for each length
//	n := c.Sample(w, dy, rng, 8)           // the norm of that of a single path
//	share := paths.Contributions(n)        // of all paths of each length
//	r := c.Preservation(w, dy)             // what a block does to the norm
//	rho := paths.Correlation(dx)           // of the gradients at different inputs
//
// These are the readings of Veit, Wilber & Belongie 2016 (arXiv:1605.06431), of
// Zaeemzadeh, Rahnavard & Shah 2021 (arXiv:1805.07477) and of Balduzzi et al. 2017
// (arXiv:1702.08591). The lesions of the first are network.Lesion and network.Swap.
//
// # Design
//
// Why is a network built again, in parts? Each part is a network of its own, which
// may be asked for its gradient as often as one likes after one forward pass. Hooks
// inside of a network for what a probe does once would be in the way of everybody
// else. The weights are the same vector. Layers that draw at random draw other
// numbers than in one piece.
//
// Why both the sum over all paths of one length and single ones? The sum is exact,
// in L^2/2 passes through a block instead of 2^L paths, and the sums over all
// lengths are the gradient; but paths of one length may cancel, which is part of the
// answer and hides how large each is. Veit et al. sample single ones and multiply.
//
// Whose norm? That of each example, averaged; the gradient is that at the input of
// the first block.
//
// Why does the correlation not go through batch statistics? The gradient through
// them sums to 0 over the minibatch, whatever the network: then it is -1/(N-1) on
// average. The claim is about the function of one input that training has made, so
// the statistics are constants: Forward in mode Calibrate, then in mode Infer.
//
// Is the norm still preserved after training? Of networks of normalised blocks, 48 units
// wide, the mean over blocks of |r-1| before and after 150 steps of SGD with a momentum of
// 0.9 (ten classes of clusters, two seeds; it is the gradient of the loss):
//
//	blocks    2     4     8     16    32
//	before    0.33  0.26  0.18  0.12  0.080
//	after     0.52  0.33  0.21  0.15  0.078
//
// It is, and the better the more blocks there are.
package paths
