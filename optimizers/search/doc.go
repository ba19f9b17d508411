// Package search holds the optimizers that keep a few points, or none: so far
// random search, which is the yardstick of every comparison. A method that does
// not beat guessing at equal work has learned nothing from the losses.
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
// costs one candidate of each Ask.
package search
