// Package scaling holds fixed workloads that measure how fast this machine
// trains and evaluates networks: the same ones that other libraries are measured
// on, so that their figures can be put side by side.
//
//	for _, w := range scaling.Workloads() {
//		run, err := w.New("float64", 1)
//		...
//		for range 100 { run() } // w.Count of w.Unit each
//	}
//
// As benchmarks, for benchstat: go test -bench . ./bench/scaling
//
// # Design
//
// Why through bench.Objective, and not the kernels? A user's trial goes this
// way: minibatches cut into panels, candidates on all cores, partial gradients
// added in order. What it costs beyond the arithmetic is part of the figure.
//
// Why random data? Speed does not depend on the values, as long as none is
// denormal or not finite. Inputs are standard normal and labels uniform.
package scaling
