package probe

import (
	"math"
	"math/rand/v2"
	"slices"
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
	s.net, off = n.Section(s.from, s.to)
	s.w = w[off:][:s.net.Dim()]
	return s
}

// Limits on what is measured of a Jacobian.
const (
	widest          = 256 // outputs
	largest         = 1e7 // values of the Jacobian
	wide            = 64  // outputs, more than which only one example has its Jacobian taken,
	fewExamples     = 4   // and else so many,
	coupledExamples = 2   // or, where examples share the statistics of a batch, so many
	coupledBatch    = 32  // of such a batch
	hutchinson      = 32  // random directions
	directions      = 27  // seed of their signs
)

// spectrum measures the Jacobian of a stage at the first of the inputs x.
func (s stage) spectrum(x network.Tensor[float64]) Spectrum {
	in, out := x.Shape.Len(), s.net.Out().Len()
	if out > widest || in*out > largest {
		return Spectrum{Chi: s.chi(x.Slice(0, min(x.N, coupledBatch)), hutchinson), Largest: math.NaN(), Smallest: math.NaN()}
	}
	list := s.jacobians(x)
	var m Spectrum
	for _, j := range list {
		values := SingularValues(j, out, in)
		if values == nil {
			return Spectrum{math.MaxFloat64, math.MaxFloat64, math.MaxFloat64}
		}
		square, count := frobenius(j), float64(len(list))
		m.Chi += square * square / float64(out) / count
		m.Largest += values[0] / count
		m.Smallest += values[len(values)-1] / count
	}
	m.Chi, m.Largest, m.Smallest = bounded(m.Chi), bounded(m.Largest), bounded(m.Smallest)
	return m
}

// jacobians returns those of the first few examples, out x in by rows.
func (s stage) jacobians(x network.Tensor[float64]) [][]float64 {
	if s.net.BatchStatistics() {
		return s.coupled(x.Slice(0, min(x.N, coupledBatch)), min(x.N, coupledExamples))
	}
	count := min(x.N, fewExamples)
	if s.net.Out().Len() > wide {
		count = 1
	}
	list := make([][]float64, count)
	for i := range list {
		list[i] = s.jacobian(x.Slice(i, i+1))
	}
	return list
}

// jacobian is that of one example, which makes a batch of as many copies as there are
// outputs: copy u sends the gradient of output u down.
func (s stage) jacobian(x network.Tensor[float64]) []float64 {
	in, out := x.Shape.Len(), s.net.Out().Len()
	copies := network.NewTensor[float64](x.Shape, out)
	for f := range in {
		row, v := copies.Row(f), x.Row(f)[0]
		for i := range row {
			row[i] = v
		}
	}
	if x.Lens != nil {
		copies.Lens = slices.Repeat(x.Lens, out)
	}
	y := s.net.Forward(network.Pass{Mode: network.Train}, s.w, copies)
	dy := y.With(y.Shape, make([]float64, len(y.Data)))
	for u := range out {
		dy.Row(u)[u] = 1
	}
	dx := s.net.Backward(s.w, make([]float64, len(s.w)), dy)
	j := make([]float64, out*in)
	for i := range in {
		for u, v := range dx.Row(i) {
			j[u*in+i] = v
		}
	}
	return j
}

// coupled returns the Jacobians of the first of the examples of a batch that share
// its statistics: of each one's outputs with respect to its own inputs.
func (s stage) coupled(x network.Tensor[float64], of int) [][]float64 {
	y := s.net.Forward(network.Pass{Mode: network.Train}, s.w, x)
	in, out := x.Shape.Len(), y.Shape.Len()
	dy, dw := y.With(y.Shape, make([]float64, len(y.Data))), make([]float64, len(s.w))
	list := make([][]float64, of)
	for k := range list {
		list[k] = make([]float64, out*in)
		for u := range out {
			dy.Row(u)[k] = 1
			dx := s.net.Backward(s.w, dw, dy)
			for i := range in {
				list[k][u*in+i] = dx.Row(i)[k]
			}
			dy.Row(u)[k] = 0
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
