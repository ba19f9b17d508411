package plugins

import (
	"encoding"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// What a run says of itself.

// recommend puts the optimizer's answer into the message, or its shortlist of at
// most n.
func (u *run) recommend(n uint64, answer *protocol.RecommendResponse) error {
	var rows [][]float64
	err := u.call("Recommend", func() error {
		if n == 0 {
			r, ok := u.opt.(optimizers.Recommender)
			if !ok {
				return invalid("%s recommends nothing", u.def.Name)
			}
			rows = [][]float64{r.Recommend()}
			return nil
		}
		l, ok := u.opt.(optimizers.Shortlister)
		if !ok {
			return invalid("%s has no shortlist", u.def.Name)
		}
		rows = l.Shortlist(int(min(n, math.MaxInt32)))
		rows = rows[:min(uint64(len(rows)), n)]
		return nil
	})
	if err != nil {
		return err
	}
	if err := u.lengths(rows, "Recommend", "point"); err != nil {
		return err
	}
	data := appendRows(make([]byte, 0, 8*u.dim*len(rows)), rows)
	answer.Rows = &protocol.Rows{N: uint64(len(rows)), Where: &protocol.Rows_Data{Data: data}}
	return nil
}

func (u *run) diagnose(answer *protocol.DiagnoseResponse) error {
	return u.call("Diagnostics", func() error {
		d, ok := u.opt.(optimizers.Diagnoser)
		if !ok {
			return invalid("%s has no diagnostics", u.def.Name)
		}
		for name, x := range d.Diagnostics() {
			answer.Figures = append(answer.Figures, &protocol.Figure{Name: name, Value: x})
		}
		return nil
	})
}

// stateName tells the checkpoints of different optimizers apart.
func (u *run) stateName() string {
	const most = 200 // of the 255 bytes that a name may have
	return "run/1 " + u.def.Name[:min(len(u.def.Name), most)]
}

// checkpoint is the optimizer's own with the number of the last batch, so that a
// run goes on to count where it was, and a checksum, whatever the optimizer has.
func (u *run) checkpoint() ([]byte, error) {
	if u.open > 0 {
		return nil, wrongOrder("batch %d is outstanding, tell it before a checkpoint", u.batch)
	}
	m, ok := u.opt.(encoding.BinaryMarshaler)
	if !ok {
		return nil, invalid("%s has no checkpoint", u.def.Name)
	}
	var own []byte
	err := u.call("MarshalBinary", func() (err error) {
		own, err = m.MarshalBinary()
		return err
	})
	if err != nil {
		return nil, asError(err)
	}
	state, err := optimizers.SaveState(u.stateName(), &u.batch, own)
	if err != nil {
		return nil, asError(err)
	}
	return state, nil
}

// restore continues a new run from what checkpoint returned.
func (u *run) restore(state []byte) error {
	m, ok := u.opt.(encoding.BinaryUnmarshaler)
	if !ok {
		return invalid("%s has no checkpoint", u.def.Name)
	}
	badState := func(err error) error { return protocol.Errorf(protocol.Failure_KIND_BAD_STATE, "%v", err) }
	var batch uint64
	frame, err := optimizers.SaveState(u.stateName(), &batch)
	if err != nil {
		return asError(err)
	}
	own := make([]byte, max(0, len(state)-len(frame)))
	if err := optimizers.LoadState(u.stateName(), state, &batch, own); err != nil {
		return badState(err)
	}
	err = u.call("UnmarshalBinary", func() error { return m.UnmarshalBinary(own) })
	switch {
	case u.broken != nil:
		return u.broken
	case err != nil:
		return badState(err)
	}
	u.batch = batch
	return nil
}
