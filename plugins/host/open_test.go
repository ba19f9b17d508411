package host_test

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/host"
)

// candidates returns what an optimizer asks about in its first steps.
func candidates(tb testing.TB, def optimizers.Definition, dim, steps int) (all []float64) {
	tb.Helper()
	p := optimizers.Problem{Init: make([]float64, dim), Seed: 3, Threads: 1}
	for i := range p.Init {
		p.Init[i] = float64(i%7) - 2.5
	}
	opt, err := def.New(nil, p)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() {
		if c, ok := opt.(io.Closer); ok {
			if err := c.Close(); err != nil {
				tb.Error(err)
			}
		}
	}()
	for range steps {
		rows, err := opt.Ask()
		if err != nil {
			tb.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			all = append(all, w...)
			evals[k].Grad = slices.Clone(w)
			for _, x := range w {
				evals[k].Loss += x * x / 2
			}
			if def.Need == optimizers.NeedLoss {
				evals[k].Grad = nil
			}
		}
		if err := opt.Tell(evals); err != nil {
			tb.Fatal(err)
		}
	}
	return all
}

func open(tb testing.TB, transport string) *host.Plugin {
	tb.Helper()
	path, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := host.Open(context.Background(), host.Command{ID: "builtins", Version: "1.0", Transport: transport, Path: path, Args: []string{"plugin"}}, host.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

func TestAnOptimizerInAProcessAsksTheSame(t *testing.T) {
	defs := open(t, host.GRPC).Definitions()
	for i, def := range builtin.All() {
		if !slices.Contains([]string{"adam", "rprop", "ga", "cma-es", "portfolio"}, def.Name) {
			continue
		}
		for _, dim := range []int{7, 10_000} { // in messages, and by way of shared memory
			if def.Name == "cma-es" {
				dim = min(dim, 50)
			}
			if !slices.Equal(candidates(t, def, dim, 4), candidates(t, defs[i], dim, 4)) {
				t.Errorf("%s with %d weights: other candidates than in this process", def.Name, dim)
			}
		}
	}
}

var errNone = errors.New("no such optimizer")

// BenchmarkStep is a step of random search, which computes next to nothing, with
// the numbers of weights of which the design speaks.
func BenchmarkStep(b *testing.B) {
	plugin := open(b, host.GRPC)
	for _, dim := range []int{1000, 50_000} {
		b.Run("", func(b *testing.B) {
			defs := plugin.Definitions()
			i := slices.IndexFunc(defs, func(d optimizers.Definition) bool { return d.Name == "rprop" })
			if i < 0 {
				b.Fatal(errNone)
			}
			opt, err := defs[i].New(nil, optimizers.Problem{Init: make([]float64, dim), Threads: 1})
			if err != nil {
				b.Fatal(err)
			}
			evals := []optimizers.Evaluation{{Grad: make([]float64, dim)}}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := opt.Ask(); err != nil {
					b.Fatal(err)
				}
				if err := opt.Tell(evals); err != nil {
					b.Fatal(err)
				}
			}
			own, transport := opt.(optimizers.Metered).Seconds()
			b.ReportMetric(1e6*own/float64(b.N), "µs-own/op")
			b.ReportMetric(1e6*transport/float64(b.N), "µs-transport/op")
			if err := opt.(io.Closer).Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
