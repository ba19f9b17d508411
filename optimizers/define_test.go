package optimizers

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

type fixedConfig struct {
	Step float64 `json:"step" doc:"step" range:"(0,1]"`
}

// fixed asks for its starting weights for ever.
type fixed struct {
	cfg fixedConfig
	p   Problem
}

func (f *fixed) Ask() ([][]float64, error) { return [][]float64{f.p.Init}, nil }
func (f *fixed) Tell([]Evaluation) error   { return nil }

func newFixed(cfg fixedConfig, p Problem) (*fixed, error) {
	if cfg.Step == 0.25 {
		return nil, errors.New("no quarter")
	}
	return &fixed{cfg, p}, nil
}

var fixedDefinition = Define(Definition{Name: "fixed"}, fixedConfig{Step: 0.5}, newFixed)

func TestDefineBuildsFromTheConfiguration(t *testing.T) {
	p := Problem{Init: []float64{1}, Threads: 1}
	for config, want := range map[string]float64{``: 0.5, `{}`: 0.5, `{"step": 1}`: 1} {
		o, err := fixedDefinition.New(json.RawMessage(config), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.(*fixed).cfg.Step; got != want {
			t.Errorf("step = %v, want %v (config %q)", got, want, config)
		}
	}
	if got := fixedDefinition.Params[0].Name; got != "step" {
		t.Errorf("first param = %q, want step", got)
	}
}

func TestDefineChecksTheProblem(t *testing.T) {
	good := []Block{{Name: "w", Off: 0, Len: 4, Rows: 2, Scale: 1}, {Name: "b", Off: 4, Len: 2, Rows: 2}}
	init := []float64{1, 2, 3, 4, 5, 6}
	change := func(f func(b []Block)) []Block {
		b := append([]Block(nil), good...)
		f(b)
		return b
	}
	for _, c := range []struct {
		name string
		p    Problem
		want string // in the error; "" for none
	}{
		{"good", Problem{Init: init, Threads: 1, Blocks: good}, ""},
		{"no blocks", Problem{Init: init, Threads: 3}, ""},
		{"empty", Problem{Threads: 1}, "no starting weights"},
		{"nan", Problem{Init: []float64{0, math.NaN()}, Threads: 1}, "starting weight 1 is NaN"},
		{"inf", Problem{Init: []float64{math.Inf(-1)}, Threads: 1}, "starting weight 0 is -Inf"},
		{"threads", Problem{Init: init}, "threads: 0, want at least 1"},
		{"budget", Problem{Init: init, Threads: 1, Budget: -1}, "budget: -1"},
		{"gap", Problem{Init: init, Threads: 1, Blocks: change(func(b []Block) { b[0].Len = 2 })}, "block 1 (b)"},
		{"rows", Problem{Init: init, Threads: 1, Blocks: change(func(b []Block) { b[0].Rows = 3 })}, "block 0 (w): 3 rows"},
		{"scale", Problem{Init: init, Threads: 1, Blocks: change(func(b []Block) { b[1].Scale = math.NaN() })}, "scale NaN"},
		{"short", Problem{Init: init, Threads: 1, Blocks: good[:1]}, "blocks end at weight 4, want all 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := fixedDefinition.New(nil, c.p)
			if c.want == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "fixed: problem: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want fixed: problem: ... %s ...", err, c.want)
			}
			if o != nil {
				t.Errorf("optimizer %v with an error, want nil", o)
			}
		})
	}
}

func TestDefinePutsTheNameInFrontOfErrors(t *testing.T) {
	p := Problem{Init: []float64{1}, Threads: 1}
	for config, want := range map[string]string{
		`{"step": 2}`:    "fixed: step: 2, want a number in (0, 1]",
		`{"stp": 1}`:     `fixed: "stp": no such member, did you mean step? (members: step)`,
		`{"step": 0.25}`: "fixed: no quarter",
	} {
		o, err := fixedDefinition.New(json.RawMessage(config), p)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if o != nil {
			t.Errorf("optimizer %v with an error, want nil", o)
		}
	}
}

func TestDefineReservesBatchForTheReferee(t *testing.T) {
	defer func() {
		if message, ok := recover().(string); !ok || !strings.Contains(message, "batch") {
			t.Errorf("panic %q, want one about batch", message)
		}
	}()
	type config struct {
		Batch int `json:"batch" doc:"d"`
	}
	Define(Definition{Name: "greedy"}, config{}, func(config, Problem) (*fixed, error) { return nil, nil })
}
