package python

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/plugins/host"
)

// open opens a plugin as joust does.
func open(ctx context.Context, t *testing.T, c host.Command) []optimizers.Definition {
	t.Helper()
	p, err := host.Open(ctx, c, host.Options{Host: "test", Setup: limit, Step: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p.Definitions()
}

// TestContract holds the Python example to what every built-in is held to.
func TestContract(t *testing.T) {
	pythontest.Need(t, "numpy", "grpc", "google.protobuf")
	for _, def := range open(t.Context(), t, example(t, host.GRPC, "..", "examples", "python-es", "es.py")) {
		opttest.Run(t, def)
	}
}

// TestFaultIsNoDifference ends the process in the middle of a run, which goes on
// in another one: from a checkpoint, or told everything again.
func TestFaultIsNoDifference(t *testing.T) {
	pythontest.Need(t, "numpy", "grpc", "google.protobuf")
	t.Parallel()
	asked := func(name, file string) (all [][]float64) {
		c := example(t, host.GRPC, "tests", "dies.py")
		c.Args = append(c.Args, file)
		defs := open(t.Context(), t, c)
		i := slices.IndexFunc(defs, func(d optimizers.Definition) bool { return d.Name == name })
		if i < 0 {
			t.Fatalf("no optimizer %s among %d", name, len(defs))
		}
		opt, err := defs[i].New(nil, optimizers.Problem{Init: []float64{1, -1, 0.5}, Seed: 3, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := opt.(interface{ Close() error }).Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}()
		for step := range 9 {
			rows, err := opt.Ask()
			if err != nil {
				t.Fatalf("%s, step %d: %v", name, step, err)
			}
			evals := make([]optimizers.Evaluation, len(rows))
			for k, w := range rows {
				all = append(all, slices.Clone(w))
				evals[k].Loss = w[0]*w[0] + w[1]*w[1] - w[2]
			}
			if err := opt.Tell(evals); err != nil {
				t.Fatalf("%s, step %d: %v", name, step, err)
			}
		}
		return all
	}
	for _, name := range []string{"library", "walk"} {
		file := filepath.Join(t.TempDir(), "died")
		interrupted := asked(name, file)
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: its process has not died: %v", name, err)
		}
		if !slices.EqualFunc(interrupted, asked(name, file), slices.Equal[[]float64]) {
			t.Errorf("%s: a run whose process died asks about others than one whose did not", name)
		}
	}
}
