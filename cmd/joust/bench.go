package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/scaling"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// A benchFlags is what the command line says about a measurement.
type benchFlags struct {
	json    bool
	threads string
	time    time.Duration
	only    string
	picture string
}

func newBenchCommand(l bench.Lists) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: arithmetic, memory, workloads by cores, optimizers",
		Long: `Measure how fast this machine trains and evaluates networks, and what bounds it:

  peak        floating-point operations of one core and of all, and memory
  gemm        matrix products, as a share of a core's peak
  workloads   fixed pieces of work on 1, 2, 4, ... cores: rate, speed-up, efficiency,
              and the serial fraction that fits (Amdahl's law)
  optimizers  time in Ask and Tell, as a share of the evaluations asked for

All of it takes about a minute. Leave the machine alone meanwhile. Ctrl-C stops,
and prints what was measured until then.`,
		Example: `  joust bench
  joust bench --json > machine.json
  joust bench --picture machine.svg --time 5m
  joust bench --only workloads --threads 1,2,3
  JOUST_KERNEL=avx2 joust bench --only peak,gemm`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(l.Optimizers)
			if err != nil {
				return err
			}
			return measure(cmd.Context(), o, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "write JSON")
	flags.StringVar(&f.threads, "threads", "", "cores to measure workloads on, such as 1,2,4 (default 1, 2, 4, ... and all)")
	flags.DurationVar(&f.time, "time", time.Minute, "about how long all parts together measure")
	flags.StringVar(&f.only, "only", "", "parts to measure, such as peak,gemm (default all)")
	flags.StringVar(&f.picture, "picture", "", "draw speed-ups and shares of the peak in this SVG file")
	return cmd
}

// options checks the flags.
func (f benchFlags) options(list []optimizers.Definition) (scaling.Options, error) {
	machine := thisMachine()
	o := scaling.Options{
		Machine: scaling.Machine{
			CPU: machine.CPU, Cores: machine.Cores, OS: machine.OS, Arch: machine.Arch,
			Go: machine.Go, Joust: machine.Joust, Kernel: kernel.Path(),
		},
		Time:       f.time,
		Optimizers: list,
		Memory:     totalMemory("/proc/meminfo") / 2,
	}
	const longest = 24 * time.Hour
	if f.time <= 0 || f.time > longest {
		return o, usagef("--time: %v, want more than 0 and at most %v", f.time, longest)
	}
	if f.threads != "" {
		cores := runtime.GOMAXPROCS(0)
		for part := range strings.SplitSeq(f.threads, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil || n < 1 || n > cores {
				return o, usagef("--threads: %q, want numbers from 1 to %d, the cores there are", f.threads, cores)
			}
			o.Threads = append(o.Threads, n)
		}
	}
	if f.only != "" {
		var names []string
		for _, p := range scaling.Parts() {
			names = append(names, string(p))
		}
		for name := range strings.SplitSeq(f.only, ",") {
			name = strings.TrimSpace(name)
			o.Only = append(o.Only, scaling.Part(name))
			if !slices.Contains(names, name) {
				return o, usagef("--only: there is no part %q; %s", name, hint(name, names))
			}
		}
	}
	return o, nil
}

// measure measures, and writes the figures to out and what is being measured
// to progress.
func measure(ctx context.Context, o scaling.Options, f benchFlags, out, progress io.Writer) error {
	if f.picture != "" {
		if err := makeRoom(f.picture); err != nil {
			return err
		}
	}
	p := &benchProgress{w: progress, overwrite: isTerminal(progress), started: time.Now()}
	ctx, stop := interruptible(ctx, p.stopping, p.clear)
	o.Progress = func(part scaling.Part, what string) { p.say(fmt.Sprintf("%s: %s", part, what)) }
	r, err := scaling.Measure(ctx, o)
	stop()
	p.clear()
	if err != nil {
		return err
	}
	write := r.WriteText
	if f.json {
		write = r.WriteJSON
	}
	if err := write(out); err != nil {
		return err
	}
	if f.picture != "" {
		var svg bytes.Buffer
		if err := r.WritePicture(&svg); err != nil {
			return err
		}
		if err := os.WriteFile(f.picture, svg.Bytes(), 0o666); err != nil {
			return fmt.Errorf("picture: %w", err)
		}
	}
	if r.Interrupted {
		return &exitError{exitInterrupted, errors.New("interrupted: not everything was measured")}
	}
	return nil
}

// A benchProgress says what is being measured: in one line of a terminal, or in
// a line each. What cannot be said is not missed.
type benchProgress struct {
	mu        sync.Mutex // a signal may come at any time
	w         io.Writer
	overwrite bool
	started   time.Time
}

func (p *benchProgress) say(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	begin, end := "", "\n"
	if p.overwrite {
		begin, end = eraseLine, ""
		what = clip(what, 60)
	}
	_, _ = fmt.Fprintf(p.w, "%s[%s] %s%s", begin, clock(time.Since(p.started)), what, end)
}

func (p *benchProgress) stopping() { p.say(stoppingText) }

// clear leaves an empty line on a terminal.
func (p *benchProgress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.overwrite {
		_, _ = fmt.Fprint(p.w, eraseLine)
	}
}

// eraseLine goes back to the start of the line and clears it (ECMA-48, CR and EL).
const eraseLine = "\r\x1b[K"
