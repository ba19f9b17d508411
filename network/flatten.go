package network

// flatten is a change of shape alone: its tensors are those it is given.
type flatten[T Float] struct {
	weightless
	in, outputs Shape
}

func newFlatten[T Float](in Shape) *flatten[T] {
	return &flatten[T]{in: in, outputs: Shape{in.Len()}}
}

func (l *flatten[T]) out() Shape { return l.outputs }

func (l *flatten[T]) forward(_ Pass, _ []T, x Tensor[T]) Tensor[T] {
	x.Shape, x.Lens = l.outputs, nil // a vector has no steps
	return x
}

func (l *flatten[T]) backward(_, _ []T, dy Tensor[T], _ bool) Tensor[T] {
	return dy.With(l.in, dy.Data)
}
