package netcheck

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/joust-bench/joust/network"
)

// Network adds digests of what the network of specs computes for inputs of shape in: at
// either precision, for batches that are smaller and larger than a vector register, the
// outputs, auxiliary losses, and gradients of the weights and inputs, in mode Train, and
// with [network.BatchNorm] outputs in mode Infer too. Sequences are of different lengths
// if ragged is set. A value that is not finite is an error: it hides others.
func (d Digests) Network(in network.Shape, ragged bool, specs ...network.Spec) error {
	if err := digestNetwork[float64](d, in, ragged, specs); err != nil {
		return err
	}
	return digestNetwork[float32](d, in, ragged, specs)
}

func digestNetwork[T network.Float](d Digests, in network.Shape, ragged bool, specs network.Specs) error {
	description, err := json.Marshal(specs)
	if err != nil {
		return err
	}
	net, err := network.New[T](in, specs...)
	if err != nil {
		return fmt.Errorf("%s: %w", description, err)
	}
	for _, n := range []int{1, batch, 70} {
		if net.BatchStatistics() {
			n = max(n, 2)
		}
		c := newCase(model[T](actual[T]{net}), n)
		if ragged {
			for range n {
				c.x.Lens = append(c.x.Lens, 1+c.rng.IntN(in[0]))
			}
		}
		at := fmt.Sprintf("%s of %v, %T, %d examples", description, in, T(0), n)
		if ragged {
			at += " of different lengths"
		}
		add := func(what string, values []T) error {
			for i, v := range values {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					return fmt.Errorf("%s: %s: value %d is %v, want finite ones", at, what, i, v)
				}
			}
			d[at+": "+what] = Digest(values)
			return nil
		}
		y := values(net.Forward(c.pass, c.w, c.x))
		losses, dw := make([]T, n), make([]T, len(c.w))
		net.Auxiliary(losses, 1/T(n))
		dx := values(net.Backward(c.w, dw, c.dy))
		for _, v := range []struct {
			what   string
			values []T
		}{{"outputs", y}, {"auxiliary losses", losses}, {"gradients of the weights", dw}, {"gradients of the inputs", dx}} {
			if err := add(v.what, v.values); err != nil {
				return err
			}
		}
		if !net.BatchStatistics() {
			continue
		}
		net.Forward(network.Pass{Mode: network.Calibrate}, c.w, c.x)
		if err := add("outputs in mode Infer", values(net.Forward(network.Pass{Mode: network.Infer}, c.w, c.x))); err != nil {
			return err
		}
	}
	return nil
}
