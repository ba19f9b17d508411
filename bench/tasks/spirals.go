package tasks

import (
	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
)

// betweenSteps places three test points between two training points.
const betweenSteps = 4

// spirals is solved when the 194 training points are, which is the criterion
// of the paper (and of Fahlman & Lebiere 1990); how well the gaps between them
// are filled is the test.
func spirals() bench.Task {
	return bench.DefineTask(bench.Task{
		Name:    "two-spirals",
		Summary: "two interlocked spirals of 97 points in the plane, tested on the points between; a constant predictor has accuracy 0.5",
		Refs: []string{
			"Lang & Witbrock 1988, Learning to tell two spirals apart, Proc. Connectionist Models Summer School",
			"Fahlman & Lebiere 1990, The cascade-correlation learning architecture, NIPS 2",
		},
		Goal: "accuracy 1 on the 194 training points",
	}, struct{}{}, spiralsData)
}

func spiralsData(_ struct{}, seed uint64, _ string) (bench.Data, error) {
	train := data.Spirals()
	train = train.Pick(stream(seed, streamTrain).Perm(train.N))
	return classify(network.Shape{2}, 2, accuracy(1), train, train, data.SpiralsBetween(betweenSteps)), nil
}
