package optimizers

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type testConfig struct {
	LR       float64 `json:"lr" doc:"learning rate" range:"(0,10]" scale:"log"`
	Count    int     `json:"count" doc:"how many" range:"[1,)"`
	Seed     uint64  `json:"seed" doc:"a seed"`
	On       bool    `json:"on" doc:"whether"`
	Schedule string  `json:"schedule" doc:"a choice" choices:"constant,step,cosine"`
	Note     string  `json:"note" doc:"free text"`
	Shift    float64 `json:"shift" doc:"any number"`
}

var testDefaults = testConfig{LR: 0.1, Count: 3, Schedule: "step"}

func TestParamsDescribeEveryField(t *testing.T) {
	bound := func(x float64) *float64 { return &x }
	want := []Param{
		{Name: "lr", Doc: "learning rate", Type: "float", Default: json.RawMessage("0.1"), Min: bound(0), Max: bound(10), MinOpen: true, Log: true},
		{Name: "count", Doc: "how many", Type: "int", Default: json.RawMessage("3"), Min: bound(1), MaxOpen: true},
		{Name: "seed", Doc: "a seed", Type: "int", Default: json.RawMessage("0"), Min: bound(0)},
		{Name: "on", Doc: "whether", Type: "bool", Default: json.RawMessage("false")},
		{Name: "schedule", Doc: "a choice", Type: "string", Default: json.RawMessage(`"step"`), Choices: []string{"constant", "step", "cosine"}},
		{Name: "note", Doc: "free text", Type: "string", Default: json.RawMessage(`""`)},
		{Name: "shift", Doc: "any number", Type: "float", Default: json.RawMessage("0")},
	}
	if diff := cmp.Diff(want, Params(testDefaults)); diff != "" {
		t.Errorf("Params (-want +got):\n%s", diff)
	}
}

type sharedConfig struct {
	Clip float64 `json:"clip" doc:"a bound" range:"[0,)"`
	testConfig
}

func TestEmbeddedFieldsAreMembers(t *testing.T) {
	type config struct {
		First int `json:"first" doc:"its own"`
		sharedConfig
		Last bool `json:"last" doc:"its own"`
	}
	defaults := config{First: 1, sharedConfig: sharedConfig{Clip: 2, testConfig: testDefaults}}
	var names []string
	for _, p := range Params(defaults) {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff("first clip lr count seed on schedule note shift last", strings.Join(names, " ")); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	got, err := Configure(defaults, json.RawMessage(`{"last": true, "lr": 0.5, "clip": 3}`))
	if err != nil {
		t.Fatal(err)
	}
	want := defaults
	want.Last, want.LR, want.Clip = true, 0.5, 3
	if got != want {
		t.Errorf("Configure = %+v, want %+v", got, want)
	}
}

func TestParamRangeReadsAsAnInterval(t *testing.T) {
	type ranges struct {
		A float64 `json:"a" doc:"d" range:"(0,10]"`
		B float64 `json:"b" doc:"d" range:"[-1,1)"`
		C float64 `json:"c" doc:"d" range:"[1,)"`
		D float64 `json:"d" doc:"d" range:"(,3)"`
		E int     `json:"e" doc:"d" range:"[0,1e9]"`
		F float64 `json:"f" doc:"d" range:"[0.000001,1000000]"`
		G float64 `json:"g" doc:"d"`
		H string  `json:"h" doc:"d" choices:"x,y"`
	}
	want := []string{"(0, 10]", "[-1, 1)", "[1, inf)", "(-inf, 3)", "[0, 1e9]", "[1e-6, 1000000]", "", "x, y"}
	for i, p := range Params(ranges{A: 1, C: 1, F: 1, H: "x"}) {
		if got := p.Range(); got != want[i] {
			t.Errorf("%s: Range() = %q, want %q", p.Name, got, want[i])
		}
	}
}

func TestParamsPanicsNamingTheField(t *testing.T) {
	for field, config := range map[string]any{
		"Slice": struct {
			Slice []int `json:"a" doc:"d"`
		}{},
		"Untagged": struct{ Untagged int }{},
		"Undocumented": struct {
			Undocumented int `json:"a"`
		}{},
		"Omitted": struct {
			Omitted int `json:"a,omitempty" doc:"d"`
		}{},
		"hidden": struct{ hidden int }{},
		"Twice": reflect.New(reflect.StructOf([]reflect.StructField{ // go vet would see it in a literal
			{Name: "Once", Type: reflect.TypeFor[int](), Tag: `json:"a" doc:"d"`},
			{Name: "Twice", Type: reflect.TypeFor[int](), Tag: `json:"a" doc:"d"`},
		})).Elem().Interface(),
		"Interval": struct {
			Interval int `json:"a" doc:"d" range:"0,1"`
		}{},
		"Bound": struct {
			Bound int `json:"a" doc:"d" range:"[zero,1]"`
		}{},
		"Ranged": struct {
			Ranged bool `json:"a" doc:"d" range:"[0,1]"`
		}{},
		"Chosen": struct {
			Chosen int `json:"a" doc:"d" choices:"1,2"`
		}{},
		"Scaled": struct {
			Scaled float64 `json:"a" doc:"d" scale:"log"`
		}{},
		"Default": struct {
			Default float64 `json:"a" doc:"d" range:"(0,1]"`
		}{},
		"Choice": struct {
			Choice string `json:"a" doc:"d" choices:"x,y"`
		}{},
		"NotANumber": struct {
			NotANumber float64 `json:"a" doc:"d"`
		}{math.NaN()},
	} {
		t.Run(field, func(t *testing.T) {
			defer func() {
				message, ok := recover().(string)
				if !ok || !strings.Contains(message, "field "+field+" of") {
					t.Errorf("panic %q, want one that names field %s", message, field)
				}
			}()
			Params(config)
		})
	}
}

func TestConfigureOverridesTheDefaults(t *testing.T) {
	for config, want := range map[string]testConfig{
		"":      testDefaults,
		" \n":   testDefaults,
		"{}":    testDefaults,
		" { } ": testDefaults,
		`{"lr": 10, "on": true, "schedule": "cosine", "note": "\u00e9"}`:     {LR: 10, Count: 3, On: true, Schedule: "cosine", Note: "é"},
		`{"lr": 1e-300, "count": 1, "shift": -2.5e3}`:                        {LR: 1e-300, Count: 1, Schedule: "step", Shift: -2500},
		`{"seed": 18446744073709551615, "count": 1e3}`:                       {LR: 0.1, Count: 1000, Seed: math.MaxUint64, Schedule: "step"},
		`{"seed": 12.0, "count": 9223372036854775807, "on": false, "lr": 1}`: {LR: 1, Count: math.MaxInt64, Seed: 12, Schedule: "step"},
	} {
		got, err := Configure(testDefaults, json.RawMessage(config))
		if err != nil {
			t.Errorf("Configure(%s): %v", config, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Configure(%s) (-want +got):\n%s", config, diff)
		}
	}
}

func TestConfigureSaysWhatWouldBeRight(t *testing.T) {
	const members = "(members: lr, count, seed, on, schedule, note, shift)"
	for config, want := range map[string]string{
		`{"lr": 0}`:                     `lr: 0, want a number in (0, 10]`,
		`{"lr": -1}`:                    `lr: -1, want a number in (0, 10]`,
		`{"lr": 10.000001}`:             `lr: 10.000001, want a number in (0, 10]`,
		`{"lr": 1e999}`:                 `lr: 1e999, want a number in (0, 10]`,
		`{"lr": "fast"}`:                `lr: "fast", want a number in (0, 10]`,
		`{"lr": "0.1"}`:                 `lr: "0.1", want a number in (0, 10]`,
		`{"lr": null}`:                  `lr: null, want a number in (0, 10]`,
		`{"lr": [0.1]}`:                 `lr: [0.1], want a number in (0, 10]`,
		`{"lr": true}`:                  `lr: true, want a number in (0, 10]`,
		`{"shift": {}}`:                 `shift: {}, want a number`,
		`{"shift": -1e999}`:             `shift: -1e999, want a number`,
		`{"count": 0}`:                  `count: 0, want an integer in [1, inf)`,
		`{"count": 1.5}`:                `count: 1.5, want an integer in [1, inf)`,
		`{"count": 1e30}`:               `count: 1e30, want an integer in [1, inf)`,
		`{"count": 9007199254740993.0}`: `count: 9007199254740993.0, want an integer in [1, inf)`, // 2^53 + 1 is no float64
		`{"count": null}`:               `count: null, want an integer in [1, inf)`,
		`{"seed": -1}`:                  `seed: -1, want an integer in [0, inf)`,
		`{"seed": -1e3}`:                `seed: -1e3, want an integer in [0, inf)`,
		`{"on": 1}`:                     `on: 1, want true or false`,
		`{"on": "true"}`:                `on: "true", want true or false`,
		`{"on": null}`:                  `on: null, want true or false`,
		`{"schedule": "cosin"}`:         `schedule: "cosin", want one of constant, step, cosine`,
		`{"schedule": 3}`:               `schedule: 3, want one of constant, step, cosine`,
		`{"note": null}`:                `note: null, want a string`,
		`{"rl": 1}`:                     `"rl": no such member, did you mean lr? ` + members,
		`{"LR": 1}`:                     `"LR": no such member, did you mean lr? ` + members,
		`{"momentum": 1}`:               `"momentum": no such member ` + members,
		`{"lr": 1, "lr": 2}`:            `lr: given twice`,
		`{"lr": 1`:                      `configuration is not JSON: unexpected EOF`,
		`{"lr": }`:                      `configuration is not JSON: invalid character '}' looking for beginning of value`,
		`{"lr": NaN}`:                   `configuration is not JSON: invalid character 'N' looking for beginning of value`,
		`[1]`:                           `configuration starts with [, want a JSON object`,
		`null`:                          `configuration starts with <nil>, want a JSON object`,
		`{"lr": 1} {"lr": 2}`:           `configuration goes on after the end of its JSON object`,
		`{"note": "x", "lr": "` + strings.Repeat("é", 30) + `"}`: `lr: "` + strings.Repeat("é", 19) + `..., want a number in (0, 10]`,
	} {
		got, err := Configure(testDefaults, json.RawMessage(config))
		if err == nil || err.Error() != want {
			t.Errorf("Configure(%s):\n got error %v\nwant error %s", config, err, want)
		}
		if got != testDefaults {
			t.Errorf("Configure(%s) = %+v with an error, want the defaults", config, got)
		}
	}
}

// What Configure accepts is in range, and configures the same when encoded and
// read again.
func FuzzConfigure(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"lr": 0.5, "count": 1e2}`, `{"schedule": "step", "note": "\ud800"}`, `{"lr":1,"lr":1}`, `[]`, `{"seed": 1e19}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		c, err := Configure(testDefaults, config)
		if err != nil {
			return
		}
		if !(c.LR > 0 && c.LR <= 10) || c.Count < 1 {
			t.Fatalf("Configure(%q) = %+v, out of range", config, c)
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := Configure(testDefaults, again); err != nil || d != c {
			t.Fatalf("Configure(%s) = %+v, %v, want %+v", again, d, err, c)
		}
	})
}

func TestSuggestFindsTheNameThatWasMeant(t *testing.T) {
	names := []string{"sgd", "rprop", "random-search", "cma-es", "sep-cma-es"}
	for got, want := range map[string]string{
		"sgd":                     "sgd",
		"SGD":                     "sgd",
		"sdg":                     "sgd", // two neighbours swapped: one mistake
		"gsdg":                    "",    // two mistakes in three letters
		"rpop":                    "rprop",
		"irprop":                  "rprop",
		"random_serach":           "random-search",
		"randomsearch":            "random-search",
		"cmaes":                   "cma-es",
		"adam":                    "",
		"":                        "",
		strings.Repeat("x", 1e6):  "",
		"random-search-and-about": "",
	} {
		if s := Suggest(got, names); s != want {
			t.Errorf("Suggest(%.30q) = %q, want %q", got, s, want)
		}
	}
	if s := Suggest("ad", []string{"ab", "ac"}); s != "ab" {
		t.Errorf("Suggest of equals = %q, want the first", s)
	}
	if s := Suggest("x", nil); s != "" {
		t.Errorf("Suggest from no names = %q, want none", s)
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"kitten", "sitting", 3}, // the textbook example
		{"ca", "abc", 3},         // 2 if a swap could be edited again; alignment forbids it
		{"abcd", "acbd", 1},
	} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := editDistance(c.b, c.a); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
