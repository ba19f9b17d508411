package network

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const everySpec = `[{"type":"flatten"},` +
	`{"type":"dense","out":32,"init":"he-normal","gain":1.5,"no_bias":true},` +
	`{"type":"batchnorm","eps":0.001},` +
	`{"type":"activation","func":"relu"},` +
	`{"type":"lstm","hidden":8,"forget_bias":1,"init":"orthogonal","peepholes":true},` +
	`{"type":"last"},` +
	`{"type":"amplify","factor":2},` +
	`{"type":"conv","channels":4,"kernel":3,"stride":2,"pad":1,"init":"he-normal","gain":1.5,"no_bias":true},` +
	`{"type":"conv","channels":4,"kernel":5,"same":true},` +
	`{"type":"averagepool","kernel":3,"stride":2,"pad":1},` +
	`{"type":"maxpool","kernel":2},` +
	`{"type":"globalaveragepool"},` +
	`{"type":"pyramid","features":[2,4,8],"steps":8,"outputs":2,"every":true,"input":1,"top":true,"wrap":true,"func":"tanh","prior":0.001,"range":0.1},` +
	`{"type":"residual","body":[{"type":"batchnorm"},{"type":"dense","out":32}],"scale":0.5}]`

func TestSpecsJSON(t *testing.T) {
	want := Specs{
		Flatten{},
		Dense{Out: 32, Init: "he-normal", Gain: 1.5, NoBias: true},
		BatchNorm{Eps: 0.001},
		Activation{Func: "relu"},
		LSTM{Hidden: 8, ForgetBias: 1, Init: "orthogonal", Peepholes: true},
		Last{},
		Amplify{Factor: 2},
		Conv{Channels: 4, Kernel: 3, Stride: 2, Pad: 1, Init: "he-normal", Gain: 1.5, NoBias: true},
		Conv{Channels: 4, Kernel: 5, Same: true},
		AveragePool{Kernel: 3, Stride: 2, Pad: 1},
		MaxPool{Kernel: 2},
		GlobalAveragePool{},
		Pyramid{Features: []int{2, 4, 8}, Steps: 8, Outputs: 2, Every: true, Input: 1, Top: true, Wrap: true, Func: "tanh", Prior: 0.001, Range: 0.1},
		Residual{Body: Specs{BatchNorm{}, Dense{Out: 32}}, Scale: 0.5},
	}
	var got Specs
	if err := json.Unmarshal([]byte(everySpec), &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("read (-want +got):\n%s", d)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != everySpec {
		t.Errorf("written %s, want %s", b, everySpec)
	}
	// Every spec that there is appears above.
	for _, s := range specTypes {
		if !strings.Contains(everySpec, `"type":"`+s.spec()+`"`) {
			t.Errorf("%s is not in this test", s.spec())
		}
	}
}

func TestSpecsJSONErrors(t *testing.T) {
	nested := strings.Repeat(`[{"type":"residual","body":`, 102) + `[]` + strings.Repeat(`}]`, 102)
	for _, tt := range []struct{ in, want string }{
		{
			`[{"type":"flatten"},{"type":"flatten"},{"type":"residual","body":[{"type":"dense","ouy":3}]}]`,
			`layers[2].body[0]: unknown member "ouy" of dense, want out, init, gain, no_bias`,
		},
		{`[{"type":"dens","out":3}]`, `layers[0]: unknown type "dens", want one of activation, `},
		{`[{"out":3}]`, `layers[0]: no type, want one of activation, `},
		{`[{"type":3}]`, `layers[0].type: want a string, got 3`},
		{`[{"type":"dense","Out":3}]`, `layers[0]: unknown member "Out" of dense`},
		{`[{"type":"dense","out":"3"}]`, `layers[0].out: want an integer, got "3"`},
		{`[{"type":"dense","out":3.5}]`, `layers[0].out: want an integer, got 3.5`},
		{`[{"type":"dense","out":null}]`, `layers[0].out: want an integer, got null`},
		{`[{"type":"dense","out":3,"out":4}]`, `layers[0]: member "out" twice`},
		{`[{"type":"dense","out":3,"no_bias":1}]`, `layers[0].no_bias: want true or false, got 1`},
		{`[{"type":"dense","out":3,"gain":[]}]`, `layers[0].gain: want a number, got []`},
		{`[{"type":"activation","func":7}]`, `layers[0].func: want a string, got 7`},
		{`[{"type":"flatten","out":7}]`, `layers[0]: unknown member "out" of flatten, which has none`},
		{`[{"type":"residual","body":{"type":"flatten"}}]`, `layers[0].body: want a list of layers, got {"type":"flatten"}`},
		{`[{"type":"residual","body":[null]}]`, `layers[0].body[0]: want an object, got null`},
		{`["dense"]`, `layers[0]: want an object, got "dense"`},
		{`{"type":"dense"}`, `layers: want a list of layers, got {"type":"dense"}`},
		{`null`, `layers: want a list of layers, got null`},
		{nested, `layers nested more than 100 deep`},
	} {
		specs := Specs{Flatten{}}
		err := specs.UnmarshalJSON([]byte(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60s: error %v, want %s", tt.in, err, tt.want)
		}
		if len(specs) != 1 {
			t.Errorf("%.60s: an error changed the specs", tt.in)
		}
	}
	if _, err := json.Marshal(Specs{nil}); err == nil || !strings.Contains(err.Error(), "layers[0]: want a spec, got nil") {
		t.Errorf("a nil spec: %v", err)
	}
}

// Every field of every spec can be written and read: it has a json tag, and a
// type that errors have a word for.
func TestSpecFields(t *testing.T) {
	for _, s := range specTypes {
		for f := range reflect.TypeOf(s).Fields() {
			if f.Tag.Get("json") == "" || f.Type != reflect.TypeFor[Specs]() && kinds[f.Type.Kind()] == "" {
				t.Errorf("%T.%s: want a json tag, and a type of those in kinds", s, f.Name)
			}
		}
	}
}

// Whatever is read can be written and read again, and building it gives a
// network or an error, soon.
func FuzzSpecs(f *testing.F) {
	f.Add([]byte(everySpec), 4)
	f.Add([]byte(`[{"type":"dense","out":1000000000}]`), 1000000000)
	f.Add([]byte(`[{"type":"residual","body":[{"type":"residual","body":[{"type":"activation","func":"tanh"}]}]}]`), 1)
	f.Add([]byte(`[{"type":"dense","out":-1},{"type":"batchnorm","eps":1e999}]`), -3)
	f.Add([]byte(`[{"type":"dense"},{"type":"activation"},{"type":"residual"}]`), 64)
	f.Fuzz(func(t *testing.T, data []byte, in int) {
		var specs Specs
		if json.Unmarshal(data, &specs) != nil {
			return
		}
		b, err := json.Marshal(specs)
		if err != nil {
			t.Fatalf("cannot write what was read from %s: %v", data, err)
		}
		var again Specs
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatalf("cannot read what was written, %s: %v", b, err)
		}
		if c, err := json.Marshal(again); err != nil || string(c) != string(b) {
			t.Fatalf("%s is read and written as %s (error %v)", b, c, err)
		}
		n, err := New[float32](Shape{in}, specs...)
		if err != nil {
			return
		}
		if n.Dim() < 0 || n.Dim() > maxLen || n.Out().Len() < 1 {
			t.Fatalf("%s: %d weights, outputs %v", b, n.Dim(), n.Out())
		}
	})
}
