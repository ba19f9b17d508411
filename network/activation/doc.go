// Package activation holds the functions between the layers of a network, each
// with its derivative. They are where gradients vanish: a layer multiplies what
// flows back through it by f'(z), at most 1/4 for the sigmoid (Hochreiter 1991).
//
// [All] lists them, [ByName] finds one. A [Func] has a scalar form, to read, to
// plot and to test against, and [Kernels] that a layer applies to slices; [Of]
// picks those for a type of element.
//
// To add one, write a file with a Func, and a line in All.
//
// # Design
//
// Why two forms of each function? The scalar one is the definition, in float64, from
// package math; the kernels are fast, and have the same bits on every processor.
// A test holds one to the other, for everything in All.
//
// Why a field for each precision? A Func is one plain value in one list, and a
// variable cannot hold a generic function. Two fields and [Of] keep the choice in
// one place, so that a layer has no switch over functions or precisions.
//
// Why are parameters part of the name? leaky-relu has the slope of its paper, swish
// beta 1, scaled-tanh the constants of Ciresan et al. A Func stays a value without
// state, and what is compared is what the literature compared. A parameter that is
// searched for would change it, as a member of the layer's Spec.
//
// Why is the slope of step 0 and not infinite somewhere? It is the derivative wherever
// there is one, so that back-propagation through it is exact, and exactly useless:
// what is trained by it shows what the gradient was for.
//
// Why does a gradient take both the input and the output? Whichever makes it
// cheaper or more accurate. Where the output is enough (FromOutput), a layer may
// overwrite the input with it and so needs half the memory.
package activation
