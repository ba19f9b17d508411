// Package scaling measures how fast this machine trains and evaluates networks,
// and what bounds it: the peak of its arithmetic and its memory, matrix products
// as a share of that peak, fixed workloads over numbers of cores, and what
// optimizers cost besides evaluations.
//
//	r, err := scaling.Measure(ctx, scaling.Options{Time: time.Minute, Optimizers: builtin.All()})
//	...
//	err = r.WriteText(os.Stdout) // or WriteJSON, or WritePicture
//
// The workloads are the same ones that other libraries are measured on, so that
// their figures can be put side by side. They can be run by themselves,
//
//	for _, w := range scaling.Workloads() {
//		run, err := w.New("float64", 1)
//		...
//		for range 100 { run() } // w.Count of w.Unit each
//	}
//
// and as benchmarks, for benchstat: go test -bench . ./bench/scaling
//
// # Design
//
// Why through bench.Objective, and not the kernels? A user's trial goes this
// way: minibatches cut into panels, candidates on all cores, partial gradients
// added in order. What it costs beyond the arithmetic is part of the figure.
//
// Why random data? Speed does not depend on the values, as long as none is
// denormal or not finite. Inputs are standard normal and labels uniform.
//
// Why is the peak measured, and not looked up? Clock rates change with load and
// instructions, and virtual machines hide them. Multiply-adds on registers are as
// fast as this machine ever is: measured on a Zen 4, within 2 % of the same loop in
// C, 116 GFLOP/s in float32 and 57 in float64 on AVX-512 and AVX2 alike.
//
// Why the best round of peaks and matrix products, and the median of workloads?
// The former say what the machine can do, which other programs only make less.
// The latter say what a user gets, where a lucky round would flatter; and a
// speed-up is a ratio, in which two best rounds need not have met the same
// conditions. Thread counts take turns in every round, forwards and backwards, so
// that drift meets all of them. Where cores are shared with other programs that
// is not enough: measured beside one busy process, two threads had the speed of
// one. So every round also has multiply-adds on one core and on the most, and what
// these gain is reported beside what the workload does.
//
// Why Amdahl's law? It has one parameter, which two cores determine. What it does
// not know, memory and caches that cores share, makes it optimistic far from what
// was measured. With many cores measured, and a curve that bends, a law with a
// second parameter (Gunther 1993, A simple capacity model of massively parallel
// transaction systems, CMG) would replace it.
//
// Why is an optimizer's share that of evaluations in float32, with all their
// traffic? They are the fastest, so it is the greatest share; a user of float64 has
// about half of it. Ask and Tell are timed between true evaluations, because they
// find their memory displaced from the caches by them.
//
// Why are W8 and W9 not among [Workloads]? They are optimizers on a function that
// costs nothing, and need a list of definitions, which this package does not have:
// it takes those that it is given.
package scaling
