package genetic

import (
	"errors"
	"math/rand"

	"github.com/MaxHalford/eaopt"
)

// A genome is a weight vector that eaopt selects, crosses and mutates. Its
// memory is the herd's.
//
// While eaopt breeds, a genome only notes where it comes from. What its weights
// are depends on that and on its place, not on the order of calls, so that they
// are written when the generation is complete, once, on all cores.
type genome struct {
	w            []float64
	sigma        float64 // of its mutation, which offspring inherit
	parent, mate *genome // mate is nil for a copy
	pair         uint32  // numbers the crossover; siblings have the same
	mutates      bool
	children     float64 // parts of the next generation that are its own
	herd         *herd
}

// Evaluate is never called: Tell sets every fitness before selection.
func (g *genome) Evaluate() (float64, error) {
	return 0, errors.New("genetic: eaopt evaluates a genome that Tell did not")
}

// Mutate marks the genome.
func (g *genome) Mutate(*rand.Rand) { g.mutates = true }

// Crossover makes siblings of two copies.
func (g *genome) Crossover(mate eaopt.Genome, _ *rand.Rand) {
	m := mate.(*genome)
	g.mate, m.mate = m.parent, g.parent
	g.pair, m.pair = g.herd.pairs, g.herd.pairs
	g.herd.pairs++
}

// Clone returns a copy to be, of the next generation.
func (g *genome) Clone() eaopt.Genome {
	c := g.herd.next()
	c.parent, c.mate, c.mutates = g, nil, false
	return c
}

// A herd holds the memory of two generations: while one is bred from the other
// no genome is allocated.
type herd struct {
	genomes [2][]genome
	now     int    // which of them lives
	used    int    // genomes of it in use
	pairs   uint32 // that crossed in this generation
}

// newHerd makes room for n genomes of dimension dim.
func newHerd(n, dim int) *herd {
	h := new(herd)
	for i := range h.genomes {
		h.genomes[i] = make([]genome, n)
		for k := range h.genomes[i] {
			h.genomes[i][k] = genome{w: make([]float64, dim), herd: h}
		}
	}
	return h
}

// next returns a genome of the living generation that is not yet in use.
func (h *herd) next() *genome {
	g := &h.genomes[h.now][h.used]
	h.used++
	return g
}

// turn begins a new generation, in the memory of the one before the last.
func (h *herd) turn() { h.now, h.used, h.pairs = 1-h.now, 0, 0 }
