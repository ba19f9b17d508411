package genetic

import (
	"math"
	"math/rand"

	"github.com/joust-bench/joust/optimizers"
)

// A crossover turns two parents, in place, into two offspring.
type crossover func(a, b []float64, rng *rand.Rand)

// newCrossover returns the crossover of the given name. That by neuron needs
// the blocks, and without them is by weight; alpha is for blx.
func newCrossover(name string, alpha float64, blocks []optimizers.Block) crossover {
	switch name {
	case "blx":
		return blend(alpha)
	case "neuron":
		if units := unitsOf(blocks); len(units) > 0 {
			return byUnit(units)
		}
	}
	return byWeight
}

// byWeight exchanges each weight with probability 1/2 (uniform crossover,
// Syswerda 1989, Uniform crossover in genetic algorithms, ICGA).
func byWeight(a, b []float64, rng *rand.Rand) {
	var bits uint64
	for i := range a {
		if i%64 == 0 {
			bits = rng.Uint64()
		}
		// Without a branch, which would be mispredicted half of the time.
		x, y := math.Float64bits(a[i]), math.Float64bits(b[i])
		change := (x ^ y) & -(bits & 1)
		a[i], b[i] = math.Float64frombits(x^change), math.Float64frombits(y^change)
		bits >>= 1
	}
}

// byUnit exchanges each unit with probability 1/2: a unit's incoming weights
// and bias make sense together (Montana & Davis 1989, Training feedforward
// neural networks using genetic algorithms, IJCAI: crossover-nodes).
func byUnit(units []unit) crossover {
	return func(a, b []float64, rng *rand.Rand) {
		var bits uint64
		for i, u := range units {
			if i%64 == 0 {
				bits = rng.Uint64()
			}
			if bits&1 == 1 {
				for _, s := range u {
					for j := s.from; j < s.to; j++ {
						a[j], b[j] = b[j], a[j]
					}
				}
			}
			bits >>= 1
		}
	}
}

// A unit is the weights of one neuron, as ranges of the weight vector.
type unit []span

type span struct{ from, to int }

// unitsOf collects the units of the blocks: row r of every block of a layer
// with the same number of rows is unit r. A block without rows is one unit.
func unitsOf(blocks []optimizers.Block) []unit {
	type group struct{ layer, rows int }
	first := map[group]int{} // where the units of a group start
	var units []unit
	for _, b := range blocks {
		if b.Rows == 0 {
			units = append(units, unit{{b.Off, b.Off + b.Len}})
			continue
		}
		g := group{b.Layer, b.Rows}
		start, ok := first[g]
		if !ok {
			start = len(units)
			first[g] = start
			units = append(units, make([]unit, b.Rows)...)
		}
		size := b.Len / b.Rows
		for r := range b.Rows {
			from := b.Off + r*size
			units[start+r] = append(units[start+r], span{from, from + size})
		}
	}
	return units
}

// blend draws both offspring evenly from the interval between the parents,
// widened by alpha times its length on either side (BLX-alpha, Eshelman &
// Schaffer 1993, doi:10.1016/B978-0-08-094832-4.50018-0).
func blend(alpha float64) crossover {
	return func(a, b []float64, rng *rand.Rand) {
		for i := range a {
			x, y := clamp(a[i]), clamp(b[i])
			length := y - x
			from, width := x-float64(alpha*length), float64((1+2*alpha)*length)
			a[i] = from + float64(rng.Float64()*width)
			b[i] = from + float64(rng.Float64()*width)
		}
	}
}

// clamp keeps a blend finite: on a plateau nothing holds a population together,
// and it widens by a factor a generation.
func clamp(x float64) float64 { return min(max(x, -1e300), 1e300) }
