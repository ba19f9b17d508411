// Package opttest is the contract that every optimizer passes, built in or in a
// plugin: what package optimizers promises of [optimizers.Optimizer], as checks
// that can fail.
//
// In a test of your optimizer:
//
//	func TestContract(t *testing.T) { opttest.Run(t, MyDefinition) }
//
// Without a testing.T, as when a plugin is checked from the command line, range
// over [Checks].
//
// # Design
//
// Why is a check a function of a Definition that returns an error? So that the
// checks themselves can be tested: this package's own test breaks an optimizer
// in one way at a time and demands that the check meant for it says so. A check
// that no broken optimizer fails is not there.
//
// What if an iterate overflows? No candidate may hold NaN or Inf, whatever was
// told. A gradient method that a huge gradient throws out of range returns an
// error that wraps [optimizers.ErrDiverged], and still recommends a finite
// point; it does not clip, since a trial that diverged is to be reported as
// such. Losses have no such excuse: told +Inf, or 1e308, or the same number
// each time, every optimizer goes on.
//
// How can a check see that a seed is ignored, when a method may be
// deterministic? Two seeds have to give different candidates only if a
// candidate looks random: told nothing of use, it differs from the start by
// more different amounts than it has half as many weights. No deterministic
// method that we know of does that.
//
// How much progress? The recommended point has a third of the starting loss
// after 4,000 evaluations of a sphere of dimension 8 whose optimum has mixed
// signs. Guessing from N(0,1), which is the yardstick, does: one guess in a
// hundred is that good. A method that ignores the losses, ascends, or moves all
// coordinates alike does not. What is expected of a particular method is tested
// beside it.
//
// What of a method that takes few weights only, or many? It is checked at the
// dimension nearest to the usual one that its definition allows.
//
// Would a fault in a real optimizer be noticed? Fourteen were made by hand, one at
// a time, in the optimizers that are built in. The checks here found ten:
//
//   - MakesProgress: no path of the step size in cma-es; the sign of its mean's
//     step; one random row for all candidates of sep-cma-es; the pairs of snes
//     added where they are subtracted; hill-climbing that keeps the worse; spsa
//     that climbs; mezo that steps along other noise than it probed
//   - ShortlistIsBestFirst: a stale loss beside a replaced vector of de
//   - CheckpointContinues: a checkpoint of hill-climbing without its point
//   - OtherSeedOtherCandidates: random-search that ignores the seed
//
// Four keep the contract and are slower or other than they should be, which shows
// only in comparison with figures, for which [Search] and [Function] are here: a
// wrong constant in the learning rate of cma-es and the same noise in every
// generation of openai-es (against random search), a wrong decay in adam (against
// PyTorch), expanding too often in nelder-mead (against SciPy).
package opttest
