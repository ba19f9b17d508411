// Package report turns the results of an experiment into an answer: who won on
// what, by how much, with what certainty, and why.
//
//	s := report.Analyse(report.Input{Name: "vanishing", Results: results, Planned: len(trials)})
//	err := report.Text(os.Stdout, s, report.TextOptions{Width: 100, Color: true})
//
// [Analyse] compares contenders (a model with an optimizer) on each task and
// computes everything that is shown; [Text] writes it for a terminal, [HTML] as
// one page that needs no network, and [JSON] for programs. All three say the same
// in the same words, and write the same bytes for the same [Summary].
//
// Results may be incomplete, failed or not finite. What they cannot say is left
// out, and the Notes of the summary say so.
//
// # Design
//
// Who is first? With a target, a contender that solves the task more often, then
// one that needs less work to do so: expected work alone would put first a
// contender that solves 1 seed of 5 by luck, at once. Without a target, the mean
// test metric. What would change it: a target so easy that everybody solves it
// every time ranks by speed alone, which is what was asked.
//
// What counts as equal work? The work that the contenders' budgets of work
// allowed them all. A run that ended by itself (solved, converged, diverged) keeps
// its last value, because more work would not have changed it. A run that the
// clock ended keeps it too: time was part of its budget, and reading all others
// at the work that one slow contender managed would hide what they can do.
//
// What is a run without a score worth? As much as the constant predictor: it has
// learned nothing that could be used. Leaving it out would reward crashing on the
// hard seeds, and an infinite value would let one crash of twenty outweigh the
// other nineteen. The table says how many there are. A contender none of whose
// runs has a score is not ranked.
//
// Why are contenders compared with random search seed by seed? Trials with one seed
// share data and starting weights, so that the difference has less noise. Each
// pair is read at the work that both had. A tie does not count as beating it.
//
// Why does a contender that shares its place with another not win? Equal figures
// are equal; the order in which they are listed is that of the plan.
//
// Why is the gradient judged at the start? That is where it decides whether
// anything is learned at all; afterwards weights have changed so that what is
// measured is a result of training. The verdict at the end is given where it
// differs. The worst verdict of any seed is shown with the number of seeds that
// agree, since a remedy that helps in four seeds of five is not one.
//
// Why no significance below five runs? Three against three cannot have P below
// 0.1 whatever happens, and four against four reach 0.03 only by complete
// separation. The text says that nothing is claimed.
//
// Why is the P value in the answer not corrected, and that in the table is? The
// answer makes one comparison, of the two best. In the table the winner meets
// everybody, which is as many chances of a false alarm. Neither corrects for the
// winner having been chosen on the same runs.
//
// Why are figures made as data and drawn by the template? Labels come from users'
// files; html/template escapes them, in SVG as elsewhere. A figure holds paths
// and texts and nothing that knows HTML.
//
// Why a diverging scale for the heat map? Deltas have a value that is neither good
// nor bad, as large as in the last layer, and can be wrong in two directions. Blue
// and orange are told apart with every common colour blindness, each side darkens
// monotonically, and all panels share the scale.
//
// Why are there images in the page, where everything else is drawn? A picture of a few
// thousand grey values is a kilobyte as PNG and a hundred as SVG.
//
// How large is a page? Measured with 5 seeds, 97 points a curve and 13 probes:
// 20 contenders 0.4 MB, 200 contenders 2.7 MB, with all but the best 24 small
// figures folded away. What would change it: thousands of contenders, which
// should be exported instead.
package report
