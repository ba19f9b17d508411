package genetic

import (
	"math"
	"testing"

	"github.com/MaxHalford/eaopt"
)

// population is n individuals, sorted, with their place as fitness, of a herd
// that awaits their offspring.
func population(n int) eaopt.Individuals {
	h := newHerd(n, 1, nil)
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
	var counts [n][n]float64
	for range trials {
		indis[0].Genome.(*genome).herd.used = 0
		parents, places, err := (tournament{k}).Apply(2, indis, rng)
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
	_, places, err := (tournament{4}).Apply(5, population(5), newRand())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, p := range places {
		seen[p] = true
	}
	if len(seen) != 5 {
		t.Errorf("places %v, want each of 5 once", places)
	}
	if _, _, err := (tournament{4}).Apply(6, population(5), newRand()); err == nil {
		t.Error("selected 6 of 5, want an error")
	}
	if (tournament{}).Validate() == nil {
		t.Error("a tournament without contestants is valid, want an error")
	}
}
