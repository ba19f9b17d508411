package scaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/optimizers"
)

func newMeasurer(t *testing.T, o Options) (*measurer, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Threads = threadList(o.Threads)
	o.Progress = func(Part, string) {}
	return &measurer{Options: o, ctx: ctx}, cancel
}

func TestThreadsArePowersOfTwoAndAll(t *testing.T) {
	for cores, want := range map[int][]int{1: {1}, 2: {1, 2}, 3: {1, 2, 3}, 6: {1, 2, 4, 6}, 64: {1, 2, 4, 8, 16, 32, 64}} {
		if got := threadsUpTo(cores); !slices.Equal(got, want) {
			t.Errorf("%d cores: %v, want %v", cores, got, want)
		}
	}
	if got := threadList([]int{4, 2, 4}); !slices.Equal(got, []int{1, 2, 4}) {
		t.Errorf("4, 2, 4: %v, want one thread first, and each once", got)
	}
}

// Jobs take turns, forwards and backwards, after one run each that does not
// count.
func TestJobsTakeTurns(t *testing.T) {
	m, _ := newMeasurer(t, Options{})
	var order strings.Builder
	jobs := []job{{func() { order.WriteByte('a') }, 1}, {func() { order.WriteByte('b') }, 1}, {func() { order.WriteByte('c') }, 1}}
	rates := m.rates(0, jobs...)
	if got, want := order.String(), "abc"+"abc"; got != want {
		t.Errorf("without time: %s, want %s: one round", got, want)
	}
	for i, r := range rates {
		if len(r) != 1 || !(r[0] > 0) {
			t.Errorf("job %d: rates %v, want one", i, r)
		}
	}
	order.Reset()
	var slow []job
	for _, name := range "abc" {
		slow = append(slow, job{func() { order.WriteRune(name); time.Sleep(time.Millisecond) }, 1})
	}
	rates = m.rates(300*time.Millisecond, slow...)
	if len(rates[0]) < 2 || len(rates[0]) != len(rates[1]) || len(rates[0]) > rounds {
		t.Fatalf("%d and %d rounds, want equally many, 2 to %d", len(rates[0]), len(rates[1]), rounds)
	}
	if turns := string(slices.Compact([]byte(order.String()))); !strings.HasPrefix(turns, "abc"+"abc"+"ba") {
		t.Errorf("turns %s, want abc before the first round, abc in it, and then cba", turns)
	}
	// Sleeping a millisecond and more, a rate is at most 1000 a second.
	if r := slices.Max(rates[0]); r > 1000 {
		t.Errorf("%v a second, each of which takes a millisecond", r)
	}
}

func TestStoppingLeavesWholeRounds(t *testing.T) {
	m, cancel := newMeasurer(t, Options{})
	n := 0
	run := func() {
		if n++; n == 5 { // after a warm-up of two and a round of two
			cancel()
		}
	}
	slow := func() { run(); time.Sleep(2 * time.Millisecond) }
	rates := m.rates(22*time.Millisecond, job{slow, 1}, job{slow, 1})
	if len(rates[0]) != 1 || len(rates[1]) != 1 {
		t.Errorf("rates %v, want one round", rates)
	}
	if rates = m.rates(time.Second, job{func() { t.Error("ran") }, 1}); len(rates[0]) > 0 {
		t.Errorf("rates %v of a measurement that was stopped before", rates)
	}
}

func TestWorkloadsAreMeasuredOnAllThreads(t *testing.T) {
	m, _ := newMeasurer(t, Options{Threads: []int{3}})
	var made []string
	w := Workload{Name: "W", Summary: "nothing", Unit: "things", Count: 5, New: func(precision string, threads int) (func(), error) {
		made = append(made, precision+strings.Repeat("+", threads))
		return func() { time.Sleep(time.Millisecond) }, nil
	}}
	list, err := m.workloads([]Workload{w}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"float64+", "float64+++", "float32+", "float32+++"}, made); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	if len(list) != 2 || len(list[0].Points) != 2 || list[0].Fit == nil || list[0].Points[1].Threads != 3 {
		t.Fatalf("%+v, want two precisions with two points each", list)
	}
	if free := list[0].CoresFree; !(free > 0 && free < 100) {
		t.Errorf("%v cores free of 3", free)
	}
	if r := list[0].Points[0].PerSecond; r > 5000 || r <= 0 {
		t.Errorf("%v things a second, want 5 for each run of a millisecond or more", r)
	}
	w.New = func(string, int) (func(), error) { return nil, errors.New("no") }
	if _, err := m.workloads([]Workload{w}, 0); err == nil || !strings.Contains(err.Error(), "W in float64 on 1 threads: no") {
		t.Errorf("error %v, want which workload it was", err)
	}
}

// A countdown asks so many times, and then ends as it is told.
type countdown struct {
	left   int
	err    error
	closed *int
	w      [][]float64
}

func (c *countdown) Ask() ([][]float64, error) {
	if c.left--; c.left < 0 {
		return nil, c.err
	}
	return c.w, nil
}

func (c *countdown) Tell(evals []optimizers.Evaluation) error {
	if len(evals) != len(c.w) || evals[0].Loss != 7 {
		return errors.New("told something else")
	}
	time.Sleep(time.Millisecond)
	return nil
}

func (c *countdown) Close() error { *c.closed++; return nil }

func TestDriveStartsAgainAndDoesNotCountTheFirstGenerations(t *testing.T) {
	for _, end := range []error{nil, optimizers.ErrDiverged} {
		m, _ := newMeasurer(t, Options{})
		built, closed := 0, 0
		u, err := m.drive(30*time.Millisecond, func() (optimizers.Optimizer, error) {
			built++
			return &countdown{4, end, &closed, make([][]float64, 4)}, nil
		}, func(_ optimizers.Optimizer, _ [][]float64, evals []optimizers.Evaluation) {
			for i := range evals {
				evals[i].Loss = 7
			}
		})
		if err != nil || built < 2 || closed != built || u.candidates != 4*u.generations || u.generations > 2*built || u.generations <= 2*(built-2) {
			t.Errorf("%+v, %d built, %d closed, error %v; want two generations of four each, the first two of four not counted", u, built, closed, err)
		}
		if u.askTell < time.Duration(u.generations)*time.Millisecond {
			t.Errorf("%v in Ask and Tell, each of which took a millisecond (%d generations)", u.askTell, u.generations)
		}
	}
}

func TestDriveReportsWhatGoesWrong(t *testing.T) {
	m, cancel := newMeasurer(t, Options{})
	lossSeven := func(_ optimizers.Optimizer, _ [][]float64, evals []optimizers.Evaluation) { evals[0].Loss = 7 }
	for _, tt := range []struct {
		generations int
		end         error
		want        string
	}{{2, nil, "ended after two generations"}, {0, nil, "ended after two generations"}, {3, errors.New("broken"), "broken"}} {
		closed := 0
		_, err := m.drive(time.Hour, func() (optimizers.Optimizer, error) {
			return &countdown{tt.generations, tt.end, &closed, make([][]float64, 1)}, nil
		}, lossSeven)
		if err == nil || !strings.Contains(err.Error(), tt.want) || closed != 1 {
			t.Errorf("%d generations, then %v: error %v, closed %d times, want %q", tt.generations, tt.end, err, closed, tt.want)
		}
	}
	cancel()
	closed := 0
	u, err := m.drive(time.Hour, func() (optimizers.Optimizer, error) {
		return &countdown{1 << 30, nil, &closed, make([][]float64, 1)}, nil
	}, lossSeven)
	if err != nil || u.generations > 0 {
		t.Errorf("stopped: %+v, %v, want nothing", u, err)
	}
}

// fixed asks about the start for ever.
type fixed struct{ w [][]float64 }

func (f fixed) Ask() ([][]float64, error)          { return f.w, nil }
func (f fixed) Tell([]optimizers.Evaluation) error { return nil }

func fake(name string, need optimizers.Need) optimizers.Definition {
	return optimizers.Definition{
		Name: name, Need: need, Memory: func(dim int) int64 { return int64(dim) },
		New: func(_ json.RawMessage, p optimizers.Problem) (optimizers.Optimizer, error) {
			return fixed{[][]float64{p.Init, p.Init}}, nil
		},
	}
}

func TestOverheadOfWhatFitsAtThreeDimensions(t *testing.T) {
	m, _ := newMeasurer(t, Options{Memory: 3000, Optimizers: []optimizers.Definition{fake("a", optimizers.NeedLoss), fake("b", optimizers.NeedGrad)}})
	list, err := m.overheads(0)
	if err != nil {
		t.Fatal(err)
	}
	var dims []int
	for _, h := range list {
		dims = append(dims, h.Dim)
		switch {
		case h.Dim > 3000 && !strings.Contains(h.Refused, "GB of memory"):
			t.Errorf("%+v, want it refused", h)
		case h.Dim < 3000 && (h.Refused != "" || !(h.Share > 0) || !(h.MicrosEvaluate > 0)):
			t.Errorf("%+v, want figures", h)
		}
	}
	// 64*32+32 + 32*10+10; 784*32+32 + 32*10+10; 784*64+64 + 64*10+10.
	if diff := cmp.Diff([]int{2410, 2410, 25450, 25450, 50890, 50890}, dims); diff != "" {
		t.Errorf("dimensions (-want +got):\n%s", diff)
	}
}

// What a method does not take at all is not a matter of memory.
func TestOverheadSaysHowManyWeightsAreTaken(t *testing.T) {
	small := fake("small", optimizers.NeedLoss)
	small.MaxDim = 100
	m, _ := newMeasurer(t, Options{Memory: 3000, Optimizers: []optimizers.Definition{small}})
	list, err := m.overheads(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range list {
		if want := fmt.Sprintf("takes at most 100 weights, not %d", h.Dim); h.Refused != want {
			t.Errorf("%d weights: refused with %q, want %q", h.Dim, h.Refused, want)
		}
	}
}

func TestSearchesTakeTheOptimizersThatThereAre(t *testing.T) {
	m, _ := newMeasurer(t, Options{Optimizers: []optimizers.Definition{fake("cma-es", optimizers.NeedLoss)}})
	list, err := m.searches(0)
	if err != nil {
		t.Fatal(err)
	}
	var dims []int
	for _, s := range list {
		dims = append(dims, s.Dim)
		if s.Workload != "W9" || !(s.GenerationsPerSecond > 0) {
			t.Errorf("%+v, want W9 with figures", s)
		}
	}
	if diff := cmp.Diff([]int{10, 100, 500}, dims); diff != "" {
		t.Errorf("dimensions (-want +got):\n%s", diff)
	}
}

// The parts that need no long runs, for real.
func TestMeasureTheMachine(t *testing.T) {
	var parts []Part
	r, err := Measure(t.Context(), Options{
		Only: []Part{PartOptimizers, PartPeak}, Time: time.Millisecond, Threads: []int{2},
		Progress: func(p Part, _ string) { parts = append(parts, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Peak) != 4 || len(r.Memory) < 4 || r.Seconds <= 0 || r.Interrupted || r.Version != Version {
		t.Errorf("%+v, want peaks on one core and two, and memory", r)
	}
	for _, p := range r.Peak {
		if !(p.GFLOPS > 0) {
			t.Errorf("%+v, want a speed", p)
		}
	}
	for _, m := range r.Memory {
		if !(m.GBPerSecond > 0) || m.Bytes < 1 {
			t.Errorf("%+v, want a speed", m)
		}
	}
	if len(parts) == 0 || slices.Contains(parts, PartGEMM) || r.GEMM != nil || r.Workloads != nil {
		t.Errorf("measured %v, want the peak", parts)
	}
	if err := r.WriteText(&strings.Builder{}); err != nil {
		t.Error(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err = Measure(ctx, Options{Time: time.Hour})
	if err != nil || !r.Interrupted || r.Peak != nil || r.GEMM != nil {
		t.Errorf("cancelled: %+v, %v, want an empty report that says so", r, err)
	}
}

func TestBestPeaksKeepsTheBetter(t *testing.T) {
	got := bestPeaks([]Peak{{"float64", 1, 5}, {"float64", 2, 9}}, []Peak{{"float64", 1, 6}, {"float32", 1, 7}})
	want := []Peak{{"float64", 1, 6}, {"float64", 2, 9}, {"float32", 1, 7}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("peaks (-want +got):\n%s", diff)
	}
	if p := peakOf(got, "float32"); p != 7 {
		t.Errorf("peak of a core in float32 = %v, want 7", p)
	}
}
