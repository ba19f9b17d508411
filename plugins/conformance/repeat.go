package conformance

import (
	"fmt"
	"sync"

	"github.com/joust-bench/joust/plugins/protocol"
)

func repeating() []Check {
	return []Check{
		elsewhere("repeat/fresh-process", "the same seed asks the same in another process: a result can be had again on another day", checkFresh),
		probing("repeat/interleaved", "a run asks the same with another run between its steps: no state is shared", checkInterleaved),
		probing("repeat/concurrent", "50 runs at the same time all go through, and ask the same as one alone", checkConcurrent),
		elsewhere("repeat/shared-memory", "a run through the shared memory asks the same as one through messages", checkShared),
	}
}

// alone is what a run asks that nothing disturbs.
func (p *probe) alone(dim int, seed uint64, steps int) ([]float64, error) {
	r, err := p.init(dim, seed)
	if err != nil {
		return nil, err
	}
	trace, err := r.steps(steps)
	if err != nil {
		return nil, err
	}
	return trace, r.finish()
}

func checkFresh(p *probe, second Process) error {
	const steps = 5
	dim := p.dimension(11)
	here, err := p.alone(dim, 42, steps)
	if err != nil {
		return err
	}
	r, err := p.initOn(second.Conn(), p.request(dim, 42))
	if err != nil {
		return err
	}
	there, err := r.steps(steps)
	if err != nil {
		return err
	}
	if err := differ(here, there, dim); err != nil {
		return fmt.Errorf("two processes: %w", err)
	}
	return nil
}

func checkInterleaved(p *probe) error {
	const steps = 4
	dim := p.dimension(9)
	want, err := p.alone(dim, 5, steps)
	if err != nil {
		return err
	}
	r, err := p.init(dim, 5)
	if err != nil {
		return err
	}
	other, err := p.init(dim, 6)
	if err != nil {
		return err
	}
	var got []float64
	for range steps {
		// Each of them asks while the other has a batch outstanding.
		for _, f := range []func() error{r.ask, other.ask} {
			if err := f(); err != nil {
				return err
			}
		}
		got = append(got, r.rows...)
		if r.done || other.done {
			break
		}
		for _, f := range []func() error{r.tell, other.tell} {
			if err := f(); err != nil {
				return err
			}
		}
	}
	if err := differ(want[:min(len(got), len(want))], got, dim); err != nil {
		return fmt.Errorf("alone and between the steps of another run: %w", err)
	}
	return nil
}

func checkConcurrent(p *probe) error {
	const runs, steps = 50, 3
	dim := p.dimension(6)
	want, err := p.alone(dim, 3, steps)
	if err != nil {
		return err
	}
	requests := make([]*protocol.InitRequest, runs)
	rs := make([]*run, runs)
	for i := range runs { // all are there before the first goes
		requests[i] = p.request(dim, 3)
		if rs[i], err = p.initOn(p.conn, requests[i]); err != nil {
			return fmt.Errorf("run %d of %d: %w", i+1, runs, err)
		}
	}
	traces, errs := make([][]float64, runs), make([]error, runs)
	var wg sync.WaitGroup
	for i, r := range rs {
		wg.Go(func() {
			errs[i] = guarded(func() (err error) {
				traces[i], err = r.steps(steps)
				return err
			})
		})
	}
	wg.Wait()
	for i := range runs {
		if errs[i] != nil {
			return fmt.Errorf("run %d of %d: %w", i+1, runs, errs[i])
		}
		if err := differ(want, traces[i], dim); err != nil {
			return fmt.Errorf("alone and among %d: %w", runs, err)
		}
	}
	return nil
}

func checkShared(p *probe, second Process) error {
	const steps = 3
	dim := p.dimension(5000) // more than is worth a message
	if p.memory(dim) > 1<<26 {
		dim = p.dimension(500)
	}
	r, err := p.init(dim, 7)
	if err != nil {
		return err
	}
	want, err := r.steps(steps)
	if err != nil {
		return err
	}
	shared := second.Shared()
	if shared == nil {
		return notApplicable("there is no shared memory here")
	}
	if batch := 8 * dim * r.most; batch > len(shared)/2 {
		return notApplicable("a batch of it takes %d MiB, there are %d", batch>>20, len(shared)>>21)
	}
	request := p.request(dim, 7)
	request.SharedHalf = uint64(len(shared) / 2)
	if r, err = p.initOn(second.Conn(), request); err != nil {
		return err
	}
	if !r.shares {
		return notApplicable("the plugin does not use it")
	}
	r.shared = shared
	got, err := r.steps(steps)
	if err != nil {
		return err
	}
	if err := differ(want, got, dim); err != nil {
		return fmt.Errorf("in messages and in shared memory: %w", err)
	}
	return nil
}
