package plugins_test

import (
	"context"
	"fmt"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/protocol"
)

// DescentConfig configures [Descent].
type DescentConfig struct {
	LR float64 `json:"lr" doc:"learning rate" range:"(0,10]" scale:"log"`
}

// Descent is gradient descent, as the author of a plugin would write it.
var Descent = optimizers.Define(optimizers.Definition{
	Name:    "descent",
	Summary: "Steps against the gradient.",
	Need:    optimizers.NeedGrad,
}, DescentConfig{LR: 0.1}, newDescent)

type descent struct {
	lr float64
	w  []float64
}

func newDescent(cfg DescentConfig, p optimizers.Problem) (*descent, error) {
	return &descent{lr: cfg.LR, w: append([]float64(nil), p.Init...)}, nil
}

func (d *descent) Ask() ([][]float64, error) { return [][]float64{d.w}, nil }

func (d *descent) Tell(evals []optimizers.Evaluation) error {
	for i, g := range evals[0].Grad {
		d.w[i] -= d.lr * g
	}
	return nil
}

func (d *descent) Recommend() []float64 { return d.w }

func (d *descent) MarshalBinary() ([]byte, error) {
	return optimizers.SaveState("descent/1", d.w)
}

func (d *descent) UnmarshalBinary(data []byte) error {
	return optimizers.LoadState("descent/1", data, d.w)
}

// The main function of a plugin has one line.
func ExampleServe() {
	main := func() {
		plugins.Serve(Descent)
	}
	_ = main
}

// A server in this process answers as a plugin does.
func ExampleNewServer() {
	ctx := context.Background()
	s := plugins.NewServer(Descent)
	weights := protocol.AppendFloats(nil, []float64{1, -2})
	_, err := s.Init(ctx, &protocol.InitRequest{
		Run: "1", Optimizer: "descent", Config: `{"lr":0.25}`, Dim: 2, Threads: 1,
		Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: weights}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var tell *protocol.Tell
	for range 3 {
		answer, err := s.Step(ctx, &protocol.StepRequest{Run: "1", Tell: tell, Ask: &protocol.Ask{}})
		if err != nil {
			fmt.Println(err)
			return
		}
		w := protocol.Floats(answer.Asked.Rows.GetData())
		x, y := w[0], w[1]
		fmt.Println(answer.Asked.Batch, w)
		grad := protocol.AppendFloats(nil, []float64{2 * x, 2 * y})
		tell = &protocol.Tell{
			Batch:  answer.Asked.Batch,
			Losses: []float64{x*x + y*y},
			Grads:  &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: grad}},
		}
	}
	// Output:
	// 1 [1 -2]
	// 2 [0.5 -1]
	// 3 [0.25 -0.5]
}
