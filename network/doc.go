// Package network computes a neural network, and its gradient, as a function
// of one flat weight vector.
//
// A [Network] is wiring and scratch memory; it owns no weights. Weights are an
// argument, so that an optimizer can hold a thousand candidates and have them
// evaluated on as many goroutines as there are [Network.Clone]s:
//
//	net, err := network.New[float64](network.Shape{2},
//		network.Dense{Out: 8}, network.Activation{Func: "tanh"}, network.Dense{Out: 1})
//	w := net.Init(rng)
//	y := net.Forward(network.Pass{Mode: network.Train}, w, x) // x: a Tensor of N examples
//	... the loss of y, and its gradient dy (package loss) ...
//	net.BackwardWeights(w, dw, dy)                            // adds to dw
//
// A description is a chain of [Spec]s, plain data that nests ([Residual]) and
// has a JSON form ([Specs]). Layers are behind them: one file each. What they
// are made of is in the packages kernel (the arithmetic), activation,
// initializer and loss. Package netcheck proves a layer's gradient, package probe
// reports how the gradient fares from layer to layer, package paths what the shortcuts
// of a residual network do to it, and package pretrain makes better starting weights.
//
// # Shapes
//
// Data is batch innermost: a [Tensor] of shape (F) is [F][N] in memory, N
// examples side by side, one row for each value. Shapes in comments leave the
// batch out: (F) is a vector, (T, F) a sequence, (C, H, W) an image.
//
// # Design
//
// Why are weights an argument? Then loss = f(weights, minibatch) has no state,
// a population is evaluated in parallel by construction, and no candidate sees
// what another left behind. The price is that everything that is neither
// weight nor scratch has to be named: it is the statistics of [BatchNorm],
// which only a pass in mode [Calibrate] writes, and only [Infer] reads.
//
// Why is the batch innermost? It is the dimension that vector instructions
// run along. Every weight is then read once, where it lies in the flat vector,
// and nothing is packed or copied for a candidate; a layer of 10 outputs
// wastes no lanes. A batch of one wastes most of them, which is what on-line
// learning would change.
//
// Why are rows padded, sometimes? See [NewTensor]. Padding may hold anything,
// NaN too: netcheck fills it with that. It makes a part of a minibatch a view,
// Data from its first column on with the stride of the whole.
//
// Why two precisions? float64 is the default, since a gradient of 1e-46 must
// read as vanishing and not as zero. float32 puts twice as many examples into a
// vector register, and is faster on processors whose kernels use those. Initial
// weights are drawn in float64 for both.
//
// Why is the set of specs sealed, with a switch in build.go? Layers need the
// type parameter and specs, being data, cannot have it: somewhere the one
// becomes the other. A switch is that place, and it can be read.
//
// Why does Backward panic where New returns an error? A description comes from
// a file. A tensor of a wrong shape comes from a mistake in this program.
//
// Why do layers keep their outputs in memory of their own? A backward pass
// needs most of them, and the sum of a residual needs its input unharmed.
// Nothing is allocated once a batch size has been seen: a training loop that
// allocates spends its time in the garbage collector. Gradients are needed for
// one layer only, so that convolutions, normalisations, activations and residuals
// take turns with memory that they share (gradient.go): a residual network of 13
// convolutions takes 172 MB where it took 295, at the same speed or a few
// hundredths more. What is left is one copy of the activations; to compute some of
// them twice would save more, and matter for networks that do not fit.
//
// Why is there a second way to the gradient of the weights ([Network.Deltas])? A
// minibatch is cut for several cores, and each had a gradient of its own that was
// cleared, added to, and added up with the others. What flows back through the layers
// needs the weights but not their gradient; that is computed afterwards, some rows of
// a layer at a time, over all of the minibatch, and written once. On two cores a step
// of a network of 235,000 weights went from 1.66 to 1.9 times one core's speed, and
// on one core it takes a few hundredths less. It costs the memory for the gradients
// above dense layers, which others share. Networks with other layers that have
// weights go the first way.
//
// Why does a layer apply the activation after it? What it has just written is in
// the cache, and no tensor is needed for what it was before (fuse.go). On that
// network: 132 MB for 172, and another few hundredths of the time.
//
// Why is there a third ([Network.Gradient])? One core has nobody to share with. The
// weights' gradient of a layer as soon as its deltas are known finds all that it needs in
// the cache, and the deltas of all layers take turns with two pieces of memory: on
// 64-[64]x30-10 with minibatches of 128 that is 7 % less time, and the bits are those of
// the second way. Products that end in float64 (kernel.GemmWide), on either way, are
// another 2 % there and 4 % on 784-256-128-10, whose gradient is written once instead of
// twice, while the arithmetic goes on.
//
// Do images stay dense between layers, [C][H][W][N], or padded for the next
// convolution? Dense: every other layer can treat a channel as one row. A
// convolution copies a few rows at a time, as many as its kernel has, to padded
// memory of its own, where they are in the second-level cache (conv_window.go). It
// takes a tenth of the time of the network above, most of it reading what has to
// be read anyway. The padding has no branches then, nor has the stride: columns
// are kept by their remainder, so that the kernel sees neither.
//
// What bounds a convolutional network? On one core of a Zen 4 with AVX-512, in
// float32, minibatch 64: 590 samples/s on that network, the best of several runs
// on a shared machine, of 910 at the peak of the products alone. They take 73 % of
// the time at 88 % of their peak, the copies 10 %, and everything else, which is
// memory, 17 %. PyTorch 1.13 does 430 to 560 at the same times, with its better
// layout (channels last) and with or without AVX-512 forced, and in float64 50 to
// 68 where this does 240. Minibatches cannot be cut for other cores, because of
// the batch norm.
//
// When is a convolution computed by Winograd's filtering? With 3x3 weights and a stride
// of 1, from 8 channels on, and the gradient of the weights from 12 on; up to 128, and for
// images of 4x4 or more: by shape alone, so that results have the same bits everywhere.
// Measured with AVX-512 on one core of a Zen 5 in float32, minibatch 64, milliseconds for
// outputs and for the gradients of weights and inputs, direct and filtered:
//
//	  8 channels, 28x28   0.35 0.43 0.26   0.22 0.46 0.25
//	 16 channels, 28x28   1.40 1.55 1.30   0.75 0.91 0.74
//	 64 channels, 14x14   4.7  5.4  7.0    3.3  3.1  2.7
//	128 channels, 7x7     5.0  6.3  4.8    3.9  5.0  4.7
//	256 channels, 7x7     18.6 26.9 19.6   21.4 21.8 19.0
//	 16 channels, 3x3     0.015 0.024 0.018   0.027 0.024 0.030
//
// In float64 it gains about as much, but for the weights of 256 channels, where it loses
// half; with AVX2, more, and the least number of channels is 12. A single example of 16
// channels takes a sixth longer. The residual network above went, in runs that took
// turns, from 895 and 937 samples/s to 1290 and 1392, and in float64 from 380 to 590.
//
// How exact is that? In float32, the root mean square of errors, of that of the values, for
// 16 channels of 14x14 and 64 examples: outputs 1.6e-7 (direct: 2.1e-7), gradient of the
// inputs 1.6e-7 (2.1e-7), of the weights 4.9e-7 (1.6e-7), which sums over more examples
// one by one. Small integers stay exact.
//
// What else does a batch norm do while a channel is in the cache? At the end of a
// residual's body it adds the residual's input, and it begins its gradient with that of
// the activation it applied (fuse.go): a tensor and two passes over memory less, some 7 %
// of that network's time. Gradients of a residual's two ways are still added in a pass of
// their own; a convolution could do that, at two rows at a time.
//
// Why is a batch norm's Infer without a Calibrate a panic, not a running mean?
// A running mean depends on the order and number of candidates evaluated, so a
// loss would depend on history. Population methods would average statistics of
// different candidates. Calibration is one pass over training data, and it is
// charged.
//
// Are there frozen statistics, too? A batch norm whose statistics are fixed before
// training is a scale and a shift that the first minibatch has chosen: a way to draw
// starting weights, which would make the loss depend on state that is neither weights
// nor examples. So training has those of the minibatch, the same for all candidates
// of a step, and scores those of a Calibrate at the point that is scored. Constant
// statistics have a gradient, after Infer, for whoever asks about the trained function
// of one input (package paths).
//
// What does a [LayerNorm] of an image average over? All of it, with a gamma and a
// beta for each channel, as a convolution treats positions alike: as many weights as
// a batch norm has. It is computed by transposing: the values of an example become a
// row, for the kernels of batch normalisation, whose results then depend neither on
// the minibatch nor on the processor. That takes two transpositions forward and three
// back; a kernel that sums over rows would spare them.
//
// How does [Dropout] know what to drop? From a hash of seed, step, layer, value and
// example, made again for the gradient: no mask is kept, and it does not matter how
// a minibatch is cut, or by whom it is computed. A hash of 64 bits is good for four
// values; with the choice, 1.5 ns a value on one core of a Zen 5, in Go. What the
// layers of a candidate draw is what those of all candidates of the step draw, so
// that candidates differ in nothing but their weights.
//
// Why is noise after a batch norm a layer of its own? It has no weights and nothing
// to do with the statistics, and can stand anywhere.
//
// Why are shortcuts and gates chains of specs? Then padding, projections with or
// without normalisation, and whatever somebody thinks of next need no options: option
// B of the residual paper is a [Conv] of 1x1, and a [BatchNorm]. A gate is a [Dense]
// whose Bias starts below 0.
//
// Why does a [Network.Lesion] leave the weights where they are? So that one vector
// serves the network with and without, and a swap of two blocks is one of their
// weights ([Network.Swap]).
//
// Why does an [LSTM] multiply step by step? The outputs of one step are inputs of the
// next, so that products with h are of one step at least; x goes with them, as a few
// more rows of the same product, since one for all steps would be read and written
// again. The gradient of W is a product for each step too: on what is in the cache,
// the three products run at 97 % of the peak of a Zen 4 core in float32. It is
// computed transposed, which fills whole vectors with 4*Hidden columns, where F+Hidden
// of them, 66, took a third more time. Of 7.8 ms for 64 sequences of 100 steps of 64
// cells, products are 5.6, the gates 0.7 forward and 0.6 back, most of it waiting for
// what forward left behind; steps too long for the memory, or truncated gradients,
// would change what is kept.
//
// Why are Wx and Wh apart in an [RNN] and a [GRU], and together in an LSTM? Apart, inputs
// and states are multiplied where they lie, with nothing gathered, and each has an
// initializer and a scale of its own, which is what the experiments with them vary. An
// LSTM's four gates make its product large enough to pay for the copy.
//
// Where does truncated back-propagation through time cut? The errors of a block of K1
// steps go back K2 from the end of the block, which is counted from the start of the
// sequence whether or not the sequence reaches it: so an example has the same gradient
// in a batch with longer ones as alone. Outputs do not depend on it. Of a layer on top
// of another, each cuts its own errors.
//
// Why is the [RNN]'s Omega in the gradient and not in the loss? It is a function of the
// gradient, which a forward pass does not know, and its authors take but a part of its
// own gradient. An optimizer that asks for losses alone does not see it. The gradient is
// of a mean over the minibatch, of which a layer may see a part: [Pass].Batch tells it.
//
// Why is the cell of 1997 another layer than the [LSTM]? Units that see gates, blocks that
// share them, no forget gate, other functions: every line differs. Its arithmetic
// between the products is Go, as the GRU's is; kernels of their own would be faster.
//
// Why does a [SequentialRNN] have outputs inside? The experiments it is for feed them
// back. For a loss that applies the sigmoid itself there are Logits.
//
// Why does a [Pyramid] keep arrays of its own, with a border? Every projection then is
// products of rows where they lie, without a copy and without cases at the border, be
// it zeros or the other side. What the inputs send does not change from step to step,
// and is computed once; so is the gradient of their weights, from the sum of all steps.
// With 1535 weights on 16x16 pixels, eight steps forward and back take 41 microseconds
// an image in float64 on one core with AVX-512, and 21 in float32: 50 and 100 Gflop/s.
//
// How are the 235 weights of the published super-resolution network made up? It is not
// known. Its layers and projections as they are described have 254: lateral 9 + 4*36,
// backward 16 + 16, forward 64, and 5 biases.
//
// What is after the end of a sequence? In the outputs of layers with steps, 0. Examples
// that have ended are computed on, from inputs of 0, and their output gradients are
// taken as 0: that costs time, and no cases in the kernels. Batches of very different
// lengths would be worth sorting.
package network
