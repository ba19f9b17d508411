package host

import (
	"context"
	"encoding"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/optimizers/opttest"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/protocol"
)

// Not all checks say something about an optimizer in another process that those
// of the built-ins do not: the heap of this process is not where it holds its
// memory, and what is learned, and from which damage, is that of the same bits in
// this process, which they are ([TestSameBitsAsInThisProcess]).
var checkedByTheSameBits = []string{
	"MemoryIsAsDeclared", "CheckpointDamageIsAnError", "OtherSeedOtherCandidates", "ThreadsChangeNothing",
	"ShortlistIsBestFirst", "LeavesZeroInEveryCoordinate", "MakesProgress", "SurvivesEqualLosses",
}

func TestRemoteOptimizersKeepTheContract(t *testing.T) {
	p := serving(builtin.All()...).plugin(t, Options{})
	for _, def := range p.Definitions() {
		t.Run(def.Name, func(t *testing.T) {
			for _, c := range opttest.Checks() {
				if slices.Contains(checkedByTheSameBits, c.Name) {
					continue
				}
				if err := c.Run(def); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		})
	}
}

// A tracer runs an optimizer and notes all that it says.
type tracer struct {
	def     optimizers.Definition
	problem optimizers.Problem
	steps   int
	observe bool
	resume  int // the step before which another optimizer goes on from a checkpoint
	saw     []uint64
	opt     optimizers.Optimizer
}

func (tr *tracer) note(v ...float64) {
	for _, x := range v {
		tr.saw = append(tr.saw, math.Float64bits(x))
	}
}

// vector notes a hash of the bits: there are many weights.
func (tr *tracer) vector(w []float64) {
	h := uint64(len(w))
	for _, x := range w {
		h = (h ^ math.Float64bits(x)) * 0x100000001b3
		h ^= h >> 29
	}
	tr.saw = append(tr.saw, h)
}

// look notes what the optimizer says of itself.
func (tr *tracer) look() {
	if !tr.observe {
		return
	}
	if o, ok := tr.opt.(optimizers.Recommender); ok {
		tr.vector(o.Recommend())
	}
	if o, ok := tr.opt.(optimizers.Shortlister); ok {
		for _, w := range o.Shortlist(3) {
			tr.vector(w)
		}
	}
	if o, ok := tr.opt.(optimizers.Diagnoser); ok {
		for name, x := range o.Diagnostics() {
			tr.note(float64(len(name)), x)
		}
	}
}

func closeOptimizer(o optimizers.Optimizer) error {
	if c, ok := o.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// run returns what it saw before the first error.
func (tr *tracer) run() (saw []uint64, err error) {
	if tr.opt, err = tr.def.New(nil, tr.problem); err != nil {
		return nil, err
	}
	defer func() {
		if closed := closeOptimizer(tr.opt); err == nil {
			err = closed
		}
		saw = tr.saw
	}()
	dim := len(tr.problem.Init)
	for step := range tr.steps {
		tr.look()
		if tr.resume > 0 && step == tr.resume {
			if err := tr.goOn(); err != nil {
				return nil, err
			}
		}
		rows, err := tr.opt.Ask()
		if err != nil {
			return nil, err
		}
		need := tr.def.Need
		if n, ok := tr.opt.(optimizers.Needer); ok {
			need = n.Needs()
		}
		tr.note(float64(len(rows)), float64(need))
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			if need == optimizers.NeedGrad {
				evals[k].Grad = make([]float64, dim)
			}
			for i, x := range w {
				d := x - math.Cos(float64(i+step%2))
				evals[k].Loss += d * d
				if need == optimizers.NeedGrad {
					evals[k].Grad[i] = 2 * d
				}
			}
		}
		tr.look()
		for _, w := range rows { // they are still the same
			tr.vector(w)
		}
		if err := tr.opt.Tell(evals); err != nil {
			return nil, err
		}
		for k := range evals {
			evals[k].Loss = -1
			clear(evals[k].Grad)
		}
	}
	tr.look()
	return nil, nil
}

// goOn makes another optimizer continue from a checkpoint.
func (tr *tracer) goOn() error {
	from, ok := tr.opt.(encoding.BinaryMarshaler)
	if !ok {
		return nil
	}
	data, err := from.MarshalBinary()
	if err != nil {
		return err
	}
	opt, err := tr.def.New(nil, tr.problem)
	if err != nil {
		return err
	}
	if err := opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
		return err
	}
	clear(data)
	err = closeOptimizer(tr.opt)
	tr.opt = opt
	return err
}

// same compares with what an optimizer in this process says.
func same(t *testing.T, name string, want tracer, got tracer) {
	t.Helper()
	a, err := want.run()
	if err != nil {
		t.Fatalf("%s, in this process: %v", name, err)
	}
	b, err := got.run()
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !slices.Equal(a, b) {
		at := 0
		for at < min(len(a), len(b)) && a[at] == b[at] {
			at++
		}
		t.Errorf("%s: differs at number %d of %d and %d that it says", name, at, len(b), len(a))
	}
}

func TestSameBitsAsInThisProcess(t *testing.T) {
	ctx := context.Background()
	direct, err := Attach(ctx, "direct", plugins.NewServer(builtin.All()...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	alone := serving(builtin.All()...)
	alone.alone = true
	for _, with := range []struct {
		name   string
		plugin *Plugin
		dim    int
	}{
		{"the SDK's server", direct, 20},
		{"shared memory", serving(builtin.All()...).plugin(t, Options{}), 20},
		{"starting weights in shared memory", serving(builtin.All()...).plugin(t, Options{}), 8200},
		{"messages alone", alone.plugin(t, Options{Replay: 20_000}), 33},
	} {
		for i, def := range with.plugin.Definitions() {
			// One with a gradient, and two with many candidates.
			if with.dim > 1000 && def.Name != "rprop" && def.Name != "ga" && def.Name != "openai-es" {
				continue
			}
			dim := max(with.dim, def.MinDim)
			if def.MaxDim > 0 {
				dim = min(dim, def.MaxDim)
			}
			tr := tracer{def: builtin.All()[i], problem: problem(dim), steps: 12, observe: true, resume: 7}
			remote := tr
			remote.def = def
			same(t, fmt.Sprintf("%s, %s", def.Name, with.name), tr, remote)
		}
	}
	if err := direct.Close(); err != nil {
		t.Error(err)
	}
}

// An optimizer has the methods of the abilities that are described, and no others.
func TestAbilitiesAreNeitherMoreNorLessThanDescribed(t *testing.T) {
	all := []protocol.Ability{
		protocol.Ability_ABILITY_CHECKPOINT, protocol.Ability_ABILITY_RECOMMEND, protocol.Ability_ABILITY_SHORTLIST,
		protocol.Ability_ABILITY_DIAGNOSE, protocol.Ability_ABILITY_NEEDS,
	}
	for set := range 1 << len(all) {
		var abilities []protocol.Ability
		for i, a := range all {
			if set>>i&1 == 1 {
				abilities = append(abilities, a)
			}
		}
		o := expose(&remote{}, abilities)
		has := make([]bool, len(all))
		_, has[0] = o.(encoding.BinaryMarshaler)
		_, has[1] = o.(optimizers.Recommender)
		_, has[2] = o.(optimizers.Shortlister)
		_, has[3] = o.(optimizers.Diagnoser)
		_, has[4] = o.(optimizers.Needer)
		if _, unmarshals := o.(encoding.BinaryUnmarshaler); unmarshals != has[0] {
			t.Errorf("%v: has one of MarshalBinary and UnmarshalBinary", abilities)
		}
		for i, a := range all {
			if want := set>>i&1 == 1; has[i] != want {
				t.Errorf("with abilities %v: %v is %v, want %v", abilities, a, has[i], want)
			}
		}
		_, closes := o.(io.Closer)
		if _, metered := o.(optimizers.Metered); !closes || !metered {
			t.Errorf("%v: cannot be closed, or not be metered", abilities)
		}
	}
}
