package plugins

import (
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

// TestRestoredRunGoesOnWithTheSameBits moves each run to another server, under
// another name, half-way.
func TestRestoredRunGoesOnWithTheSameBits(t *testing.T) {
	const dim, steps = 12, 20
	for _, tt := range transports {
		for _, name := range kindsOfOptimizers {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				def := definition(t, name)
				c := &client{conn: tt.connect(t, NewServer(builtin.All()...)), def: def, dim: dim, run: "1"}
				if _, err := c.conn.Init(t.Context(), initRequest(def, "1", dim, 3)); err != nil {
					t.Fatal(err)
				}
				steps := func() {
					for range steps / 2 {
						if err := c.step(t.Context(), true); err != nil {
							t.Fatal(err)
						}
					}
				}
				steps()
				if err := c.step(t.Context(), false); err != nil {
					t.Fatal(err)
				}
				state, err := c.conn.Checkpoint(t.Context(), &protocol.CheckpointRequest{Run: "1"})
				if err != nil {
					t.Fatal(err)
				}
				c.conn, c.run = tt.connect(t, NewServer(builtin.All()...)), "2"
				if _, err := c.conn.Restore(t.Context(), initRequest(def, "2", dim, 3), state); err != nil {
					t.Fatal(err)
				}
				steps()
				if got := c.tell.Batch; got != 20 {
					t.Errorf("the last of 20 batches has number %d", got)
				}
				if err := c.end(t.Context()); err != nil {
					t.Fatal(err)
				}
				if want := direct(t, def, dim, 3, 20); !slices.Equal(c.trace, want) {
					t.Error("other bits than without a checkpoint")
				}
			})
		}
	}
}

func TestDamagedCheckpointsAreRefused(t *testing.T) {
	const dim = 12
	def, other := definition(t, "sgd"), definition(t, "momentum")
	s := NewServer(builtin.All()...)
	if _, err := s.Init(t.Context(), initRequest(def, "1", dim, 3)); err != nil {
		t.Fatal(err)
	}
	state, err := s.Checkpoint(t.Context(), &protocol.CheckpointRequest{Run: "1"})
	if err != nil {
		t.Fatal(err)
	}
	bad := func(what string, r *protocol.InitRequest, state []byte) {
		t.Helper()
		_, err := s.Restore(t.Context(), r, state)
		refused(t, err, protocol.Failure_KIND_BAD_STATE, "checkpoint")
		_, err = s.Finish(t.Context(), &protocol.FinishRequest{Run: r.Run})
		refused(t, err, protocol.Failure_KIND_UNKNOWN_RUN, "")
		if t.Failed() {
			t.Fatal(what)
		}
	}
	for i := range state {
		damaged := slices.Clone(state)
		damaged[i] ^= 0x10
		bad("one bit is other", initRequest(def, "2", dim, 3), damaged)
		bad("cut off", initRequest(def, "2", dim, 3), state[:i])
	}
	bad("longer", initRequest(def, "2", dim, 3), append(slices.Clone(state), 0))
	bad("of another optimizer", initRequest(other, "2", dim, 3), state)
	if _, err := s.Restore(t.Context(), initRequest(def, "2", dim, 3), state); err != nil {
		t.Errorf("undamaged: %v", err)
	}
}
