package host

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/protocol"
)

// liar is a fleet whose answers are changed by change, from the fourth batch on
// where they are to Step.
func liar(def optimizers.Definition, change func(answer any)) *fleet {
	return &fleet{make: func(shared int64, _ int) *local {
		l := newLocal(shared, def)
		l.after = func(_ string, answer any) error {
			if a, ok := answer.(*protocol.StepResponse); !ok || a.GetAsked() == nil || a.GetAsked().GetBatch() > 3 {
				change(answer)
			}
			return nil
		}
		return l
	}}
}

// data puts bytes into the message.
func data(a *protocol.StepResponse, v ...float64) {
	a.Asked.Rows = &protocol.Rows{N: uint64(len(v) / 5), Where: &protocol.Rows_Data{Data: protocol.AppendFloats(nil, v)}}
}

// Whatever a plugin answers, the error says which optimizer of which plugin it
// was, what was asked, and what is wrong with the answer. Nothing is started again.
func TestLies(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	step := func(f func(a *protocol.StepResponse)) func(any) {
		return func(answer any) {
			if a, ok := answer.(*protocol.StepResponse); ok {
				f(a)
			}
		}
	}
	asked := func(f func(a *protocol.StepResponse)) func(any) {
		return step(func(a *protocol.StepResponse) {
			if a.Asked != nil {
				f(a)
			}
		})
	}
	recommended := func(f func(a *protocol.RecommendResponse)) func(any) {
		return func(answer any) {
			if a, ok := answer.(*protocol.RecommendResponse); ok {
				f(a)
			}
		}
	}
	diagnosed := func(f func(a *protocol.DiagnoseResponse)) func(any) {
		return func(answer any) {
			if a, ok := answer.(*protocol.DiagnoseResponse); ok {
				f(a)
			}
		}
	}
	const ask, tell = "step 3: ask: ", "step 1: tell: "
	for _, test := range []struct {
		name   string
		change func(answer any)
		want   string
	}{
		{"no batch", asked(func(a *protocol.StepResponse) { a.Asked = nil }), ask + "asked for candidates, answers without any word of them"},
		{"not told", step(func(a *protocol.StepResponse) { a.Told = false }), tell + "does not say that it was told batch 1"},
		{"unasked candidates", step(func(a *protocol.StepResponse) { a.Asked = &protocol.Asked{} }), tell + "candidates that nobody asked for"},
		{"an old number", asked(func(a *protocol.StepResponse) { a.Asked.Batch = 3 }), ask + "batch 3, want a number over the last, 3"},
		{"no number", asked(func(a *protocol.StepResponse) { a.Asked.Batch = 0 }), ask + "batch 0, want a number over the last, 3"},
		{"a gradient", asked(func(a *protocol.StepResponse) { a.Asked.Need = protocol.Need_NEED_GRAD }), ask + "the batch needs the gradient, the description says the loss"},
		{"an unknown need", asked(func(a *protocol.StepResponse) { a.Asked.Need = 9 }), ask + "the batch needs 9, which is not known"},
		{"more than there is", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, 5); a.Asked.Rows.N = 2 }), ask + "2 candidates in 40 bytes, want 8 times 5 for each"},
		{"fewer than there are", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5); a.Asked.Rows.N = 1 }), ask + "1 candidates in 80 bytes, want 8 times 5 for each"},
		{"a part of a candidate", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, 5, 6) }), ask + "1 candidates in 48 bytes, want 8 times 5 for each"},
		{"bytes of nothing", asked(func(a *protocol.StepResponse) { data(a, 1, 2) }), ask + "no candidates, but 16 bytes of them"},
		{"an immense number", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, 5); a.Asked.Rows.N = math.MaxUint64 }), ask + "18446744073709551615 candidates in 40 bytes, want 8 times 5 for each"},
		{"an overflow", asked(func(a *protocol.StepResponse) { a.Asked.Rows.N = 1<<61 + 2 }), ask + "2305843009213693954 candidates of 5 weights at 0 of the shared memory, want them at a multiple of 8 in its first 4194304 bytes"},
		{"past the half", asked(func(a *protocol.StepResponse) {
			a.Asked.Rows = &protocol.Rows{N: 1, Where: &protocol.Rows_Offset{Offset: 4<<20 - 32}}
		}), ask + "1 candidates of 5 weights at 4194272 of the shared memory, want them at a multiple of 8 in its first 4194304 bytes"},
		{"past the end", asked(func(a *protocol.StepResponse) {
			a.Asked.Rows = &protocol.Rows{N: 1, Where: &protocol.Rows_Offset{Offset: math.MaxUint64 - 7}}
		}), ask + "1 candidates of 5 weights at 18446744073709551608 of the shared memory, want them at a multiple of 8 in its first 4194304 bytes"},
		{"a crooked place", asked(func(a *protocol.StepResponse) {
			a.Asked.Rows = &protocol.Rows{N: 1, Where: &protocol.Rows_Offset{Offset: 4}}
		}), ask + "1 candidates of 5 weights at 4 of the shared memory, want them at a multiple of 8 in its first 4194304 bytes"},
		{"nowhere", asked(func(a *protocol.StepResponse) { a.Asked.Rows = &protocol.Rows{N: 2} }), ask + "2 candidates that are nowhere"},
		{"NaN", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, 5, 1, 2, nan, 4, 5) }), ask + "candidate 1: weight 2 is NaN, want a finite number"},
		{"infinity", asked(func(a *protocol.StepResponse) { data(a, 1, 2, 3, 4, inf) }), ask + "candidate 0: weight 4 is -Inf, want a finite number"},
		{"no time", step(func(a *protocol.StepResponse) { a.OptimizerSeconds = nan }), tell + "NaN seconds in the optimizer, want a finite number that is not negative"},
		{"negative time", step(func(a *protocol.StepResponse) { a.OptimizerSeconds = -1 }), tell + "-1 seconds in the optimizer, want a finite number that is not negative"},
		{"no point", recommended(func(a *protocol.RecommendResponse) { a.Rows = nil }), "step 0: recommend: no point, want one"},
		{"two points", recommended(func(a *protocol.RecommendResponse) { a.Rows.N = 2 }), "step 0: recommend: 2 points, want at most 1"},
		{"a short point", recommended(func(a *protocol.RecommendResponse) {
			a.Rows.Where = &protocol.Rows_Data{Data: make([]byte, 32)}
		}), "step 0: recommend: 1 points in 32 bytes, want 8 times 5 for each"},
		{"a point elsewhere", recommended(func(a *protocol.RecommendResponse) { a.Rows.Where = &protocol.Rows_Offset{} }), "step 0: recommend: 1 points in 0 bytes, want 8 times 5 for each"},
		{"a point of NaN", recommended(func(a *protocol.RecommendResponse) {
			a.Rows.Where = &protocol.Rows_Data{Data: protocol.AppendFloats(nil, []float64{0, nan, 0, 0, 0})}
		}), "step 0: recommend: point 0: weight 1 is NaN, want a finite number"},
		{"no name", diagnosed(func(a *protocol.DiagnoseResponse) { a.Figures[0].Name = "" }), `step 0: diagnose: figure 1 is called "", want 1 to 100 bytes of plain text`},
		{"a terminal's name", diagnosed(func(a *protocol.DiagnoseResponse) { a.Figures[0].Name = "\x1b[2J" }), `step 0: diagnose: figure 1 is called "\x1b[2J", want 1 to 100 bytes of plain text`},
		{"many figures", diagnosed(func(a *protocol.DiagnoseResponse) { a.Figures = make([]*protocol.Figure, 1001) }), "step 0: diagnose: 1001 figures, want at most 1000"},
		{"a figure of nothing", diagnosed(func(a *protocol.DiagnoseResponse) { a.Figures[0] = nil }), `step 0: diagnose: figure 1 is called "", want 1 to 100 bytes of plain text`},
	} {
		f := liar(find(t, "one-plus-one"), test.change)
		tr := tracer{def: f.plugin(t, Options{}).Definitions()[0], problem: problem(5), steps: 10}
		// Asked for nothing else, a tell is alone only at a checkpoint.
		tr.observe = test.want[:8] == "step 0: "
		if test.want[:8] == "step 1: " {
			tr.resume = 1
		}
		_, err := tr.run()
		if err == nil {
			t.Errorf("%s: no error, want %q", test.name, test.want)
			continue
		}
		wantError(t, err, "one-plus-one (plugin p 1.0): "+test.want)
		if len(f.all) != 1 && tr.resume == 0 || len(f.all) > 2 {
			t.Errorf("%s: %d processes, want none started again", test.name, len(f.all))
		}
	}
}

// Whoever uses an optimizer may be wrong, too, and that does not end the run.
func TestMisuseIsRefusedAndForgiven(t *testing.T) {
	p := serving(find(t, "sgd")).plugin(t, Options{})
	opt, err := p.Definitions()[0].New(nil, problem(5))
	if err != nil {
		t.Fatal(err)
	}
	grad := make([]float64, 5)
	wantError(t, opt.Tell(make([]optimizers.Evaluation, 1)), "sgd (plugin p 1.0): step 0: tell: no batch is to be told, want Ask first")
	if _, err := opt.Ask(); err != nil {
		t.Fatal(err)
	}
	_, err = opt.Ask()
	wantError(t, err, "sgd (plugin p 1.0): step 0: ask: the last batch has not been told, want that first")
	wantError(t, opt.Tell(nil), "sgd (plugin p 1.0): step 0: tell: 0 evaluations, want 1")
	wantError(t, opt.Tell([]optimizers.Evaluation{{Loss: math.NaN(), Grad: grad}}), "sgd (plugin p 1.0): step 0: tell: loss 0 is NaN, want +Inf for a candidate that diverged")
	wantError(t, opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: grad[:4]}}), "sgd (plugin p 1.0): step 0: tell: gradient 0 has 4 numbers, want 5")
	_, err = opt.(state).MarshalBinary()
	wantError(t, err, "sgd (plugin p 1.0): step 0: checkpoint: a batch is outstanding, want it told first")
	if err := opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: grad}}); err != nil {
		t.Error(err)
	}
	if _, err := opt.Ask(); err != nil {
		t.Error(err)
	}
	if err := closeOptimizer(opt); err != nil {
		t.Error(err)
	}
	if err := closeOptimizer(opt); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	_, err = opt.Ask()
	wantError(t, err, "sgd (plugin p 1.0): step 1: call: the optimizer is closed")
}

// A checkpoint that is refused leaves the optimizer as it was.
func TestARefusedCheckpointChangesNothing(t *testing.T) {
	p := serving(find(t, "ga")).plugin(t, Options{})
	build := p.Definitions()[0]
	disturbed := build
	disturbed.New = func(config json.RawMessage, problem optimizers.Problem) (optimizers.Optimizer, error) {
		opt, err := build.New(config, problem)
		return meddled{opt, t}, err
	}
	want := tracer{def: build, problem: problem(6), steps: 12}
	got := want
	got.def = disturbed
	same(t, "a checkpoint refused before each Tell and Ask", want, got)
}

// meddled is given a wrong checkpoint at every opportunity.
type meddled struct {
	optimizers.Optimizer
	t *testing.T
}

func (m meddled) Ask() ([][]float64, error) { m.meddle(); return m.Optimizer.Ask() }

func (m meddled) Tell(e []optimizers.Evaluation) error { m.meddle(); return m.Optimizer.Tell(e) }

func (m meddled) Close() error { return closeOptimizer(m.Optimizer) }

func (m meddled) meddle() {
	if err := m.Optimizer.(state).UnmarshalBinary([]byte("nonsense")); err == nil {
		m.t.Error("nonsense is taken for a checkpoint")
	}
}

// Divergence is a result and no fault: the search is over, there is still a finite
// answer, and the process serves the next run.
func TestDivergenceIsAResult(t *testing.T) {
	f := serving(find(t, "sgd"))
	p := f.plugin(t, Options{})
	for _, recommend := range []bool{false, true} {
		opt, err := p.Definitions()[0].New(nil, problem(3))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opt.Ask(); err != nil {
			t.Fatal(err)
		}
		huge := []float64{math.MaxFloat64, -math.MaxFloat64, math.MaxFloat64}
		for range 100 {
			if err = opt.Tell([]optimizers.Evaluation{{Loss: 1, Grad: huge}}); err != nil {
				t.Fatal(err)
			}
			if recommend {
				for _, w := range opt.(optimizers.Recommender).Recommend() {
					if w-w != 0 {
						t.Fatalf("recommends %v, want a finite weight", w)
					}
				}
			}
			if _, err = opt.Ask(); err != nil {
				break
			}
		}
		if !errors.Is(err, optimizers.ErrDiverged) || !strings.HasPrefix(err.Error(), "sgd (plugin p 1.0): step ") {
			t.Errorf("error %v, want that it diverged, by name", err)
		}
		if again := opt.Tell(nil); !errors.Is(again, optimizers.ErrDiverged) {
			t.Errorf("told again: %v, want the same error", again)
		}
		for _, w := range opt.(optimizers.Recommender).Recommend() {
			if w-w != 0 {
				t.Errorf("recommends %v after it diverged, want a finite weight", w)
			}
		}
		if err := closeOptimizer(opt); err != nil {
			t.Error(err)
		}
	}
	if len(f.all) != 1 {
		t.Errorf("%d processes, want the first used again", len(f.all))
	}
}

// What an optimizer that says something of itself has no error for, the end does.
func TestAnErrorThatNobodyHeardOfIsThatOfClose(t *testing.T) {
	f := liar(find(t, "sgd"), func(answer any) {
		if a, ok := answer.(*protocol.RecommendResponse); ok {
			a.Rows = nil
		}
	})
	opt, err := f.plugin(t, Options{}).Definitions()[0].New(nil, problem(3))
	if err != nil {
		t.Fatal(err)
	}
	if w := opt.(optimizers.Recommender).Recommend(); len(w) != 3 {
		t.Errorf("recommends %v, want the starting weights", w)
	}
	wantError(t, closeOptimizer(opt), "sgd (plugin p 1.0): step 0: recommend: no point, want one")
}

// The time of an optimizer is that in its own code and that on the way to it.
func TestTimeIsToldApart(t *testing.T) {
	f := serving(find(t, "sgd"))
	sound := f.make
	f.make = func(shared int64, number int) *local {
		l := sound(shared, number)
		l.after = func(_ string, answer any) error {
			if a, ok := answer.(*protocol.StepResponse); ok {
				a.OptimizerSeconds = 1e-9
			}
			return nil
		}
		return l
	}
	opt, err := f.plugin(t, Options{}).Definitions()[0].New(nil, problem(3))
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := opt.Ask(); err != nil {
			t.Fatal(err)
		}
		if err := opt.Tell([]optimizers.Evaluation{{Grad: make([]float64, 3)}}); err != nil {
			t.Fatal(err)
		}
	}
	own, transport := opt.(optimizers.Metered).Seconds()
	// The last Tell has not been sent.
	if math.Abs(own-10e-9) > 1e-15 || !(transport > 0) {
		t.Errorf("%v seconds in the optimizer and %v on the way, want 1e-8, as the plugin says ten times, and the rest", own, transport)
	}
	r := &remote{computing: 3, spent: 2e9}
	if own, transport := r.Seconds(); own != 2 || transport != 0 {
		t.Errorf("3 of 2 seconds in the optimizer: %v and %v, want 2 and 0", own, transport)
	}
	if err := closeOptimizer(opt); err != nil {
		t.Error(err)
	}
}
