package conformance

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/joust-bench/joust/plugins/protocol"
)

// living are the checks of a second. The last ends it, and a large run comes
// late, since what it leaves free would hide a growth.
func living() []Check {
	return []Check{
		watching("process/memory", "finished runs leave no memory behind: a tournament makes thousands in one process", checkGrowth),
		watching("process/threads", "runs that may use one thread bring none of their own: the cores are counted, and evaluate meanwhile", checkThreads),
		watching("process/leftovers", "finished runs leave no child processes, open files or files in the working directory", checkLeftovers),
		watching("process/stdout", "nothing is printed to standard output, which is the transport's: in frames it breaks the run, and otherwise nobody reads it; "+
			"standard error is the log", checkStdout),
		elsewhere("process/million-weights", "a step with a million weights goes through, within the memory described: joust plans trials by it", checkMillion),
		watching("process/stop", "the process ends within 2 s of being asked to: joust kills it after that, and nothing is saved", checkStop),
	}
}

// watching is a check of what the operating system knows of the second second.
func watching(name, what string, f func(p *probe, second Process) error) Check {
	return elsewhere(name, what, func(p *probe, second Process) error {
		if _, err := second.Facts(); errors.Is(err, errors.ErrUnsupported) {
			return notApplicable("%v", err)
		} else if err != nil {
			return fmt.Errorf("look at the process: %w", err)
		}
		return f(p, second)
	})
}

// short makes a run, takes two steps with it and finishes it.
func (p *probe) short(conn protocol.Conn, dim int) (*run, error) {
	r, err := p.initOn(conn, p.request(dim, 1))
	if err != nil {
		return nil, err
	}
	if _, err := r.steps(2); err != nil {
		return nil, err
	}
	return r, r.finish()
}

// checkGrowth makes runs large enough for one kept by mistake to show among
// what a collector of garbage lets lie about.
func checkGrowth(p *probe, second Process) error {
	const (
		warm, runs = 12, 32
		size       = 512 << 10 // of a run: its batch, or what it is described with
		most       = 8 << 20   // half of what all would hold
	)
	first, err := p.short(second.Conn(), p.dimension(8))
	if err != nil {
		return err
	}
	dim := p.dimension(size / 8 / max(1, first.most))
	for p.memory(dim) > 2*size && p.dimension(dim/2) < dim {
		dim = p.dimension(dim / 2)
	}
	grow := func(n int) (int64, error) {
		for range n {
			if _, err := p.short(second.Conn(), dim); err != nil {
				return 0, err
			}
		}
		f, err := second.Facts()
		return f.Resident, err
	}
	before, err := grow(warm)
	if err != nil {
		return err
	}
	after, err := grow(runs)
	if err != nil {
		return err
	}
	if after-before > most {
		return fmt.Errorf("%d finished runs of dimension %d have left %d MiB behind, want at most %d", runs, dim, (after-before)>>20, most>>20)
	}
	return nil
}

// checkThreads has the runs open at the same time, each of which a step was
// taken with. A server may have a thread wait for each: that uses no core.
func checkThreads(p *probe, second Process) error {
	const runs, most = 24, 24 + 12
	open := func() error {
		r, err := p.initOn(second.Conn(), p.request(p.dimension(100), 1))
		if err != nil {
			return err
		}
		_, err = r.steps(1)
		return err
	}
	if err := open(); err != nil {
		return err
	}
	before, err := second.Facts()
	if err != nil {
		return err
	}
	for range runs {
		if err := open(); err != nil {
			return err
		}
	}
	after, err := second.Facts()
	if err != nil {
		return err
	}
	if more := after.Threads - before.Threads; more > most {
		return fmt.Errorf("%d runs have brought %d threads, want at most %d: each may use one, and those of the server are few", runs, more, most)
	}
	return nil
}

func checkLeftovers(p *probe, second Process) error {
	const runs = 12
	dim := p.dimension(20)
	if _, err := p.short(second.Conn(), dim); err != nil {
		return err
	}
	before, err := second.Facts()
	if err != nil {
		return err
	}
	for range runs {
		if _, err := p.short(second.Conn(), dim); err != nil {
			return err
		}
	}
	// What ends by itself may take a moment.
	for deadline := time.Now().Add(500 * time.Millisecond); ; time.Sleep(20 * time.Millisecond) {
		after, err := second.Facts()
		if err != nil {
			return err
		}
		err = left(before, after, runs)
		if err == nil || time.Now().After(deadline) || p.ctx.Err() != nil {
			return err
		}
	}
}

// left says what n runs have left. A few files may be opened when they are
// first of use.
func left(before, after Facts, n int) error {
	switch {
	case after.Children > 0:
		return fmt.Errorf("%d child processes are left of %d finished runs", after.Children, n)
	case after.Open-before.Open > n/2:
		return fmt.Errorf("%d finished runs have left %d files open", n, after.Open-before.Open)
	}
	for _, name := range after.Files {
		if !slices.Contains(before.Files, name) {
			return fmt.Errorf("finished runs have left %q in the working directory, of %d files", name, len(after.Files))
		}
	}
	return nil
}

func checkStdout(p *probe, second Process) error {
	if _, err := p.short(second.Conn(), p.dimension(20)); err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond) // it comes by another way than answers
	f, err := second.Facts()
	if err == nil && f.Noise > 0 {
		err = fmt.Errorf("a run has written %d bytes to standard output, want them on standard error", f.Noise)
	}
	return err
}

// checkStop stops a process that is in the middle of a run.
func checkStop(p *probe, second Process) error {
	const most = 2 * time.Second
	r, err := p.initOn(second.Conn(), p.request(p.dimension(20), 1))
	if err != nil {
		return err
	}
	if err := r.ask(); err != nil {
		return err
	}
	r.live = false // it ends with the process
	from := time.Now()
	err = second.Stop(most)
	if took := time.Since(from); err == nil && took >= most {
		err = fmt.Errorf("took %v, want less than %v", took.Round(time.Millisecond), most)
	}
	return err
}
