package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/scaling"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/conformance"
	"github.com/joust-bench/joust/plugins/host"
)

// transportSizes are what transports are measured at: candidates and weights. The
// last is what W4 evaluates.
var transportSizes = []struct{ candidates, weights int }{{1, 1000}, {64, 2400}, {256, 51_000}, {64, 50_890}}

// A transportCost is what a step costs over a transport: an Ask and a Tell.
type transportCost struct {
	Optimizer  string  `json:"optimizer"`
	Transport  string  `json:"transport"`
	Candidates int     `json:"candidates"` // that the optimizer asked for
	Weights    int     `json:"weights"`
	Steps      int     `json:"steps"`
	Own        float64 `json:"optimizer_us"` // medians, in microseconds a step
	Way        float64 `json:"transport_us"`
	// Share is the transport's time over that of the evaluation of W4, where the
	// size is W4's; else 0.
	Share   float64 `json:"share_of_w4,omitempty"`
	Refused string  `json:"refused,omitempty"` // why nothing was measured
}

type transportBench struct {
	Plugin    string          `json:"plugin"`
	Version   string          `json:"version,omitempty"`
	W4Seconds float64         `json:"w4_seconds"` // of one evaluation, float32, one core
	Costs     []transportCost `json:"costs"`
}

func newPluginBenchCommand(l bench.Lists) *cobra.Command {
	var f pluginFlags
	var asJSON bool
	var optimizer string
	var each time.Duration
	cmd := &cobra.Command{
		Use:   "bench ID|DIR|BUILT-IN",
		Short: "Measure what a step of a plugin costs: in the optimizer, and on the way to it",
		Long: `Measure the time of a step of a plugin, an Ask and a Tell, apart: what the plugin says
that it computed, and all the rest, which is messages, copies and checks. The sizes are
1x1000, 64x2400 and 256x51000 candidates and weights, or as near to that number of
candidates as the optimizer has a parameter for; and 64x50890, which is what W4 of joust bench evaluates, in
float32 on one core. There it is done between Ask and Tell, as in a race, and transport is
also told as a share of it; what joust does beside the evaluation is not in that. At the
other sizes Tell follows at once.

Where a plugin talks gRPC, candidates that are large go through shared memory; without
it they are in the messages. A built-in optimizer is measured over all transports.
Leave the machine alone meanwhile.`,
		Example: `  joust plugin bench my-es
  joust plugin bench random-search --json > transport.json`,
		Args:              oneArg("a plugin, or a built-in optimizer"),
		ValidArgsFunction: f.ids(builtinNamesOf(l)...),
		RunE: func(cmd *cobra.Command, args []string) error {
			if each <= 0 {
				return usagef("--time: %v, want more than 0", each)
			}
			var r transportBench
			err := interruptibly(cmd, func(ctx context.Context) (err error) {
				r, err = f.bench(ctx, l, args[0], optimizer, each, cmd.ErrOrStderr())
				return err
			})
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return writeJSON(out, r)
			}
			_, err = io.WriteString(out, r.text())
			return err
		},
	}
	f.addSearch(cmd.Flags())
	cmd.Flags().StringVar(&optimizer, "optimizer", "", "which of those that it serves (default the first)")
	cmd.Flags().DurationVar(&each, "time", time.Second, "about how long each size is measured")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// bench measures a plugin over every transport that it has.
func (f *pluginFlags) bench(ctx context.Context, l bench.Lists, what, optimizer string, each time.Duration, progress io.Writer) (r transportBench, err error) {
	list, err := f.transports(l, what)
	if err != nil {
		return r, err
	}
	defer func() { // the messages have the file of the shared memory
		err = errors.Join(err, list[0].close())
		if last := list[len(list)-1]; last.command.File != list[0].command.File {
			err = errors.Join(err, last.close())
		}
	}()
	r = transportBench{Plugin: list[0].ID, Version: list[0].Version}
	evaluate, err := w4()
	if err != nil {
		return r, err
	}
	r.W4Seconds = evaluationSeconds(evaluate, each)
	for _, t := range list {
		// Nobody is left to tell if this fails.
		_, _ = fmt.Fprintf(progress, "measuring %s over %s\n", t.ID, t.name)
		costs, err := t.measure(ctx, optimizer, evaluate, each)
		if err != nil {
			return r, err
		}
		r.Costs = append(r.Costs, costs...)
	}
	r.shares()
	return r, nil
}

// A transport is a way to a plugin.
type transport struct {
	target
	name string
	// inline says that nothing goes through shared memory.
	inline bool
}

// transports are the ways that there are to a plugin.
func (f *pluginFlags) transports(l bench.Lists, what string) ([]transport, error) {
	t, err := f.target(l, what, false)
	if err != nil {
		return nil, err
	}
	if t.command.Transport == host.Frames {
		return []transport{{t, "frames", false}}, nil
	}
	list := []transport{{t, "gRPC, messages", true}}
	if runtime.GOOS == "linux" {
		list = slices.Insert(list, 0, transport{t, "gRPC, shared memory", false})
	}
	if t.Where == "" {
		if t, err = f.target(l, what, true); err != nil {
			return nil, err
		}
		list = append(list, transport{t, "frames", false})
	}
	return list, nil
}

// open starts the plugin.
func (t transport) open(ctx context.Context) (*host.Plugin, func() error, error) {
	o := hostOptions()
	o.Setup, o.Step = time.Minute, time.Minute // what is slow is to be measured
	if !t.inline {
		p, err := host.Open(ctx, t.command, o)
		if err != nil {
			return nil, nil, err
		}
		return p, p.Close, nil
	}
	process, err := host.Start(ctx, t.command, 0)
	if err != nil {
		return nil, nil, err
	}
	stop := func() error { return process.Stop(host.StartTimeout) }
	p, err := host.Attach(ctx, t.ID, process.Conn(), o)
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return p, func() error { return errors.Join(p.Close(), stop()) }, nil
}

// measure measures one optimizer at all sizes, and evaluates where the size is
// that of W4.
func (t transport) measure(ctx context.Context, optimizer string, evaluate func(), each time.Duration) (costs []transportCost, err error) {
	p, stop, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	def, err := servedCalled(t.ID, p.Definitions(), optimizer)
	if err != nil {
		return nil, err
	}
	for _, size := range transportSizes {
		c := transportCost{Optimizer: def.Name, Transport: t.name, Weights: size.weights, Candidates: size.candidates}
		if c.Refused = def.Refuses(size.weights); c.Refused == "" && def.Memory != nil {
			if needs, most := def.Memory(size.weights), totalMemory("/proc/meminfo")/2; most > 0 && needs > most {
				c.Refused = fmt.Sprintf("needs %s of memory, more than %s", bytesText(needs), bytesText(most))
			}
		}
		between := func() {}
		if size == w4Size() {
			between = evaluate
		}
		if c.Refused == "" {
			if err := c.measure(ctx, def, between, each); err != nil {
				return nil, err
			}
		}
		costs = append(costs, c)
	}
	return costs, nil
}

// servedCalled is the optimizer of that name, or the first.
func servedCalled(plugin string, defs []optimizers.Definition, name string) (optimizers.Definition, error) {
	if name == "" {
		return defs[0], nil
	}
	var names []string
	for _, d := range defs {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return optimizers.Definition{}, usagef("--optimizer: plugin %s serves no %s; %s", plugin, name, hint(name, names))
}

// leastSteps are measured however long they take, after a few that are not.
const (
	leastSteps = 5
	warmSteps  = 3
)

// measure makes steps for a while, with something done between Ask and Tell. Their
// losses are made up: nothing is learned.
func (c *transportCost) measure(ctx context.Context, def optimizers.Definition, between func(), each time.Duration) (err error) {
	init := make([]float64, c.Weights)
	for i := range init {
		init[i] = 0.1 * float64(i%7-3)
	}
	problem := optimizers.Problem{Init: init, Seed: 1, Threads: 1}
	opt, err := def.New(conformance.Population(def.Params, c.Candidates), problem)
	if err != nil { // its other parameters do not suit the number
		if opt, err = def.New(nil, problem); err != nil {
			return err
		}
	}
	if closer, ok := opt.(io.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	meter, ok := opt.(optimizers.Metered)
	if !ok {
		return fmt.Errorf("%s: the time of its transport is not known", def.Name)
	}
	grad := slices.Repeat([]float64{1e-3}, c.Weights)
	var own, way []float64
	until := time.Now().Add(each)
	for n := 0; n < warmSteps+leastSteps || time.Now().Before(until); n++ {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		own0, way0 := meter.Seconds()
		candidates, err := opt.Ask()
		if err != nil {
			return err
		}
		if len(candidates) == 0 {
			break // converged
		}
		between()
		evals := make([]optimizers.Evaluation, len(candidates))
		for i, w := range candidates {
			evals[i].Loss = 1 + w[0]*w[0]
			if def.Need == optimizers.NeedGrad {
				evals[i].Grad = grad
			}
		}
		if err := opt.Tell(evals); err != nil {
			return err
		}
		own1, way1 := meter.Seconds()
		c.Candidates = len(candidates)
		if n >= warmSteps {
			own, way = append(own, 1e6*(own1-own0)), append(way, 1e6*(way1-way0))
		}
	}
	if c.Steps = len(own); c.Steps == 0 {
		c.Refused = "it converged before there was anything to measure"
		return nil
	}
	c.Own, c.Way = median(own), median(way)
	return nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// w4 is what evaluates as many candidates as [w4Size] says.
func w4() (evaluate func(), err error) {
	list := scaling.Workloads()
	w := list[slices.IndexFunc(list, func(w scaling.Workload) bool { return w.Name == "W4" })]
	return w.New("float32", 1)
}

func w4Size() struct{ candidates, weights int } { return transportSizes[len(transportSizes)-1] }

// evaluationSeconds is the time of run.
func evaluationSeconds(run func(), each time.Duration) float64 {
	run()
	var times []float64
	for until := time.Now().Add(each); len(times) < 3 || time.Now().Before(until); {
		from := time.Now()
		run()
		times = append(times, time.Since(from).Seconds())
	}
	return median(times)
}

// shares relates the cost at W4's size to W4. What asks for another number of
// candidates is related to so many evaluations.
func (r *transportBench) shares() {
	w4 := w4Size()
	for i := range r.Costs {
		if c := &r.Costs[i]; c.Weights == w4.weights && c.Refused == "" {
			c.Share = 1e-6 * c.Way / (r.W4Seconds * float64(c.Candidates) / float64(w4.candidates))
		}
	}
}

func (r *transportBench) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s, microseconds a step\n", r.Plugin, r.Version, r.Costs[0].Optimizer)
	rows := [][]string{{"transport", "size", "steps", "optimizer", "transport", "of evaluation"}}
	var refused []string
	for _, c := range r.Costs {
		size := fmt.Sprintf("%d x %s", c.Candidates, thousands(c.Weights))
		if c.Refused != "" {
			refused = append(refused, fmt.Sprintf("%s over %s: %s", size, c.Transport, c.Refused))
			continue
		}
		share := ""
		if c.Share > 0 {
			share = percent(c.Share)
		}
		rows = append(rows, []string{c.Transport, size, fmt.Sprint(c.Steps), micros(c.Own), micros(c.Way), share})
	}
	b.WriteString(aligned(rows, 0))
	for _, s := range slices.Compact(refused) {
		b.WriteString("  not measured: " + s + "\n")
	}
	fmt.Fprintf(&b, "An evaluation is W4's of 64 x 50,890, which takes %s us.\n", micros(1e6*r.W4Seconds))
	return b.String()
}

// micros writes microseconds with about three digits.
func micros(us float64) string {
	if us >= 99.5 {
		return thousands(int(us + 0.5))
	}
	return fmt.Sprintf("%.3g", us)
}

// percent writes a share with two digits, or as many as it has before the point.
func percent(share float64) string {
	if share >= 0.0995 {
		return fmt.Sprintf("%.0f %%", 100*share)
	}
	return fmt.Sprintf("%.2g %%", 100*share)
}
