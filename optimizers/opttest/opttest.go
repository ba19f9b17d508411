package opttest

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

// A Check is one property that every optimizer has.
type Check struct {
	Name string
	// Run builds optimizers from def and returns what is wrong with them, or
	// nil. A panic of the optimizer is an error too.
	Run func(def optimizers.Definition) error
}

// Checks returns all checks. They take a second or two together for a method of
// some 100 candidates, and are run one at a time: one of them weighs the heap.
func Checks() []Check {
	checks := []Check{
		{"Definition", checkDefinition},
		{"ConfigurationIsStrict", checkConfiguration},
		{"ParamsAreTrue", checkParams},
		{"ProblemIsChecked", checkProblem},
		{"CandidatesAreSound", checkCandidates},
		{"SameSeedSameCandidates", checkSameSeed},
		{"OtherSeedOtherCandidates", checkOtherSeed},
		{"ThreadsChangeNothing", checkThreads},
		{"ObservingChangesNothing", checkObserving},
		{"TellKeepsNoReference", checkNoReference},
		{"SurvivesInfiniteLosses", checkInfiniteLosses},
		{"SurvivesEqualLosses", checkEqualLosses},
		{"SurvivesHugeLosses", checkHugeLosses},
		{"SurvivesExtremeGradients", checkExtremeGradients},
		{"CheckpointContinues", checkCheckpoint},
		{"CheckpointDamageIsAnError", checkCheckpointDamage},
		{"ShortlistIsBestFirst", checkShortlist},
		{"LeavesZeroInEveryCoordinate", checkLeavesZero},
		{"MakesProgress", checkProgress},
		{"MemoryIsAsDeclared", checkMemory},
	}
	for i, c := range checks {
		checks[i].Run = func(def optimizers.Definition) (err error) {
			defer func() {
				if r := recover(); r != nil {
					err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
				}
			}()
			return c.Run(withWeightsToSpare(def))
		}
	}
	return checks
}

// Run runs every check on def as a subtest.
func Run(t *testing.T, def optimizers.Definition) {
	t.Helper()
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(def); err != nil {
				t.Errorf("%s: %v", def.Name, err)
			}
		})
	}
}

// With returns def with config in place of its defaults, to run the checks on
// another variant of it. It panics if config is not a JSON object.
func With(def optimizers.Definition, config string) optimizers.Definition {
	build := def.New
	def.New = func(own json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
		merged, err := merge(json.RawMessage(config), own)
		if err != nil {
			merged = own // not an object: for New to refuse
		}
		return build(merged, p)
	}
	if _, err := merge(json.RawMessage(config), nil); err != nil {
		panic(fmt.Sprintf("opttest: configuration %s: %v", config, err))
	}
	return def
}

// merge returns the object base with the members of own over it.
func merge(base, own json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(base, &members); err != nil {
		return nil, err
	}
	if len(own) > 0 {
		var over map[string]json.RawMessage
		if err := json.Unmarshal(own, &over); err != nil {
			return nil, err
		}
		if over == nil {
			return own, nil // null
		}
		for name, raw := range over {
			members[name] = raw
		}
	}
	return json.Marshal(members)
}
