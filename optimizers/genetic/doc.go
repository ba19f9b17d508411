// Package genetic holds the optimizers that keep a population, bred from one
// generation to the next: so far [GA], a generational genetic algorithm on
// github.com/MaxHalford/eaopt.
//
// # Design
//
// How does eaopt, which evaluates what it breeds, ask and tell? Its
// ModGenerational.Apply breeds without evaluating: Ask calls it, and Tell sets
// the fitness that the next Apply selects by.
//
// What of eaopt is not used? Its GA.Minimize owns the loop. Its ParallelInit
// depends on the number of cores. Its MutNormalFloat64 multiplies, so that a
// weight of zero never moves. Its SelTournament draws as many random numbers as
// there are individuals for each contest, and among equals prefers the first
// individual to the others: ours draws one for each contestant, and ties are
// broken by the order of candidates. Breeding 100 genomes of 1,000 weights takes
// 0.35 ms of one core with it and 0.62 ms without, and 1,000 of them 4 and 20 ms
// (BenchmarkGeneration).
//
// Why does a mutation only mark its genome? eaopt mutates one genome after the
// other from one generator. The noise comes from package noise instead, by
// (generation, place), after the generation is complete, on all cores, and with
// the same bits on any number of them.
//
// Where is the memory? In two herds of genomes that take turns. Clone copies a
// parent into the next free genome of the other herd, so that breeding
// allocates no weights; eaopt itself makes a few small allocations for each
// individual.
//
// How were the defaults chosen? By evaluations to a cross-entropy under 0.1 with
// all right, on sigmoid networks 2-4x8-1 (157 weights, eight hidden layers) for
// XOR and two moons of 100 points, five seeds each, and by the loss after 10,000
// evaluations of 16-24-24-10 (1,258 weights) on ten clusters, two seeds:
//
//	crossover_rate sigma weight_rate   XOR         moons        clusters
//	0.5            0.5   1             2228-4697   5668-12158   1.73 2.47
//	0.5            0.25  0.2           3231-7245   7149-9406    0.17 0.13
//	0.9            0.25  1             2390-4135   4581-12450   0.21 0.19
//	0.9            0.5   0.2           2572-4122   4519-7604    0.18 0.14
//	0.9            0.5   0.1           2329-7279   5050-15000+  0.11 0.07
//	0              0.5   0.1           2606-6441   8865-9938    0.32 0.47
//
// Tournaments of 3 took two to three times as many as of 10. With weight_rate
// 0.1, crossover by weight took a median of 9,068 on moons where that by neuron
// took 6,595, and as many on XOR. A sigma that adapts would change the defaults:
// no single one is right for 100 and for 50,000 weights.
package genetic
