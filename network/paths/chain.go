package paths

import (
	"fmt"
	"math"

	"github.com/joust-bench/joust/network"
)

// tensor is of float64 throughout: what is measured is often tiny.
type tensor = network.Tensor[float64]

// A Chain is a network cut into parts, one after another, over one flat weight
// vector, the same as that of the network in one piece. It is not safe for
// concurrent use.
type Chain struct {
	parts  []part
	first  int // index of the first block; len(parts): there is none
	blocks int
	dim    int
	dw     []float64 // gradients that nobody asked for
}

// A part is a residual block, y = shortcut(x) + scale*body(x), or other layers, which
// are its body.
type part struct {
	block          bool
	scale          float64
	body, shortcut *network.Network[float64]
	lo, split, hi  int // where the weights of the body and the shortcut begin, and end
}

// Parts cuts specs for [New]: each residual is a part, and so is what is between two
// of them.
func Parts(specs network.Specs) []network.Specs {
	var parts []network.Specs
	open := false // more layers may join the last part
	for _, s := range specs {
		_, block := s.(network.Residual)
		if block || !open {
			parts = append(parts, nil)
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], s)
		open = !block
	}
	return parts
}

// New wires parts for inputs of shape in. A part that is one [network.Residual] is a
// block. Whatever else is in a part, such as the layers of a plain network between
// two of which [Chain.Preservation] is to measure, all paths go through.
func New(in network.Shape, parts ...network.Specs) (*Chain, error) {
	c := &Chain{first: len(parts)}
	for i, specs := range parts {
		p := part{scale: 1, lo: c.dim}
		var err error
		body, shortcut := specs, network.Specs(nil)
		if len(specs) == 1 {
			if r, ok := specs[0].(network.Residual); ok {
				p.block, body, shortcut = true, r.Body, r.Shortcut
				if r.Scale != 0 {
					p.scale = r.Scale
				}
				c.first = min(c.first, i)
				c.blocks++
			}
		}
		// In one piece first: it knows what fits together.
		whole, err := network.New[float64](in, specs...)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		if p.body, err = network.New[float64](in, body...); err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		if p.shortcut, err = network.New[float64](in, shortcut...); err != nil {
			return nil, fmt.Errorf("part %d: shortcut: %w", i, err)
		}
		p.split = p.lo + p.body.Dim()
		p.hi = p.lo + whole.Dim()
		c.dim, in = p.hi, whole.Out()
		c.parts = append(c.parts, p)
	}
	c.dw = make([]float64, c.dim)
	return c, nil
}

// Blocks is the number of residual blocks, and of the length of the longest path.
func (c *Chain) Blocks() int { return c.blocks }

// Dim is the number of weights.
func (c *Chain) Dim() int { return c.dim }

// Forward returns the outputs for x, as [network.Network.Forward] does. They and all
// that follows are for its weights w.
func (c *Chain) Forward(p network.Pass, w []float64, x tensor) tensor {
	for i := range c.parts {
		q := &c.parts[i]
		y := q.body.Forward(p, w[q.lo:q.split], x)
		if q.block {
			skip := q.shortcut.Forward(p, w[q.split:q.hi], x)
			y = plus(skip, q.scale, y)
		}
		x = y
	}
	return x
}

// branch takes a gradient down through the body of a part, and skip through its
// shortcut. What they return is the caller's.
func (c *Chain) branch(p *part, w []float64, dy tensor) tensor {
	return copied(p.body.Backward(w[p.lo:p.split], c.dw[p.lo:p.split], scaled(p.scale, dy)))
}

func (c *Chain) skip(p *part, w []float64, dy tensor) tensor {
	return copied(p.shortcut.Backward(w[p.split:p.hi], c.dw[p.split:p.hi], dy))
}

// Preservation returns, for each part, the norm of the gradient at its input as a
// multiple of that at its output, given the gradient dy of the loss with respect to
// the last outputs; norms are over all values and examples. Of a residual block it
// nears 1 with the number of blocks (Zaeemzadeh et al. 2021, theorem 1).
func (c *Chain) Preservation(w []float64, dy tensor) []float64 {
	r := make([]float64, len(c.parts))
	for i := len(c.parts) - 1; i >= 0; i-- {
		p := &c.parts[i]
		dx := c.branch(p, w, dy)
		if p.block {
			dx = plus(c.skip(p, w, dy), 1, dx)
		}
		r[i] = frobenius(dx) / frobenius(dy)
		dy = dx
	}
	return r
}

func frobenius(x tensor) float64 {
	sum := 0.0
	for f := range x.Shape.Len() {
		for _, v := range x.Row(f) {
			sum = math.Hypot(sum, v)
		}
	}
	return sum
}

// plus is x + b*y.
func plus(x tensor, b float64, y tensor) tensor {
	s := copied(x)
	for f := range s.Shape.Len() {
		row := s.Row(f)
		for i, v := range y.Row(f) {
			row[i] += float64(b * v)
		}
	}
	return s
}

func copied(x tensor) tensor { return scaled(1, x) }

func scaled(b float64, x tensor) tensor {
	s := tensor{Shape: x.Shape, N: x.N, Stride: x.N, Data: make([]float64, x.Shape.Len()*x.N), Lens: x.Lens}
	for f := range s.Shape.Len() {
		row := s.Row(f)
		for i, v := range x.Row(f) {
			row[i] = b * v
		}
	}
	return s
}
