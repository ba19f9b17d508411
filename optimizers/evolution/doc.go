// Package evolution holds the optimizers that keep a distribution and move it
// to where the losses are low: evolution strategies. They ask for a population of
// candidates drawn from it, look only at which are better than which, and need
// no gradient.
//
// [CMAES] learns a full covariance matrix: which weights are to be changed
// together, and how much. It is the method of choice for up to some hundreds of
// weights, and with restarts also for a loss with many local minima. [SepCMAES]
// learns a scale for each weight and nothing of their dependencies, in time and
// memory that are linear in the number of weights.
//
// [XNES] is to [CMAES] what its theory says it should be: the natural gradient of
// the expected utility, with all covariances; it takes more evaluations. [SNES] is
// its separable form. [CRFMNES] has a scale for each weight and one direction
// besides, and widens its steps while it moves; [LMMAES] has a few tens of
// directions and no scales. Both are linear in the number of weights. [MuLambda]
// lets step sizes mutate and be selected, the oldest way. [OpenAIES] and [PGPE]
// estimate a gradient from mirrored samples and follow it, with Adam or at a limited
// speed; the first adapts no width at all.
//
// # Design
//
// Why a Cholesky factor, where the papers have eigenvectors? Candidates need any A
// with A A' = C, and the path of the step size is as good with the inverse of A
// as with that of the symmetric root of C (Krause, Arbones & Igel 2016). A factor
// takes n^3/3 multiplications, nearly all in matrix products, where an
// eigendecomposition takes some 9 n^3, of which many are in products of a matrix
// with a vector: at n = 500, 1.0 ms here and 28 ms in LAPACK (OpenBLAS 0.3.21,
// whose Cholesky takes 1.5 ms), in processor time on one core. And an
// eigendecomposition with the same bits on every machine would have to be
// written, too. C itself is updated by one matrix product for the population,
// and factored as rarely as Hansen 2016 (sec. B.2) would decompose it: at n = 500
// in one of four generations. Compared in numpy on the ellipsoid of dimension
// 20, evaluations to 1e-8, medians of 25 seeds, eigenvectors and Cholesky:
// 18,396 and 18,588 without the active update, 13,404 and 13,188 with it. On
// Rosenbrock's function of dimension 20, 93.5 and 91.5 % of 600 seeds are solved
// without, and 91.2 % by both with it. It would change if something needed the
// axes themselves.
//
// What is lost? With a triangular factor, a permutation of the coordinates
// permutes the distribution of the candidates, but not the candidates of one
// seed. And there are no eigenvalues to watch: the criteria for restarts take
// the columns of the factor as axes, and as the condition number the bound that
// its diagonal gives.
//
// What if C is not positive definite? It cannot happen in exact arithmetic; in
// floating point it does where the condition number reaches 1e16. A pivot that is
// not positive is noticed, the diagonal of C is raised by 1e-15 of its largest
// element, or as many times more as it takes, and a run with restarts ends.
//
// What does it cost? Ask and Tell on one core of an EPYC (family 25, model 17) with
// AVX-512, processor time in µs for each candidate, with the default population
// (BenchmarkCandidate): 0.3, 2.8 and 34 at n = 10, 100 and 500; sep-cma-es takes
// 2.7 ns a weight at n = 51,000. Under n = 128 no second core is used, since to
// start a goroutine takes longer than its work.
//
// Where does cma-es end? At 4,000 weights: its two matrices take 256 MB there, and
// it needs 40 n^2 evaluations to learn a badly scaled function, 6e8.
//
// Which constants? Those of Hansen 2016, first version, table 1: later versions add
// 1/4 to the numerator of the rate of the rank-mu update. For sep-cma-es the
// learning rates of its paper, which are those of 2008 times (n+2)/3. Those of 2016
// times (n+2)/3 need 6 to 9 % fewer evaluations on the ellipsoid of dimension 10
// to 40, and are not what the literature compares with.
//
// Why does sep-cma-es compute the steps from the candidates, (x - mean)/sigma,
// where cma-es keeps the noise? It would double the memory, of which the
// candidates are most. The step of a weight has then the rounding error of the
// weight, which matters only where steps are 1e-12 of it.
//
// Where does a restart begin? The papers draw from the search space, which a
// network does not have. The starting weights and sigma say where they would be:
// a restart is drawn from N(Init, sigma^2).
//
// When is a search without restarts over? The criteria of restarts mistake a
// plateau, or the noise of minibatches, for the end, and so only one counts: no
// coordinate moves by 1e-12 of the first step size. On a slope without end, sigma
// grows until weights would exceed 1e150, and that is ErrDiverged.
//
// Why is sigma 0.5? On XOR with a sigmoid network of eight hidden layers of four
// (157 weights, from Glorot and Bengio's initialization), evaluations to a
// cross-entropy under 0.1, five seeds:
//
//	sigma   cma-es        sep-cma-es
//	0.25    5111-9367     5054-10241
//	0.5     3287-8778     2926-9253
//	1       2641-3610     2470-11723
//	2       2375-15000+   1767-15000+
//
// Larger networks, whose units have more inputs, saturate sooner. It would change
// for a sigma that follows from the scales of the blocks.
//
// Why do equal losses share their utilities, in what came out of natural
// gradients? On a plateau, or where all is +Inf, a generation then says nothing,
// and no candidate is preferred for its place. CR-FM-NES tells candidates of +Inf
// apart by how far they went, as its paper does.
//
// Why does SNES mirror its samples? Half the random numbers for 2 to 6 % more
// evaluations: 1,920 for 1,890 on the sphere in 10 dimensions, 9,728 for 9,150 in
// 40.
//
// What does a generation of openai-es, pgpe or snes cost? 64 candidates of 50,890
// weights are 26 MB, which no core's cache holds, so passes over them are what is saved.
// Both candidates of a pair are written from registers as their normals are made, and
// these are of float32, two for one of float64 in a register (noise.Mirror). Tell reads
// the first of each pair, 13 MB, a block of weights from all of them before the next
// block, so that sums stay in registers (kernel.Axpys, kernel.Moments), and a stretch of
// pgpe's or snes' widths is moved while its sums are in the cache. To make the noise
// again would take longer than to read it, and so it is not; nor are candidates drawn
// where they are evaluated, which would save writing them but need that. Stores around
// the cache, and prefetching what is to be written, took nothing off where normals were
// of float64. On one core of an EPYC (family 26) with AVX-512, which others used as well,
// Ask takes 18 to 20 µs a candidate, 25 with normals of float64, and Tell 10 to 12, of
// which snes' and pgpe's took 12 and 18 with more passes: medians of five rounds that
// took turns.
//
// Why a bound on how fast CR-FM-NES changes its shape? Without it a scale turns
// negative on an oblique cigar and the run is lost. It would change if the paper's
// authors had another remedy.
package evolution
