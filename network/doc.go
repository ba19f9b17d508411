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
// initializer and loss. Package netcheck proves a layer's gradient, and package
// probe reports how the gradient fares from layer to layer.
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
// Why does a layer apply the activation after it? What it has just written is in
// the cache, and no tensor is needed for what it was before (fuse.go). On that
// network: 132 MB for 172, and another few hundredths of the time.
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
// Why is a batch norm's Infer without a Calibrate a panic, not a running mean?
// A running mean depends on the order and number of candidates evaluated, so a
// loss would depend on history. Population methods would average statistics of
// different candidates. Calibration is one pass over training data, and it is
// charged.
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
