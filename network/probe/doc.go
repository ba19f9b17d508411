// Package probe reports how the gradient fares on its way down a network, layer
// by layer, and says in a word what is wrong with it.
//
//	layers := probe.Measure(net, w, x, loss.SoftmaxCrossEntropy, target)
//	j := probe.Judge(layers)
//	fmt.Println(j.Verdict, j.Factor) // VANISHING 0.23
//
// # Design
//
// Why the delta, and not the gradient of the weights? The gradient of a weight
// matrix is the layer's delta, dLoss/dz, times the activations that come in
// from below. In a network of tanh or ReLU with too small weights activations
// shrink on the way up just as deltas shrink on the way down, and the product
// is the same in every layer: the gradients of the matrices of a 30-layer tanh
// network differ by 10 % between its ends while the delta falls by a factor of
// 10 million (Glorot & Bengio 2010, sec. 4.2.1, saw the same). So the verdict
// is about deltas; both are reported.
//
// Why root mean squares, and not norms? They compare layers of different
// widths and batches of different sizes. Delta is that of each example's own
// loss, so that it does not depend on the size of the batch either.
//
// Why is every figure finite? They are stored and drawn, and neither JSON nor
// a plot has an infinity. What overflows, or is no number, is the largest
// number there is, and the verdict says EXPLODING.
package probe
