// Package genetic holds the optimizers that keep a population: candidates that are
// selected by their loss, and bred from.
//
// [GA] breeds a whole generation from the one before, with crossover, which tries
// what two parents have learned together, on the generational model of
// github.com/MaxHalford/eaopt. It is the one to begin with. [Islands] is several of
// it that exchange individuals now and then, slower on what was tried here.
// [Steady] replaces the worst individual by the next offspring, and is faster,
// but only where the loss has no noise. [CoSyNE] shuffles the values of each
// weight among its networks.
//
// Without crossover, [Deep] has a genome that is a list of seeds, whose
// checkpoints are small for any network, and [SAMR] adapts the size of its
// mutations, and so is the one for the last digits.
//
// # Design
//
// How does eaopt, which evaluates what it breeds, ask and tell? Its
// ModGenerational.Apply breeds without evaluating: Ask calls it, and Tell sets
// the fitness that the next Apply selects by.
//
// What of eaopt is not used? Its GA.Minimize owns the loop, and its steady-state
// model evaluates. Its ParallelInit depends on the number of cores. Its
// MutNormalFloat64 multiplies, so that a weight of zero never moves. Its
// SelTournament draws as many random numbers as there are individuals for each
// contest, and among equals prefers the first individual to the others: ours
// draws one for each contestant, and ties are broken by the order of candidates.
// Breeding 100 genomes of 1,000 weights takes 0.15 ms of one core with ours and
// 0.26 ms with eaopt's, and 1,000 of them 1.6 and 16 ms (BenchmarkGeneration). Its
// SelRoulette adds 1 to each fitness, so that a loss in other units selects
// otherwise, lets a parent mate with itself, and makes NaN of an infinite loss.
//
// Why does eaopt only note what is to be done? Its Clone, Crossover and Mutate
// work on one genome after the other, from one generator, and copy a parent
// before half of the copy is exchanged. Here they note the parents, and the
// weights are written when the generation is complete: each weight once, on all
// cores, from numbers that depend on (generation, place) and on no order. A
// generation of 100 candidates of 1,000 weights takes a quarter of the time that
// eaopt takes for one (BenchmarkW8: 0.27 and 1.0 ms, the least of three).
//
// What does breeding cost beside evaluating? On a network 784-64-10 (50,890
// weights) and 512 examples in float32, the default takes 7 to 9 % of the time
// of the evaluations, nearly all of it to copy weights from memory, on one core of
// an AMD EPYC (family 25). With a fifth of the weights mutating it took 17 %.
// Mutation draws where the next weight is that mutates, from a geometric
// distribution, so that the others cost nothing; one that does takes about 4 ns,
// three quarters of it in vector instructions.
//
// Why the limit of 200 weights that mutate? A mutation of n weights by sigma
// goes sigma sqrt(n) far, and what is far enough for 100 weights is too far for
// 50,000. Accuracy on 500 drawn digits of 28x28, network 784-64-10, after 1.5e7
// forward passes, one seed each:
//
//	weights that mutate   sigma 0.5, spread 2   0.5, 0.1   0.1, 2   0.1, 0.1
//	a fifth (10,178)      0.08                  0.21       0.93     0.93
//	a fiftieth (1,018)    0.88                  0.89       0.99     0.99
//	0.4 % (204)           0.97                  0.96       0.98     0.98
//
// Networks of up to 1,000 weights have no more than 200 that mutate with or without
// the limit.
//
// Where is the memory? In two generations of genomes that take turns, so that
// breeding allocates no weights; eaopt itself makes a few small allocations for
// each individual. The others keep one generation, and copies of the parents.
//
// Why does deep-ga ask for a whole generation at once, when its genomes are a few
// bytes? So that all of it is compared on one minibatch. With the full batch a
// portion can be as small as a candidate, and what is held is the weights of the
// parents, twice.
//
// Is anything here noisy on minibatches? All but ga-steady evaluate everything
// that lives again in each generation. ga-steady wants the full batch.
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
// took 6,595, and as many on XOR. Those of the others were tried on XOR, five
// seeds, evaluations to 0.1:
//
//	ga                           3400-4700
//	ga, adapt                    2200-4000
//	ga-islands                   3600-5400
//	ga-steady                    1922-3806
//	ga-steady, tournaments of 2  4214-8788
//	deep-ga                      1750-3290
//	samr-ga                      3700-11600
//	cosyne                       3800-9240
//	cosyne, 100 networks         8800-15000+
//	cosyne, all values permuted  6040-9400
//
// Is adapt worth it? On the sphere of 10 weights the loss is more than a hundred
// times lower after 12,000 evaluations, and on XOR and the Rastrigin function it
// is as fast. It is off so that a sweep over sigma is one.
package genetic
