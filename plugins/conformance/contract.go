package conformance

import (
	"context"
	"errors"

	"github.com/joust-bench/joust/optimizers/opttest"
)

// contractWhat says to authors what the checks of package opttest require.
var contractWhat = map[string]string{
	"ParamsAreTrue":               "defaults and choices are taken, what is out of range is not, and the error names the parameter",
	"ProblemIsChecked":            "a problem that makes no sense is refused",
	"CandidatesAreSound":          "candidates have the dimension and are finite, from dimension 1 on, with and without blocks",
	"SameSeedSameCandidates":      "two runs from one seed ask the same, so that a result can be had again",
	"OtherSeedOtherCandidates":    "another seed asks something else, if candidates look random: a deterministic method may ignore it",
	"ThreadsChangeNothing":        "1 and 3 threads ask the same: the machine is no part of the result",
	"ObservingChangesNothing":     "recommend, shortlist, diagnose and checkpoint change nothing",
	"SurvivesInfiniteLosses":      "losses of +Inf, of some and of all candidates, leave every later candidate finite",
	"SurvivesEqualLosses":         "equal losses leave every later candidate finite: their spread is zero",
	"SurvivesHugeLosses":          "losses of +-1e308 leave every later candidate finite: their sum overflows",
	"SurvivesExtremeGradients":    "zero, huge and tiny gradients leave candidates finite, or end the run as diverged",
	"CheckpointContinues":         "a run goes on from a checkpoint with the same bits, figures and recommendation",
	"CheckpointDamageIsAnError":   "a checkpoint that is cut off or of another dimension is refused",
	"ShortlistIsBestFirst":        "the shortlist is in the order of the losses",
	"LeavesZeroInEveryCoordinate": "from zero every weight is moved, and no two alike",
	"MakesProgress":               "the loss of a sphere whose optimum has mixed signs falls to a third in 4,000 evaluations",
}

// leftOut are the checks of package opttest that would check something else
// than the plugin.
var leftOut = map[string]string{
	"Definition":            "the host makes the definition; describe/schema says what is wrong with the description",
	"ConfigurationIsStrict": "the host refuses such a configuration before the plugin sees it; the checks of init show it to the plugin",
	"TellKeepsNoReference":  "the host tells copies; repeat/shared-memory finds one that keeps what is in shared memory",
	"MemoryIsAsDeclared":    "it weighs the heap of this process; process/million-weights weighs the plugin's",
}

// contract is what every optimizer promises, checked through the host: these
// find what is wrong with the method, the others what is wrong with the way it
// is served.
func contract() []Check {
	var checks []Check
	for _, c := range opttest.Checks() {
		if leftOut[c.Name] != "" {
			continue
		}
		checks = append(checks, Check{Name: "contract/" + c.Name, What: contractWhat[c.Name], Run: func(_ context.Context, s Subject) error {
			def, err := s.Definition()
			if errors.Is(err, errors.ErrUnsupported) {
				return notApplicable("%v", err)
			}
			if err != nil {
				return notApplicable("the host makes nothing of the description: %v", err)
			}
			return c.Run(def)
		}})
	}
	return checks
}
