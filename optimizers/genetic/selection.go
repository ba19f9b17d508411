package genetic

import (
	"cmp"
	"fmt"
	"math"
	"math/rand"
	"slices"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// SelectionConfig is how parents are chosen.
type SelectionConfig struct {
	Selection  string `json:"selection" doc:"how parents are chosen: the best of some drawn at random, or in proportion to how much better than the worst (roulette)" choices:"tournament,roulette"`
	Tournament int    `json:"tournament" doc:"selection tournament: contestants for the place of each parent" range:"[1,1000]" scale:"log"`
}

// A selector chooses parents from a sorted population, the best first. It is
// eaopt's Selector, told the losses before each generation.
type selector interface {
	eaopt.Selector
	// weigh is told the losses in order, before pick.
	weigh(losses []float64)
	// pick draws len(places) different places.
	pick(places []int, rng *rand.Rand)
}

func newSelector(cfg SelectionConfig) selector {
	if cfg.Selection == "roulette" {
		return new(roulette)
	}
	return &tournament{contestants: cfg.Tournament}
}

// choose clones n of the individuals, for eaopt.
func choose(s selector, n uint, sorted eaopt.Individuals, rng *rand.Rand) (eaopt.Individuals, []int, error) {
	if int(n) > len(sorted) {
		return nil, nil, fmt.Errorf("select %d of %d individuals", n, len(sorted))
	}
	winners, places := make(eaopt.Individuals, n), make([]int, n)
	s.pick(places, rng)
	for k, place := range places {
		winners[k] = sorted[place]
	}
	return winners.Clone(rng), places, nil
}

// A tournament is won by the best of some contestants, drawn with replacement
// (Goldberg & Deb 1991, doi:10.1016/B978-0-08-050684-5.50008-2). Winners take no
// further part, so that the two parents differ.
type tournament struct{ contestants, population int }

func (s *tournament) weigh(losses []float64) { s.population = len(losses) }

func (s *tournament) pick(places []int, rng *rand.Rand) {
	for k := range places {
		// Sorted, the best is the first.
		place := s.population
		for range s.contestants {
			place = min(place, rng.Intn(s.population-k))
		}
		places[k] = left(places[:k], place)
	}
}

// left is the place of the given number among those that are not taken.
func left(taken []int, number int) int {
	for place := number; ; {
		next := number
		for _, t := range taken {
			if t <= place {
				next++
			}
		}
		if next == place {
			return place
		}
		place = next
	}
}

// Apply is called by eaopt for each pair of parents.
func (s *tournament) Apply(n uint, sorted eaopt.Individuals, rng *rand.Rand) (eaopt.Individuals, []int, error) {
	return choose(s, n, sorted, rng)
}

// Validate is for eaopt.
func (s *tournament) Validate() error {
	if s.contestants < 1 {
		return fmt.Errorf("%d contestants, want at least 1", s.contestants)
	}
	return nil
}

// A roulette wheel selects in proportion to fitness, which is by how much the
// loss is below the highest finite one of the population (fitness by windowing,
// De Jong 1975; Goldberg 1989, Genetic algorithms in search, optimization and
// machine learning, Addison-Wesley, chapter 4). The worst has no offspring, nor
// has a candidate that diverged. Equal losses have equal chances. Winners
// take no further part.
type roulette struct{ shares []float64 }

func (s *roulette) weigh(losses []float64) {
	s.shares = s.shares[:0]
	worst := losses[0]
	for _, loss := range losses {
		if !math.IsInf(loss, 1) {
			worst = loss
		}
	}
	// Of halves, since the difference of two large losses overflows.
	spread := worst/2 - losses[0]/2
	for _, loss := range losses {
		share := 0.0
		switch {
		case loss > worst:
		case !(spread > 0): // all are equal, or infinite
			share = 1
		default:
			share = (worst/2 - loss/2) / spread
		}
		s.shares = append(s.shares, share)
	}
}

func (s *roulette) pick(places []int, rng *rand.Rand) {
	for k := range places {
		taken := places[:k]
		total, rest := 0.0, -1
		for i, share := range s.shares {
			if share > 0 && !slices.Contains(taken, i) {
				total += share
				rest = i
			}
		}
		if rest < 0 { // nobody is left who has a share
			places[k] = left(taken, rng.Intn(len(s.shares)-k))
			continue
		}
		// The last takes what rounding leaves over.
		places[k] = rest
		ball := rng.Float64() * total
		for i, share := range s.shares[:rest] {
			if share > 0 && !slices.Contains(taken, i) {
				if ball < share {
					places[k] = i
					break
				}
				ball -= share
			}
		}
	}
}

// Apply is called by eaopt for each pair of parents.
func (s *roulette) Apply(n uint, sorted eaopt.Individuals, rng *rand.Rand) (eaopt.Individuals, []int, error) {
	return choose(s, n, sorted, rng)
}

// Validate is for eaopt.
func (s *roulette) Validate() error { return nil }

// rank writes the places of the losses to order, best first; of equals the
// first stays in front.
func rank(order []int, losses []float64) {
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(losses[i], losses[j]) })
}

// firstGeneration is the starting point itself, and normal draws around it.
func firstGeneration(rows [][]float64, p optimizers.Problem, spread float64) {
	seed := noise.Mix(p.Seed, streamFirst)
	p.Parallel(len(rows), func(k int) {
		copy(rows[k], p.Init)
		if k > 0 {
			noise.AddNormal(rows[k], spread, seed, 0, uint32(k))
		}
	})
}

// newRows makes n vectors of dimension dim.
func newRows(n, dim int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, dim)
	}
	return rows
}
