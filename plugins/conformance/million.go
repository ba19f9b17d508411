package conformance

import (
	"errors"
	"fmt"
)

const (
	million = 1_000_000
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
	// where the dimension decides, and that grows with its logarithm.
	small, err := p.init(p.dimension(1000), 1)
	if err != nil {
		return err
	}
	if err := small.ask(); err != nil {
		return err
	}
	if batch := 8 * million * small.n(); batch > largestBatch {
		return notApplicable("a batch of it would take %d MiB, tried here are %d", batch>>20, largestBatch>>20)
	}
	return p.million(second, described)
}

// million takes a step, and weighs the process if it can.
func (p *probe) million(second Process, described float64) error {
	// A run that is small warms the process up, so that what is weighed is not
	// the code.
	warm, err := p.initOn(second.Conn(), p.request(p.dimension(1000), 1))
	if err != nil {
		return err
	}
	if _, err := warm.steps(2); err != nil {
		return err
	}
	before, err := second.Facts()
	weigh := described > 0 && !errors.Is(err, errors.ErrUnsupported)
	if weigh && err != nil {
		return err
	}
	request := p.request(million, 1)
	request.SharedHalf = uint64(len(second.Shared()) / 2)
	r, err := p.initOn(second.Conn(), request)
	if err != nil {
		return err
	}
	if r.shares {
		r.shared = second.Shared()
	}
	if err := r.ask(); err != nil || r.done {
		return err
	}
	batch := float64(8 * len(r.rows))
	if err := r.tell(); err != nil || !weigh {
		return err
	}
	after, err := second.Facts()
	if err != nil {
		return err
	}
	// A batch and its gradients are copied to be sent, and a collector of garbage
	// lets as much again lie about.
	const copies, slack = 3, 64 << 20
	got, most := float64(after.Resident-before.Resident), 2*(described+copies*batch)+slack
	if got > most {
		return fmt.Errorf("the process has grown by %.0f MiB; described are %.0f, and with what the transport needs at most %.0f are expected",
			got/(1<<20), described/(1<<20), most/(1<<20))
	}
	return nil
}
