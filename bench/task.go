package bench

import (
	"encoding/json"
	"fmt"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// A Task poses a learning problem in the same form to every contender.
// [DefineTask] makes one from supervised data.
type Task struct {
	Name    string
	Summary string
	Refs    []string
	Goal    string // in words, such as "accuracy >= 0.95 on fresh points"
	Params  []optimizers.Param
	Images  bool // it makes images of images: its objective is a [Painter]
	// Prepare is called once when an experiment is read, before anything is
	// run or written, with a resolved configuration and the directory that
	// relative paths start from. It checks what New would trip over, and
	// returns the configuration with the hash of every file filled in, so
	// that the data are part of a trial's identity. Nil: nothing to prepare.
	Prepare func(config json.RawMessage, dir string) (json.RawMessage, error)
	// New poses the task.
	New func(config json.RawMessage, s Setup) (Objective, error)
}

// A Setup is what a task needs to pose itself to one contender.
type Setup struct {
	// Layers wires the network from inputs of shape in to outputs of shape
	// out, (Out), at every step (T, Out), or (k, H, W), the output layer included.
	// Where one output is asked for, a network may have one at every step, which is
	// then trained at all of them and scored at the last.
	Layers    func(in, out network.Shape) (network.Specs, error)
	Seed      uint64 // of data, splits, starting weights and minibatches
	Batch     int    // examples of a minibatch; 0: all
	Precision string // "float64" or "float32"
	Threads   int    // cores to use; results do not depend on it
	Dir       string // where relative paths start
}

// A Split names a part of the data.
type Split string

// The parts.
const (
	Train Split = "train" // what losses and gradients are computed on
	Valid Split = "valid" // what recommended points are scored on during a run
	Test  Split = "test"  // what the final point is scored on, once
)

// An Objective is a task posed to one network: a loss over flat weight
// vectors. It serves one trial, from one goroutine, and uses as many cores
// inside as its Setup allows. Results do not depend on how many.
type Objective interface {
	Goal() Goal
	// Init is the starting point, the same for every optimizer. The caller
	// owns it.
	Init() []float64
	Blocks() []optimizers.Block
	// Examples is the number of training examples, and Batch that of a
	// minibatch: what one loss costs.
	Examples() int
	Batch() int
	// HasGrad reports whether the loss can be differentiated; if not, the
	// second result says why.
	HasGrad() (bool, string)
	// Evaluate computes the loss of each candidate on the minibatch of the
	// given step, the same for all, and its gradient if need says so. It
	// fills evals, of the same length, reusing their Grad slices. A loss that
	// is not finite becomes +Inf.
	Evaluate(need optimizers.Need, candidates [][]float64, step int, evals []optimizers.Evaluation)
	// Score scores w on validation or test data: its outputs alone, without the
	// losses that layers have by themselves, which Evaluate has.
	Score(w []float64, s Split) Score
	// ScoreWork is what Score costs where it is charged: the passes over the
	// part itself, and those over training data that fix batch statistics.
	ScoreWork(s Split) (part, calibration Work)
	// Constant scores the best constant predictor on the test data.
	Constant() Score
	// Probe measures the gradient at w on one fixed batch; nil if there is no
	// gradient to measure.
	Probe(w []float64) []probe.Layer
}

// Unsuited is an error that says why a model makes no sense for a task, such as one that
// reads sequences where there are none: a trial of the two is skipped, not failed.
type Unsuited string

func (u Unsuited) Error() string { return string(u) }

// Metered is an [Objective] whose evaluations differ in cost, such as episodes that end
// early. Batch is then the most that one costs.
type Metered interface {
	Objective
	// Spent is the work of the last Evaluate.
	Spent() Work
}

// A Reacher is an [Objective] that says how far back the gradient gets.
type Reacher interface {
	// Reach is [probe.Reach] at w, on the examples of Probe; nil if no input is before
	// another.
	Reach(w []float64) []float64
	// Lags is [probe.Lags], likewise, in float64 whatever the precision is.
	Lags(w []float64) []float64
}

// A Surveyor is an [Objective] that can be looked into more closely, at the price of
// many passes: once at the start, and once at the end.
type Surveyor interface {
	// Survey is as Probe, for what takes longer.
	Survey(w []float64) *probe.Survey
}

// Examples is a set of examples in memory.
type Examples struct {
	N      int
	X      []float64 // inputs, [N][In.Len()]; 0 after the end of a sequence
	Labels []int32   // classes, [N] or [N][Steps]; nil unless the loss takes labels
	Y      []float64 // target values, [N][Out] or [N][Steps][Out]; nil unless the loss takes values

	// Lens is the number of steps of each sequence, from 1 to In[0]; nil: they
	// have all of them.
	Lens []int
	// Weights says how much each step of an example counts in its loss and its
	// metric, [N][Steps]. They are divided by their sum; 0 is a step without a
	// target. Nil: all steps up to the end of a sequence count alike.
	Weights []float64
	// LabelLens is, for the loss loss.CTC, how many labels each example has;
	// Labels is then [N][U], with U the most that any has.
	LabelLens []int
}

// Data is a supervised learning problem.
type Data struct {
	In  network.Shape // of one input: of a sequence, (T, F)
	Out int           // classes, or values to predict, at every step if there are
	// Steps is the number of steps at which there are outputs; 0: there is one
	// output for an example, such as a class for a whole sequence. The loss of an
	// example is the mean over its steps ([Examples.Weights]).
	Steps int
	// Image is what the outputs are, (k, H, W), where they are images; else nil.
	Image network.Shape
	Loss  loss.Kind
	Goal  Goal
	// Scale converts an error of the standardised target to its unit, for
	// the metrics "rmse" and "mae"; 0 counts as 1.
	Scale float64
	// Tolerance is the error below which a value is right, for the metrics
	// "accuracy" and "sequence-accuracy" with the loss loss.MSE.
	Tolerance          float64
	Train, Valid, Test Examples
	// Unlabelled are inputs without targets, [any number][In.Len()], which models
	// that pretrain use besides those of Train.
	Unlabelled []float64
}

// Outputs is the shape of what the network computes for one example, (Out), (Steps,
// Out), or that of an image.
func (d *Data) Outputs() network.Shape {
	switch {
	case d.Steps > 0:
		return network.Shape{d.Steps, d.Out}
	case d.Image != nil:
		return d.Image
	}
	return network.Shape{d.Out}
}

// DefineTask completes t with a configuration type C and a function that
// draws or reads the data. Equal seeds give equal data.
func DefineTask[C any](t Task, defaults C, build func(c C, seed uint64, dir string) (Data, error)) Task {
	t.Params = optimizers.Params(defaults)
	t.New = func(config json.RawMessage, s Setup) (Objective, error) {
		c, err := optimizers.Configure(defaults, config)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		d, err := build(c, Stream(s.Seed, StreamData), s.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		o, err := Supervise(d, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		return o, nil
	}
	return t
}
