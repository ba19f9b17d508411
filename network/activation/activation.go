package activation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/joust-bench/joust/network/kernel"
)

// A Func is a function applied to every value by itself.
type Func struct {
	Name    string   // as in a network file
	Also    []string // other names in the literature, which ByName knows too
	Summary string   // one line
	Refs    []string

	// SupDeriv is the largest |f'|: with ||W|| it bounds how much of a gradient
	// can pass a layer.
	SupDeriv float64
	// Smooth says that f' is continuous, so that finite differences agree with it
	// everywhere.
	Smooth bool
	// FromOutput says that the derivative needs the output alone: D and Grad
	// ignore z, which may be 0 or nil.
	FromOutput bool

	// F is the function, and D its derivative at z, where y = F(z): references, to
	// read and to compare with. They are the standard library's, which differs by a
	// unit in the last place between platforms. What is stored comes from the kernels,
	// whose bits are the same on all.
	F func(z float64) float64
	D func(z, y float64) float64

	Float64 Kernels[float64]
	Float32 Kernels[float32]
}

// Kernels apply a function to slices; all of a call's have the length of its
// first. They are exact to a few units in the last place, NaN for NaN.
type Kernels[T kernel.Float] struct {
	// Forward is dst = f(src). dst may be src.
	Forward func(dst, src []T)
	// Grad is dx = dy * f'(z), where y = f(z). dx may be dy or y.
	Grad func(dx, dy, z, y []T)
}

// Of returns the kernels of f for elements of type T.
func Of[T kernel.Float](f Func) Kernels[T] {
	if k, ok := any(f.Float64).(Kernels[T]); ok {
		return k
	}
	return any(f.Float32).(Kernels[T])
}

// All returns every activation function, in the order of their history.
func All() []Func {
	return []Func{
		step,
		identity,
		sigmoid,
		tanh,
		scaledTanh,
		softplus,
		softsign,
		relu,
		leakyReLU,
		elu,
		gelu,
		geluTanh,
		selu,
		swish,
		mish,
		gcu,
		squ,
		ncu,
		mcu,
		ssu,
		dsu,
	}
}

// ByName returns the function of that name, or an error that lists the names
// there are.
func ByName(name string) (Func, error) {
	var names []string
	for _, f := range All() {
		if f.Name == name || slices.Contains(f.Also, name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Func{}, fmt.Errorf("activation %q, want one of %s", name, strings.Join(names, ", "))
}

// fromOutput makes a Grad of a kernel that needs no input.
func fromOutput[T kernel.Float](grad func(dx, dy, y []T)) func(dx, dy, z, y []T) {
	return func(dx, dy, _, y []T) { grad(dx, dy, y) }
}

// fromInput makes a Grad of a kernel that needs no output.
func fromInput[T kernel.Float](grad func(dx, dy, z []T)) func(dx, dy, z, y []T) {
	return func(dx, dy, z, _ []T) { grad(dx, dy, z) }
}
