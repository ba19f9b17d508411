package genetic

import (
	"errors"
	"math/rand"

	"github.com/MaxHalford/eaopt"
)

// A genome is a weight vector that eaopt selects, crosses and mutates. Its
// memory is the herd's.
type genome struct {
	w       []float64
	mutates bool // the noise is added when the generation is complete
	herd    *herd
}

// Evaluate is never called: Tell sets every fitness before selection.
func (g *genome) Evaluate() (float64, error) {
	return 0, errors.New("genetic: eaopt evaluates a genome that Tell did not")
}

// Mutate marks the genome: what it adds depends on its place and not on the
// order of calls, so that it can be added on all cores at once.
func (g *genome) Mutate(*rand.Rand) { g.mutates = true }

// Crossover exchanges parts of g and mate.
func (g *genome) Crossover(mate eaopt.Genome, rng *rand.Rand) {
	g.herd.cross(g.w, mate.(*genome).w, rng)
}

// Clone copies g to the memory of the next generation.
func (g *genome) Clone() eaopt.Genome {
	c := g.herd.next()
	copy(c.w, g.w)
	c.mutates = false
	return c
}

// A herd holds the memory of two generations: while one is bred from the other
// no genome is allocated.
type herd struct {
	genomes [2][]genome
	now     int // which of them lives
	used    int // genomes of it in use
	cross   crossover
}

// newHerd makes room for a population of genomes of dimension dim.
func newHerd(population, dim int, cross crossover) *herd {
	h := &herd{cross: cross}
	for i := range h.genomes {
		// eaopt breeds in pairs: of an odd population one more, to be dropped.
		h.genomes[i] = make([]genome, population+population%2)
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
func (h *herd) turn() { h.now, h.used = 1-h.now, 0 }
