package conformance

import (
	"errors"
	"fmt"
	"slices"

	"github.com/joust-bench/joust/plugins/protocol"
)

func checkpointing() []Check {
	return []Check{
		elsewhere("checkpoint/fresh-process", "another process goes on from a checkpoint with the same candidates: a trial survives the end of its process", checkRestore),
		probing("checkpoint/outstanding-batch", "a checkpoint with a batch outstanding is refused as wrong_order, and the batch can still be told", checkOutstanding),
		probing("checkpoint/damaged", "a state that is cut off, empty or of another dimension is refused as bad_state, and the run's name stays free", checkDamaged),
	}
}

// checkpointed is a run that has taken some steps, and its state.
func (p *probe) checkpointed(dim int) (*run, []byte, error) {
	if !p.has(protocol.Ability_ABILITY_CHECKPOINT) {
		return nil, nil, notApplicable("it has no checkpoints")
	}
	r, err := p.init(dim, 9)
	if err != nil {
		return nil, nil, err
	}
	if _, err := r.steps(3); err != nil {
		return nil, nil, err
	}
	if r.done {
		return nil, nil, notApplicable("it converges before there is a state")
	}
	state, err := r.conn.Checkpoint(p.ctx, &protocol.CheckpointRequest{Run: r.id})
	if err != nil {
		return nil, nil, fmt.Errorf("checkpoint: %w", err)
	}
	return r, slices.Clone(state), nil
}

func checkRestore(p *probe, second Process) error {
	const after = 4
	dim := p.dimension(8)
	r, state, err := p.checkpointed(dim)
	if err != nil {
		return err
	}
	step := r.step
	want, err := r.steps(after)
	if err != nil {
		return err
	}
	if r, err = p.restore(second.Conn(), p.request(dim, 9), state); err != nil {
		return err
	}
	r.step = step
	got, err := r.steps(after)
	if err != nil {
		return err
	}
	if err := differ(want, got, dim); err != nil {
		return fmt.Errorf("uninterrupted and continued: %w", err)
	}
	return nil
}

func checkOutstanding(p *probe) error {
	r, _, err := p.checkpointed(p.dimension(8))
	if err != nil {
		return err
	}
	if err := r.ask(); err != nil || r.done {
		return err
	}
	r.keep()
	_, err = r.conn.Checkpoint(p.ctx, &protocol.CheckpointRequest{Run: r.id})
	if err := p.refused(err, wrongOrder); err != nil {
		return err
	}
	return r.tell()
}

func checkDamaged(p *probe) error {
	dim := p.dimension(8)
	r, state, err := p.checkpointed(dim)
	if err != nil {
		return err
	}
	if len(state) == 0 {
		return errors.New("the state is empty, want at least a name and a version to know it by")
	}
	for _, damage := range []struct {
		what  string
		state []byte
	}{
		{"no state", nil},
		{"text", []byte("this is no state at all")},
		{"a state without its last byte", state[:len(state)-1]},
		{"half of a state", state[:len(state)/2]},
		{"a state with a byte too many", append(slices.Clone(state), 0)},
	} {
		if err := p.refusesState(p.request(dim, 9), damage.state); err != nil {
			return fmt.Errorf("%s: %w", damage.what, err)
		}
	}
	other := dim + 1
	if p.dimension(other) != other {
		other = dim - 1
	}
	if other > 0 && p.dimension(other) == other {
		if err := p.refusesState(p.request(other, 9), state); err != nil {
			return fmt.Errorf("a state of dimension %d for dimension %d: %w", dim, other, err)
		}
	}
	return r.ask()
}

// refusesState wants a state to be refused, and no run left behind by it.
func (p *probe) refusesState(request *protocol.InitRequest, state []byte) error {
	_, err := p.restore(p.conn, request, state)
	if err := p.refused(err, badState); err != nil {
		return err
	}
	_, err = p.conn.Step(p.ctx, &protocol.StepRequest{Run: request.GetRun(), Ask: &protocol.Ask{}})
	if err := p.refused(err, unknownRun); err != nil {
		return fmt.Errorf("a run is left behind: ask: %w", err)
	}
	return nil
}

func finishing() []Check {
	return []Check{
		probing("finish/ends-run", "a run that was finished, also with a batch outstanding, is unknown_run, and its name is free again", func(p *probe) error {
			dim := p.dimension(3)
			r, err := p.init(dim, 1)
			if err != nil {
				return err
			}
			if err := r.ask(); err != nil {
				return err
			}
			if err := r.finish(); err != nil {
				return err
			}
			_, err = r.conn.Step(p.ctx, &protocol.StepRequest{Run: r.id, Ask: &protocol.Ask{}})
			if err := p.refused(err, unknownRun); err != nil {
				return fmt.Errorf("ask of a finished run: %w", err)
			}
			request := p.request(dim, 1)
			request.Run = r.id
			again, err := p.initOn(r.conn, request)
			if err != nil {
				return err
			}
			return again.ask()
		}),
	}
}
