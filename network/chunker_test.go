package network_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/netcheck"
)

// What is read of a chunker has the gradient of what it computes, with any levels, and
// for sequences of different lengths. The check's perturbations are too small to change
// what is a surprise.
func TestGradientsOfChunkers(t *testing.T) {
	in := network.Shape{6, 4}
	for _, spec := range []network.Chunker{
		{Levels: 1, Hidden: 5},
		{Levels: 2, Hidden: 4},
		{Levels: 3, Hidden: 3, Surprise: 0.6},
		{Levels: 2, Hidden: 3, Read: "all", Collapse: 0.5},
		{Levels: 2, Hidden: 3, Read: "collapsed", Collapse: 1},
		{Levels: 4, Hidden: 3, Read: "collapsed", Collapse: 1, Init: "lecun-normal"},
	} {
		spec.TimeScale = 5
		t.Run(fmt.Sprintf("%+v", spec), func(t *testing.T) {
			netcheck.Layer(t, in, spec, network.Dense{Out: 2})
			netcheck.Sequences(t, in, spec)
		})
	}
}

func TestChunkerBlocks(t *testing.T) {
	n := mustNew[float64](t, network.Shape{7, 4}, network.Chunker{Levels: 2, Hidden: 3, Collapse: 1, Init: "lecun-normal"})
	third, fourth, fifth := math.Sqrt(1.0/3), 0.5, math.Sqrt(1.0/5)
	want := []network.Block{
		{Name: "0.chunker.level0.wx", Off: 0, Len: 12, Rows: 3, FanIn: 4, Scale: fourth},
		{Name: "0.chunker.level0.wh", Off: 12, Len: 9, Rows: 3, FanIn: 3, Scale: third},
		{Name: "0.chunker.level0.b", Off: 21, Len: 3, Rows: 3},
		{Name: "0.chunker.level0.wo", Off: 24, Len: 12, Rows: 4, FanIn: 3, Scale: third},
		{Name: "0.chunker.level0.wc", Off: 36, Len: 9, Rows: 3, FanIn: 3, Scale: third},
		{Name: "0.chunker.level0.bo", Off: 45, Len: 4, Rows: 4},
		{Name: "0.chunker.level0.bc", Off: 49, Len: 3, Rows: 3},
		{Name: "0.chunker.level1.wx", Off: 52, Len: 15, Rows: 3, FanIn: 5, Scale: fifth},
		{Name: "0.chunker.level1.wh", Off: 67, Len: 9, Rows: 3, FanIn: 3, Scale: third},
		{Name: "0.chunker.level1.b", Off: 76, Len: 3, Rows: 3},
		{Name: "0.chunker.level1.wo", Off: 79, Len: 15, Rows: 5, FanIn: 3, Scale: third},
		{Name: "0.chunker.level1.bo", Off: 94, Len: 5, Rows: 5},
	}
	if d := cmp.Diff(want, n.Blocks()); d != "" {
		t.Errorf("blocks (-want +got):\n%s", d)
	}
	w := n.Init(newRand(1))
	for _, b := range want {
		part := w[b.Off:][:b.Len]
		if zero := slices.Equal(part, make([]float64, b.Len)); zero != (b.FanIn == 0) {
			t.Errorf("%s starts at %v, want a bias at 0 and a matrix drawn", b.Name, part)
		}
	}
	// What is read does not change the weights.
	for _, read := range []string{"all", "collapsed"} {
		other := mustNew[float64](t, network.Shape{7, 4}, network.Chunker{Levels: 2, Hidden: 3, Collapse: 1, Init: "lecun-normal", Read: read})
		if d := cmp.Diff(want, other.Blocks()); d != "" {
			t.Errorf("blocks with read %s (-want +got):\n%s", read, d)
		}
	}
}

func TestChunkerErrors(t *testing.T) {
	seq := network.Shape{5, 3}
	for _, tt := range []struct {
		in   network.Shape
		spec network.Chunker
		want string
	}{
		{network.Shape{5}, network.Chunker{Levels: 1, Hidden: 2}, "layer 0 (chunker): want a sequence, (T, F), got (5)"},
		{network.Shape{5, 1}, network.Chunker{Levels: 1, Hidden: 2}, "want sequences of at least 2 symbols, got (5, 1)"},
		{seq, network.Chunker{Hidden: 2}, "levels is 0, want 1 to 100"},
		{seq, network.Chunker{Levels: 101, Hidden: 2}, "levels is 101, want 1 to 100"},
		{seq, network.Chunker{Levels: 1}, "hidden is 0, want at least 1"},
		{seq, network.Chunker{Levels: 2, Hidden: 20000}, "hidden is 20000 with 2 levels and inputs (5, 3), want at most"},
		{seq, network.Chunker{Levels: 2, Hidden: math.MaxInt / 8}, "want at most"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Surprise: 0.5}, "surprise is 0.5, want 0 or a probability of more than 0.5"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Surprise: 1.1}, "surprise is 1.1, want"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Surprise: math.NaN()}, "surprise is NaN, want"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Truncation: -1}, "truncation is -1, want at least 0"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Collapse: -1}, "collapse is -1, want a finite number of at least 0"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, TimeScale: math.Inf(1)}, "time_scale is +Inf, want a finite number"},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Read: "bottom"}, `read is "bottom", want top, all or collapsed`},
		{seq, network.Chunker{Levels: 2, Hidden: 2, Read: "collapsed"}, `read is "collapsed", want collapse above 0 and at least 2 levels`},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Collapse: 1, Read: "collapsed"}, `read is "collapsed", want collapse above 0 and at least 2 levels`},
		{seq, network.Chunker{Levels: 1, Hidden: 2, Init: "xavier"}, `"xavier"`},
	} {
		_, err := network.New[float64](tt.in, tt.spec)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v %+v: error %v, want %q in it", tt.in, tt.spec, err, tt.want)
		}
	}
}

// Losses of layers are added to those there are, and are none of other layers'.
func TestAuxiliaryAdds(t *testing.T) {
	spec := network.Chunker{Levels: 2, Hidden: 3}
	in := network.Shape{6, 4}
	one := mustNew[float64](t, in, spec)
	two := mustNew[float64](t, in, network.Residual{Body: network.Specs{network.Activation{Func: "tanh"}}}, spec, network.Dense{Out: 2})
	x := normal(newRand(1), in, 3)
	w := one.Init(newRand(2))
	one.Forward(train, w, x)
	losses := []float64{1, 2, 3}
	one.Auxiliary(losses, 0)
	twice := []float64{0, 0, 0}
	one.Auxiliary(twice, 0)
	one.Auxiliary(twice, 0)
	for i, got := range losses {
		own := got - float64(1+i)
		if !(own > 0) || math.Abs(twice[i]-2*own) > 1e-14 {
			t.Errorf("example %d: losses of %g, and %g when added twice, want a loss", i, own, twice[i])
		}
	}
	two.Forward(train, two.Init(newRand(2)), x)
	inside := make([]float64, 3)
	two.Auxiliary(inside, 0)
	if !(inside[0] > 0) {
		t.Errorf("losses %v of a layer among others, want some", inside)
	}
	dense := mustNew[float64](t, network.Shape{4}, network.Dense{Out: 2})
	dense.Forward(train, dense.Init(newRand(1)), normal(newRand(1), network.Shape{4}, 3))
	none := make([]float64, 3)
	dense.Auxiliary(none, 1)
	if !slices.Equal(none, make([]float64, 3)) {
		t.Errorf("losses %v of a dense layer, want none", none)
	}
	defer func() {
		if s, _ := recover().(string); s != "network: losses of 2 examples, want those of the 3 of the last Forward" {
			t.Errorf("panic %q, want one about the number of losses", s)
		}
	}()
	dense.Auxiliary(none[:2], 1)
}

// Errors of the last step reach as many steps back as the truncation has, and no
// further; one as long as the sequence is none, to the bit.
func TestTruncationBoundsTheErrors(t *testing.T) {
	const steps = 6
	in := network.Shape{steps, 3}
	gradients := func(truncation int) (dw, dx []float64) {
		n := mustNew[float64](t, in, network.Chunker{Levels: 1, Hidden: 4, Truncation: truncation})
		w := n.Init(newRand(1))
		n.Forward(train, w, normal(newRand(2), in, 3))
		dw = make([]float64, n.Dim())
		return dw, byExample(n.Backward(w, dw, normal(newRand(3), n.Out(), 3)))
	}
	all, allIn := gradients(0)
	for truncation := 1; truncation <= steps+1; truncation++ {
		dw, dx := gradients(truncation)
		if same := slices.Equal(dw, all) && slices.Equal(dx, allIn); same != (truncation >= steps) {
			t.Errorf("truncation %d of %d steps: gradients are those of no truncation: %t", truncation, steps, same)
		}
		for i, v := range dx {
			if step := i / 3 % steps; (v != 0) != (step >= steps-truncation) {
				t.Errorf("truncation %d: gradient %g of an input at step %d of %d", truncation, v, step, steps)
			}
		}
	}
}
