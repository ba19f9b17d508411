package probe

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/joust-bench/joust/network"
)

// A Spectrum is what a Jacobian does to vectors: of the outputs of a stage of a
// network with respect to its inputs, as a mean over a few examples. A gradient that
// comes down is multiplied by its transpose.
type Spectrum struct {
	// Chi is the mean squared singular value, |J|^2 over the number of outputs: the
	// factor of the squared norm of a gradient of random direction, over that of the
	// number of units. At 1 signals neither shrink nor grow (Poole et al. 2016,
	// arXiv:1606.05340).
	Chi float64
	// Largest and Smallest are the extreme singular values, of as many as there are
	// inputs or outputs, whichever are fewer. Less than about 1e-7 of the largest is
	// 0. NaN: there are more than 256 outputs, and they were not measured.
	Largest, Smallest float64
}

// A Stage is a part of a network from one layer with weights, or one block of them,
// to the next.
type Stage struct {
	Name string // path of its first layer, such as "3.residual"
	Spectrum
	// Norm is the norm of the gradient with respect to the inputs of the stage over
	// that with respect to its outputs: 1 if the stage preserves it (Zaeemzadeh, Rahnavard &
	// Shah 2018, arXiv:1805.07477).
	Norm float64
}

// A stage is such a part, to be computed on its own.
type stage struct {
	name     string
	from, to int // layers of the network
	net      *network.Network[float64]
	w        []float64
}

// stages cuts n before every layer that has a weight matrix, or has layers in it
// that do, but the first.
func stages(n *network.Network[float64], w []float64) []stage {
	var list []stage
	last := -1
	for _, b := range n.Blocks() {
		place := strings.SplitN(b.Name, ".", 3)
		at, err := strconv.Atoi(place[0])
		if err != nil {
			panic("probe: the block " + b.Name + " is not named after its layer")
		}
		if b.FanIn == 0 || at == last {
			continue
		}
		last = at
		list = append(list, stage{name: place[0] + "." + place[1], from: at})
	}
	for i := range list {
		s := &list[i]
		if i == 0 {
			s.from = 0
		}
		s.to = len(n.Specs())
		if i < len(list)-1 {
			s.to = list[i+1].from
		}
		*s = s.of(n, w)
	}
	return list
}

// of builds the network of the stage.
func (s stage) of(n *network.Network[float64], w []float64) stage {
	var off int
	s.net, off = n.Part(s.from, s.to)
	s.w = w[off:][:s.net.Dim()]
	return s
}

// Limits on what is measured of a Jacobian.
const (
	widest           = 256  // outputs, of which each takes a backward pass
	most             = 1e7  // values of the Jacobian
	plainExamples    = 4    // whose Jacobians are taken
	coupledExamples  = 32   // of a batch whose statistics the examples share
	coupledJacobians = 2    // among them
	hutchinson       = 32   // random directions
	directions       = 0x1b // seed of their signs
)

// spectrum measures the Jacobian of a stage at the first of the inputs x.
func (s stage) spectrum(x network.Tensor[float64]) Spectrum {
	coupled := s.net.BatchStatistics()
	n, of := min(x.N, plainExamples), plainExamples
	if coupled {
		n, of = min(x.N, coupledExamples), coupledJacobians
	}
	x = first(x, n)
	of = min(of, n)
	in, out := x.Shape.Len(), s.net.Out().Len()
	if out > widest || in*out > most {
		return Spectrum{Chi: s.chi(x, hutchinson), Largest: math.NaN(), Smallest: math.NaN()}
	}
	var m Spectrum
	for _, j := range s.jacobians(x, of, coupled) {
		values := SingularValues(j, out, in)
		if values == nil {
			return Spectrum{math.MaxFloat64, math.MaxFloat64, math.MaxFloat64}
		}
		square := frobenius(j)
		m.Chi += square * square / float64(out) / float64(of)
		m.Largest += values[0] / float64(of)
		m.Smallest += values[len(values)-1] / float64(of)
	}
	m.Chi, m.Largest, m.Smallest = bounded(m.Chi), bounded(m.Largest), bounded(m.Smallest)
	return m
}

// jacobians returns those of the first of the examples, out x in by rows: a row for
// each backward pass. Where examples share statistics, a Jacobian is that of an
// example's outputs with respect to its own inputs, and each takes passes of its own.
func (s stage) jacobians(x network.Tensor[float64], of int, coupled bool) [][]float64 {
	y := s.net.Forward(network.Pass{Mode: network.Train}, s.w, x)
	in, out := x.Shape.Len(), y.Shape.Len()
	dy, dw := y.With(y.Shape, make([]float64, len(y.Data))), make([]float64, len(s.w))
	list := make([][]float64, of)
	for k := range list {
		list[k] = make([]float64, out*in)
	}
	fill := func(u, from, to int) {
		row := dy.Row(u)
		for k := from; k < to; k++ {
			row[k] = 1
		}
		dx := s.net.Backward(s.w, dw, dy)
		for i := range in {
			for k, v := range dx.Row(i)[from:to] {
				list[from+k][u*in+i] = v
			}
		}
		clear(row)
	}
	for u := range out {
		if !coupled {
			fill(u, 0, of)
			continue
		}
		for k := range of {
			fill(u, k, k+1)
		}
	}
	return list
}

// chi is the mean of |J'u|^2 over the number of outputs for random signs u, whose
// expectation is |J|^2 (Hutchinson 1990, doi:10.1080/03610919008812866), of all
// examples. Where they share statistics, J is the Jacobian of the whole batch.
func (s stage) chi(x network.Tensor[float64], probes int) float64 {
	y := s.net.Forward(network.Pass{Mode: network.Train}, s.w, x)
	dy, dw := y.With(y.Shape, make([]float64, len(y.Data))), make([]float64, len(s.w))
	rng := rand.New(rand.NewPCG(directions, 0))
	sum := 0.0
	for range probes {
		for f := range y.Shape.Len() {
			row := dy.Row(f)
			for i := range row {
				row[i] = float64(rng.Uint64()>>63)*2 - 1
			}
		}
		r := rms(s.net.Backward(s.w, dw, dy))
		sum += float64(r*r) / float64(probes)
	}
	return bounded(sum * float64(x.Shape.Len()) / float64(y.Shape.Len()))
}

// first is a view of the first n examples of x.
func first(x network.Tensor[float64], n int) network.Tensor[float64] {
	return slice(x, 0, n)
}

// slice is a view of the examples lo to hi of x.
func slice(x network.Tensor[float64], lo, hi int) network.Tensor[float64] {
	x.Data, x.N = x.Data[lo:], hi-lo
	if x.Lens != nil {
		x.Lens = x.Lens[lo:hi]
	}
	return x
}
