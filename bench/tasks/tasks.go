package tasks

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
	"github.com/joust-bench/joust/optimizers"
)

// All returns the tasks in the order in which lists and reports show them.
func All() []bench.Task {
	return []bench.Task{
		xor(),
		parity(),
		spirals(),
		moons(),
		clusters(),
		strokes(),
		glyphs(),
		shapeset(),
		occlusion(),
		denoise(),
		superResolution(),
		faces(),
		bars(),
		latch(),
		twoSequence(),
		parityOverTime(),
		noiseFree(),
		noisyLag(),
		reber(),
		embeddedReber(),
		adding(),
		temporalOrder(),
		copyMemory(),
		sequentialDigits(),
		ctcDigits(),
		pole(),
		corner(),
		chunks(),
		csv(),
		idx(),
	}
}

// The random streams of a task's data. Each part has one of its own, so that
// the size of one part does not change what is in the others.
const (
	streamTrain = iota + 1
	streamValid
	streamTest
	streamWorld // what the parts share
	streamSplit
	streamUnlabelled
	streamBent
)

func stream(seed, which uint64) *rand.Rand {
	return rand.New(rand.NewPCG(bench.Stream(seed, which), 0))
}

// fresh draws the three parts of a task whose data never run out.
func fresh(seed uint64, train, rest int, draw func(n int, rng *rand.Rand) data.Set) (_, valid, test data.Set) {
	return draw(train, stream(seed, streamTrain)), draw(rest, stream(seed, streamValid)), draw(rest, stream(seed, streamTest))
}

// accuracy is the goal of a classification; target 0 is none.
func accuracy(target float64) bench.Goal {
	g := bench.Goal{Metric: bench.Metric{Name: "accuracy", Higher: true}}
	if target > 0 {
		g.Target = &target
	}
	return g
}

// classify poses a classification: two classes to one output, which is the
// log-odds of the second, and more to an output each.
func classify(in network.Shape, classes int, goal bench.Goal, train, valid, test data.Set) bench.Data {
	d := bench.Data{In: in, Out: classes, Loss: loss.SoftmaxCrossEntropy, Goal: goal}
	if classes == 2 {
		d.Out, d.Loss = 1, loss.BinaryCrossEntropy
		train, valid, test = train.Binary(), valid.Binary(), test.Binary()
	}
	d.Train, d.Valid, d.Test = bench.Examples(train), bench.Examples(valid), bench.Examples(test)
	return d
}

// prepare makes a bench.Task's Prepare of a function that checks a
// configuration and completes it.
func prepare[C any](defaults C, complete func(c *C, dir string) error) func(json.RawMessage, string) (json.RawMessage, error) {
	return func(config json.RawMessage, dir string) (json.RawMessage, error) {
		c, err := optimizers.Configure(defaults, config)
		if err != nil {
			return nil, err
		}
		if err := complete(&c, dir); err != nil {
			return nil, err
		}
		b, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		return optimizers.Resolve(optimizers.Params(defaults), b)
	}
}

// locate returns where a path of a configuration leads from dir.
func locate(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
