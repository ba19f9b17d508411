package network

import (
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everySpec has every member of every spec.
const everySpec = `[{"type":"flatten"},` +
	`{"type":"dense","out":32,"init":"he-normal","gain":1.5,"no_bias":true,"bias":-1,"bias_std":0.5},` +
	`{"type":"batchnorm","eps":0.001},` +
	`{"type":"layernorm","eps":0.002},` +
	`{"type":"activation","func":"relu"},` +
	`{"type":"crelu"},` +
	`{"type":"maxout","out":3,"pieces":4,"init":"he-normal","gain":1.5,"no_bias":true},` +
	`{"type":"dropout","rate":0.25},` +
	`{"type":"noise","shift":2,"scale":1.25,"shift_spread":0.5,"scale_spread":0.1},` +
	`{"type":"amplify","factor":2},` +
	`{"type":"rnn","hidden":3,"func":"relu","init":"he-normal","recurrent":"identity","gain":1.1,"norm":0.9,"initial":true,"k1":2,"k2":4,"omega":0.5},` +
	`{"type":"gru","hidden":3,"init":"he-normal","recurrent":"zero","k1":1,"k2":2},` +
	`{"type":"lstm","hidden":8,"forget_bias":1,"init":"orthogonal","peepholes":true,"truncated":true,"k1":1,"k2":2},` +
	`{"type":"lstm1997","blocks":2,"size":3,"range":0.2,"input_bias":-1,"input_step":-2,"output_bias":-3,"output_step":-4,"truncated":true},` +
	`{"type":"sequential-rnn","hidden":2,"out":3,"func":"tanh","out_func":"relu","logits":true,"recurrence":"none","init":"zero"},` +
	`{"type":"chunker","levels":2,"hidden":4,"surprise":0.75,"truncation":3,"collapse":0.5,"read":"all","time_scale":10,"init":"zero"},` +
	`{"type":"bidirectional","body":[{"type":"time-dense","out":2,"init":"zero","gain":3,"no_bias":true,"bias":1,"bias_std":2}]},` +
	`{"type":"last"},` +
	`{"type":"conv","channels":4,"kernel":3,"stride":2,"pad":1,"init":"he-normal","gain":1.5,"no_bias":true,"bias":-2},` +
	`{"type":"conv","channels":4,"kernel":5,"same":true},` +
	`{"type":"averagepool","kernel":3,"stride":2,"pad":1},` +
	`{"type":"maxpool","kernel":4,"stride":3,"pad":2},` +
	`{"type":"window","height":3,"width":2},` +
	`{"type":"mdlstm","cells":3,"directions":1,"concat":true,"forget_bias":0.5,"init":"zero","peepholes":true},` +
	`{"type":"mdrnn","units":3,"directions":4,"concat":true,"init":"zero","gain":0.5},` +
	`{"type":"pyramid","features":[2,4,8],"steps":8,"outputs":2,"every":true,"input":1,"top":true,"wrap":true,"func":"tanh","prior":0.001,"range":0.1},` +
	`{"type":"globalaveragepool"},` +
	`{"type":"collapse"},` +
	`{"type":"corner"},` +
	`{"type":"highway","body":[{"type":"dense","out":32}],"gate":[{"type":"dense","out":32,"bias":-2}]},` +
	`{"type":"residual","body":[{"type":"batchnorm"},{"type":"dense","out":32}],"scale":0.5,"shortcut":[{"type":"zeropad","channels":3,"stride":2}]}]`

func TestSpecsJSON(t *testing.T) {
	want := Specs{
		Flatten{},
		Dense{Out: 32, Init: "he-normal", Gain: 1.5, NoBias: true, Bias: -1, BiasStd: 0.5},
		BatchNorm{Eps: 0.001},
		LayerNorm{Eps: 0.002},
		Activation{Func: "relu"},
		CReLU{},
		Maxout{Out: 3, Pieces: 4, Init: "he-normal", Gain: 1.5, NoBias: true},
		Dropout{Rate: 0.25},
		Noise{Shift: 2, Scale: 1.25, ShiftSpread: 0.5, ScaleSpread: 0.1},
		Amplify{Factor: 2},
		RNN{Hidden: 3, Func: "relu", Init: "he-normal", Recurrent: "identity", Gain: 1.1, Norm: 0.9, Initial: true, K1: 2, K2: 4, Omega: 0.5},
		GRU{Hidden: 3, Init: "he-normal", Recurrent: "zero", K1: 1, K2: 2},
		LSTM{Hidden: 8, ForgetBias: 1, Init: "orthogonal", Peepholes: true, Truncated: true, K1: 1, K2: 2},
		LSTM1997{Blocks: 2, Size: 3, Range: 0.2, InputBias: -1, InputStep: -2, OutputBias: -3, OutputStep: -4, Truncated: true},
		SequentialRNN{Hidden: 2, Out: 3, Func: "tanh", OutFunc: "relu", Recurrence: "none", Logits: true, Init: "zero"},
		Chunker{Levels: 2, Hidden: 4, Surprise: 0.75, Truncation: 3, Collapse: 0.5, Read: "all", TimeScale: 10, Init: "zero"},
		Bidirectional{Body: Specs{TimeDense{Out: 2, Init: "zero", Gain: 3, NoBias: true, Bias: 1, BiasStd: 2}}},
		Last{},
		Conv{Channels: 4, Kernel: 3, Stride: 2, Pad: 1, Init: "he-normal", Gain: 1.5, NoBias: true, Bias: -2},
		Conv{Channels: 4, Kernel: 5, Same: true},
		AveragePool{Kernel: 3, Stride: 2, Pad: 1},
		MaxPool{Kernel: 4, Stride: 3, Pad: 2},
		Window{Height: 3, Width: 2},
		MDLSTM{Cells: 3, Directions: 1, Concat: true, ForgetBias: 0.5, Init: "zero", Peepholes: true},
		MDRNN{Units: 3, Directions: 4, Concat: true, Init: "zero", Gain: 0.5},
		Pyramid{Features: []int{2, 4, 8}, Steps: 8, Outputs: 2, Every: true, Input: 1, Top: true, Wrap: true, Func: "tanh", Prior: 0.001, Range: 0.1},
		GlobalAveragePool{},
		Collapse{},
		Corner{},
		Highway{Body: Specs{Dense{Out: 32}}, Gate: Specs{Dense{Out: 32, Bias: -2}}},
		Residual{Body: Specs{BatchNorm{}, Dense{Out: 32}}, Scale: 0.5, Shortcut: Specs{ZeroPad{Channels: 3, Stride: 2}}},
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
	// Every member of every spec that there is appears above.
	set := membersSet(want, map[string]bool{})
	for _, entry := range specTypes {
		s := entry.zero
		if !set[s.spec()] {
			t.Errorf("%s is not in this test", s.spec())
		}
		for f := range reflect.TypeOf(s).Fields() {
			if name := s.spec() + "." + f.Name; !set[name] {
				t.Errorf("%s is not in this test", name)
			}
		}
	}
}

// membersSet adds to set the names of specs, and of their members that are not zero.
func membersSet(specs Specs, set map[string]bool) map[string]bool {
	for _, s := range specs {
		set[s.spec()] = true
		for f, v := range reflect.ValueOf(s).Fields() {
			if body, ok := v.Interface().(Specs); ok {
				membersSet(body, set)
			}
			if !v.IsZero() {
				set[s.spec()+"."+f.Name] = true
			}
		}
	}
	return set
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
	for _, entry := range specTypes {
		s := entry.zero
		for f := range reflect.TypeOf(s).Fields() {
			if f.Tag.Get("json") == "" || f.Type != reflect.TypeFor[Specs]() && kinds[f.Type.Kind()] == "" {
				t.Errorf("%T.%s: want a json tag, and a type of those in kinds", s, f.Name)
			}
		}
	}
}

// Whatever is read can be written and read again, and building it gives a
// network or an error, soon and in little memory.
func FuzzSpecs(f *testing.F) {
	// One layer each: the fuzzer shortens what it finds, and of all layers at once that
	// takes it a minute or more, in which it tries nothing new.
	var every []json.RawMessage
	if err := json.Unmarshal([]byte(everySpec), &every); err != nil {
		f.Fatal(err)
	}
	for _, layer := range every {
		f.Add([]byte("["+string(layer)+"]"), 4)
	}
	f.Add([]byte(`[{"type":"dense","out":1000000000}]`), 1000000000)
	f.Add([]byte(`[{"type":"dense","out":500000000,"no_bias":true},{"type":"batchnorm"}]`), 1)
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
		// A vector, a sequence and an image, for the layers that take nothing else.
		for _, shape := range []Shape{{in}, {3, in}, {in, 6, 5}} {
			n, err := New[float32](shape, specs...)
			if err != nil {
				continue
			}
			if n.Dim() < 0 || n.Dim() > maxLen || n.Out().Len() < 1 {
				t.Fatalf("%s: %d weights, outputs %v", b, n.Dim(), n.Out())
			}
		}
	})
}

// A network has no memory before it computes, however large it is.
func TestNewTakesNoMemory(t *testing.T) {
	for _, tt := range []struct {
		in    Shape
		specs Specs
	}{
		{Shape{1}, Specs{Dense{Out: maxLen / 3, NoBias: true}, BatchNorm{}}},
		{Shape{maxLen / 3}, Specs{LayerNorm{}, Activation{Func: "relu"}, Dropout{Rate: 0.5}, Noise{Shift: 1, Scale: 1}}},
		{Shape{maxLen / 3}, Specs{Dense{Out: 2}, Activation{Func: "relu"}}},
		{Shape{1, 1, 1}, Specs{Conv{Channels: maxLen / 10, Kernel: 1, NoBias: true}, BatchNorm{}, GlobalAveragePool{}}},
		{Shape{1000, 10}, Specs{LSTM{Hidden: 5000}, LSTM1997{Blocks: 1000, Size: 2, Range: 0.1}, GRU{Hidden: 5000}, RNN{Hidden: 5000}}},
		{Shape{1, 1000, 1000}, Specs{MDLSTM{Cells: 10}, MDRNN{Units: 10}, Window{Height: 2, Width: 2}}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := New[float64](tt.in, tt.specs...)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%v %v: %v", tt.in, tt.specs, err)
			continue
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%v %v: %d bytes for %d weights, want at most 1 MB", tt.in, tt.specs, got, n.Dim())
		}
	}
}
