package network

import "github.com/joust-bench/joust/network/kernel"

// dotColumns is the most columns of a row that dot products take at once: more
// would be left to Go.
const dotColumns = 1 << 14

func (l *conv[T]) backward(w, dw []T, dz Tensor[T], wanted bool) Tensor[T] {
	if wanted {
		l.room(l.in, dz.N)
	}
	weights, inputs := true, wanted
	if l.winogradWeights() {
		l.weightsWinograd(dw, dz)
		weights = false
	}
	if wanted && l.winogradOutputs() {
		l.inputsWinograd(w, dz)
		inputs = false
	}
	if weights || inputs {
		l.gradients(w, dw, dz, weights, inputs)
	}
	if !wanted {
		return Tensor[T]{}
	}
	return l.dx
}

// gradients goes down the rows of dz. Each gives its share of dW, the dot products
// of its channels with what the kernel met there, and of db; and it completes
// the rows of dx that no later row of dz has a part in.
func (l *conv[T]) gradients(w, dw []T, dz Tensor[T], weights, inputs bool) {
	s, k := l.spec, l.fanIn()
	if inputs {
		l.flip(w)
	}
	height, width := l.outputs[1], l.outputs[2]
	last := max(height-1, (l.in[1]-1+s.Pad)/s.Stride)
	for first := 0; first < dz.N; first += convPanel[T]() {
		n := min(convPanel[T](), dz.N-first)
		l.xs.reset(n)
		l.dys.reset(n)
		for y := range last + 1 {
			l.dys.load(dz, first, y)
			if y < height && weights {
				l.look(first, y)
				row, ld := l.dys.data[l.dys.at(y, 0):], l.dys.channel()
				for j := 0; j < width*n; j += dotColumns {
					columns := min(dotColumns, width*n-j)
					kernel.DotRows(s.Channels, columns, dw, k, row[j:], ld, l.xs.data[j:], l.offsets)
					if !s.NoBias {
						kernel.RowSums(dw[s.Channels*k:], row[j:], ld, s.Channels, columns, true)
					}
				}
			}
			if inputs {
				for i := max(0, y*s.Stride-s.Pad); i < min(l.in[1], (y+1)*s.Stride-s.Pad); i++ {
					l.inputGradient(first, n, i)
				}
			}
		}
	}
}

// The gradient of input (y, x) sums over the outputs that it went into: with y +
// Pad = Stride*q + r, those are rows q-i, each by the weights in row Stride*i+r of
// the kernel, i from 0; and so for columns. For the inputs of one remainder in
// rows and one in columns this is a convolution of dz of stride 1 by a part of
// the weights: no product is wasted on zeros between them (Dumoulin & Visin
// 2016, arXiv:1603.07285, section 4, has the one with zeros).

// taps is the number of rows of the kernel of remainder r.
func (s Conv) taps(r int) int { return max(0, (s.Kernel-r+s.Stride-1)/s.Stride) }

// span is the range of q for the inputs 0 to n-1 of remainder r.
func (s Conv) span(n, r int) (lo, hi int) {
	// The least q with Stride*q + r - Pad >= 0, and the greatest with it < n.
	lo = max(0, (s.Pad-r+s.Stride-1)/s.Stride)
	return lo, (n - 1 + s.Pad - r + s.Stride) / s.Stride
}

// gradientWindow is the window on dz for that.
func (l *conv[T]) gradientWindow() window[T] {
	s, width := l.spec, l.outputs[2]
	v := window[T]{image: l.outputs, rows: s.taps(0), width: width, stride: 1}
	for r := range min(s.Stride, s.Kernel) {
		lo, hi := s.span(l.in[2], r)
		v.left = max(v.left, s.taps(r)-1-lo)
		v.width = max(v.width, hi)
	}
	v.width += v.left
	return v
}

// flip sets l.flipped to the transposes of the parts of W, one after another as
// inputGradient wants them: [C][Channels][taps][taps] each.
func (l *conv[T]) flip(w []T) {
	s := l.spec
	l.flipped = l.flipped[:0]
	remainders := min(s.Stride, s.Kernel) // that have taps
	for ry := range remainders {
		for rx := range remainders {
			for c := range l.in[0] {
				for o := range s.Channels {
					m := w[(o*l.in[0]+c)*s.Kernel*s.Kernel:]
					for i := ry; i < s.Kernel; i += s.Stride {
						for j := rx; j < s.Kernel; j += s.Stride {
							l.flipped = append(l.flipped, m[i*s.Kernel+j])
						}
					}
				}
			}
		}
	}
}

// inputGradient computes row y of dx, for n examples from first on.
func (l *conv[T]) inputGradient(first, n, y int) {
	s, step := l.spec, l.dx.Stride
	q, ry := (y+s.Pad)/s.Stride, (y+s.Pad)%s.Stride
	// The parts of W before those of remainder ry.
	part := 0
	for r := range ry {
		part += s.taps(r) * s.Kernel
	}
	part *= l.in[0] * s.Channels
	for rx := range s.Stride {
		lo, hi := s.span(l.in[2], rx)
		l.offsets = l.offsets[:0]
		for o := range s.Channels {
			for i := range s.taps(ry) {
				for j := range s.taps(rx) {
					l.offsets = append(l.offsets, o*l.dys.channel()+l.dys.at(q-i, lo-j))
				}
			}
		}
		k := len(l.offsets)
		if hi > lo {
			x := s.Stride*lo + rx - s.Pad
			dst := l.dx.Data[(y*l.in[2]+x)*step+first:]
			kernel.GemmRows(l.in[0], hi-lo, n, dst, l.in[1]*l.in[2]*step, s.Stride*step, l.flipped[part:], k, 1, l.dys.data, n, l.offsets, nil, false)
		}
		part += l.in[0] * k
	}
}
