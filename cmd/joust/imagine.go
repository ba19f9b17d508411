package main

import (
	"context"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/report"
)

// imaginings is how many models of a task are looked at, at most.
const imaginings = 3

// imagine adds to each task what the best of its generative models have made of it.
// Where that cannot be done, say is told why; the error is ctx's.
func imagine(ctx context.Context, l bench.Lists, dir string, s *report.Summary, say func(format string, args ...any)) error {
	for i := range s.Tasks {
		t := &s.Tasks[i]
		asked := map[string]bool{} // models
		for _, c := range t.Contenders {
			if c.Rank == 0 || len(c.Hits) == 0 || asked[c.ModelLabel] || len(t.Imagined) == imaginings {
				continue
			}
			asked[c.ModelLabel] = true
			samples, ok, err := bench.Imagine(ctx, l, bench.Trial{Task: t.Part, Model: c.Model, Seed: c.Hits[0].Seed}, dir)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				say("the report does not show what %s imagines: %v\n", c.ModelLabel, err)
				break
			}
			if ok {
				t.Imagined = append(t.Imagined, report.Imagined{Label: c.ModelLabel, Samples: samples})
			}
		}
	}
	return nil
}
