// Package probe reports how the gradient fares on its way down a network, layer
// by layer, and says in a word what is wrong with it.
//
//	layers := probe.Measure(net, w, x, loss.SoftmaxCrossEntropy, target)
//	j := probe.Judge(layers)
//	fmt.Println(j.Verdict, j.Factor) // VANISHING 0.23
//
// [Take] looks closer, for what some hundred passes cost: how much noise there is in
// the gradient, how many dimensions the activations have, what the Jacobian of each
// stage does to a gradient, how the loss is curved, and what recurrent layers keep.
//
//	s := probe.Take(net, w, x, loss.SoftmaxCrossEntropy, target)
//	fmt.Println(s.Through.Largest, s.Layers[0].Rank, s.Sharpness)
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
//
// Why are Jacobians those of stages, and not of layers? Between one weight layer and
// the next there may be a normalisation, an activation, or the sum of a block, and what
// a gradient loses it loses in all of them. A stage is computed as a network of its
// own, on the inputs that it gets, so that nothing has to be known of the layers. Up to
// 256 outputs its Jacobian is written down, by one backward pass of a batch of copies of
// one example, and its singular values are exact to about 1e-7 of the largest; for more
// outputs, random signs estimate their mean square alone.
//
// Why Lanczos, and not power iteration, for the sharpness? The same twenty products
// with the Hessian tell more if none is forgotten. Power iteration was off by a tenth
// on a matrix of four with eigenvalues 3, 1, 0 and -7, where Lanczos is exact.
//
// Why is a walk along the gradient as long as a tenth of the weights? A learning rate
// is another thing for each loss, and a genetic algorithm has none. In parts of the
// norm of the weights, contenders can be compared.
//
// Why are the gates of memory cells and of a GRU computed a second time? A layer keeps what
// its backward pass needs, in an order of its own. What it was given and what it made of it
// say the same, and the layer need not know that it is looked at. Scans of a
// two-dimensional LSTM are added up, so that its outputs are computed once more, too.
//
// Why is the state of truncated memory cells c, and that of others h? A lag is to say
// what a layer hands back through time. Where everything does, h is what the layer above
// sees and what layers of all kinds have; where only c carries errors, the gradient of h
// is that of the step's own outputs, and would look like one that vanishes at once. With
// the carousel closed, no input and no forgetting, that of c is the same at every step.
//
// Why does each level of a chunker have lags of its own? Its steps are the surprises of the
// level below, and no error passes from one level to another: how far a level's errors
// reach is counted in what it sees. The lowest is the first with a state. Lags of it that
// end after a few steps, with the higher level's as good as whole, are the method at work.
//
// Why has a two-dimensional LSTM gates, and no lags? A lag is a number of steps back from
// the last state, and each of its scans has a last one of its own, in another corner, from
// which many paths of one length lead to many states. What an image's corner can be
// told from afar is [Reach], by steps over rows and columns, of layers of any kind.
//
// Why are gradients kept, and their sizes taken at the end? Truncated back-propagation
// goes back several times over the same steps if its blocks overlap, with the errors of
// a block each. The gradient is the sum, and sizes do not add up.
package probe
