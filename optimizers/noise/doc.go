// Package noise makes random numbers that can be drawn in any order: each is a
// function of where it belongs, (seed, step, row, index), and not of what was
// drawn before. The perturbation of candidate 17 in step 1000 can so be
// computed on any core, by any number of goroutines, after a restart, or a
// second time instead of being stored, and has the same bits each time.
//
// [Normal], [AddNormal] and [Uniform] fill a row, usually a candidate, in one
// step, usually a generation; [Mirror] makes a pair of candidates. [Source] is for
// code that draws as it goes. [Mix] derives a seed for each purpose from one seed.
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
// the elements before it. The inverse of the distribution function needs a
// logarithm and a root for each number and not for two.
//
// Why four normals of a block? 64 bits for two make Philox half as dear as 128.
// The radius has a uniform of 53 bits, (n + 1/2) / 2^52, and the angle 32 bits.
// They share 20, where it does not show (polar.go says how). The largest normal is
// sqrt(106 ln 2) = 8.57, which a fair draw exceeds once in 10^17; the least radius
// is 2^-26; the angle has steps of 2^-32 of a turn, half a step off the axes, so
// that no normal is 0 and the eight images of a point are equally likely.
//
// Why our own polynomials? Those of package math may fuse multiplications and
// additions on some architectures and not on others, and vector code could not
// follow them. Here every operation is a correctly rounded one: the bits are the
// definition, and are kept. A normal is within 2^-37 of itself of what its bits
// define, far finer than the angle. That, the four of a block, and more blocks at
// once took a number of a row of 1000 from 1.74 ns to 1.10 with AVX-512, and from
// 3.67 to 1.48 with AVX2.
//
// How are they tested? Philox by its published answers, the bits of 100,000
// normals by a program in C, the transform at its edges and at 1000 words against
// arbitrary precision. The battery (battery_test.go) has fixed seeds and
// thresholds of one false alarm in about 10^6: moments 1 to 4 of 2^18 numbers and
// chi-square over 1024 bins of 2^19, within 5 standard deviations; Anderson-Darling
// (below 12) and Kolmogorov-Smirnov (below 2.7) of 2^18 normals, of 2^16 radii and
// angles of each half of the blocks, and of the sums of 2^15 rows of 9; counts
// beyond 3, 4 and 5 on both sides in 2^24, within 5; chi-square over 32x32 cells
// of pairs 1 to 5 and 16 apart; correlation of 2^16 numbers, and of their squares, with
// the next elements, block, row, step and seed; and the far tail by itself, 2^18
// pairs of radius above 6.66, which would take 2^50 draws: Anderson-Darling and
// Kolmogorov-Smirnov of radius and angle, chi-square over 16x16 cells of both.
//
// Why assembly? Normals are to cost little beside the evaluation they perturb.
// AVX-512 and AVX2 do eight and four blocks at once, with the instructions of the
// Go code in its order, hence with its bits; the tests compare them at random
// places and at the edges of each function. Folder gen writes it. Four vectors of
// blocks side by side are 15 % faster than two, and two of AVX2, which has half the
// registers, 10 % faster than one. What is left of a row after whole passes is
// made by AVX2, since its passes are short; four numbers or less take less time
// one by one. On one core of an AMD EPYC (family 25, model 17), the best of many
// rounds that took turns while others used the machine, in ns a number:
//
//	                    portable  AVX2  AVX-512
//	Uniform, rows of 8192    7.7  1.15     0.70
//	Normal, rows of 8192    12.7  1.44     0.99
//	Normal, rows of 1000    12.7  1.48     1.10
//	Normal, rows of 32      11.1  2.3      2.3
//	Normal, rows of 8       11.8  9.0      9.0
//	AddNormal, rows of 8192 13.3  1.54     1.07
//
// Why does Mirror write candidates? Normals that are stored, scaled, and added twice
// took 0.41 to 0.46 ns of each candidate's weight in a cache, and 0.65 to 0.75 where the
// candidates do not fit into one; those that go from registers to both rows took 0.36
// and 0.39 (EPYC, family 26, model 2; all with normals of float64).
//
// Why are its normals of float32? A vector has twice as many: a pair of candidates of
// 50,890 weights took 30 µs in place of 44 (the same machine, while others used it;
// medians of five rounds that took turns). An evolution strategy needs no finer ones,
// since its estimates read the candidates and not the noise. A pair of normals has 32 bits for the radius and 32 for the angle.
// None is larger than 6.76, which a fair draw exceeds once in 10^11; beyond a radius of
// 6 there are 33 radii, beyond 5 8004. Each operation rounds by 2^-24, and a point is
// within 2^-20.8 of its radius of what its words define (single_test.go has the sum of
// roundings). The battery is run on them as well, their far tail being that beyond a
// radius of 5; all radii beyond 4 are enumerated against the normal distribution; and
// the bits of 100,000 are those of another program in C. The order, 16 and 16 of eight
// blocks, saves shuffling.
//
// What bounds it? Philox takes a third of a normal, its twenty multiplications
// for eight blocks above all; without the root a normal would take 0.2 ns less,
// without the division 0.08, measured by leaving them out. A reciprocal by Newton's
// method has as many multiplications as the division takes cycles.
//
// The best path that the machine has is taken. JOUST_KERNEL=avx512, avx2 or
// portable in the environment asks for one.
//
// What would change it: a defect found in Philox4x32-10. The layout of the
// counter, {block, row, step low, step high}, is part of every stored result, as
// is that element i is of block i/2 for uniforms and i/4 for normals. Those of Mirror are
// of the eight blocks from i/32*8 on.
package noise
