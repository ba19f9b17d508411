package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/loss"
)

// hochreiter is where most of the sequences come from.
const (
	hochreiter = "Hochreiter & Schmidhuber 1997, Long short-term memory, doi:10.1162/neco.1997.9.8.1735"
	guessing   = "Hochreiter & Schmidhuber 1996, Guessing can outperform many long time lag algorithms, IDSIA-19-96"
	bengio     = "Bengio, Simard & Frasconi 1994, Learning long-term dependencies with gradient descent is difficult, doi:10.1109/72.279181"
)

// towards is a goal; target 0 is none.
func towards(m bench.Metric, target float64) bench.Goal {
	g := bench.Goal{Metric: m}
	if target > 0 {
		g.Target = &target
	}
	return g
}

// sequenceAccuracy is the goal of having every step of a sequence right.
func sequenceAccuracy(target float64) bench.Goal {
	return towards(bench.Metric{Name: "sequence-accuracy", Higher: true}, target)
}

// regress poses the prediction of one value.
func regress(in network.Shape, goal bench.Goal, train, valid, test data.Set) bench.Data {
	return bench.Data{
		In: in, Out: 1, Loss: loss.MSE, Goal: goal,
		Train: bench.Examples(train), Valid: bench.Examples(valid), Test: bench.Examples(test),
	}
}

// label poses a classification at every one of so many steps.
func label(in network.Shape, classes int, goal bench.Goal, train, valid, test data.Set) bench.Data {
	return bench.Data{
		In: in, Out: classes, Steps: in[0], Loss: loss.SoftmaxCrossEntropy, Goal: goal,
		Train: bench.Examples(train), Valid: bench.Examples(valid), Test: bench.Examples(test),
	}
}
