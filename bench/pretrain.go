package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/joust-bench/joust/network"
)

// posed is implemented by objectives whose data are in memory.
type posed interface {
	posed() (*Data, network.Specs)
}

func (o *supervised[T]) posed() (*Data, network.Specs) { return &o.data, o.net().Specs() }

// inputs are those of all training examples, labelled or not.
func (d *Data) inputs() []float64 {
	if len(d.Unlabelled) == 0 {
		return d.Train.X
	}
	return slices.Concat(d.Train.X, d.Unlabelled)
}

// pretrain returns the weights that the model's stage makes of init, the same
// for every optimizer, and charges its work. If the wall time is over first, the
// optimizer has none left, and init is what is scored. It reports whether the
// pairing makes no sense, with the reason in the result.
func (r *race) pretrain(ctx context.Context, m Model, init []float64) (w []float64, skip bool, err error) {
	if m.Stage == nil {
		return init, false, nil
	}
	stage, err := m.Stage(r.trial.Model.Config)
	if err != nil {
		return nil, false, err
	}
	o, ok := r.obj.(posed)
	if !ok {
		r.res.Status, r.res.Reason = Skipped, fmt.Sprintf("%s pretrains on inputs: the task has no data in memory", m.Name)
		return nil, true, nil
	}
	d, specs := o.posed()
	x := d.inputs()
	cost, err := stage.Cost(d.In, specs, len(x)/d.In.Len())
	if err != nil {
		return nil, false, err
	}
	if one := r.cost(1).Units(r.trial.GradCost); r.trial.Budget.Work > 0 && float64(cost)+one > r.trial.Budget.Work {
		return nil, false, fmt.Errorf("a budget of %g is too small: pretraining costs %d, and one evaluation %g", r.trial.Budget.Work, cost, one)
	}
	began := r.now()
	limited := ctx
	if wall := r.trial.Budget.Wall; wall > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, max(wall-began.Sub(r.started), time.Nanosecond))
		defer cancel()
	}
	w = slices.Clone(init)
	spent, err := stage.Run(limited, d.In, specs, w, x, rng(r.trial.Seed, StreamPretrain))
	r.res.Work.Forward += spent
	r.res.Timing.Pretrain = r.now().Sub(began)
	switch {
	case err == nil:
		return w, false, nil
	case ctx.Err() == nil && limited.Err() != nil:
		r.late, r.res.Reason = true, fmt.Sprintf("the wall time of %v was over before pretraining was", r.trial.Budget.Wall)
		return init, false, nil
	default:
		return nil, false, err
	}
}

// StartingWeights are those that optimizers get of a model on the task of o, which was
// posed with a seed: the initial ones, after what the model's stage makes of them.
func StartingWeights(ctx context.Context, o Objective, m Model, config json.RawMessage, seed uint64) ([]float64, error) {
	w := slices.Clone(o.Init())
	if m.Stage == nil {
		return w, nil
	}
	stage, err := m.Stage(config)
	if err != nil {
		return nil, err
	}
	in, ok := o.(posed)
	if !ok {
		return nil, fmt.Errorf("%s pretrains on inputs: the task has no data in memory", m.Name)
	}
	d, specs := in.posed()
	if _, err := stage.Run(ctx, d.In, specs, w, d.inputs(), rng(seed, StreamPretrain)); err != nil {
		return nil, err
	}
	return w, nil
}
