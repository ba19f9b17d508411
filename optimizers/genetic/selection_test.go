package genetic

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/MaxHalford/eaopt"

	"github.com/joust-bench/joust/optimizers/noise"
)

func newRand() *rand.Rand { return rand.New(noise.NewSource(1, 2)) }

// population is n individuals, sorted, with their place as fitness, of a herd
// that awaits their offspring.
func population(n int) eaopt.Individuals {
	h := newHerd(n, 1)
	indis := make(eaopt.Individuals, n)
	for i := range indis {
		indis[i] = eaopt.Individual{Genome: h.next(), Fitness: float64(i), Evaluated: true}
	}
	h.turn()
	return indis
}

// The best of k contestants of n is at place i with probability
// ((n-i)^k - (n-i-1)^k) / n^k; the second winner is that of the n-1 who are left.
func TestTournamentFollowsItsDistribution(t *testing.T) {
	const n, k, trials = 7, 3, 20_000
	p := func(i, n int) float64 {
		if i < 0 || i >= n {
			return 0
		}
		return (math.Pow(float64(n-i), k) - math.Pow(float64(n-i-1), k)) / math.Pow(float64(n), k)
	}
	indis := population(n)
	rng := newRand()
	s := &tournament{contestants: k}
	s.weigh(make([]float64, n))
	var counts [n][n]float64
	for range trials {
		indis[0].Genome.(*genome).herd.used = 0
		parents, places, err := s.Apply(2, indis, rng)
		if err != nil {
			t.Fatal(err)
		}
		if parents[0].Fitness != float64(places[0]) || parents[1].Fitness != float64(places[1]) {
			t.Fatalf("parents of fitness %v and %v for places %v", parents[0].Fitness, parents[1].Fitness, places)
		}
		if parents[0].Genome == indis[places[0]].Genome {
			t.Fatal("the parent is not a copy")
		}
		counts[places[0]][places[1]]++
	}
	for i := range n {
		for j := range n {
			left := j // the place of j among those that are left
			if j > i {
				left--
			}
			want := p(i, n) * p(left, n-1)
			if j == i {
				want = 0
			}
			tol := 5 * math.Sqrt(want*(1-want)/trials)
			if got := counts[i][j] / trials; math.Abs(got-want) > tol {
				t.Errorf("places %d and %d win with frequency %v, want %v within %v", i, j, got, want, tol)
			}
		}
	}
}

func TestTournamentOfAllSelectsEveryone(t *testing.T) {
	s := &tournament{contestants: 4}
	s.weigh(make([]float64, 5))
	_, places, err := s.Apply(5, population(5), newRand())
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(places); !slices.Equal(places, []int{0, 1, 2, 3, 4}) {
		t.Errorf("places %v, want each of 5 once", places)
	}
	if _, _, err := s.Apply(6, population(5), newRand()); err == nil {
		t.Error("selected 6 of 5, want an error")
	}
	if (&tournament{}).Validate() == nil {
		t.Error("a tournament without contestants is valid, want an error")
	}
}

// Losses 1, 2, 4 and 5 have shares of 4, 3, 1 and 0; the second winner is drawn by
// the shares of those who are left.
func TestRouletteFollowsItsDistribution(t *testing.T) {
	const trials = 20_000
	s := new(roulette)
	s.weigh([]float64{1, 2, 4, 5, math.Inf(1)})
	shares := []float64{4. / 8, 3. / 8, 1. / 8, 0, 0}
	var counts [5][5]float64
	rng := newRand()
	for range trials {
		var places [2]int
		s.pick(places[:], rng)
		counts[places[0]][places[1]]++
	}
	for i, p := range shares {
		for j, q := range shares {
			want := p * q / (1 - p)
			if i == j {
				want = 0
			}
			tol := 5 * math.Sqrt(want*(1-want)/trials)
			if got := counts[i][j] / trials; math.Abs(got-want) > tol {
				t.Errorf("places %d and %d win with frequency %v, want %v within %v", i, j, got, want, tol)
			}
		}
	}
}

// Shares are of the differences, whatever the losses are.
func TestRouletteOfExtremeLosses(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ losses, want []float64 }{
		{[]float64{-1.5e308, 0, 1.5e308}, []float64{1, 0.5, 0}},
		{[]float64{3, 3, inf}, []float64{1, 1, 0}},
		{[]float64{inf, inf}, []float64{1, 1}},
		{[]float64{7, inf, inf}, []float64{1, 0, 0}},
	} {
		s := new(roulette)
		s.weigh(c.losses)
		if !slices.Equal(s.shares, c.want) {
			t.Errorf("shares of losses %v are %v, want %v", c.losses, s.shares, c.want)
		}
		// Also where too few have a share, the parents are two.
		for range 100 {
			var places [2]int
			if s.pick(places[:], newRand()); places[0] == places[1] || max(places[0], places[1]) >= len(c.losses) {
				t.Errorf("losses %v: places %v, want two", c.losses, places)
			}
		}
	}
}

func TestRankIsStable(t *testing.T) {
	order := make([]int, 5)
	rank(order, []float64{2, math.Inf(1), 1, 2, -math.MaxFloat64})
	if want := []int{4, 2, 0, 3, 1}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}
