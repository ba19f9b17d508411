package network

import "github.com/joust-bench/joust/network/activation"

// activate computes y = f(z), value by value, and dz = dy * f'(z).
type activate[T Float] struct {
	weightless
	gradient[T]
	shape      Shape
	kernel     activation.Kernels[T]
	fromOutput bool      // the derivative needs y alone
	z          Tensor[T] // the last input, not its own
	own        Tensor[T]
	y          Tensor[T] // the last output: own, or z when the layer below applied it
}

func newActivation[T Float](in Shape, s Activation) (*activate[T], error) {
	f, err := activation.ByName(s.Func)
	if err != nil {
		return nil, err
	}
	return &activate[T]{shape: in, kernel: activation.Of[T](f), fromOutput: f.FromOutput}, nil
}

func (l *activate[T]) out() Shape { return l.shape }

func (l *activate[T]) forward(_ Pass, _ []T, z Tensor[T]) Tensor[T] {
	l.z = z
	l.own.resize(l.shape, z.N, strideOf[T](l.shape, z.N))
	l.y = l.own
	l.y.Lens = z.Lens
	count, n := spans(l.y, z, z)
	for i := range count {
		l.kernel.Forward(l.y.Data[i*l.y.Stride:][:n], z.Data[i*z.Stride:][:n])
	}
	return l.y
}

func (l *activate[T]) backward(_, _ []T, dy Tensor[T], wanted bool) Tensor[T] {
	if !wanted {
		return Tensor[T]{}
	}
	l.room(l.shape, dy.N)
	count, n := spans(dy, l.z, l.y) // dx is laid out as own is
	for i := range count {
		at := func(x Tensor[T]) []T { return x.Data[i*x.Stride:][:n] }
		l.kernel.Grad(at(l.dx), at(dy), at(l.z), at(l.y))
	}
	return l.dx
}
