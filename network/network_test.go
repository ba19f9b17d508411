package network_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/network"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func mustNew[T network.Float](t testing.TB, in network.Shape, specs ...network.Spec) *network.Network[T] {
	t.Helper()
	n, err := network.New[T](in, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// normal returns n examples of shape s with values from N(0, 1).
func normal(rng *rand.Rand, s network.Shape, n int) network.Tensor[float64] {
	x := network.NewTensor[float64](s, n)
	for f := range s.Len() {
		row := x.Row(f)
		for i := range row {
			row[i] = rng.NormFloat64()
		}
	}
	return x
}

// values are the values of x, row after row, without padding.
func values[T network.Float](x network.Tensor[T]) []T {
	var v []T
	for f := range x.Shape.Len() {
		v = append(v, x.Row(f)...)
	}
	return v
}

// near reports the first value that is further than tolerance from what was
// wanted.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Fatalf("%s: value %d = %v, want %v within %v", what, i, got[i], want[i], tolerance)
		}
	}
}

// panics returns what f panics with, and fails if it does not.
func panics(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		r := recover()
		if r == nil {
			t.Error("no panic")
		}
		message = fmt.Sprint(r)
	}()
	f()
	return ""
}

var train = network.Pass{Mode: network.Train}

// A chain of layers of one sigmoid unit each, with weight 1 and bias 0, at
// input 0: the output, and the product of slopes that the gradient shrinks by,
// from a calculation by hand.
func TestChainOfSigmoids(t *testing.T) {
	want := []struct{ output, slope float64 }{
		{.5, .25},
		{.6224593312, 5.875092805e-2},
		{.6507776782, 1.3352093805e-2},
		{.6571856893, 3.0081287177e-3},
		{.6586279095, 6.7633919697e-4},
	}
	var specs []network.Spec
	for i, want := range want {
		specs = append(specs, network.Dense{Out: 1}, network.Activation{Func: "sigmoid"})
		n := mustNew[float64](t, network.Shape{1}, specs...)
		w := make([]float64, n.Dim())
		for _, b := range n.Blocks() {
			if b.FanIn > 0 {
				w[b.Off] = 1
			}
		}
		x := network.NewTensor[float64](network.Shape{1}, 1)
		dy := network.NewTensor[float64](network.Shape{1}, 1)
		dy.Data[0] = 1
		y := n.Forward(train, w, x).Data[0]
		dw := make([]float64, n.Dim())
		slope := n.Backward(w, dw, dy).Data[0]
		if math.Abs(y-want.output) > 1e-10 {
			t.Errorf("%d layers: output %.10f, want %.10f", i+1, y, want.output)
		}
		if math.Abs(slope-want.slope) > 1e-10*max(want.slope, 1e-2) {
			t.Errorf("%d layers: gradient of the input %.10e, want %.10e", i+1, slope, want.slope)
		}
		// The first layer's bias has the gradient of its input, at weight 1.
		if dw[1] != slope {
			t.Errorf("%d layers: gradient of the first bias %v, want %v", i+1, dw[1], slope)
		}
	}
}

// A deep linear network of square orthogonal matrices keeps the length of every
// vector on its way up, and of every gradient on its way down (Saxe et al.
// 2014, arXiv:1312.6120).
func TestOrthogonalLinearNetworkKeepsNorms(t *testing.T) {
	const width, depth, n = 20, 50, 3
	var specs []network.Spec
	for range depth {
		specs = append(specs, network.Dense{Out: width, Init: "orthogonal"})
	}
	net := mustNew[float64](t, network.Shape{width}, specs...)
	w := net.Init(newRand(1))
	x, dy := normal(newRand(2), network.Shape{width}, n), normal(newRand(3), network.Shape{width}, n)
	norms := func(x network.Tensor[float64]) []float64 {
		s := make([]float64, n)
		for f := range width {
			for i, v := range x.Row(f) {
				s[i] += v * v
			}
		}
		for i := range s {
			s[i] = math.Sqrt(s[i])
		}
		return s
	}
	near(t, "norms of outputs", norms(net.Forward(train, w, x)), norms(x), 1e-12)
	near(t, "norms of input gradients", norms(net.Backward(w, make([]float64, net.Dim()), dy)), norms(dy), 1e-12)
}

// With ReLU, He's initial weights keep the mean square of activations over 30
// layers, and a variance of 1/n halves it in each of the 29 steps between them
// (He et al. 2015, arXiv:1502.01852, sec. 2.2).
func TestSignalThroughThirtyLayers(t *testing.T) {
	const width, depth, n = 128, 30, 64
	for _, tt := range []struct {
		init string
		want float64
	}{{"he-normal", 1}, {"lecun-normal", math.Pow(0.5, 29)}} {
		var specs []network.Spec
		for range depth {
			specs = append(specs, network.Dense{Out: width, Init: tt.init}, network.Activation{Func: "relu"})
		}
		net := mustNew[float64](t, network.Shape{width}, specs...)
		w, x := net.Init(newRand(1)), normal(newRand(2), network.Shape{width}, n)
		square := func(y network.Tensor[float64]) (s float64) {
			for _, v := range values(y) {
				s += v * v
			}
			return s
		}
		first := square(net.Head(2).Forward(train, w[:net.Head(2).Dim()], x))
		ratio := square(net.Forward(train, w, x)) / first
		// It fluctuates as exp(N(0, 5*depth/width)): four deviations.
		if d := math.Abs(math.Log(ratio / tt.want)); !(d < 4*math.Sqrt(5.0*depth/width)) {
			t.Errorf("%s: mean square of the last layer over that of the first %.2g, want about %.2g", tt.init, ratio, tt.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1, 2, 2},
		network.Flatten{},
		network.Dense{Out: 3, Init: "he-normal", Gain: -2},
		network.Residual{Body: network.Specs{network.BatchNorm{}, network.Activation{Func: "tanh"}, network.Dense{Out: 3, NoBias: true}}},
		network.Dense{Out: 2, Init: "zero"},
	)
	// The default initializer, at fan-in 3 and fan-out 4, is U(±√(6/7)).
	if d := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 4}).Blocks()[0]; math.Abs(d.Scale-math.Sqrt(2.0/7)) > 1e-15 {
		t.Errorf("default scale %v, want %v", d.Scale, math.Sqrt(2.0/7))
	}
	want := []network.Block{
		{Name: "1.dense.w", Off: 0, Len: 12, Layer: 1, Rows: 3, FanIn: 4, Scale: 2 * math.Sqrt(0.5)},
		{Name: "1.dense.b", Off: 12, Len: 3, Layer: 1, Rows: 3},
		{Name: "2.residual.0.batchnorm.gamma", Off: 15, Len: 3, Layer: 2, Rows: 3},
		{Name: "2.residual.0.batchnorm.beta", Off: 18, Len: 3, Layer: 2, Rows: 3},
		{Name: "2.residual.2.dense.w", Off: 21, Len: 9, Layer: 4, Rows: 3, FanIn: 3, Scale: math.Sqrt(2.0 / 6)},
		{Name: "3.dense.w", Off: 30, Len: 6, Layer: 5, Rows: 2, FanIn: 3},
		{Name: "3.dense.b", Off: 36, Len: 2, Layer: 5, Rows: 2},
	}
	if d := cmp.Diff(want, n.Blocks()); d != "" {
		t.Errorf("blocks (-want +got):\n%s", d)
	}
	if n.Dim() != 38 {
		t.Errorf("Dim = %d, want 38", n.Dim())
	}
	if !slices.Equal(n.In(), network.Shape{1, 2, 2}) || !slices.Equal(n.Out(), network.Shape{2}) {
		t.Errorf("from %v to %v, want from (1, 2, 2) to (2)", n.In(), n.Out())
	}

	w := n.Init(newRand(1))
	if gamma := w[15:18]; !slices.Equal(gamma, []float64{1, 1, 1}) {
		t.Errorf("gamma starts at %v, want 1", gamma)
	}
	for _, r := range [][2]int{{12, 15}, {18, 21}, {30, 38}} {
		if slices.ContainsFunc(w[r[0]:r[1]], func(v float64) bool { return v != 0 }) {
			t.Errorf("weights %d to %d start at %v, want 0", r[0], r[1], w[r[0]:r[1]])
		}
	}
	plain := mustNew[float64](t, network.Shape{4}, network.Dense{Out: 3, Init: "he-normal"}).Init(newRand(1))
	for i, v := range plain[:12] {
		if w[i] != -2*v {
			t.Fatalf("weight %d starts at %v with gain -2, want -2 times %v", i, w[i], v)
		}
	}
	f32 := mustNew[float32](t, network.Shape{4}, network.Dense{Out: 3})
	f64 := mustNew[float64](t, network.Shape{4}, network.Dense{Out: 3})
	if !slices.Equal(f32.Init(newRand(1)), f64.Init(newRand(1))) {
		t.Error("initial weights depend on the precision")
	}
}

// The head of a network computes what the network does up to there, with the
// same first weights.
func TestHead(t *testing.T) {
	specs := []network.Spec{network.Dense{Out: 4}, network.Activation{Func: "tanh"}, network.Dense{Out: 2}}
	n := mustNew[float64](t, network.Shape{3}, specs...)
	w, x := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 5)
	h := n.Head(2)
	if h.Dim() != 16 || !slices.Equal(h.Out(), network.Shape{4}) {
		t.Fatalf("head: %d weights to %v, want 16 to (4)", h.Dim(), h.Out())
	}
	y := h.Forward(train, w[:16], x)
	rest := mustNew[float64](t, network.Shape{4}, specs[2])
	if got, want := values(rest.Forward(train, w[16:], y)), values(n.Forward(train, w, x)); !slices.Equal(got, want) {
		t.Errorf("head and rest compute %v, want %v", got, want)
	}
	if y := n.Head(0).Forward(train, nil, x); !slices.Equal(values(y), values(x)) {
		t.Error("the head without layers is not the identity")
	}
}

func TestNewErrors(t *testing.T) {
	v := network.Shape{3}
	deep := network.Spec(network.Dense{Out: 3})
	for range 101 {
		deep = network.Residual{Body: network.Specs{deep}}
	}
	for _, tt := range []struct {
		in    network.Shape
		specs network.Specs
		want  string
	}{
		{
			network.Shape{1, 28, 28},
			network.Specs{network.Activation{Func: "tanh"}, network.BatchNorm{}, network.Dense{Out: 3}},
			"layer 2 (dense): want a vector, got (1, 28, 28)",
		},
		{v, network.Specs{network.Dense{}}, "layer 0 (dense): out is 0, want at least 1"},
		{v, network.Specs{network.Dense{Out: 2, Init: "hee"}}, `layer 0 (dense): unknown initializer "hee", want one of uniform,`},
		{v, network.Specs{network.Dense{Out: 2, Gain: math.NaN()}}, "gain is NaN, want a finite number"},
		{v, network.Specs{network.Activation{Func: "sigmoidd"}}, `layer 0 (activation): activation "sigmoidd", want one of step, identity, sigmoid,`},
		{network.Shape{5, 2}, network.Specs{network.BatchNorm{}}, "layer 0 (batchnorm): want a vector (F) or an image (C, H, W), got (5, 2)"},
		{v, network.Specs{network.BatchNorm{Eps: -1}}, "eps is -1, want a positive number"},
		{v, network.Specs{network.Residual{}}, "layer 0 (residual): want a body of at least one layer"},
		{
			v,
			network.Specs{network.Flatten{}, network.Residual{Body: network.Specs{network.Dense{Out: 3}, network.Dense{Out: 4}}}},
			"layer 1 (residual): want a body that keeps the shape, got (4) from (3)",
		},
		{
			v,
			network.Specs{network.Residual{Body: network.Specs{network.Dense{Out: 3}, network.Dense{Out: -4}}}},
			"layer 0 (residual): layer 1 (dense): out is -4",
		},
		{v, network.Specs{network.Residual{Body: network.Specs{network.Flatten{}}, Scale: math.Inf(1)}}, "scale is +Inf, want a finite number"},
		{v, network.Specs{nil}, "layer 0: want a spec, got nil"},
		{v, network.Specs{&network.Dense{Out: 3}}, "layer 0 (dense): want the spec itself, got *network.Dense"},
		{v, network.Specs{deep}, "layers nested more than 100 deep"},
		{network.Shape{}, nil, "input: want a shape of at least one dimension, got ()"},
		{network.Shape{3, 0}, nil, "input: want dimensions of at least 1, got (3, 0)"},
		{network.Shape{1 << 30, 1 << 30}, nil, "input: want at most 1000000000 values"},
		{network.Shape{1000}, network.Specs{network.Dense{Out: 1_000_001}}, "1000001 x 1000 weights, want at most 1000000000"},
		{
			network.Shape{1000},
			network.Specs{network.Dense{Out: 500_000, NoBias: true}, network.Dense{Out: 1000, NoBias: true}, network.Dense{Out: 1}},
			"layer 2 (dense): want at most 1000000000 weights in all",
		},
	} {
		_, err := network.New[float64](tt.in, tt.specs...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%v, %v): error %v, want %s", tt.in, tt.specs, err, tt.want)
		}
	}
}

// What does not fit the network is a mistake of this program, and the message
// says which.
func TestPanics(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3}, network.Dense{Out: 2})
	w, dw := make([]float64, 8), make([]float64, 8)
	x, dy := network.NewTensor[float64](network.Shape{3}, 4), network.NewTensor[float64](network.Shape{2}, 4)
	short := x
	short.Data = x.Data[:11]
	narrow := x
	narrow.Stride = 3
	for _, tt := range []struct {
		want string
		f    func()
	}{
		{"input: examples of shape (2), want (3)", func() { n.Forward(train, w, dy) }},
		{"input: 0 examples, want at least 1", func() { n.Forward(train, w, network.NewTensor[float64](network.Shape{3}, 0)) }},
		{"input: stride 3, want at least the 4 examples", func() { n.Forward(train, w, narrow) }},
		{"input: 11 values, want 3 rows of stride 4", func() { n.Forward(train, w, short) }},
		{"weights: 7 values, want 8", func() { n.Forward(train, w[:7], x) }},
		{"gradient of 4 outputs, want that of the 0 of the last Forward", func() { n.Clone().Backward(w, dw, dy) }},
		{"gradient of the weights: 7 values, want 8", func() { n.Forward(train, w, x); n.Backward(w, dw[:7], dy) }},
		{"gradient of the outputs: examples of shape (3), want (2)", func() { n.BackwardWeights(w, dw, x) }},
	} {
		if got := panics(t, tt.f); !strings.Contains(got, "network: "+tt.want) {
			t.Errorf("panic %q, want %q", got, tt.want)
		}
	}
}

// recorder writes down what an observer sees.
type recorder struct{ seen []string }

func (r *recorder) Forward(l network.Layer, w []float64, x, y network.Tensor[float64]) {
	r.seen = append(r.seen, fmt.Sprintf("%s #%d @%d %T %d weights: %v to %v", l.Path, l.Number, l.Off, l.Spec, len(w), x.Shape, y.Shape))
}

func (r *recorder) Backward(l network.Layer, _, dw []float64, dy network.Tensor[float64]) {
	r.seen = append(r.seen, fmt.Sprintf("%s back %v %v", l.Path, dw, dy.Data))
}

func TestObserver(t *testing.T) {
	n := mustNew[float64](t, network.Shape{1, 1},
		network.Flatten{},
		network.Residual{Body: network.Specs{network.Flatten{}, network.Dense{Out: 1, NoBias: true}}},
		network.Dense{Out: 1, NoBias: true},
	)
	// y = 5*(x + 3*x) at x = 2, so that dy/d5 = 8, dy/d3 = 5*2.
	w, x := []float64{3, 5}, network.Tensor[float64]{Shape: network.Shape{1, 1}, N: 1, Stride: 1, Data: []float64{2}}
	dy := network.Tensor[float64]{Shape: network.Shape{1}, N: 1, Stride: 1, Data: []float64{1}}
	r := &recorder{}
	n.Watch(r)
	n.Forward(train, w, x)
	n.BackwardWeights(w, make([]float64, 2), dy)
	n.Clone().Forward(train, w, x)
	n.Watch(nil)
	n.Forward(train, w, x)
	want := []string{
		"0.flatten #0 @0 network.Flatten 0 weights: (1, 1) to (1)",
		"1.residual.0.flatten #1 @0 network.Flatten 0 weights: (1) to (1)",
		"1.residual.1.dense #2 @0 network.Dense 1 weights: (1) to (1)",
		"2.dense #3 @1 network.Dense 1 weights: (1) to (1)",
		"2.dense back [8] [1]",
		"1.residual.1.dense back [10] [5]",
	}
	if d := cmp.Diff(want, r.seen); d != "" {
		t.Errorf("seen (-want +got):\n%s", d)
	}
}

// The specs that a caller goes on to change are not those of the network.
func TestCloneAfterSpecsChanged(t *testing.T) {
	body := network.Specs{network.Dense{Out: 2}}
	specs := network.Specs{network.Residual{Body: body}}
	n := mustNew[float64](t, network.Shape{2}, specs...)
	specs[0], body[0] = network.Dense{Out: 7}, network.Dense{Out: 9}
	if c := n.Clone(); c.Dim() != 6 || !slices.Equal(c.Out(), network.Shape{2}) {
		t.Errorf("clone has %d weights and outputs %v, want 6 and (2)", c.Dim(), c.Out())
	}
}

// A stretch of a batch is a view: the stride of the whole, and the data from
// its first column.
func TestViewOfABatch(t *testing.T) {
	n := mustNew[float64](t, network.Shape{3}, network.Activation{Func: "tanh"}, network.Dense{Out: 2})
	w, x := n.Init(newRand(1)), normal(newRand(2), network.Shape{3}, 10)
	whole := values(n.Forward(train, w, x))
	view := x
	view.N, view.Data = 4, x.Data[6:]
	part := n.Forward(train, w, view)
	for o := range 2 {
		if got, want := part.Row(o), whole[o*10+6:o*10+10]; !slices.Equal(got, want) {
			t.Errorf("output %d of the last four examples %v, want %v", o, got, want)
		}
	}
}

func TestStride(t *testing.T) {
	for _, tt := range []struct {
		n, f64, f32 int
	}{{1, 1, 1}, {100, 100, 100}, {127, 127, 127}, {128, 136, 128}, {256, 264, 272}, {300, 300, 300}, {512, 520, 528}} {
		if x := network.NewTensor[float64](network.Shape{2}, tt.n); x.Stride != tt.f64 || len(x.Data) != 2*tt.f64 {
			t.Errorf("stride of %d float64 is %d, want %d", tt.n, x.Stride, tt.f64)
		}
		if x := network.NewTensor[float32](network.Shape{2}, tt.n); x.Stride != tt.f32 {
			t.Errorf("stride of %d float32 is %d, want %d", tt.n, x.Stride, tt.f32)
		}
	}
}
