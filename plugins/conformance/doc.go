// Package conformance is the kit behind `joust plugin test`: what a plugin has to
// do so that its optimizers behave as those that are built in.
//
// [Open] starts a plugin, [Plugin.Subjects] are its optimizers, and [Run] runs
// [Checks] on one and hands out a [Result] each. Every check says in a sentence
// what it requires, and why.
//
// # Design
//
// Why two layers? The checks of groups describe to process talk the protocol to
// the process: a host would refuse a wrong order or a wrong configuration before
// the plugin saw it. Those of group contract are package opttest's, on the
// optimizer that a host makes of the plugin: they find what is wrong with the
// method, and are the same that built-ins pass. What they cover is not checked
// twice: shapes, seeds, losses of +Inf, equal and of 1e308, progress, shortlists.
// Three of them are left out since a host stands between, and one since it weighs
// the heap of this process; contract.go has the reasons.
//
// Why is no NaN told? It never is: a loss that is not a number is +Inf before it
// is told.
//
// How does a check of protocol tell a good refusal? By its kind. A process that
// dies of a request has not refused it. What a transport cannot carry, as frames
// cannot what is no JSON, it may refuse itself.
//
// How many processes? One that most checks share, at the same time, since runs
// are independent of each other; a second one for those that compare two, or ask
// the operating system, one after the other; and those of the host. A process that
// does not answer any more is replaced, so that a check fails alone.
//
// What if the method is deterministic? It may be. opttest's
// OtherSeedOtherCandidates and ask/double-precision demand something of candidates
// only if they look random: more than half of their weights are different numbers.
//
// How long does it take? On two quiet cores, a small Go plugin over gRPC takes
// about 2.7 s, where it took 3.7, and one in Python 4.7, where it took 6.1. Most of it
// is new memory, which two processes get page by page, and the calls of gRPC that
// look at everything at each step of group contract.
//
// Why is memory weighed at a quarter of a million weights? The step with a
// million is for what is refused or cut off, so that few candidates do; what a run
// holds has to be weighed with as many as it is described with. At a quarter of the
// weights, a quarter is let pass: the same multiple of the description is found.
//
// How near are the bounds? Processes in Go and Python, over gRPC and frames, were
// within 2 MiB of where they were after 48 finished runs that held 24 MiB; 8 MiB
// of 16 are taken for a leak. A server may have a thread wait for each run, as
// that in Python has.
//
// # Mutants
//
// Each check is tested by at least one optimizer or server with a fault that it,
// and of the checks of protocol no other, finds; a check without one fails the
// package's test. In mutants_test.go:
//
//   - describe: a type that there is not; two parameters of one name; counts its
//     descriptions; describes a library
//   - order: any run is out of order; a tell without a batch is invalid; answers an
//     ask again
//   - init: serves whatever is asked for; makes one weight of none; a limit or a
//     range that it does not keep; cuts and pads the start, or starts from zero
//     instead of NaN; defaults instead of no object, of words, of what is out of
//     range; null or unknown members mean nothing; refuses as broken; other
//     defaults than it says
//   - ask: cuts the last row short; asks about infinity; numbers batches from 0;
//     rounds to float32
//   - tell: losses or gradients that are missing are 0; forgets the batch whose
//     tell it refused; asks after it; takes a tell twice; does not read the
//     batch's number
//   - step: asks before it tells
//   - repeat: a seed of the process; runs share a buffer; forty runs at most;
//     shared candidates, or gradients, out of place; keeps a gradient that is shared
//   - checkpoint: a generator that starts again; a state of the batch before;
//     starts again from what it cannot read; leaves a run that it could not restore
//   - finish: finished runs go on
//   - contract: a fault of the method for each
//   - process: keeps finished runs; a pool of threads, a child, a file for each
//     run; open files; prints as it goes; refuses many weights; holds more than it
//     describes; ends when it is done
//
// In real processes, faults_linux_test.go has those of group process again, an optimizer
// that exits and one that hangs; and those written in Python are, with the check
// that finds them: ascent (contract/MakesProgress), constseed
// (contract/OtherSeedOtherCandidates), f32 (ask/double-precision), globalrng
// (repeat/interleaved), lostrng (checkpoint/fresh-process), nanpoison
// (contract/SurvivesInfiniteLosses), noseed (contract/SameSeedSameCandidates),
// slowstop (process/stop), wrongshape (ask/rows), and noise, which does not start.
package conformance
