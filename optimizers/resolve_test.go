package optimizers_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
)

type resolveConfig struct {
	Rate  float64 `json:"rate" doc:"a rate" range:"(0,10]"`
	Count int     `json:"count" doc:"a count" range:"[1,)"`
	Shift int     `json:"shift" doc:"any integer"`
	Seed  uint64  `json:"seed" doc:"a seed"`
	On    bool    `json:"on" doc:"a switch"`
	Kind  string  `json:"kind" doc:"a choice" choices:"a,b"`
}

var resolveDefaults = resolveConfig{Rate: 0.1, Count: 5, Kind: "a"}

func TestResolveWritesEveryMemberInOneWay(t *testing.T) {
	params := optimizers.Params(resolveDefaults)
	const full = `{"rate":0.1,"count":5,"shift":0,"seed":0,"on":false,"kind":"a"}`
	for _, tt := range []struct{ config, want string }{
		{``, full},
		{`{}`, full},
		{` { "kind" : "\u0061", "count" : 5.0, "rate": 1e-1 } `, full},
		{`{"count":1e2,"rate":1}`, `{"rate":1,"count":100,"shift":0,"seed":0,"on":false,"kind":"a"}`},
		{`{"seed":18446744073709551615,"shift":-3,"on":true}`, `{"rate":0.1,"count":5,"shift":-3,"seed":18446744073709551615,"on":true,"kind":"a"}`},
	} {
		got, err := optimizers.Resolve(params, json.RawMessage(tt.config))
		if err != nil || string(got) != tt.want {
			t.Errorf("Resolve(%s) = %s, %v, want %s", tt.config, got, err, tt.want)
		}
		// What is resolved is a configuration, and resolves to itself.
		again, err := optimizers.Resolve(params, got)
		if err != nil || string(again) != string(got) {
			t.Errorf("Resolve(%s) = %s, %v, want the same", got, again, err)
		}
	}
}

func TestResolveIsStrict(t *testing.T) {
	params := optimizers.Params(resolveDefaults)
	for config, want := range map[string]string{
		`{"rat":1}`:                     "did you mean rate",
		`{"rate":0}`:                    "rate: 0, want a number in (0, 10]",
		`{"rate":null}`:                 "rate: null, want a number",
		`{"count":1.5}`:                 "count: 1.5, want an integer",
		`{"count":1,"count":2}`:         "count: given twice",
		`{"kind":"c"}`:                  "want one of a, b",
		`{"seed":-1}`:                   "seed: -1, want",
		`{"count":9223372036854775808}`: "count: 9223372036854775808, want an integer in [1, inf)",
		`[]`:                            "want a JSON object",
		`{"rate":1`:                     "not JSON",
	} {
		got, err := optimizers.Resolve(params, json.RawMessage(config))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Resolve(%s) = %s, %v, want an error with %q", config, got, err, want)
		}
	}
}
