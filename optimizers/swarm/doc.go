// Package swarm holds the optimizers that keep a population of points and move
// each by where the others are: no distribution is fitted, and no gradient is
// needed.
//
// Which for what? [DE] is differential evolution in its classic form: robust,
// slow, and good at losses of many minima. [SHADE] learns its two parameters as it
// goes and needs a half to two thirds of the evaluations; take it first. [LSHADE] also
// spends a known budget well, on a population that shrinks. [PSO] is fast on easy
// losses and gets stuck on ill-conditioned ones. All are for up to some hundreds of
// weights: beyond, a population does not span the space, and those of package
// evolution that keep a variance for each weight are better.
//
// Evaluations to a loss of 1e-8 in dimension 10, from a cube of 10 around the start,
// with optima off the origin, medians of 25 runs (DE: 15); L-SHADE with a budget of
// 50,000:
//
//	                    sphere  ellipsoid  rosenbrock  rastrigin
//	DE                  24,200  33,100     78,900      none in 100,000
//	SHADE               14,000  20,800     52,400      58,000
//	L-SHADE             21,800  28,400     35,100      41,800
//	PSO, spso-2011       6,300  none       none        none
//	PSO, constriction   15,200  22,000     none        none
//
// # Design
//
// Are these the methods of the papers? PSO, SHADE and L-SHADE need as many
// evaluations as transcriptions of the papers in Python that share nothing with
// them (testdata/medians.py), and DE as many as another one: on each function
// the medians are within 7 % of each other.
//
// Why have they no bounds? Weights have none. The cube around the start is where
// the first generation is drawn, and the rules of the papers for what leaves it
// are not needed.
//
// Why do the points keep their losses, when those of package search are evaluated
// again? All the papers do, and it would double the evaluations, and with them
// every published figure. A loss that was lucky on a minibatch is never beaten,
// so the definitions ask for the whole of the training data; where that is too
// expensive, "reevaluate" tells the losses of both sides of each comparison on one
// minibatch. What would change it: a task with much data on which that wins by
// default.
//
// Which distance from the center has a particle of SPSO-2011? Uniform between
// 0 and the radius, as in the reference program by its author, not uniform in
// the volume of the ball: in many dimensions that would be its surface.
//
// Why does the population of L-SHADE not grow beyond 180? The paper's 18 n is for n
// up to 100 and 10,000 n evaluations. For a network of 1,000 weights it would be
// 18,000 vectors, and most budgets would be spent on the first generation.
//
// Who may use more than one core? The draws that choose vectors are made one after
// the other; those for each weight belong to (generation, vector, weight) and are
// made by all.
package swarm
