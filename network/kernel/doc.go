// Package kernel is the arithmetic that networks spend their time in: matrix
// products, activation functions, losses, normalisation, each over a whole
// minibatch, in float32 or float64.
//
// A layer calls a handful of functions. Forward, a dense layer with weights w
// (W [out][in], then b [out]) and a sigmoid is
//
//	kernel.Gemm(out, n, in, z, ld, w, in, 1, x, ld, w[out*in:], false) // z = W x + b
//	kernel.Sigmoid(y, z)
//
// and backward, from dy to the gradients of x, W and b,
//
//	kernel.SigmoidGrad(dz, dy, y)
//	kernel.Gemm(in, n, out, dx, ld, w, 1, in, dz, ld, nil, false)      // dx = W' dz
//	kernel.Transpose(xt, in, x, ld, in, n)
//	kernel.Gemm(out, in, n, dw, in, dz, ld, 1, xt, in, nil, true)      // dW += dz x'
//	kernel.RowSums(dw[out*in:], dz, ld, out, n, true)                  // db += sum dz
//
// # Layout
//
// A matrix is a slice and a leading dimension: row i, column j is x[i*ld+j], and
// the columns from n to ld are padding, which is neither read nor written. Rows
// are features and columns are the examples of the minibatch, so that the batch
// is the dimension that vector instructions run along: a weight is one number
// that meets a whole row. Weights are read where they lie, with a stride for
// rows and one for columns; a transpose is two strides swapped.
//
// Destinations come first, as in copy. A slice that is too short is a mistake in
// the program and panics. Sizes may be 0. No function allocates, keeps a slice,
// or starts a goroutine; calls that write different memory may run at once.
// Unless a function says that they may be the same, a destination overlaps
// nothing else.
//
// # Arithmetic
//
// Every function says in which order it does what, and that is a promise: the
// results have the same bits on every processor, whatever instructions it has
// and however many elements they take at once.
//
//   - Sums over rows of a matrix product ([Gemm], [GemmRows], [WinogradProduct]), over classes and over
//     outputs go in order, with one accumulator for each column.
//   - Sums along a row ([RowSums], [RowDots], [DotRows], [BatchNorm]) have 16 accumulators, or
//     lanes: lane l starts at +0 and takes the elements j with j mod 16 = l in
//     order. Then lanes l and l+8 are added, then l and l+4, l and l+2, l and l+1.
//   - A fused multiply-add is x*y + z rounded once, as math.FMA. Where none is
//     named, each operation is rounded.
//   - Functions of one number are fixed formulas with fixed polynomials, the same
//     wherever the number stands; a case distinction selects between results.
//   - Nothing is flushed to zero; denormal numbers are numbers. NaN gives NaN, but
//     which NaN is not promised.
//
// With n the integer nearest x/ln 2, r = x - n*ln 2, and q = e^r - 1 by its Taylor
// polynomial (expm1 in exp.go says how), the functions are
//
//	exp(x)     = 2^n * (1 + q)
//	tanh(x)    = -t / (2 + t), sign of x                 t = 2^n*q + (2^n - 1), of -2|x|
//	sigmoid(z) = 1 / (1 + e), or e / (1 + e) for z < 0   e = exp(-|z|)
//	ln(x)      = k*ln 2 + ln(1+f)                        x = 2^k * (1+f); log.go
//	sin(x)     = (-1)^n * r * (1 + r^2*P(r^2))           r = x - n*pi; trig.go
//	Phi(-a)    = e^(-a^2/2) * P(t) / (a+4)               t = (a-4)/(a+4); activations_normal.go
//
// # Design
//
// Why is the batch innermost? A layer of 10 outputs fills vectors of 16 as well as
// one of 512, and a population of networks costs nothing to set up: with weights
// innermost each candidate's matrices would be packed before use. Measured with
// AVX-512 on a two-core Zen 5: 92 % of peak on 64x64x64 without packing, where
// OpenBLAS, with packing, has the same. Networks with a minibatch of one example
// would change it; there are none here.
//
// Why one order for every processor? So that a result can be repeated elsewhere,
// and a difference means an error. It costs little: GEMM adds each output over k
// in order anyway if C stays in registers, and 16 lanes are one register of the
// widest kind. It would change for a processor on which it costs a tenth.
//
// Where is the assembly? Behind the exported functions, one or a few calls for each,
// and gen writes it: one description of a kernel for AVX-512 and AVX2, float64 and
// float32. The Go is the path for other processors, for functions that have no
// assembly, and what it is tested against. JOUST_KERNEL=avx512, avx2 or portable
// chooses a path instead of the fastest that the processor has. Slices are checked
// before the call, since the assembly trusts its arguments; tails are masked, and
// never read past the end. A call is some 50 µs at most, because a goroutine in
// assembly cannot be preempted. Measured with AVX-512, GEMM on one
// core of a Zen 4, the best of 12 short runs on a shared machine: in float64 52
// GFLOP/s on 64x64x64 and 44 on 512x512x512, of a peak of 59; in float32 109 and
// 111, of 118. AVX2: 53 and 39; 98 and 98.
//
// Why fused multiply-adds even where the processor has none? They are what the
// vector units do, so anything else would cost speed where it matters. float32 has
// no such instruction in Go: it is built from float64, in which the product is
// exact, with a correction for the sums that would be rounded wrongly twice (fma.go).
// Measured, portable code on one core of the same machine, GEMM in GFLOP/s: 4.1 in
// float64 and 2.5 in float32, which is why float32 pays only with assembly.
//
// Why Taylor polynomials? Their coefficients are their own derivation. Minimax
// ones would save two steps in thirteen; what that is worth depends on how the
// assembly overlaps the steps. A degree of 11 in float64 is not enough: tanh is then
// wrong by 2.4e-14. Errors, in units in the last place, measured at 200,000
// and more points for each: exp 1.0, ln 0.8, tanh 2.5, sigmoid 2.3, sin and cos 2.4,
// which is at most 4 with room to spare.
//
// Why is GELU's normal distribution not made of an error function? Phi(z) for a
// negative z is what erfc(-z/sqrt 2) is, and the root costs digits that a tail
// multiplies by z^2. One polynomial for all z, of degree 23 (10 for float32), needs no
// choice between intervals, which a vector would compute all of. Phi is exact to 3.5
// units in the last place, where the usual formula with 1 + erf has none left at -9.
//
// Why do SSU and DSU, which divide 0 by 0 at pi, have no case for it? No float is pi.
// With pi as a sum of two numbers the denominator is as exact as the sine, and the
// quotient too, however near. Their derivatives cancel there, so that up to 2 from the
// pole they are the power series: 12 terms leave 2^-60 of it. A switch at 1e-4 would
// lose half of the digits on its outer side.
//
// Why are activations that have one description each compiled for one vector at a
// time? The loops are 20 to 80 instructions, of which the processor overlaps several
// rounds by itself; four at a time, as for the older ones, would double the code.
//
// Why does one huge argument of a sine send 512 to the Go? Beyond 2^30 (2^15 for
// float32) pi takes more digits than three numbers hold, and integers find them in
// 35 ns an element. A network whose inputs to a sine are that large has lost their
// phase; what matters is that the others pay little, a seventh of their time for
// the test. One polynomial on half a turn, instead of two on a quarter and a
// choice, saves a third of the multiplications: with AVX-512, a sine takes 0.7 ns
// in float64 and 0.26 in float32, of 1280 numbers, as much as an exponential.
//
// Why is the softmax of a block one call? Calls for the sums, the logarithms and
// the gradient, with the label's row picked by Go between them, took 1.5 times as
// long in float64 and 2.7 times in float32, for 64 examples of 10 classes with
// AVX-512 (1.4 and 2.0 with AVX2). Comparing the label with every class costs less
// than finding it; with 1000 classes there is little between them.
//
// Why is the softmax's loss not exact near 0? It is ln S with S close to 1, so its
// error is a unit in the last place of 1 and not of the loss, as in other
// libraries. The binary loss, where it costs nothing, keeps its digits.
//
// Why is a step of an LSTM one call, with z apart from the gates? It is five functions
// of each cell and the products between them; in one pass, what is computed stays in
// the first-level cache. The gates are kept for every step and z is not: a matrix
// product that writes z where it wrote it last step takes 1.89 ms for 100 steps of 64
// cells and 64 sequences, and 2.21 where the gates are to be kept, which is out of the
// cache. On one core of a Zen 5 with AVX-512 a cell is 0.86 ns forward and 0.28 back in
// float32, at 0.15 for each function alone. They are long chains of operations that
// wait for each other, four vectors of them side by side.
// Peepholes are kernels of their own, from one description, and cost the others
// nothing. A cell with other functions, without a forget gate, would be one more.
//
// How is a convolution computed? As a product in which the rows of B are where a
// table says ([GemmRows]): the same inputs, shifted by a position for each weight,
// with nothing copied for it. Its gradient for the inputs is another such product,
// that for the weights the dot products of rows ([DotRows]). Measured on the same
// machine for a row of 28 positions of 16 channels, 3x3, 32 examples, in GFLOP/s:
// products 55 in float64 and 110 in float32 with AVX-512, 36 and 92 with AVX2; dots
// 51 and 102, 28 and 95. AVX2 has too few registers for more than one row of
// float64 dots at a time, which is what a second pass over half of the lanes would
// change.
//
// How are there fewer products than that? By Winograd's F(2x2, 3x3) (winograd.go): 16 in
// place of 36. The batch is innermost, so that transforms are additions of vectors. They
// would cost more than they save if what is transformed, 16 numbers for four, went
// through the second-level cache in both directions: with AVX-512, one patch of two
// vectors of examples is transformed into 32 KB for 16 channels; the product has the
// four positions of a row, three outputs and two vectors in registers, transforms them
// there, and loads into the cache what the next patch needs. Measured on one core of a
// Zen 5 in float32, 16 channels, 28x28, 64 examples: 0.75 ms, where products by
// position, stored and transformed after, took 0.95 with tensors in the third-level
// cache and 1.3 from memory, and [GemmRows] 1.3 to 1.4. Other numbers of examples and
// AVX2, which has too few registers, go that way, with the same bits. F(4x4, 3x3) has
// 1.8 times fewer products again; but it divides by 24, so that integers do not stay
// exact, and its errors are greater.
//
// Why does the gradient of the weights sum over examples in order, and not in lanes? 16
// lanes for each pair of channels and position are more than a cache holds. So the
// gradients of the outputs are transposed, 16 channels to a vector, and go with one number
// of a patch after another; they are transformed on the way from four places, which
// costs loads, but they are in the cache. 0.91 ms where [DotRows] took 1.45 and lanes
// 1.1 to 1.3.
//
// Why does a batch norm not hand its normalised inputs to the gradient? Two
// operations make them again from the input, which some layer has kept, with the
// same bits; keeping them costs writing a tensor and reading it. With that, and
// rows that do not wait for each other, 10 rows of 128 in float64 take 0.37 ns an
// element forward where they took 0.98, and 0.37 backward for 0.68.
package kernel
