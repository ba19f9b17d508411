// Package optimizers defines what an optimizer is.
//
// An optimizer searches a space of flat weight vectors for one with a low
// loss. It never sees the network, the data or the clock: it asks for
// candidates to be evaluated and is told what came of them. The same two
// methods serve random search, CMA-ES, backprop with SGD and a plugin in
// another process, so that all of them run under one loop and one budget.
//
// The algorithms live in the sub-packages, grouped by what they keep between
// steps: gradient (one iterate), search (one or a few points), genetic (a
// population). Package builtin lists them, and package opttest is the contract
// that each of them, and any of yours, has to pass.
//
// # Design
//
// Why ask and tell, and not a callback? A method that calls the loss itself
// owns the loop, and with it the budget, the clock and the threads; then no
// referee can charge two methods alike, stop one between two candidates, or
// run one in another process. The inversion costs a method some state that a
// loop would keep on its stack (see genetic.GA). It would change if a method
// worth having could not be turned inside out; none of those planned is.
//
// Why float64? CMA-ES and line searches need it, and a candidate costs 8 bytes
// a weight against an evaluation of thousands of operations a weight. Networks
// may compute in float32; the conversion is at the border, in package bench.
//
// Why does a Block have Layer and Rows? Crossover by neuron needs to know which
// weights belong to one unit (the row of "w" and its element of "b"), and names
// are for people.
//
// Why Shortlister next to Recommender? Only the optimizer knows which of the
// candidates it was told about are still alive and comparable: the ten lowest
// losses of a whole run on minibatches are the ten luckiest minibatches.
//
// What is in a checkpoint? Numbers of fixed size, in an order that the optimizer
// knows, behind its name and before a checksum (SaveState): an optimizer built
// from the same configuration and Problem has all the rest. JSON has no Inf, and
// gob would need exported types. It would change for a state whose size varies.
//
// Who may use more than one core? Parallel, whose tasks each write what is their
// own from numbers that belong to their place (package noise), so that the
// number of cores changes the time and nothing else.
//
// Why is the configuration a struct? It is stored with every result, hashed,
// swept, printed and documented from one place, its tags. Functional options
// can be none of these.
package optimizers
