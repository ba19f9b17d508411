package plugins

import (
	"context"
	"encoding"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/protocol"
)

func definition(t *testing.T, name string) optimizers.Definition {
	t.Helper()
	all := builtin.All()
	i := slices.IndexFunc(all, func(d optimizers.Definition) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("no built-in is called %s", name)
	}
	return all[i]
}

// bowl is a quadratic whose curvature and optimum differ from weight to weight.
func bowl(w, grad []float64) float64 {
	loss := 0.0
	for i, x := range w {
		curve, at := 1+float64(i%3), float64(i%2)-0.3
		loss += float64(curve * (x - at) * (x - at))
		if grad != nil {
			grad[i] = 2 * curve * (x - at)
		}
	}
	return loss
}

func problem(dim int, seed uint64) optimizers.Problem {
	p := optimizers.Problem{Init: make([]float64, dim), Seed: seed, Budget: 5000, Threads: 1}
	for i := range p.Init {
		p.Init[i] = 0.1 * float64(i+1)
	}
	p.Blocks = []optimizers.Block{
		{Name: "0.dense.w", Len: dim - 2, Rows: 2, FanIn: (dim - 2) / 2, Scale: 0.5},
		{Name: "0.dense.b", Off: dim - 2, Len: 2, Rows: 2, Scale: 0.1},
	}
	return p
}

// A trace is everything that an optimizer has said, as bytes.
type trace []byte

func (tr *trace) add(v ...float64) {
	for _, x := range v {
		*tr = binary.LittleEndian.AppendUint64(*tr, math.Float64bits(x))
	}
}

// direct drives the optimizer itself.
func direct(t *testing.T, def optimizers.Definition, dim int, seed uint64, steps int) (tr trace) {
	t.Helper()
	opt, err := def.New(nil, problem(dim, seed))
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		rows, err := opt.Ask()
		if err != nil {
			t.Fatal(err)
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			tr.add(w...)
			if def.Need == optimizers.NeedGrad {
				evals[k].Grad = make([]float64, dim)
			}
			evals[k].Loss = bowl(w, evals[k].Grad)
		}
		if err := opt.Tell(evals); err != nil {
			t.Fatal(err)
		}
	}
	if r, ok := opt.(optimizers.Recommender); ok {
		tr.add(r.Recommend()...)
	}
	if l, ok := opt.(optimizers.Shortlister); ok {
		for _, w := range l.Shortlist(3) {
			tr.add(w...)
		}
	}
	if d, ok := opt.(optimizers.Diagnoser); ok {
		for name, x := range d.Diagnostics() {
			tr = append(tr, name...)
			tr.add(x)
		}
	}
	state, err := opt.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return append(tr, state...)
}

func initRequest(def optimizers.Definition, run string, dim int, seed uint64) *protocol.InitRequest {
	p := problem(dim, seed)
	r := &protocol.InitRequest{
		Run: run, Optimizer: def.Name, Dim: uint64(dim), Seed: p.Seed, Budget: uint64(p.Budget), Threads: 1,
		Init: &protocol.Rows{N: 1, Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, p.Init)}},
	}
	for _, b := range p.Blocks {
		r.Blocks = append(r.Blocks, &protocol.Block{
			Name: b.Name, Off: uint64(b.Off), Len: uint64(b.Len), Layer: int64(b.Layer),
			Rows: uint64(b.Rows), FanIn: uint64(b.FanIn), Scale: b.Scale,
		})
	}
	return r
}

// A client drives a run over a connection as direct drives an optimizer.
type client struct {
	conn protocol.Conn
	def  optimizers.Definition
	dim  int
	run  string
	tell *protocol.Tell // for the next step
	trace
}

// step tells what there is to tell, and asks.
func (c *client) step(ctx context.Context, ask bool) error {
	r := &protocol.StepRequest{Run: c.run, Tell: c.tell}
	if ask {
		r.Ask = &protocol.Ask{}
	}
	a, err := c.conn.Step(ctx, r)
	if err != nil {
		return err
	}
	if a.Told != (c.tell != nil) {
		return fmt.Errorf("told: %v", a.Told)
	}
	if c.tell = nil; !ask {
		return nil
	}
	data := slices.Clone(a.Asked.Rows.GetData())
	if uint64(len(data)) != 8*uint64(c.dim)*a.Asked.Rows.N {
		return fmt.Errorf("%d bytes for %d candidates of %d weights", len(data), a.Asked.Rows.N, c.dim)
	}
	weights := protocol.Floats(data)
	c.add(weights...)
	c.tell = &protocol.Tell{Batch: a.Asked.Batch}
	var grads []float64
	for w := range slices.Chunk(weights, c.dim) {
		var grad []float64
		if c.def.Need == optimizers.NeedGrad {
			grad = make([]float64, c.dim)
		}
		c.tell.Losses = append(c.tell.Losses, bowl(w, grad))
		grads = append(grads, grad...)
	}
	if grads != nil {
		c.tell.Grads = &protocol.Rows{N: uint64(len(c.tell.Losses)), Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, grads)}}
	}
	return nil
}

// end tells the rest, and asks everything else that can be asked.
func (c *client) end(ctx context.Context) error {
	if err := c.step(ctx, false); err != nil {
		return err
	}
	able := c.able()
	if slices.Contains(able, protocol.Ability_ABILITY_RECOMMEND) {
		a, err := c.conn.Recommend(ctx, &protocol.RecommendRequest{Run: c.run})
		if err != nil {
			return err
		}
		c.add(protocol.Floats(a.Rows.GetData())...)
	}
	if slices.Contains(able, protocol.Ability_ABILITY_SHORTLIST) {
		a, err := c.conn.Recommend(ctx, &protocol.RecommendRequest{Run: c.run, Shortlist: 3})
		if err != nil {
			return err
		}
		c.add(protocol.Floats(a.Rows.GetData())...)
	}
	if slices.Contains(able, protocol.Ability_ABILITY_DIAGNOSE) {
		a, err := c.conn.Diagnose(ctx, &protocol.DiagnoseRequest{Run: c.run})
		if err != nil {
			return err
		}
		for _, f := range a.Figures {
			c.trace = append(c.trace, f.Name...)
			c.add(f.Value)
		}
	}
	state, err := c.conn.Checkpoint(ctx, &protocol.CheckpointRequest{Run: c.run})
	if err != nil {
		return err
	}
	own, err := ownState(state, c.def.Name)
	if err != nil {
		return err
	}
	c.trace = append(c.trace, own...)
	_, err = c.conn.Finish(ctx, &protocol.FinishRequest{Run: c.run})
	return err
}

func (c *client) able() []protocol.Ability {
	opt, err := c.def.New(nil, problem(c.dim, 1))
	if err != nil {
		return nil
	}
	return protocol.Abilities(opt)
}

// ownState is the optimizer's part of a run's checkpoint: what is left without
// the name with its length, the number of the batch, and the checksum.
func ownState(state []byte, name string) ([]byte, error) {
	before := 1 + len("run/1 "+name) + 8
	if len(state) < before+4 {
		return nil, fmt.Errorf("a checkpoint of %d bytes", len(state))
	}
	return state[before : len(state)-4], nil
}

// transports are the ways to a server.
var transports = []struct {
	name    string
	connect func(t *testing.T, s *Server) protocol.Conn
}{
	{"in process", func(_ *testing.T, s *Server) protocol.Conn { return s }},
	{"gRPC", func(t *testing.T, s *Server) protocol.Conn { return overGRPC(t, s, mostBytes) }},
	{"gRPC, a message a candidate", func(t *testing.T, s *Server) protocol.Conn { return overGRPC(t, s, 1) }},
	{"frames", func(t *testing.T, s *Server) protocol.Conn { return overFrames(t, s) }},
}

// kindsOfOptimizers are one of each: plain, with a state for each weight, with a
// shortlist, with a covariance matrix, with mirrored noise.
var kindsOfOptimizers = []string{"sgd", "rprop", "ga", "cma-es", "openai-es"}

func TestSameBitsThroughEveryTransport(t *testing.T) {
	const dim, steps = 12, 25
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			conn := tt.connect(t, NewServer(builtin.All()...))
			for _, name := range kindsOfOptimizers {
				def := definition(t, name)
				c := &client{conn: conn, def: def, dim: dim, run: name}
				if _, err := conn.Init(t.Context(), initRequest(def, name, dim, 7)); err != nil {
					t.Fatal(err)
				}
				for range steps {
					if err := c.step(t.Context(), true); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
				if err := c.end(t.Context()); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if want := direct(t, def, dim, 7, steps); !slices.Equal(c.trace, want) {
					t.Errorf("%s: %d bytes of answers are not the %d of the optimizer itself", name, len(c.trace), len(want))
				}
			}
		})
	}
}

// TestInterleavedRunsKeepApart has eight runs in one server, called from as many
// goroutines.
func TestInterleavedRunsKeepApart(t *testing.T) {
	const dim, steps, runs = 12, 25, 8
	for _, tt := range transports {
		t.Run(tt.name, func(t *testing.T) {
			conn := tt.connect(t, NewServer(builtin.All()...))
			clients := make([]*client, runs)
			errs := make(chan error, runs)
			for i := range clients {
				def := definition(t, kindsOfOptimizers[i%len(kindsOfOptimizers)])
				c := conn
				if g, ok := conn.(*grpcConn); ok {
					c = &grpcConn{client: g.client} // it counts its messages
				}
				clients[i] = &client{conn: c, def: def, dim: dim, run: fmt.Sprint(i)}
				if _, err := c.Init(t.Context(), initRequest(def, clients[i].run, dim, uint64(i))); err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range clients {
				go func() {
					for range steps {
						if err := c.step(t.Context(), true); err != nil {
							errs <- err
							return
						}
					}
					errs <- c.end(t.Context())
				}()
			}
			for range clients {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			for i, c := range clients {
				if want := direct(t, c.def, dim, uint64(i), steps); !slices.Equal(c.trace, want) {
					t.Errorf("run %d of %s: other bits than alone", i, c.def.Name)
				}
			}
		})
	}
}
