package conformance

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/plugins/protocol"
)

const (
	million = 1_000_000
	// Memory is weighed at a quarter of that, with a quarter of what is let pass.
	weighed = million / 4
	// What a run of a million weights may be described with, and what its batch
	// may take, in bytes, to be tried here: several times that is copied, and
	// memory that is new takes longer to get than to fill.
	largestRun   = 512 << 20
	largestBatch = 160 << 20
)

func checkMillion(p *probe, second Process) error {
	if p.dimension(million) != million {
		return notApplicable("it takes at most %d weights", p.desc.GetMaxDim())
	}
	described := p.memory(million)
	if described > largestRun {
		return notApplicable("it is described with %.0f MiB for a million weights, tried here are %d", described/(1<<20), largestRun>>20)
	}
	// A small run tells how many candidates there are: more are asked at most
	// where the dimension decides, and that grows with its logarithm. It warms
	// the process up, too, so that what is weighed is not the code.
	n, _, err := p.sharedStep(second, p.request(p.dimension(1000), 1))
	if err != nil {
		return err
	}
	if err := p.weigh(second, n); err != nil {
		return err
	}
	// What is new memory for two processes takes longer than all else, so that
	// the step has few candidates where that can be chosen.
	if d, err := protocol.Definition(p.desc); err == nil {
		request := p.request(million, 1)
		request.Config = string(Population(d.Params, 1))
		if request.Config != "" {
			if _, _, err = p.sharedStep(second, request); err == nil {
				return nil
			} // its other parameters may not suit so few
		}
	}
	if batch := 8 * million * n; batch > largestBatch {
		return notApplicable("a batch of it would take %d MiB, tried here are %d", batch>>20, largestBatch>>20)
	}
	_, _, err = p.sharedStep(second, p.request(million, 1))
	return err
}

// weigh compares what a run of its own number of candidates, n, takes of memory
// with what it is described with.
func (p *probe) weigh(second Process, n int) error {
	dim := p.dimension(weighed)
	described := p.memory(dim)
	if described == 0 || 8*dim*n > largestBatch {
		return nil
	}
	before, err := second.Facts()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return err
	}
	n, after, err := p.sharedStep(second, p.request(dim, 1))
	if err != nil || n == 0 {
		return err
	}
	// A batch and its gradients are copied to be sent, and a collector of garbage
	// lets as much again lie about.
	const copies, slack = 3, 16 << 20
	got, most := float64(after.Resident-before.Resident), 2*(described+copies*float64(8*dim*n))+slack
	if got > most {
		return fmt.Errorf("with %d weights the process has grown by %.0f MiB; described are %.0f, and with what the transport needs at most %.0f are expected",
			dim, got/(1<<20), described/(1<<20), most/(1<<20))
	}
	return nil
}

// sharedStep takes a step, in shared memory if there is some, and finishes the
// run. It returns how many candidates there were, none if the search has
// converged, and what the process was like with the run at rest.
func (p *probe) sharedStep(second Process, request *protocol.InitRequest) (n int, at Facts, err error) {
	request.SharedHalf = uint64(len(second.Shared()) / 2)
	r, err := p.initOn(second.Conn(), request)
	if err != nil {
		return 0, at, err
	}
	if r.shares {
		r.shared = second.Shared()
	}
	if err := r.ask(); err != nil || r.done {
		return 0, at, errors.Join(err, r.finish())
	}
	n = r.n()
	if err := r.tell(); err != nil {
		return n, at, err
	}
	if at, err = second.Facts(); errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return n, at, errors.Join(err, r.finish())
}
