// Package pretrain makes better starting weights of a network from inputs without
// targets: the remedy for the vanishing gradient that made deep networks possible.
//
// A [Stage] changes the weights of a network's dense layers where they lie in the flat
// vector, and says what it costs:
//
//	w := net.Init(rng)
//	stage := pretrain.Contrastive{CD: pretrain.DefaultCD()}
//	spent, err := stage.Run(ctx, net.In(), net.Specs(), w, inputs, rng)
//	... train w as ever
//
// [Contrastive] makes a layer of every restricted Boltzmann machine of a deep belief
// network, [Autoencoding] of every encoder of stacked autoencoders, and [LSUV] scales
// what is there.
//
// Below the stages are the models themselves. An [RBM] is trained by [CD], or by its
// exact [RBM.Gradient]; its likelihood is exact where one side can be enumerated
// ([RBM.LogZ]), and estimated by [RBM.AIS] with an error bar where it cannot. A [DBN]
// is grown layer by layer ([Greedy], [DBN.AddTop]), fine-tuned ([DBN.UpDown]), and asked
// for what it has in mind ([DBN.Generate]).
//
// Examples are rows, [n][width], as tasks have them; inside, they lie side by side.
//
// # Design
//
// Why is everything float64? What a stage makes are starting weights, and those are the
// same for networks of either precision (package network). It also leaves one set
// of results to check. float32 would take about half of the time.
//
// Why does W lie as [Hidden][Visible], where papers have the transpose? It is then the
// matrix of a dense layer, and pretraining is a copy. The hidden biases are the layer's;
// the visible ones are for generating, and a classifier drops them.
//
// Where do random numbers come from? A *rand.Rand that the caller has seeded. Half of a
// 64-bit word decides a binary unit, and costs as much as a row of a product with some
// hundred columns. Everything else is package kernel's, in a fixed order, so that a stage
// gives the same bits on every processor. It runs on one core: minibatches are small.
// Pretraining on many cores would cut them as package bench does, and be worth it for
// layers of a thousand units.
//
// What is a multiply-add? An update of CD-k takes 3+2k passes over W for an example: up,
// k times down and up, and two outer products. An autoencoder takes 5. Handing examples
// on to the next layer takes one. Drawing and updating are not counted, as they are not
// elsewhere. A stage charges forward passes of the whole network: the multiply-adds
// over those of one pass.
//
// Does CD raise the likelihood? Not always, and nothing here relies on it: on bars
// and stripes the exact mean of ln p falls before it rises. It does not follow any
// gradient, so that there is none to check: the tests compare its mean with the exact
// gradient as k grows, and the likelihood before and after. That each layer improves
// a bound is a promise of exact learning from a tied start ([RBM.Tied]) alone; a test
// holds the enumerated bound to it. Bars and stripes 3x3, 16 hidden units, 3000 updates,
// three seeds, from -6.24 of at most -2.64: CD-1 -3.20, CD-10 -2.91, PCD-1 at half of
// the rate -4.46. AIS with 1000 steps and 100 runs is within 0.011 of the exact ln Z
// of each, and says 0.002 to 0.015; with 100 steps within 0.05.
//
// How much does pretraining help? On digits of 14x14 pixels, of which 8 % are flipped,
// 4 layers of 100 sigmoids, 3000 images without labels, CD-1 for 8 epochs, stochastic
// gradient descent with momentum, all charged, the better of two rates, two seeds, the
// test error at 100, 300 and 1000 labels was .67, .55 and .43, and from random weights
// .82, .74 and .58. But against random weights that make up for the slope of the
// sigmoid (gain 4), it was .75, .67 and .48; against rectified units .74, .61 and .44.
// The gap is wide against a bad start and shrinks with labels.
//
// Why are inputs drawn, and not taken as probabilities? On the digits above, with 100
// labels, accuracy is .33 with samples and .32 without after 8 epochs a layer, .39 and
// .37 after 20 (two seeds, at twice the budget, at which random weights reach .18), and
// what the network imagines has sharper strokes. [CD].Draw says otherwise.
//
// Why the last machine by persistent chains? Samples come from chains that run long,
// and CD-1 does not shape the model where chains from the data do not come. With it,
// classes mix in what is imagined; with PCD-1 at a momentum of 0.9 and twice the rate,
// chains collapse to one class. Both were looked at.
//
// Which networks? Chains of dense layers and activations, sigmoids where units are
// inferred. A convolutional machine would be another kind of RBM.
package pretrain
