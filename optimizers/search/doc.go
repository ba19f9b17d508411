// Package search holds the optimizers that keep one point, a few, or none, and
// that need no gradient. [Random] is the yardstick of every comparison: a method
// that does not beat guessing at equal work has learned nothing from the losses.
//
// Which for what? By what they do with the losses, the simplest first:
//
//   - [Random] and [Guessing] learn nothing. Guessing draws from a wide cube, where
//     networks are saturated. On XOR and a sigmoid network of eight hidden layers of
//     four, 10,000 such guesses solve what gradient descent does not.
//   - [HillClimbing] and [OnePlusOne] step at random and keep what is better. The
//     first changes a few weights at a time and so copes with many minima; the
//     second changes all and adapts the size of its steps, which takes it to any
//     precision: on the sphere of dimension 20 to a loss of 1e-12 in 4,000
//     evaluations, where guessing stays above 20. [Annealing] is hill climbing that
//     accepts steps for the worse, at first.
//   - [Pattern] and [NelderMead] draw nothing at random, and converge. They are for
//     few weights and smooth losses; Nelder-Mead takes 100 weights at most.
//   - [SPSA], [ARS] and [MeZO] estimate the gradient from the difference of losses at
//     opposite points. They are for noisy losses and many weights: what they keep
//     and do is proportional to n, and every minibatch helps.
//
// # Design
//
// Why is the default prior N(0, 1) for every weight, and not the network's own
// initialization? Guessing should be able to hit a solution, and the solutions
// of small sigmoid networks have weights of order 1 and more; the initial
// weights of a deep one are made small, and guessing among them finds networks
// that compute a constant. The prior "init" is there for who wants it.
//
// Why does guessing keep a list of ten, when losses on different minibatches do
// not compare? It has nothing else: there is no population that is alive. The
// referee evaluates the list again on other data before it believes it.
//
// Why does local search evaluate its best point again in each step? On a new
// minibatch its old loss is stale, and a lucky one would be kept for ever. It
// costs one candidate of each Ask. It is the same for hill climbing, the (1+1)-ES,
// annealing and pattern search: all losses that are compared were told in one
// step, and a test changes the loss by another increasing function at each step
// and wants the same bits. Nelder-Mead is the exception, since it would cost n
// evaluations and not one; it asks for the whole of the training data instead.
//
// What becomes of losses that are not finite? Those that compare losses need no
// rule: +Inf is worse than all others. Those that subtract them skip a pair of
// which one is not finite, or, where there are more pairs, count it as the worst
// that is. No step is so long that the weights could overflow in any run.
//
// Why are the gains of SPSA measured, and the learning rate of MeZO not? SPSA's
// rules for the gain are part of the method as Spall gives it. MeZO is here as it
// was published, with the one thing to tune that gradient descent has; the loss of
// a network on which gradients vanish shows what that means.
//
// Do pattern search and Nelder-Mead converge on minibatches? They end when their
// steps are too small to matter, whatever the losses. What to do then, as to start
// again, is for another optimizer to decide.
//
// What is "at equal work"? Evaluations, of the parent too. Evaluating it again
// costs the (1+1)-ES half of them: without noise it would need 670 where it needs
// 1,340 for the sphere of dimension 10.
package search
