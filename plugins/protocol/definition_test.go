package protocol_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

// What is described and read again is the same definition, but for New.
func TestEveryBuiltinSurvivesItsDescription(t *testing.T) {
	for _, want := range builtin.All() {
		d, err := protocol.Describe(want, "1.0")
		if err != nil {
			t.Fatal(err)
		}
		got, err := protocol.Definition(d)
		if err != nil {
			t.Error(err)
			continue
		}
		if got.New != nil {
			t.Errorf("%s: New is not nil", got.Name)
		}
		if m := d.GetMemory(); got.Memory(1000) != int64(m.GetFixed()+1e3*m.GetPerDim()+1e6*m.GetPerDim2()) {
			t.Errorf("%s: memory at 1000 weights is %d bytes, the description says %v", got.Name, got.Memory(1000), m)
		}
		want.New, want.Memory, got.Memory = nil, nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
}

// sound is a description of which each test spoils a member.
func sound() *protocol.Description {
	return &protocol.Description{
		Name: "my-es", Version: "0.1.0", Summary: "An example.", Need: protocol.Need_NEED_LOSS, MinDim: 2, MaxDim: 10,
		Memory: &protocol.Memory{Fixed: 1000, PerDim: 16, PerDim2: 8},
		Params: []*protocol.Param{
			{Name: "sigma", Doc: "step size", Type: "float", Default: "0.3", Min: proto.Float64(0), MinOpen: true, Max: proto.Float64(10), Log: true},
			{Name: "mode", Doc: "how", Type: "string", Default: `"a"`, Choices: []string{"a", "b"}},
			{Name: "elite", Doc: "keep the best", Type: "bool", Default: "true"},
			{Name: "population", Doc: "candidates", Type: "int", Default: "1e1", Min: proto.Float64(1)},
		},
		Abilities: []protocol.Ability{protocol.Ability_ABILITY_CHECKPOINT},
	}
}

func TestADescriptionIsRead(t *testing.T) {
	def, err := protocol.Definition(sound())
	if err != nil {
		t.Fatal(err)
	}
	if got := string(def.Params[3].Default); got != "10" {
		t.Errorf("default 1e1 of an int is %s, want it as the schema writes it, 10", got)
	}
	config, err := optimizers.Resolve(def.Params, []byte(`{"mode":"b"}`))
	if want := `{"sigma":0.3,"mode":"b","elite":true,"population":10}`; err != nil || string(config) != want {
		t.Errorf("configuration %s, %v, want %s", config, err, want)
	}
	if got := def.Memory(100); got != 1000+1600+80_000 {
		t.Errorf("memory at 100 weights is %d, want 82600", got)
	}
	if got := def.Memory(1 << 40); got <= 0 {
		t.Errorf("memory at 2^40 weights is %d, want it not to overflow", got)
	}
	d := sound()
	d.Memory = nil
	if def, err = protocol.Definition(d); err != nil || def.Memory(100) != 0 {
		t.Errorf("memory that is not known is %d, %v, want 0", def.Memory(100), err)
	}
}

// Each error names the optimizer and the member, and says what would be right.
func TestEveryMemberOfADescriptionIsChecked(t *testing.T) {
	param := func(i int, f func(p *protocol.Param)) func(*protocol.Description) {
		return func(d *protocol.Description) { f(d.Params[i]) }
	}
	long := strings.Repeat("x", 1<<17)
	for _, test := range []struct {
		spoil func(d *protocol.Description)
		want  string // the beginning
	}{
		{func(d *protocol.Description) { d.Name = "" }, `name: "", want a lower-case word`},
		{func(d *protocol.Description) { d.Name = "My ES" }, `name: "My ES", want a lower-case word`},
		{func(d *protocol.Description) { d.Name = "es--2" }, `name: "es--2", want a lower-case word`},
		{func(d *protocol.Description) { d.Name = "../es" }, `name: "../es", want a lower-case word`},
		{func(d *protocol.Description) { d.Name = "es\n" }, `name: "es\n", want a lower-case word`},
		{func(d *protocol.Description) { d.Name = long }, `name: "` + long[:40] + `"..., want a lower-case word`},
		{func(d *protocol.Description) { d.Version = "1\x1b[2J" }, `my-es: version: "1\x1b[2J" has the character U+001B in it, want plain text`},
		{func(d *protocol.Description) { d.Summary = "" }, "my-es: summary: none, want a sentence"},
		{func(d *protocol.Description) { d.Summary = "two\nlines" }, `my-es: summary: "two\nlines" has the character U+000A in it`},
		{func(d *protocol.Description) { d.Summary = "\u202egnilleps" }, `my-es: summary: "\u202egnilleps" has the character U+202E in it`},
		{func(d *protocol.Description) { d.Summary = "\xff" }, `my-es: summary: "\xff" is not UTF-8`},
		{func(d *protocol.Description) { d.Summary = long }, "my-es: summary: 131072 bytes, want at most 1000"},
		{func(d *protocol.Description) { d.Doc = long }, "my-es: doc: 131072 bytes, want at most 65536"},
		{func(d *protocol.Description) { d.Doc = "a\n\tb\r" }, `my-es: doc: "a\n\tb\r" has the character U+000D in it`},
		{func(d *protocol.Description) { d.License = "\x00" }, "my-es: license: "},
		{func(d *protocol.Description) { d.Homepage = "\x00" }, "my-es: homepage: "},
		{func(d *protocol.Description) { d.Refs = make([]string, 65) }, "my-es: refs: 65, want at most 64"},
		{func(d *protocol.Description) { d.Refs = []string{"\x07"} }, "my-es: refs: "},
		{func(d *protocol.Description) { d.Need = 0 }, "my-es: need: NEED_UNSPECIFIED, want loss or gradient"},
		{func(d *protocol.Description) { d.Need = 7 }, "my-es: need: 7, want loss or gradient"},
		{func(d *protocol.Description) { d.MinDim = math.MaxUint64 }, "my-es: min_dim: 18446744073709551615, want at most"},
		{func(d *protocol.Description) { d.MaxDim = math.MaxUint64 }, "my-es: max_dim: 18446744073709551615, want at most"},
		{func(d *protocol.Description) { d.MaxDim = 1 }, "my-es: max_dim: 1, want at least min_dim, 2"},
		{func(d *protocol.Description) { d.Memory.Fixed = math.NaN() }, "my-es: memory: fixed: NaN bytes, want a finite number that is not negative"},
		{func(d *protocol.Description) { d.Memory.PerDim = -1 }, "my-es: memory: per_dim: -1 bytes, want"},
		{func(d *protocol.Description) { d.Memory.PerDim2 = math.Inf(1) }, "my-es: memory: per_dim2: +Inf bytes, want"},
		{func(d *protocol.Description) { d.Abilities[0] = 0 }, "my-es: abilities: ABILITY_UNSPECIFIED is not known"},
		{func(d *protocol.Description) { d.Abilities[0] = 99 }, "my-es: abilities: 99 is not known"},
		{func(d *protocol.Description) { d.Abilities = append(d.Abilities, d.Abilities[0]) }, "my-es: abilities: ABILITY_CHECKPOINT is there twice"},
		{func(d *protocol.Description) { d.Params = make([]*protocol.Param, 257) }, "my-es: params: 257, want at most 256"},
		{func(d *protocol.Description) { d.Params[1] = nil }, `my-es: params: member 2: name: "", want`},
		{param(0, func(p *protocol.Param) { p.Name = "Sigma" }), `my-es: params: member 1: name: "Sigma", want`},
		{param(0, func(p *protocol.Param) { p.Name = "mode" }), "my-es: params: mode: the name is that of another one, too"},
		{param(0, func(p *protocol.Param) { p.Name = "batch" }), "my-es: params: batch: the name is the referee's"},
		{param(0, func(p *protocol.Param) { p.Doc = "" }), "my-es: params: sigma: doc: none"},
		{param(0, func(p *protocol.Param) { p.Doc = "\x00" }), "my-es: params: sigma: doc: "},
		{param(0, func(p *protocol.Param) { p.Type = "double" }), `my-es: params: sigma: type: "double", want float, int, bool or string`},
		{param(0, func(p *protocol.Param) { p.Default = "" }), `my-es: params: sigma: default: "", want JSON`},
		{param(0, func(p *protocol.Param) { p.Default = "0.1}" }), `my-es: params: sigma: default: "0.1}", want JSON`},
		{param(0, func(p *protocol.Param) { p.Default = `1,"mode":"b"` }), `my-es: params: sigma: default: "1,\"mode\":\"b\"", want JSON`},
		{param(0, func(p *protocol.Param) { p.Default = "0" }), "my-es: params: sigma: default: sigma: 0, want a number in (0, 10]"},
		{param(0, func(p *protocol.Param) { p.Default = "1e999" }), "my-es: params: sigma: default: sigma: 1e999, want a number in (0, 10]"},
		{param(0, func(p *protocol.Param) { p.Default = `"a"` }), `my-es: params: sigma: default: sigma: "a", want a number in (0, 10]`},
		{param(0, func(p *protocol.Param) { p.Default = long }), "my-es: params: sigma: default: 131072 bytes, want at most 1000"},
		{param(0, func(p *protocol.Param) { p.Min = proto.Float64(math.NaN()) }), "my-es: params: sigma: min: NaN, want a finite number, or none"},
		{param(0, func(p *protocol.Param) { p.Max = proto.Float64(math.Inf(1)) }), "my-es: params: sigma: max: +Inf, want a finite number, or none"},
		{param(0, func(p *protocol.Param) { p.Max = proto.Float64(-1) }), "my-es: params: sigma: max: no number is in (0, -1]"},
		{param(0, func(p *protocol.Param) { p.Max = proto.Float64(0) }), "my-es: params: sigma: max: no number is in (0, 0]"},
		{param(0, func(p *protocol.Param) { p.Min = nil }), "my-es: params: sigma: log: want it for a number whose min is not negative"},
		{param(0, func(p *protocol.Param) { p.Min = proto.Float64(-1) }), "my-es: params: sigma: log: want it for a number whose min is not negative"},
		{param(0, func(p *protocol.Param) { p.Choices = []string{"1"} }), "my-es: params: sigma: choices: they are for strings, not for a float"},
		{param(1, func(p *protocol.Param) { p.Choices[1] = "" }), `my-es: params: mode: choices: "", want them distinct and not empty`},
		{param(1, func(p *protocol.Param) { p.Choices[1] = "a" }), `my-es: params: mode: choices: "a", want them distinct and not empty`},
		{param(1, func(p *protocol.Param) { p.Choices[1] = "\x7f" }), "my-es: params: mode: choices: "},
		{param(1, func(p *protocol.Param) { p.Default = `"c"` }), `my-es: params: mode: default: mode: "c", want one of a, b`},
		{param(1, func(p *protocol.Param) { p.Min = proto.Float64(0) }), "my-es: params: mode: min, max, log: they are for numbers, not for a string"},
		{param(2, func(p *protocol.Param) { p.Log = true }), "my-es: params: elite: min, max, log: they are for numbers, not for a bool"},
		{param(2, func(p *protocol.Param) { p.Default = "1" }), "my-es: params: elite: default: elite: 1, want true or false"},
		{param(3, func(p *protocol.Param) { p.Default = "1.5" }), "my-es: params: population: default: population: 1.5, want an integer in [1, inf)"},
	} {
		d := sound()
		test.spoil(d)
		_, err := protocol.Definition(d)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("error\n%v, want\n%s", err, test.want)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b\x00") {
			t.Errorf("error %q is not one line of plain text", err)
		}
	}
}

func TestAnAnswerToDescribeIsChecked(t *testing.T) {
	for _, test := range []struct {
		answer *protocol.DescribeResponse
		want   string
	}{
		{nil, "describes 0 optimizers, want 1 to 1000"},
		{&protocol.DescribeResponse{Optimizers: make([]*protocol.Description, 1001)}, "describes 1001 optimizers, want 1 to 1000"},
		{&protocol.DescribeResponse{Optimizers: []*protocol.Description{nil}}, `optimizer 1: name: "", want a lower-case word of at most 64 letters, digits and dashes, such as cma-es`},
		{&protocol.DescribeResponse{Optimizers: []*protocol.Description{sound(), sound()}}, `optimizer 2: name "my-es" is that of another one, too`},
		{&protocol.DescribeResponse{Optimizers: []*protocol.Description{sound()}, Runtime: []string{"a\nb"}}, `runtime: "a\nb" has the character U+000A in it, want plain text`},
		{&protocol.DescribeResponse{Optimizers: []*protocol.Description{sound()}, Features: make([]string, 65)}, "features: 65, want at most 64"},
	} {
		if _, err := protocol.Definitions(test.answer); err == nil || err.Error() != test.want {
			t.Errorf("error\n%v, want\n%s", err, test.want)
		}
	}
}

// Any answer is refused, or makes definitions that take their own defaults.
func FuzzDefinitions(f *testing.F) {
	for _, d := range builtin.All()[:3] {
		m, err := protocol.Describe(d, "1.0")
		if err != nil {
			f.Fatal(err)
		}
		b, err := proto.Marshal(&protocol.DescribeResponse{Optimizers: []*protocol.Description{m}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	b, err := proto.Marshal(&protocol.DescribeResponse{Optimizers: []*protocol.Description{sound()}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var r protocol.DescribeResponse
		if proto.Unmarshal(b, &r) != nil {
			return
		}
		defs, err := protocol.Definitions(&r)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Errorf("error %q is not one line of plain text", err)
			}
			return
		}
		for _, def := range defs {
			config, err := optimizers.Resolve(def.Params, nil)
			if err != nil {
				t.Errorf("%s: %v", def.Name, err)
			}
			if _, err := optimizers.Resolve(def.Params, config); err != nil {
				t.Errorf("%s does not take its defaults, %s: %v", def.Name, config, err)
			}
			if def.Memory(1000) < 0 {
				t.Errorf("%s: memory %d", def.Name, def.Memory(1000))
			}
		}
	})
}
