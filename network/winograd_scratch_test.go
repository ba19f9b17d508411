package network

import (
	"fmt"
	"testing"
	"math/rand/v2"
	"os"
	"time"
	"slices"
)

func med(f func()) float64 {
	f()
	var v []float64
	for range 9 {
		t := time.Now()
		f()
		f()
		v = append(v, float64(time.Since(t).Microseconds())/2)
	}
	slices.Sort(v)
	return v[4]
}

func TestSpeedScratch(t *testing.T) {
	if os.Getenv("SPEED") == "" { return }
	for _, c := range []int{16} {
		scratch[float32](c, 28, 64)
	}
}

func scratch[T Float](c, size, n int) {
	l, _ := newConv[T](Shape{c, size, size}, Conv{Channels: c, Kernel: 3, Same: true, NoBias: true})
	mem := []T{}
	l.share(&mem)
	w := make([]T, c*c*9)
	for i := range w { w[i] = T(rand.NormFloat64()) }
	// a few tensors, so that caches are as in a network
	var xs, ys []Tensor[T]
	for range 6 {
		x := Tensor[T]{Shape: Shape{c,size,size}, N: n, Stride: n, Data: make([]T, c*size*size*n)}
		for i := range x.Data { x.Data[i] = T(rand.NormFloat64()) }
		xs = append(xs, x)
		y := x
		y.Data = make([]T, len(x.Data))
		ys = append(ys, y)
	}
	k, many := 0, 6
	if os.Getenv("MANY") != "" { many = 1 }
	next := func() (x, y Tensor[T]) { k++; return xs[k%many], ys[k%many] }
	dw := make([]T, len(w))
	fmt.Println("direct fwd", med(func() { x, _ := next(); l.forward(Pass{}, w, x) }))
	fmt.Println("direct dw", med(func() { _, y := next(); l.backward(w, dw, y, false) }))
	fmt.Println("direct both", med(func() { _, y := next(); l.backward(w, dw, y, true) }))
	g := &winograd[T]{}
	for _, p := range [][2]int{{32, 1},{32,2},{64,2}} {
		winogradPanel, winogradPatches = p[0], p[1]
		fmt.Println("fwd", p, med(func() { x, y := next(); g.forward(y, x, w, c*9, 9, false, 1, nil, nil) }))
	}
	for _, p := range [][2]int{{32,1},{64,1}, {64,4}} {
		weightPanel, weightPatches = p[0], p[1]
		fmt.Println("dw", p, med(func() { x, y := next(); g.weights(dw, y, x, 1) }))
	}
}
