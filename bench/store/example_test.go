package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/store"
)

// An experiment of two trials is interrupted after the first one.
func Example() {
	dir, err := os.MkdirTemp("", "joust")
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), filepath.Join(dir, "results.db"))
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// sgd with seed 1: solved, loss 0.01
	// sgd with seed 2: still to do
}

func run(ctx context.Context, path string) (err error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	experiment := store.Experiment{Name: "first", Resolved: "seeds: [1, 2]", Started: time.Now()}
	if err := db.SaveExperiment(ctx, experiment); err != nil {
		return err
	}
	sgd := bench.Part{Name: "sgd", Config: []byte(`{"lr":0.1}`)}
	trials := []bench.Trial{{Optimizer: sgd, Seed: 1}, {Optimizer: sgd, Seed: 2}}
	if err := db.Plan(ctx, experiment.ID(), trials); err != nil {
		return err
	}
	result := bench.Result{Trial: trials[0], Status: bench.Solved, Test: bench.Score{Loss: 0.01}}
	if err := db.Save(ctx, result); err != nil {
		return err
	}

	for r, err := range db.ResultsOf(ctx, experiment.ID()) {
		if err != nil {
			return err
		}
		fmt.Printf("%s with seed %d: %s, loss %v\n", r.Trial.Optimizer.Name, r.Trial.Seed, r.Status, r.Test.Loss)
	}
	missing, err := db.Missing(ctx, experiment.ID())
	for _, t := range missing {
		fmt.Printf("%s with seed %d: still to do\n", t.Optimizer.Name, t.Seed)
	}
	return err
}
