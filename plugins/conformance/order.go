package conformance

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/plugins/protocol"
)

func ordering() []Check {
	return []Check{
		probing("order/ask-before-init", "an ask of a run that there is not is refused as unknown_run", func(p *probe) error {
			_, err := p.conn.Step(p.ctx, &protocol.StepRequest{Run: p.request(3, 1).GetRun(), Ask: &protocol.Ask{}})
			return p.refused(err, unknownRun)
		}),
		probing("order/tell-before-ask", "a tell without a batch is refused as wrong_order, and the run goes on", func(p *probe) error {
			r, err := p.init(p.dimension(5), 1)
			if err != nil {
				return err
			}
			tell := &protocol.Tell{Batch: 1, Losses: []float64{1}, Grads: inline(1, make([]float64, r.dim))}
			if err := p.refuses(r, tell, wrongOrder); err != nil {
				return err
			}
			return r.ask()
		}),
		probing("order/ask-twice", "an ask with a batch outstanding is refused as wrong_order, and the batch can still be told", func(p *probe) error {
			r, err := p.init(p.dimension(3), 1)
			if err != nil {
				return err
			}
			if err := r.ask(); err != nil || r.done {
				return err
			}
			r.keep()
			_, err = r.conn.Step(p.ctx, &protocol.StepRequest{Run: r.id, Ask: &protocol.Ask{}})
			if err := p.refused(err, wrongOrder); err != nil {
				return fmt.Errorf("second ask: %w", err)
			}
			return r.tell()
		}),
	}
}

// refuses wants a tell to be refused, with nothing asked after it.
func (p *probe) refuses(r *run, tell *protocol.Tell, kinds ...protocol.Failure_Kind) error {
	answer, err := r.conn.Step(p.ctx, &protocol.StepRequest{Run: r.id, Tell: tell, Ask: &protocol.Ask{}})
	if err := p.refused(err, kinds...); err != nil {
		return err
	}
	if answer.GetTold() || answer.GetAsked() != nil {
		return errors.New("refused, and the answer has told or a batch beside the failure, want neither")
	}
	return nil
}
