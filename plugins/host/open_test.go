package host_test

import (
	"context"
	"fmt"
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

func open(tb testing.TB, transport string, o host.Options) *host.Plugin {
	tb.Helper()
	path, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	c := host.Command{ID: "builtins", Version: "1.0", Transport: transport, Path: path, Args: []string{"builtins"}}
	if transport == host.Frames {
		c.Args = append(c.Args, "--frames")
	}
	p, err := host.Open(context.Background(), c, o)
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
	for _, transport := range []string{host.GRPC, host.Frames} {
		defs := open(t, transport, host.Options{}).Definitions()
		for i, def := range builtin.All() {
			if !slices.Contains([]string{"adam", "rprop", "ga", "cma-es", "portfolio"}, def.Name) {
				continue
			}
			for _, dim := range []int{7, 10_000} { // over gRPC in messages, and in shared memory
				if def.Name == "cma-es" {
					dim = min(dim, 50)
				}
				if !slices.Equal(candidates(t, def, dim, 4), candidates(t, defs[i], dim, 4)) {
					t.Errorf("%s with %d weights, %s: other candidates than in this process", def.Name, dim, transport)
				}
			}
		}
	}
}

// BenchmarkStep is a step of Rprop, which computes little: one candidate there,
// and one gradient back.
func BenchmarkStep(b *testing.B) {
	i := slices.IndexFunc(builtin.All(), func(d optimizers.Definition) bool { return d.Name == "rprop" })
	for _, transport := range []string{host.GRPC, host.Frames} {
		def := open(b, transport, host.Options{}).Definitions()[i]
		for _, dim := range []int{1000, 50_000} {
			b.Run(fmt.Sprintf("%s/%d", transport, dim), func(b *testing.B) {
				opt, err := def.New(nil, optimizers.Problem{Init: make([]float64, dim), Threads: 1})
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
				b.ReportMetric(1e6*own/float64(b.N), "own-µs/op")
				b.ReportMetric(1e6*transport/float64(b.N), "transport-µs/op")
				if err := opt.(io.Closer).Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
