// Package combine makes optimizers of optimizers: [Then] hands over from one to
// another, [Restart] starts one again where it has come to an end, and
// [Portfolio] lets several take turns. Each is made from a list of definitions
// to choose from, and names its parts as one would on the command line:
//
//	then first="ga population=50 sigma=0.2" second="rprop max=1" share=0.3
//	restart optimizer="rprop" patience=300
//	portfolio optimizers="ga | rprop | random-search" mode=halving
//
// Use then when one method finds the right region and another the lowest point of
// it, restart when a method is fast and ends in the nearest of many local
// minima, and portfolio when you do not know which method the task is for.
//
// # Design
//
// In what are shares? In work, as trials are charged: an evaluation with its
// gradient counts as three of the loss alone (a backward pass costs two forward
// passes). Problem.Budget counts evaluations at what the definition needs; a
// combinator whose list has a gradient method needs gradients, so that a part
// which does not may make three times as many evaluations. Steps of such a part
// are charged without the gradient (optimizers.Needer). It would change if a
// Problem said what its referee charges for a gradient.
//
// Why are the parts one string each, and not nested objects? A configuration is
// flat, so that one place validates, documents, hashes and sweeps it. The string
// is checked when the combinator is built, as strictly as any configuration.
// Spaces and bars cannot be part of a value; no member of any optimizer has them.
//
// Why can combinators not contain each other? The list that they are made from
// would have to contain what is made from it. A restart within a portfolio is
// the only use that we see.
//
// What does the definition say, which is known before the configuration is? Its
// need is the most of any optimizer in the list. Memory, and whether it wants
// the full batch, are those of the default parts.
//
// Why does restart keep the best candidate, and not what each run recommends? A
// run may end because it diverged, and what it then recommends is finite and no
// more; the loss of a candidate is known. With minibatches the lowest loss of
// many is partly luck, and the full batch is better.
//
// Checkpoints nest: that of a combinator has those of its parts in it.
package combine
