package network

import (
	"fmt"
	"math/rand/v2"
	"unsafe"

	"github.com/joust-bench/joust/network/initializer"
	"github.com/joust-bench/joust/network/kernel"
)

// Conv is a convolution, (C, H, W) to (Channels, H', W'), with H' = (H + 2 Pad -
// Kernel)/Stride + 1 rounded down, and W' likewise:
//
//	z[o][y][x] = b[o] + sum over c, i, j of W[o][c][i][j] * x[c][y*Stride+i-Pad][x*Stride+j-Pad]
//
// where x is 0 outside the image. W [Channels][C][Kernel][Kernel] comes before b
// [Channels] in the weights. Strictly it is a cross-correlation, as everywhere in
// the field (LeCun et al. 1989, doi:10.1162/neco.1989.1.4.541).
type Conv struct {
	Channels int `json:"channels" doc:"of the outputs"`
	Kernel   int `json:"kernel" doc:"its height and width"`
	Stride   int `json:"stride,omitempty" doc:"0: 1"`
	Pad      int `json:"pad,omitempty" doc:"rows and columns of zeros on each side"`
	// Same pads by half the kernel, which has to be odd: with a stride of 1 the
	// image keeps its size.
	Same bool `json:"same,omitempty" doc:"pad by half the kernel, which has to be odd"`
	// Init names the initializer of W; empty: "xavier-uniform". Its fan-in is
	// C*Kernel*Kernel.
	Init   string  `json:"init,omitempty" doc:"initializer; empty: xavier-uniform"`
	Gain   float64 `json:"gain,omitempty" doc:"multiplies the initial weights; 0: 1"`
	NoBias bool    `json:"no_bias,omitempty" doc:"leave biases out, as before a batchnorm, which cancels them"`
	Bias   float64 `json:"bias,omitempty" doc:"what biases start at"`
}

func (Conv) spec() string { return "conv" }

// conv computes [Conv] row of outputs by row of outputs, for a panel of examples
// at a time, which keeps what it works on in the caches; or two rows at a time
// (conv_winograd.go).
type conv[T Float] struct {
	gradient[T]
	applied[T]
	spec    Conv
	in      Shape
	init    initializer.Func
	outputs Shape
	x       Tensor[T] // the last input, not its own
	y       Tensor[T]
	xs, dys window[T]
	offsets []int // of the rows of a product
	flipped []T   // W in the order that the gradient of x takes it

	winograd winograd[T]
}

func newConv[T Float](in Shape, s Conv) (*conv[T], error) {
	if s.Stride == 0 {
		s.Stride = 1
	}
	if s.Same {
		if s.Pad != 0 {
			return nil, fmt.Errorf("padding is %d, want none given with same", s.Pad)
		}
		if s.Kernel%2 == 0 {
			return nil, fmt.Errorf("kernel is %d, want an odd number for same", s.Kernel)
		}
		s.Pad = s.Kernel / 2
	}
	h, w, err := slide(in, s.Kernel, s.Stride, s.Pad)
	if err != nil {
		return nil, err
	}
	if s.Channels < 1 {
		return nil, fmt.Errorf("channels is %d, want at least 1", s.Channels)
	}
	if !finite(s.Gain) {
		return nil, fmt.Errorf("gain is %v, want a finite number", s.Gain)
	}
	if !finite(s.Bias) || s.NoBias && s.Bias != 0 {
		return nil, fmt.Errorf("bias is %v, want a finite number, and none with no_bias", s.Bias)
	}
	if s.Gain == 0 {
		s.Gain = 1
	}
	// A longer stride has the same one position, and more remainders.
	s.Stride = min(s.Stride, max(in[1], in[2])+2*s.Pad)
	l := &conv[T]{spec: s, in: in, outputs: Shape{s.Channels, h, w}}
	if l.init, err = namedOr(s.Init, "xavier-uniform"); err != nil {
		return nil, err
	}
	for _, size := range []struct {
		what string
		Shape
	}{
		{"weights", Shape{s.Channels, in[0], s.Kernel, s.Kernel}},
		{"output", l.outputs},
		{"rows under the kernel", Shape{in[0], s.Kernel + 1, in[2] + 2*s.Pad}},
		{"rows under the kernel", Shape{s.Channels, s.Kernel + 1, w + 2*s.Kernel + 2*s.Pad}},
	} {
		if err := checkShape(size.Shape); err != nil {
			return nil, fmt.Errorf("%s: %w", size.what, err)
		}
	}
	l.xs = window[T]{image: in, rows: s.Kernel, left: s.Pad, width: (w-1)*s.Stride + s.Kernel, stride: s.Stride}
	l.dys = l.gradientWindow()
	return l, nil
}

func (l *conv[T]) out() Shape { return l.outputs }

// fanIn is the number of inputs, and of weights, that an output sums over.
func (l *conv[T]) fanIn() int { return l.in[0] * l.spec.Kernel * l.spec.Kernel }

func (l *conv[T]) matrix() initializer.Shape {
	return initializer.Shape{Out: l.spec.Channels, In: l.in[0], Field: l.spec.Kernel * l.spec.Kernel}
}

func (l *conv[T]) blocks() []Block {
	out, size := l.spec.Channels, l.spec.Channels*l.fanIn()
	b := []Block{{Name: "w", Len: size, Rows: out, FanIn: l.fanIn(), Scale: max(l.spec.Gain, -l.spec.Gain) * l.init.Std(l.matrix())}}
	if !l.spec.NoBias {
		b = append(b, Block{Name: "b", Off: size, Len: out, Rows: out})
	}
	return b
}

func (l *conv[T]) initialize(w []float64, rng *rand.Rand) {
	m := l.matrix()
	matrix := w[:m.Len()]
	l.init.Fill(matrix, m, rng)
	for i := range matrix {
		matrix[i] *= l.spec.Gain
	}
	bias := w[m.Len():]
	for i := range bias {
		bias[i] = l.spec.Bias
	}
}

// convPanel is the number of examples that a convolution takes at a time, four
// cache lines of them, so that the rows it looks at stay in the second-level
// cache whatever the size of the minibatch.
func convPanel[T Float]() int { return 4 * cacheLine / int(unsafe.Sizeof(T(0))) }

func (l *conv[T]) forward(_ Pass, w []T, x Tensor[T]) Tensor[T] {
	l.x = x
	l.y.resize(l.outputs, x.N, strideOf[T](l.outputs, x.N))
	if l.winogradOutputs() {
		l.forwardWinograd(w, x)
		return l.y
	}
	out, k := l.spec.Channels, l.fanIn()
	var bias []T
	if !l.spec.NoBias {
		bias = w[out*k:]
	}
	step := l.y.Stride
	row := l.outputs[2] * step
	for first := 0; first < x.N; first += convPanel[T]() {
		n := min(convPanel[T](), x.N-first)
		l.xs.reset(n)
		for y := range l.outputs[1] {
			l.look(first, y)
			kernel.GemmRows(out, l.outputs[2], n, l.y.Data[y*row+first:], l.outputs[1]*row, step, w, k, 1, l.xs.data, n, l.offsets, bias, false)
			if first+n == x.N {
				for o := range out {
					l.finish(l.y.Data[(o*l.outputs[1]+y)*row:][:row])
				}
			}
		}
	}
	return l.y
}

// look loads the rows of inputs for row y of the outputs, and points l.offsets to
// what its first position meets, in the order of the weights.
func (l *conv[T]) look(first, y int) {
	s := l.spec
	for i := range s.Kernel {
		l.xs.load(l.x, first, y*s.Stride-s.Pad+i)
	}
	l.offsets = l.offsets[:0]
	for c := range l.in[0] {
		for i := range s.Kernel {
			for j := range s.Kernel {
				l.offsets = append(l.offsets, c*l.xs.channel()+l.xs.at(y*s.Stride-s.Pad+i, j-s.Pad))
			}
		}
	}
}
