package opttest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

func TestHonestOptimizersPass(t *testing.T) {
	t.Run("loss", func(t *testing.T) { Run(t, define("", false)) })
	t.Run("gradient", func(t *testing.T) { Run(t, define("", true)) })
}

// Each fault is found by the check that is meant for it.
func TestFaultsAreFound(t *testing.T) {
	withNew := func(change func(config json.RawMessage, p optimizers.Problem) (json.RawMessage, optimizers.Problem)) optimizers.Definition {
		d := define("", false)
		build := d.New
		d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
			return build(change(config, p))
		}
		return d
	}
	type mutant struct {
		name  string
		def   optimizers.Definition
		check string
	}
	fault := func(name, check string) mutant { return mutant{name, define(name, false), check} }
	gradFault := func(name, check string) mutant { return mutant{name, define(name, true), check} }
	changed := func(name, check string, change func(d *optimizers.Definition)) mutant {
		d := define("", false)
		change(&d)
		return mutant{name, d, check}
	}
	mutants := []mutant{
		fault("ascends", "MakesProgress"),
		fault("draws from the global generator", "SameSeedSameCandidates"),
		fault("ignores the seed", "OtherSeedOtherCandidates"),
		fault("depends on threads", "ThreadsChangeNothing"),
		fault("forgets a part of its state", "CheckpointContinues"),
		fault("forgets what it reports", "CheckpointContinues"),
		fault("trusts a checkpoint", "CheckpointDamageIsAnError"),
		fault("multiplies", "LeavesZeroInEveryCoordinate"),
		fault("moves all alike", "LeavesZeroInEveryCoordinate"),
		fault("moves all alike", "MakesProgress"),
		fault("weighs by losses", "SurvivesInfiniteLosses"),
		fault("divides by the spread", "SurvivesEqualLosses"),
		fault("squares the losses", "SurvivesHugeLosses"),
		fault("recommends in place", "CandidatesAreSound"),
		fault("recommends NaN", "CandidatesAreSound"),
		fault("asks a short row", "CandidatesAreSound"),
		fault("cannot do one weight", "CandidatesAreSound"),
		fault("modifies the start", "CandidatesAreSound"),
		fault("lists too many", "CandidatesAreSound"),
		fault("lists the worst first", "ShortlistIsBestFirst"),
		fault("changes when watched", "ObservingChangesNothing"),
		fault("wastes memory", "MemoryIsAsDeclared"),
		gradFault("momentum by the kept gradient", "TellKeepsNoReference"),
		gradFault("overflows", "SurvivesExtremeGradients"),
		changed("has a name with capitals", "Definition", func(d *optimizers.Definition) { d.Name = "Honest" }),
		changed("does not say its memory", "Definition", func(d *optimizers.Definition) { d.Memory = nil }),
		changed("declares a range it does not check", "ParamsAreTrue", func(d *optimizers.Definition) {
			one := 1.0
			d.Params = slices.Clone(d.Params)
			d.Params[0].Max = &one
		}),
		changed("declares a choice it does not take", "ParamsAreTrue", func(d *optimizers.Definition) {
			d.Params = slices.Clone(d.Params)
			d.Params[1].Choices = []string{"a", "b", "c"}
		}),
		{"ignores unknown members", withNew(func(config json.RawMessage, p optimizers.Problem) (json.RawMessage, optimizers.Problem) {
			if strings.Contains(string(config), "no_such_member") {
				config = nil
			}
			return config, p
		}), "ConfigurationIsStrict"},
		{"takes an empty problem", withNew(func(config json.RawMessage, p optimizers.Problem) (json.RawMessage, optimizers.Problem) {
			if len(p.Init) == 0 {
				p.Init = []float64{0}
			}
			return config, p
		}), "ProblemIsChecked"},
	}
	checks := Checks()
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_")+"/"+m.check, func(t *testing.T) {
			i := slices.IndexFunc(checks, func(c Check) bool { return c.Name == m.check })
			if i < 0 {
				t.Fatalf("there is no check %s", m.check)
			}
			err := checks[i].Run(m.def)
			if err == nil {
				t.Errorf("%s passed an optimizer that %s", m.check, m.name)
			} else {
				t.Logf("%.200s", err)
			}
		})
	}
	for _, c := range checks {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.check == c.Name }) {
			t.Errorf("no mutant fails check %s", c.Name)
		}
	}
}

// A method may have limits, if its definition says so.
func TestLimitsAreTaken(t *testing.T) {
	for _, limits := range [][2]int{{0, 10}, {50, 0}, {12, 12}} {
		d := define("", false)
		d.MinDim, d.MaxDim = limits[0], limits[1]
		build := d.New
		d.New = func(config json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
			if why := d.Refuses(len(p.Init)); len(p.Init) > 0 && why != "" {
				return nil, errors.New(why)
			}
			return build(config, p)
		}
		for _, c := range Checks() {
			if err := c.Run(d); err != nil {
				t.Errorf("limits %v: %s: %v", limits, c.Name, err)
			}
		}
	}
}

func TestWithOverridesTheDefaultsOnly(t *testing.T) {
	d := With(define("", false), `{"sigma": 0.5}`)
	for config, want := range map[string]float64{"": 0.5, `{"mode": "b"}`: 0.5, `{"sigma": 2}`: 2} {
		opt, err := d.New(json.RawMessage(config), newProblem(3))
		if err != nil {
			t.Fatal(err)
		}
		if got := opt.(*honest).sigma; got != want {
			t.Errorf("sigma = %v, want %v (config %q)", got, want, config)
		}
	}
	for _, config := range []string{`[]`, `null`, `{`, `{"sigmo": 1}`} {
		if _, err := d.New(json.RawMessage(config), newProblem(3)); err == nil {
			t.Errorf("configuration %s is taken, want an error", config)
		}
	}
}

// A panic in an optimizer is an error of the check, for callers without a
// testing.T.
func TestPanicsAreErrors(t *testing.T) {
	d := define("", true)
	d.New = func(json.RawMessage, optimizers.Problem) (optimizers.Optimizer, error) { panic(errors.New("boom")) }
	for _, c := range Checks() {
		if c.Name == "Definition" {
			continue // it builds nothing
		}
		if err := c.Run(d); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("%s of an optimizer that panics: %v, want an error with its panic", c.Name, err)
		}
	}
}
