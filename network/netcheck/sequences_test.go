package netcheck

import (
	"strings"
	"testing"

	"github.com/joust-bench/joust/network"
)

var (
	sequence  = network.Shape{4, 2}
	recurrent = network.Specs{network.LSTM{Hidden: 3}}
)

func cut(steps int) (model[float64], error) {
	n, err := network.New[float64](network.Shape{steps, 2}, recurrent...)
	return actual[float64]{n}, err
}

// Whatever is wrong about the ends of sequences, the check says so.
func TestMutantsOfSequencesAreCaught(t *testing.T) {
	var lens []int // of the last forward pass
	for _, tt := range []struct {
		name string
		m    mutant
		want string
	}{
		{"no mutation", mutant{}, ""},
		{
			"lengths are ignored",
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				x.Lens = nil
				return m.Forward(p, w, x)
			}},
			"output at step 1 of example 0, which has 1:",
		},
		{
			"sequences end a step early",
			mutant{forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
				lens = nil
				for _, n := range x.Lens {
					lens = append(lens, max(1, n-1))
				}
				x.Lens = lens
				return m.Forward(p, w, x)
			}},
			"as alone with its",
		},
		{
			"the gradient of an input after the end",
			mutant{
				forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
					lens = x.Lens
					return m.Forward(p, w, x)
				},
				backward: func(m inner, w, dw []float64, dy tensor) tensor {
					dx := m.Backward(w, dw, dy)
					afterEnd(dx, lens, func(_, _ int, v *float64) { *v = 1e-9 })
					return dx
				},
			},
			"gradient of an input at step 1 of example 0, which has 1: 1e-09",
		},
		{
			"output gradients after the end are read",
			mutant{
				forward: func(m inner, p network.Pass, w []float64, x tensor) tensor {
					lens = x.Lens
					return m.Forward(p, w, x)
				},
				backward: func(m inner, w, dw []float64, dy tensor) tensor {
					dx := m.Backward(w, dw, dy)
					afterEnd(dy, lens, func(_, _ int, v *float64) { dw[0] += 0 * *v })
					return dx
				},
			},
			"with NaN after the ends, gradients of the weights change",
		},
	} {
		f64, err := network.New[float64](sequence, recurrent...)
		if err != nil {
			t.Fatal(err)
		}
		f32, err := network.New[float32](sequence, recurrent...)
		if err != nil {
			t.Fatal(err)
		}
		tt.m.inner = actual[float64]{f64}
		_, err = sequencesOf(&tt.m, actual[float32]{f32}, cut).check()
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: error %v, want none", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

func TestSequencesFailsItsTest(t *testing.T) {
	for _, in := range []network.Shape{{3}, {4, 2}} {
		bad := &tb{}
		Sequences(bad, in, network.LSTM{})
		if bad.failed == "" {
			t.Errorf("%v: a network that cannot be built passes", in)
		}
	}
	good := &tb{}
	Sequences(good, sequence, recurrent...)
	if good.failed != "" {
		t.Errorf("a network without fault fails: %s", good.failed)
	}
}
