// Package noise makes random numbers that can be drawn in any order: each is a
// function of where it belongs, (seed, step, row, index), and not of what was
// drawn before. The perturbation of candidate 17 in step 1000 can so be
// computed on any core, by any number of goroutines, after a restart, or a
// second time instead of being stored, and has the same bits each time.
//
// [Normal], [AddNormal] and [Uniform] fill a row, usually a candidate, in one
// step, usually a generation. [Source] is for code that draws as it goes. [Mix]
// derives a seed for each purpose from one seed.
//
// # Design
//
// Why Philox? A counter-based generator has no state to share or to restore.
// Philox4x32-10 passes BigCrush (Salmon et al. 2011,
// doi:10.1145/2063384.2063405), and its 32-bit multiplications exist in every
// vector instruction set, which a faster scalar generator such as SplitMix64,
// with its 64-bit ones, cannot say. The published test vectors are tests here.
//
// Why Box-Muller? It takes two uniforms to two normals without a branch or a
// table, so that eight lanes of a vector can do it at once. The ziggurat is
// faster on one lane and rejects some draws, so that element i would depend on
// the elements before it.
//
// Why our own logarithm, sine and cosine? Those of package math may fuse
// multiplications and additions on some architectures and not on others, and
// vector code could not follow them. Here every operation is a correctly
// rounded one: the bits are the definition, and are kept.
//
// Why has the uniform behind a normal 52 bits, when [Uniform] gives 53? With
// the fraction field of a float64 there is no conversion from integers, for
// which AVX2 has no instruction. The price is that no normal exceeds
// sqrt(104 ln 2) = 8.49; a fair draw does so once in 5 x 10^16.
//
// Why assembly? Normals are to cost little beside the evaluation they perturb.
// AVX-512 and AVX2 do eight and four blocks at once, with the instructions of the
// Go code in its order, hence with its bits; the tests compare them at random
// places and at the edges of each function. Folder gen writes it. On one core of
// an AMD EPYC (family 25, model 17), rows of 1000, the best of twelve rounds that
// took turns while others used the machine, in ns a number, and times faster:
//
//	           portable  AVX2        AVX-512
//	Uniform    9.5       2.0 (4.8x)  1.0 (9.6x)
//	Normal     23.5      4.6 (5.1x)  2.0 (11.7x)
//	AddNormal  25.4      4.6 (5.5x)  2.2 (11.5x)
//
// The best path that the machine has is taken. JOUST_KERNEL=avx512, avx2 or
// portable in the environment asks for one.
//
// What would change it: a defect found in Philox4x32-10. The layout of the
// counter, {index/2, row, step low, step high}, is part of every stored result.
package noise
