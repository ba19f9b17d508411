package probe

import (
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/activation"
)

// A gridScan computes the gates of one scan of an [network.MDLSTM] once more.
type gridScan struct {
	*gates
	tanh                activation.Func
	cells               int
	w, u, l, bias, peep []float64 // peep is nil without peepholes
}

// ofMDLSTM is [ofLSTM] for one, whose scans are added up, so that each is computed from
// the inputs alone.
func ofMDLSTM(spec network.MDLSTM, w []float64, x network.Tensor[float64]) Recurrence {
	channels, cells, directions := x.Shape[0], spec.Cells, spec.Directions
	if directions == 0 {
		directions = 4
	}
	g := gates{sigmoid: mustActivation("sigmoid")}
	s := gridScan{gates: &g, tanh: mustActivation("tanh"), cells: cells}
	perWay, rows := len(w)/directions, 5*cells
	for way := range directions {
		rest := w[way*perWay:][:perWay]
		for _, part := range []struct {
			of   *[]float64
			size int
		}{{&s.w, rows * channels}, {&s.u, rows * cells}, {&s.l, rows * cells}, {&s.bias, rows}} {
			*part.of, rest = rest[:part.size], rest[part.size:]
		}
		if spec.Peepholes {
			s.peep = rest
		}
		for e := range x.N {
			s.over(x, e, way < 2, way%2 == 0)
		}
	}
	return g.of(unmeasured())
}

// over goes over example e, in ascending order of rows if it goes down and of columns if
// it goes east.
func (s *gridScan) over(x network.Tensor[float64], e int, down, east bool) {
	channels, height, width := x.Shape[0], x.Shape[1], x.Shape[2]
	// States have a border of zeros before the first row and column of the scan.
	at := func(states []float64, row, column int) []float64 {
		return states[((row+1)*(width+1)+column+1)*s.cells:][:s.cells]
	}
	h, c := make([]float64, (height+1)*(width+1)*s.cells), make([]float64, (height+1)*(width+1)*s.cells)
	in := make([]float64, channels)
	for row := range height {
		for column := range width {
			y, z := row, column
			if !down {
				y = height - 1 - row
			}
			if !east {
				z = width - 1 - column
			}
			for k := range in {
				in[k] = x.Row((k*height+y)*width + z)[e]
			}
			s.cell(in, at(h, row, column), at(c, row, column),
				at(h, row-1, column), at(h, row, column-1), at(c, row-1, column), at(c, row, column-1))
		}
	}
}

// cell computes outputs h and states c of a position from its inputs, and from those of
// the positions before it.
func (s *gridScan) cell(in, h, c, hUp, hLeft, cUp, cLeft []float64) {
	n := len(c)
	for k := range c {
		z := func(gate int) float64 {
			r := gate*n + k
			return s.bias[r] + dot(s.w[r*len(in):][:len(in)], in) + dot(s.u[r*n:][:n], hUp) + dot(s.l[r*n:][:n], hLeft)
		}
		peep := func(i int, state float64) float64 {
			if s.peep == nil {
				return 0
			}
			return float64(s.peep[i*n+k] * state)
		}
		i := s.open(z(0) + peep(0, cUp[k]) + peep(1, cLeft[k]))
		up := s.keep(z(1) + peep(2, cUp[k]))
		left := s.keep(z(2) + peep(3, cLeft[k]))
		c[k] = float64(up*cUp[k]) + float64(left*cLeft[k]) + float64(i*one(s.tanh, z(4)))
		h[k] = s.open(z(3)+peep(4, c[k])) * one(s.tanh, c[k])
	}
}
