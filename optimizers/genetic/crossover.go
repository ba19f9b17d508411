package genetic

import (
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// CrossoverConfig is what two parents exchange.
type CrossoverConfig struct {
	Crossover string  `json:"crossover" doc:"what two parents exchange: whole neurons, single weights, stretches between random points (n-point), or both drawn from around the two (blx)" choices:"neuron,weight,n-point,blx"`
	Points    int     `json:"points" doc:"crossover n-point: at how many places offspring change from one parent to the other" range:"[1,64]"`
	Alpha     float64 `json:"alpha" doc:"crossover blx: how far beyond the parents, in parts of their distance" range:"[0,1]"`
}

// A crossover writes a child of its own parent and of the mate. Its sibling is
// that with the parents in turn and the same pair, and has what it has not.
// All three are of one length; the child overlaps neither parent.
type crossover func(child, own, mate []float64, at mating)

// A mating says which random numbers a crossover draws: those of the pair, and
// those of the child.
type mating struct {
	seed, generation uint64
	pair, child      uint32
}

func (m mating) source() noise.Source {
	return source(m.seed, streamCross, m.generation, uint64(m.pair))
}

// newCrossover returns a crossover. That by neuron needs the blocks, and
// without them is by weight.
func newCrossover(cfg CrossoverConfig, blocks []optimizers.Block) crossover {
	switch cfg.Crossover {
	case "blx":
		return blend(cfg.Alpha)
	case "n-point":
		return atPoints(cfg.Points)
	case "neuron":
		if units := unitsOf(blocks); len(units) > 0 {
			return byUnit(units)
		}
	}
	return byWeight
}

// byWeight takes each weight from either parent (uniform crossover, Syswerda
// 1989, Uniform crossover in genetic algorithms, ICGA).
func byWeight(child, own, mate []float64, at mating) {
	src := at.source()
	own, mate = own[:len(child)], mate[:len(child)]
	var bits uint64
	for i := range child {
		if i%64 == 0 {
			bits = src.Uint64()
		}
		// Without a branch, which would be mispredicted half of the time.
		x, y := math.Float64bits(own[i]), math.Float64bits(mate[i])
		child[i] = math.Float64frombits(x ^ (x^y)&-(bits&1))
		bits >>= 1
	}
}

// atPoints changes from one parent to the other at n places, each between two
// weights, all different (n-point crossover, De Jong & Spears 1992,
// doi:10.1007/BF01530777). Where there are fewer places it changes at all of them.
func atPoints(n int) crossover {
	return func(child, own, mate []float64, at mating) {
		src := at.source()
		var room [64]int
		cuts := room[:min(n, len(child)-1)]
		for k := range cuts {
			// One of the places that are left, in order.
			cut := 1 + below(&src, len(child)-1-k)
			i := 0
			for ; i < k && cuts[i] <= cut; i++ {
				cut++
			}
			copy(cuts[i+1:k+1], cuts[i:k])
			cuts[i] = cut
		}
		from := 0
		for _, cut := range append(cuts, len(child)) {
			copy(child[from:cut], own[from:cut])
			own, mate, from = mate, own, cut
		}
	}
}

// source is the random numbers of a seed for what the tags say, without the
// allocation that noise.NewSource makes.
func source(seed uint64, tags ...uint64) noise.Source {
	var s noise.Source
	s.Seed(int64(noise.Mix(seed, tags...)))
	return s
}

// below draws from 0 to n-1 evenly; the bias, n/2^64, is beyond measure.
func below(src *noise.Source, n int) int { return int(src.Uint64() % uint64(n)) }

// byUnit takes each unit from either parent: a unit's incoming weights and bias
// make sense together (Montana & Davis 1989, Training feedforward neural
// networks using genetic algorithms, IJCAI: crossover-nodes).
func byUnit(units []unit) crossover {
	return func(child, own, mate []float64, at mating) {
		src := at.source()
		var bits uint64
		for i, u := range units {
			if i%64 == 0 {
				bits = src.Uint64()
			}
			from := own
			if bits&1 == 1 {
				from = mate
			}
			for _, s := range u {
				copy(child[s.from:s.to], from[s.from:s.to])
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
	return slices.Clip(units)
}

// blend draws the child evenly from the interval between the parents, widened
// by alpha times its length on either side (BLX-alpha, Eshelman & Schaffer 1993,
// doi:10.1016/B978-0-08-094832-4.50018-0).
func blend(alpha float64) crossover {
	return func(child, own, mate []float64, at mating) {
		seed := noise.Mix(at.seed, streamBlend)
		noise.Uniform(child, seed, at.generation, at.child)
		for i, u := range child {
			x, y := clamp(own[i]), clamp(mate[i])
			length := y - x
			from, width := x-float64(alpha*length), float64((1+2*alpha)*length)
			child[i] = from + float64(u*width)
		}
	}
}

// clamp keeps a blend finite: on a plateau nothing holds a population together,
// and it widens by a factor a generation.
func clamp(x float64) float64 { return min(max(x, -1e300), 1e300) }
