package models

import (
	"os"
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
		{"input that is too large", "input: [100000, 100000]\nlayers: []\n", "net.yaml: input: want at most"},
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

// Whatever a file says, it is a network that can be built or an error that names the
// file.
func FuzzDefinition(f *testing.F) {
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
