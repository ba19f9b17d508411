package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

func newPluginAttachCommand() *cobra.Command {
	var f pluginFlags
	var optimizer string
	var weights int
	cmd := &cobra.Command{
		Use:   "attach ID|DIR",
		Short: "Start a plugin for a debugger, and step it by hand, without deadlines",
		Long: `Start a plugin, say which process it is, and wait: attach a debugger to it. Then each
line read from standard input makes one step of a run on the shifted sphere, and what
was asked is printed; the end of input ends the run. Nothing is killed for being slow.

The debugger has to be allowed to attach. On Linux, where kernel.yama.ptrace_scope is
1, that is root alone, since the plugin is no child of the debugger.`,
		Example: `  joust plugin attach ./my-es
  dlv attach PID      (in another terminal, for Go; Python: py-spy dump --pid PID)`,
		Args:              oneArg("the id or the folder of a plugin"),
		ValidArgsFunction: f.ids(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if weights < 1 {
				return usagef("--weights: %d, want at least 1", weights)
			}
			m, err := f.named(args[0])
			if err != nil {
				return err
			}
			_, c, err := startable(m)
			if err != nil {
				return err
			}
			s := stepper{m: m, optimizer: optimizer, weights: weights, in: cmd.InOrStdin(), out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()}
			return closeFile(c, interruptibly(cmd, func(ctx context.Context) error { return s.run(ctx, c) }))
		},
	}
	f.addSearch(cmd.Flags())
	cmd.Flags().StringVar(&optimizer, "optimizer", "", "which of those that it serves (default the first)")
	cmd.Flags().IntVar(&weights, "weights", 10, "of the problem")
	return cmd
}

// A stepper steps a plugin by hand.
type stepper struct {
	m         *manifest.Manifest
	optimizer string
	weights   int
	in        io.Reader
	out, err  io.Writer
}

// patience is a deadline that nobody sees the end of.
const patience = 365 * 24 * time.Hour

func (s stepper) run(ctx context.Context, c host.Command) (err error) {
	process, err := host.Start(ctx, c, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, process.Stop(host.StartTimeout)) }()
	o := hostOptions()
	o.Setup, o.Step = patience, patience
	plugin, err := host.Attach(ctx, c.ID, process.Conn(), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plugin.Close()) }()
	def, err := servedCalled(c.ID, plugin.Definitions(), s.optimizer)
	if err != nil {
		return err
	}
	if why := def.Refuses(s.weights); why != "" {
		return usagef("--weights: %s %s", def.Name, why)
	}
	if _, err := fmt.Fprintf(s.out, "process %d is %s, runs %s\n", process.ID(), pluginTitle(s.m), c.Path); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.err, "attach a debugger to it; then each line here is one step of %s\n", def.Name); err != nil {
		return err
	}
	lines := make(chan struct{})
	go func() { // it ends with the program: nobody can interrupt a read
		for sc := bufio.NewScanner(s.in); sc.Scan(); {
			lines <- struct{}{}
		}
		close(lines)
	}()
	return s.steps(ctx, def, lines)
}

// steps makes a run, a step a line.
func (s stepper) steps(ctx context.Context, def optimizers.Definition, lines <-chan struct{}) (err error) {
	var opt optimizers.Optimizer
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case _, ok := <-lines:
			if !ok {
				return nil
			}
		}
		if opt == nil {
			if opt, err = def.New(nil, optimizers.Problem{Init: make([]float64, s.weights), Seed: 1, Threads: 1}); err != nil {
				return err
			}
			if closer, ok := opt.(io.Closer); ok {
				defer func() { err = errors.Join(err, closer.Close()) }()
			}
		}
		if done, err := s.step(opt, n); err != nil || done {
			return err
		}
	}
}

// step makes one step, and prints what was asked.
func (s stepper) step(opt optimizers.Optimizer, n int) (done bool, err error) {
	candidates, err := opt.Ask()
	if err != nil {
		return true, err
	}
	if len(candidates) == 0 {
		_, err := fmt.Fprintln(s.out, "it has converged")
		return true, err
	}
	evals := make([]optimizers.Evaluation, len(candidates))
	best := 0
	for i, w := range candidates {
		evals[i] = shiftedSphere(w)
		if evals[i].Loss < evals[best].Loss {
			best = i
		}
	}
	if err := opt.Tell(evals); err != nil {
		return true, err
	}
	_, err = fmt.Fprintf(s.out, "step %d: %s, the best has loss %.6g\n", n, count(len(candidates), "candidate"), evals[best].Loss)
	return false, err
}

// shiftedSphere is the mean squared distance from weights that are 1 and -1 by turns.
func shiftedSphere(w []float64) optimizers.Evaluation {
	e := optimizers.Evaluation{Grad: make([]float64, len(w))}
	n := float64(len(w))
	for i, x := range w {
		d := x - float64(1-2*(i%2))
		e.Loss += d * d / n
		e.Grad[i] = 2 * d / n
	}
	return e
}
