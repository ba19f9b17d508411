package models

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

const wholeNet = `
input: [1, 6, 6]
layers:
  - {type: conv, channels: 2, kernel: 3}
  - type: residual
    body:
      - {type: conv, channels: 2, kernel: 3, same: true}
      - {type: activation, func: tanh}
  - {type: flatten}
  - {type: dense, out: 3}
loss: softmax-cross-entropy
`

func TestDefinition(t *testing.T) {
	got, err := ParseDefinition("net.yaml", []byte(wholeNet))
	if err != nil {
		t.Fatal(err)
	}
	want := Definition{
		Input: network.Shape{1, 6, 6},
		Layers: network.Specs{
			network.Conv{Channels: 2, Kernel: 3},
			network.Residual{Body: network.Specs{network.Conv{Channels: 2, Kernel: 3, Same: true}, network.Activation{Func: "tanh"}}},
			network.Flatten{},
			network.Dense{Out: 3},
		},
		Loss: loss.SoftmaxCrossEntropy,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want (-), read (+):\n%s", d)
	}
}

// Errors are at the line of the layer that is wrong, however deep.
func TestDefinitionErrors(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"no input", "layers: []\n", "net.yaml: no input, want its shape, such as input: [64]"},
		{"unknown loss", "input: [2]\nlayers: []\nloss: [1]\n", "net.yaml:3:1: loss: [1], want one of softmax-cross-entropy, binary-cross-entropy, mse"},
		{"loss of too few", "input: [1]\nlayers: []\nloss: softmax-cross-entropy\n", "net.yaml:3:1: loss: softmax-cross-entropy: want an output for each of at least 2 classes, got 1"},
		{"kernel", strings.Replace(wholeNet, "channels: 2, kernel: 3}", "channels: 2, kernel: 7}", 1), "net.yaml:4:5: layer 0 (conv): "},
		{"kernel in a block", strings.Replace(wholeNet, "kernel: 3, same: true", "kernel: 9", 1), "net.yaml:7:9: layer 1 (residual): layer 0 (conv): "},
		{"shape of a block", strings.Replace(wholeNet, "channels: 2, kernel: 3, same: true", "channels: 3, kernel: 3, same: true", 1), "net.yaml:5:5: layer 1 (residual): want a body that keeps the shape"},
		{"activation in a block", strings.Replace(wholeNet, "func: tanh", "func: than", 1), `net.yaml:8:9: layers[1].body[1]: activation "than", want one of `},
		{"input that is too large", "input: [100000, 100000]\nlayers: []\n", "net.yaml:1:1: input: [100000,100000], want at most 10000000 values"},
	} {
		if _, err := ParseDefinition("net.yaml", []byte(tt.content)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
	}
	path := netFile(t, wholeNet) + string(os.PathSeparator) + "net.yaml"
	if _, err := ReadDefinition(path); err != nil {
		t.Errorf("a file that is right: %v", err)
	}
	if _, err := ReadDefinition(path + "l"); err == nil || !strings.HasPrefix(err.Error(), path+"l: ") {
		t.Errorf("no file: %v, want its name", err)
	}
}

// everyLayer are files that are right, and have every type of layer.
var everyLayer = []string{
	"input: [2, 4, 4]\nlayers:\n- {type: conv, channels: 3, kernel: 3, same: true, stride: 1, init: he-normal}\n- {type: batchnorm}\n- {type: averagepool, kernel: 2}\n- {type: maxpool, kernel: 2}\n- {type: flatten}\nloss: mse\n",
	"input: [2, 4, 4]\nlayers:\n- {type: zeropad, channels: 4, stride: 2}\n- {type: globalaveragepool}\n",
	"input: [2, 5, 4]\nlayers:\n- {type: window, height: 2, width: 2}\n- {type: mdlstm, cells: 2, peepholes: true, concat: true, directions: 4}\n- {type: mdrnn, units: 3, gain: 0.5}\n- {type: corner}\n",
	"input: [2, 4, 5]\nlayers: [{type: collapse}, {type: time-dense, out: 3}]\n",
	"input: [1, 8, 8]\nlayers: [{type: pyramid, features: [2, 4, 0], steps: 3, input: 2, wrap: true, prior: 0.01}]\n",
	"input: [6]\nlayers:\n- {type: maxout, out: 4, pieces: 3}\n- {type: crelu}\n- {type: layernorm}\n- {type: dropout, rate: 0.2}\n- {type: noise, shift: 0.5, scale: 1.2}\n- {type: amplify, factor: 2}\n- {type: dense, out: 2, bias: -1}\nloss: softmax-cross-entropy\n",
	"input: [4]\nlayers:\n- type: highway\n  body: [{type: dense, out: 4}, {type: activation, func: tanh}]\n  gate: [{type: dense, out: 4, bias: -2}, {type: activation, func: sigmoid}]\n- type: residual\n  scale: 0.5\n  body: [{type: dense, out: 6}]\n  shortcut: [{type: dense, out: 6, no_bias: true}]\n",
	"input: [5, 3]\nlayers:\n- {type: bidirectional, body: [{type: lstm, hidden: 2, truncated: true}]}\n- {type: gru, hidden: 3, k1: 2, k2: 3}\n- {type: rnn, hidden: 3, recurrent: identity, func: relu, omega: 1}\n- {type: lstm1997, blocks: 2, size: 2}\n- {type: sequential-rnn, hidden: 2, out: 2, recurrence: self}\n- {type: last}\n",
	"input: [5, 3]\nlayers: [{type: chunker, levels: 2, hidden: 3, surprise: 0.9, truncation: 3, collapse: 1, read: all}]\n",
}

func TestEveryLayer(t *testing.T) {
	for _, content := range everyLayer {
		if _, err := ParseDefinition("net.yaml", []byte(content)); err != nil {
			t.Errorf("%s%v", content, err)
		}
	}
	for _, l := range network.LayerTypes() {
		if !slices.ContainsFunc(everyLayer, func(c string) bool { return strings.Contains(c, "type: "+l.Name) }) {
			t.Errorf("no file has the layer %s", l.Name)
		}
	}
}

// Names are looked up in every layer, nested ones too, before there is a task.
func TestNamesOfEveryLayer(t *testing.T) {
	for _, l := range network.LayerTypes() {
		for _, m := range l.Members {
			switch m.Name {
			case "init", "recurrent", "func", "out_func":
				content := fmt.Sprintf("layers:\n- type: bidirectional\n  body:\n  - {type: %s, %s: nonesuch}\n", l.Name, m.Name)
				f, err := parseNetwork("net.yaml", []byte(content))
				if err == nil {
					err = f.check()
				}
				if err == nil || !strings.HasPrefix(err.Error(), "net.yaml:4:5: layers[0].body[0]: ") || !strings.Contains(err.Error(), `"nonesuch", want one of `) {
					t.Errorf("%s: error %v, want one that says so", content, err)
				}
			}
		}
	}
}

// Whatever a file says, it is a network that can be built or an error that names the
// file.
func FuzzDefinition(f *testing.F) {
	for _, content := range everyLayer {
		f.Add([]byte(content))
	}
	f.Add([]byte(wholeNet))
	f.Add([]byte("input: [2]\nlayers: &all\n- {type: residual, body: *all}\n"))
	f.Add([]byte("input: [3, 4]\nlayers: [{type: lstm, hidden: 2}, {type: last}, {type: amplify, factor: 2}]\nloss: mse\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := ParseDefinition("net.yaml", content)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "net.yaml:") {
				t.Errorf("error %q, want it to begin with the file", err)
			}
			return
		}
		if _, err := network.New[float64](d.Input, d.Layers...); err != nil {
			t.Errorf("a definition that cannot be built: %v", err)
		}
	})
}
