package bench_test

import (
	"context"
	"fmt"
	"log"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers/builtin"
)

// A race in a program: the grid of an experiment, a runner, and somewhere to
// keep the results. Four XOR patterns, three optimizers (random search joins in
// by itself), one seed.
func Example() {
	lists := bench.Lists{Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All()}
	experiment := bench.Experiment{
		Seed: 1, Repetitions: 1, GradCost: bench.DefaultGradCost, Precision: "float64", Batch: bench.AutoBatch,
		Budget:     bench.Budget{Work: 20_000},
		Tasks:      []bench.Choice{{Name: "xor"}},
		Models:     []bench.Choice{{Name: "plain"}},
		Optimizers: []bench.Choice{{Name: "sgd"}, {Name: "rprop"}},
	}
	trials, err := experiment.Trials(lists, ".")
	if err != nil {
		log.Fatal(err)
	}
	results := &memory{} // package store keeps them in a file
	runner := bench.Runner{Lists: lists, Store: results, Workers: 2, Threads: 1, Patience: bench.DefaultPatience}
	if err := runner.Run(context.Background(), trials); err != nil {
		log.Fatal(err)
	}
	labels := bench.NewLabels(trials)
	for _, t := range trials {
		r := results.results[t.ID()]
		fmt.Printf("%-21s %s, accuracy %.2f\n", labels.Contender(t), r.Status, r.Test.Value)
	}
	// Output:
	// plain + sgd           exhausted, accuracy 0.50
	// plain + rprop         solved, accuracy 1.00
	// plain + random-search exhausted, accuracy 0.75
}
