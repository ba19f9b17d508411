package models

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

func recurrent() []bench.Model {
	return []bench.Model{rnn(), irnn(), gru(), lstm(), lstm1997(), bidirectional(), sequentialRNN()}
}

func layers(t *testing.T, m bench.Model, config string, in, out network.Shape) network.Specs {
	t.Helper()
	specs, err := m.Layers(json.RawMessage(config), "", in, out)
	if err != nil {
		t.Fatalf("%s %s: %v", m.Name, config, err)
	}
	return specs
}

// Every recurrent model goes from sequences to an output at the end, or one at every
// step.
func TestRecurrentModels(t *testing.T) {
	in := network.Shape{6, 3}
	for _, m := range recurrent() {
		for _, out := range []network.Shape{{2}, {6, 2}} {
			specs := layers(t, m, `{}`, in, out)
			n, err := network.New[float64](in, specs...)
			if err != nil {
				t.Fatalf("%s to %v: %v", m.Name, out, err)
			}
			if diff := cmp.Diff(out, n.Out()); diff != "" {
				t.Errorf("%s to %v (-want +got):\n%s", m.Name, out, diff)
			}
		}
		_, err := m.Layers(json.RawMessage(`{}`), "", network.Shape{6}, network.Shape{2})
		if want := m.Name + ": inputs of shape (6), want sequences, (T, F)"; err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", m.Name, err, want)
		}
	}
}

// The gradients of the models are those of what they compute, but for truncated ones.
func TestRecurrentModelsHaveGradients(t *testing.T) {
	in := network.Shape{4, 2}
	small := `{"hidden":3}`
	for _, m := range recurrent() {
		config := small
		if m.Name == "lstm-1997" {
			config = `{"truncated":false,"range":1}`
		}
		netcheck.Sequences(t, in, layers(t, m, config, in, network.Shape{2})...)
		netcheck.Sequences(t, in, layers(t, m, config, in, network.Shape{4, 1})...)
	}
}

func TestRecurrentLayersAreThoseOfThePapers(t *testing.T) {
	in := network.Shape{5, 3}
	last, output := network.Last{}, network.Dense{Out: 2, Init: "xavier-uniform"}
	for _, tt := range []struct {
		model  bench.Model
		config string
		out    network.Shape
		want   network.Specs
	}{
		{rnn(), `{"hidden":4,"activation":"sigmoid","gain":0.5,"k1":1,"k2":3}`, network.Shape{2}, network.Specs{
			network.RNN{Hidden: 4, Func: "sigmoid", Init: "xavier-uniform", Recurrent: "lecun-normal", Gain: 0.5, K1: 1, K2: 3}, last, output,
		}},
		{rnn(), `{"hidden":4,"layers":2,"recurrent":"orthogonal","norm":0.9,"omega":2}`, network.Shape{5, 2}, network.Specs{
			network.RNN{Hidden: 4, Func: "tanh", Init: "xavier-uniform", Recurrent: "orthogonal", Norm: 0.9, Omega: 2},
			network.RNN{Hidden: 4, Func: "tanh", Init: "xavier-uniform", Recurrent: "orthogonal", Norm: 0.9, Omega: 2},
			network.TimeDense{Out: 2, Init: "xavier-uniform"},
		}},
		{irnn(), `{"hidden":4,"gain":1.1}`, network.Shape{2}, network.Specs{
			network.RNN{Hidden: 4, Func: "relu", Init: "xavier-uniform", Recurrent: "identity", Gain: 1.1}, last, output,
		}},
		{gru(), `{"hidden":4,"k2":2}`, network.Shape{2}, network.Specs{network.GRU{Hidden: 4, Init: "xavier-uniform", K2: 2}, last, output}},
		{lstm(), `{"hidden":4,"peepholes":true,"truncated":true,"k1":1,"k2":2}`, network.Shape{2}, network.Specs{
			network.LSTM{Hidden: 4, ForgetBias: 1, Init: "xavier-uniform", Peepholes: true, Truncated: true, K1: 1, K2: 2}, last, output,
		}},
		{bidirectional(), `{"hidden":4,"forget_bias":0}`, network.Shape{5, 2}, network.Specs{
			network.Bidirectional{Body: network.Specs{network.LSTM{Hidden: 4, Init: "xavier-uniform"}}}, network.TimeDense{Out: 2, Init: "xavier-uniform"},
		}},
		{lstm1997(), `{"output_bias":-2,"output_step":-2}`, network.Shape{1}, network.Specs{
			network.LSTM1997{Blocks: 2, Size: 2, Range: 0.1, InputBias: -3, InputStep: -3, OutputBias: -2, OutputStep: -2, Truncated: true},
			last,
			network.Dense{Out: 1},
		}},
		{sequentialRNN(), `{"hidden":10,"activation":"tanh","recurrence":"none"}`, network.Shape{1}, network.Specs{
			network.SequentialRNN{Hidden: 10, Out: 1, Func: "tanh", Recurrence: "none", Logits: true, Init: "xavier-uniform"}, last,
		}},
	} {
		if diff := cmp.Diff(tt.want, layers(t, tt.model, tt.config, in, tt.out)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.model.Name, tt.config, diff)
		}
	}
	for _, config := range []string{`{"hidden":0}`, `{"recurrence":"full"}`, `{"gain":0}`} {
		if _, err := rnn().Layers(json.RawMessage(config), "", in, network.Shape{2}); err == nil || !strings.HasPrefix(err.Error(), "rnn: ") {
			t.Errorf("rnn %s: error %v, want one that begins with the model", config, err)
		}
	}
}
