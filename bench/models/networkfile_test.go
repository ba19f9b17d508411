package models

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/joust-bench/joust/network"
)

const residualNet = `# two layers and a block
input: [64]
layers:
  - {type: dense, out: 32, init: he-normal}
  - {type: activation, func: relu}
  - type: residual
    scale: 0.5
    body:
      - {type: dense, out: 32, no_bias: true}
      - type: batchnorm
      - {type: activation, func: "tanh"}
`

var residualSpecs = network.Specs{
	network.Dense{Out: 32, Init: "he-normal"},
	network.Activation{Func: "relu"},
	network.Residual{Scale: 0.5, Body: network.Specs{
		network.Dense{Out: 32, NoBias: true},
		network.BatchNorm{},
		network.Activation{Func: "tanh"},
	}},
}

// netFile writes a network file, and returns its directory.
func netFile(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "net.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNetworkFile(t *testing.T) {
	dir := netFile(t, residualNet)
	config, err := file().Prepare(json.RawMessage(`{"path":"net.yaml"}`), dir)
	if err != nil {
		t.Fatal(err)
	}
	output := network.Dense{Out: 10}
	for _, c := range []struct {
		in   network.Shape
		want network.Specs
	}{
		{network.Shape{64}, append(append(network.Specs{}, residualSpecs...), output)},
		{network.Shape{1, 8, 8}, append(append(network.Specs{network.Flatten{}}, residualSpecs...), output)},
	} {
		n, specs := build(t, file(), string(config), dir, c.in, 10)
		if diff := cmp.Diff(c.want, specs); diff != "" {
			t.Errorf("inputs %v (-want +got):\n%s", c.in, diff)
		}
		// By hand: dense, dense without bias, gamma and beta, output.
		if want := (64*32 + 32) + 32*32 + 2*32 + (32*10 + 10); n.Dim() != want {
			t.Errorf("inputs %v: %d weights, want %d", c.in, n.Dim(), want)
		}
	}
	_, err = file().Layers(config, dir, network.Shape{2}, network.Shape{1})
	if want := "network: " + filepath.Join(dir, "net.yaml") + ":2:1: input: (64), want (2), the shape of the task's inputs"; err == nil || err.Error() != want {
		t.Errorf("two inputs:\n got %v\nwant %s", err, want)
	}
}

func TestNetworkFileWithoutInputFitsEveryTask(t *testing.T) {
	dir := netFile(t, "layers:\n- {type: dense, out: 3}\n")
	for _, in := range []network.Shape{{2}, {1, 4, 4}} {
		build(t, file(), `{"path":"net.yaml"}`, dir, in, 2)
	}
	// No layers but the output layer: a linear model.
	dir = netFile(t, "layers: []")
	if n, _ := build(t, file(), `{"path":"net.yaml"}`, dir, network.Shape{4}, 2); n.Dim() != 10 {
		t.Errorf("no layers: %d weights, want 10", n.Dim())
	}
	// An image as it is.
	dir = netFile(t, "input: [1, 2, 2]\nlayers: [{type: batchnorm}, {type: flatten}]")
	if _, specs := build(t, file(), `{"path":"net.yaml"}`, dir, network.Shape{1, 2, 2}, 2); len(specs) != 3 {
		t.Errorf("layers %v, want those of the file and the output layer", specs)
	}
}

func TestNetworkFileIsPartOfTheTrial(t *testing.T) {
	dir := netFile(t, residualNet)
	config, err := file().Prepare(json.RawMessage(`{"path":"net.yaml"}`), dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := file().Prepare(config, dir)
	if err != nil || string(again) != string(config) {
		t.Errorf("prepared again: %s, %v, want %s", again, err, config)
	}
	if err := os.WriteFile(filepath.Join(dir, "net.yaml"), []byte(residualNet+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"Layers":  second(file().Layers(config, dir, network.Shape{64}, network.Shape{2})),
		"Prepare": second(file().Prepare(config, dir)),
	} {
		if err == nil || !strings.Contains(err.Error(), "net.yaml: has changed since the experiment was planned (sha256 ") {
			t.Errorf("%s of a changed file: error %v, want one that says so", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestNetworkFileErrors(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "net.yaml: empty, want a mapping with layers"},
		{"only a comment", "# later\n", "net.yaml: empty, want a mapping with layers"},
		{"two documents", "layers: []\n---\nlayers: []\n", "net.yaml: 2 YAML documents, want one"},
		{"a list", "- {type: dense}\n", "net.yaml:1:1: want a mapping with layers"},
		{"no layers", "input: [4]\n", "net.yaml: no layers, want a list of them"},
		{"unknown key", "layers: []\nimput: [4]\n", `net.yaml:2:1: unknown key "imput", did you mean input? (keys: input, layers, loss)`},
		{"key twice", "layers: []\nlayers: []\n", `net.yaml:2:1: mapping key "layers" already defined at [1:1]`},
		{"broken YAML", "layers:\n  - {type: dense\n", "net.yaml:2:5: could not find flow mapping end token '}'"},
		{"input of text", "input: wide\nlayers: []\n", `net.yaml:1:1: input: "wide", want a shape such as [64] or [1, 28, 28]`},
		{"input of nothing", "input: []\nlayers: []\n", `net.yaml:1:1: input: [], want a shape such as [64] or [1, 28, 28]`},
		{"input of zero", "layers: []\ninput: [4, 0]\n", `net.yaml:2:1: input: [4,0], want a shape such as [64] or [1, 28, 28]`},
		{"layers of text", "layers: many\n", `net.yaml:1:1: layers: want a list of layers, got "many"`},
		{"layers of nothing", "layers:\n", `net.yaml:1:1: layers: want a list of layers, got null`},
		{"unknown member", "layers:\n  - {type: activation, func: relu}\n  - {type: dense, ouy: 3}\n", `net.yaml:3:19: layers[1]: unknown member "ouy" of dense, want out, init, gain, no_bias`},
		{"unknown member of a block", "layers:\n  - type: residual\n    body:\n      - type: dense\n        out: 3\n        biased: false\n", `net.yaml:6:9: layers[0].body[0]: unknown member "biased" of dense, want out, init, gain, no_bias`},
		{"unknown type", "layers:\n  - type: dense\n    out: 2\n  - type: dance\n    out: 2\n", `net.yaml:4:5: layers[1]: unknown type "dance", want one of activation, `},
		{"no type", "layers: [{out: 3}]\n", `net.yaml:1:10: layers[0]: no type, want one of activation, `},
		{"value of a wrong type", "layers: [{type: dense, out: wide}]\n", `net.yaml:1:24: layers[0].out: want an integer, got "wide"`},
		{"unknown activation", "layers: [{type: residual, body: [{type: activation, func: rleu}]}]\n", "net.yaml:1:34: layers[0].body[0]: "},
		{"unknown initializer", "layers: [{type: dense, out: 3, init: he}]\n", "net.yaml:1:10: layers[0]: "},
		{"layers that do not fit", "input: [3]\nlayers:\n- {type: dense, out: 4}\n- {type: residual, body: [{type: dense, out: 5}]}\n", "net.yaml:4:3: layer 1 (residual): "},
		{"an alias", "layers:\n- &a {type: dense, out: 4}\n- *a\n", "net.yaml:2:3: anchors and aliases are not supported, write the value again"},
		{"a number for a key", "layers: [{1: 2}]\n", "net.yaml:1:11: key 1, want a name"},
		{"infinity", "layers: [{type: dense, out: .inf}]\n", "net.yaml:1:29: .inf, want a finite number"},
	} {
		dir := netFile(t, c.content)
		_, err := file().Prepare(json.RawMessage(`{"path":"net.yaml"}`), dir)
		want := dir + string(filepath.Separator) + c.want
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, want)
		}
	}
}

func TestNetworkFileUnreadable(t *testing.T) {
	dir := netFile(t, strings.Repeat("#", maxFile+1))
	for _, c := range []struct{ config, want string }{
		{`{}`, `path: "", want the name of a network file`},
		{`{"path":"not.yaml"}`, "not.yaml: no such file or directory"},
		{`{"path":"."}`, "not a regular file"},
		{`{"path":"net.yaml"}`, "net.yaml: 1048577 bytes, want at most 1048576"},
		{`{"file":"net.yaml"}`, `"file": no such member`},
	} {
		for name, err := range map[string]error{
			"Layers":  second(file().Layers(json.RawMessage(c.config), dir, network.Shape{64}, network.Shape{2})),
			"Prepare": second(file().Prepare(json.RawMessage(c.config), dir)),
		} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %s: error %v, want %s", name, c.config, err, c.want)
			}
		}
	}
}

// A file that is deeply nested must not exhaust the stack, which cannot be
// recovered from.
func TestNetworkFileDeeplyNested(t *testing.T) {
	for _, content := range []string{
		"layers: " + strings.Repeat("[", maxFile/20),
		"layers: " + strings.Repeat("{a: ", maxFile/20),
		strings.Repeat("- ", maxFile/20),
		strings.Repeat("? ", maxFile/20),
		strings.Repeat("!a ", maxFile/20),
	} {
		_, err := parseNetwork("net.yaml", []byte(content))
		if err == nil || !strings.HasSuffix(err.Error(), "nested more than 100 deep, want less") {
			t.Errorf("%.20s...: error %v, want one that says so", content, err)
		}
	}
	var indented strings.Builder
	for i := 0; indented.Len() < maxFile; i++ {
		fmt.Fprintf(&indented, "%*s:\n", i+1, "a")
	}
	if _, err := parseNetwork("net.yaml", []byte(indented.String()[:maxFile])); err == nil {
		t.Error("nested by indentation: no error")
	}
}

func FuzzNetworkFile(f *testing.F) {
	for _, content := range everyLayer {
		_, layers, _ := strings.Cut(content, "layers:")
		f.Add([]byte("layers:" + layers))
	}
	f.Add([]byte(residualNet))
	f.Add([]byte("layers: [{type: dense, out: 3, gain: 1e3}]\ninput:\n- 4"))
	f.Add([]byte("layers:\n- &a {type: residual, body: []}\n- *a\n- <<: *a"))
	f.Add([]byte("layers: |\n  text\n? {a: b}\n: !!int 3"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := parseNetwork("net.yaml", content)
		if err == nil {
			err = file.check()
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "net.yaml:") {
				t.Errorf("error %q, want it to begin with the file", err)
			}
			return
		}
		for _, in := range []network.Shape{{6}, {5, 3}, {2, 4, 4}} {
			if _, err := file.wire(in, network.Shape{2}); err != nil && !strings.HasPrefix(err.Error(), "net.yaml:") {
				t.Errorf("inputs %v: error %q, want it to begin with the file", in, err)
			}
		}
		// What was read can be written and read again.
		b, err := json.Marshal(file.layers)
		if err != nil {
			t.Fatal(err)
		}
		var again network.Specs
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(file.layers, again, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}
