package swarm

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// A flight is what moves a particle, and where it comes to.
type flight struct {
	x, v, p, l, next []float64
	alone            bool // it knows no better point than its own
}

// flights are those of a run on Rosenbrock's function.
func flights(t *testing.T, config string, n, steps int) (all []flight) {
	t.Helper()
	f := opttest.NewFunction("rosenbrock", n)
	o := newOptimizer(t, PSO, config, optimizers.Problem{Init: make([]float64, n), Seed: 3}).(*pso)
	loss := func(_ int, w []float64) float64 { return f.Loss(w, nil) }
	step(t, o, loss)
	for range steps {
		now := make([]flight, len(o.x))
		for k := range now {
			now[k] = flight{x: slices.Clone(o.x[k]), v: slices.Clone(o.v[k]), p: slices.Clone(o.rows[k])}
		}
		best := make([][]float64, len(o.rows))
		for k := range best {
			best[k] = slices.Clone(o.rows[k])
		}
		next, _ := step(t, o, loss)
		for k := range now {
			now[k].l, now[k].next, now[k].alone = best[o.known[k]], next[k], o.known[k] == k
		}
		all = append(all, now...)
	}
	return all
}

// The point x' = next - w v is in the ball around G through x, at a distance that
// is uniform and in a direction that is: each of its coordinates has the mean 0
// and the variance 1/n, and no two are correlated.
func TestNextPointIsFromTheBall(t *testing.T) {
	const n = 4
	w, c := 1/(2*math.Ln2), 0.5+math.Ln2
	all := flights(t, "", n, 100)
	var parts []float64
	var means, squares [n]float64
	product, alone := 0.0, 0
	for _, f := range all {
		var d [n]float64
		radius, distance := 0.0, 0.0
		for i := range d {
			g := f.x[i] + c/3*(f.p[i]+f.l[i]-2*f.x[i])
			if f.alone {
				g = f.x[i] + c/2*(f.p[i]-f.x[i])
			}
			radius += (g - f.x[i]) * (g - f.x[i])
			d[i] = f.next[i] - w*f.v[i] - g
			distance += d[i] * d[i]
		}
		if f.alone {
			alone++
		}
		if radius == 0 {
			if distance > 1e-20 {
				t.Fatalf("a particle in its center of gravity moves by %v", math.Sqrt(distance))
			}
			continue
		}
		parts = append(parts, math.Sqrt(distance/radius))
		for i, x := range d {
			x /= math.Sqrt(distance)
			means[i] += x
			squares[i] += x * x
		}
		product += d[0] * d[1] / distance
	}
	if alone == 0 || alone == len(all) {
		t.Fatalf("%d of %d particles know no better point, want some", alone, len(all))
	}
	count := float64(len(parts))
	slices.Sort(parts)
	worst := 0.0
	for k, u := range parts {
		worst = max(worst, math.Abs(u-(float64(k)+0.5)/count))
	}
	if limit := 1.95 / math.Sqrt(count); worst > limit || parts[len(parts)-1] > 1+1e-9 {
		t.Errorf("distances from the center are up to %v from uniform, want %v (Kolmogorov-Smirnov, 1 in 1,000); the largest is %v", worst, limit, parts[len(parts)-1])
	}
	for i := range n {
		if got, tol := means[i]/count, 5/math.Sqrt(n*count); math.Abs(got) > tol {
			t.Errorf("mean of coordinate %d of the direction = %v, want 0 within %v", i, got, tol)
		}
		variance := 3./(n*(n+2)) - 1./(n*n) // of the square
		if got, tol := squares[i]/count, 5*math.Sqrt(variance/count); math.Abs(got-1./n) > tol {
			t.Errorf("mean square of coordinate %d of the direction = %v, want %v within %v", i, got, 1./n, tol)
		}
	}
	if got, tol := product/count, 5*math.Sqrt(1/(n*(n+2)*count)); math.Abs(got) > tol {
		t.Errorf("mean product of two coordinates = %v, want 0 within %v", got, tol)
	}
}

// With constriction each coordinate is drawn alone: next - x - chi v is the sum of
// two uniform parts of c times the ways to the two best points.
func TestConstrictionDrawsEachCoordinate(t *testing.T) {
	const chi, c = 0.7298, 1.49618
	var count, mean, squares float64
	for _, f := range flights(t, constriction, 4, 100) {
		for i := range f.x {
			own, told := c*(f.p[i]-f.x[i]), c*(f.l[i]-f.x[i])
			scale := math.Sqrt((own*own + told*told) / 12)
			if scale < 1e-9 {
				continue
			}
			d := f.next[i] - f.x[i] - chi*f.v[i]
			low, high := min(own, 0)+min(told, 0), max(own, 0)+max(told, 0)
			if d < low-1e-9 || d > high+1e-9 {
				t.Fatalf("pull of %v, want it from %v to %v", d, low, high)
			}
			u := (d - (own+told)/2) / scale
			count++
			mean += u
			squares += u * u
		}
	}
	if got, tol := mean/count, 5/math.Sqrt(count); math.Abs(got) > tol {
		t.Errorf("mean of the normalized pulls = %v, want 0 within %v", got, tol)
	}
	if got, tol := squares/count, 5/math.Sqrt(count); math.Abs(got-1) > tol { // a kurtosis below the normal's
		t.Errorf("variance of the normalized pulls = %v, want 1 within %v", got, tol)
	}
}

// The best particle tells K others, itself perhaps among them: of S particles
// S (1 - (1 - 1/S)^K) know it, and it itself. Neighbours are kept while the best
// improves, and drawn again when it has not.
func TestParticlesInformK(t *testing.T) {
	const size, k, steps = 10, 3, 4000
	o := newOptimizer(t, PSO, `{"particles": 10}`, optimizers.Problem{Init: []float64{1, 1}, Seed: 3}).(*pso)
	loss := 0.0
	step(t, o, func(k int, _ []float64) float64 { return float64(k) }) // the first is the best
	know := 0.0
	for s := range steps {
		before := o.linked
		// None is better than its own best point, and so neither is the best.
		step(t, o, func(int, []float64) float64 { return 1000 })
		if o.linked == before {
			t.Fatalf("step %d: the neighbours stay though nothing has improved", s)
		}
		if o.known[0] != 0 {
			t.Fatalf("step %d: the best follows %d", s, o.known[0])
		}
		for i, to := range o.known[1:] {
			if to == 0 {
				know++
			}
			if o.losses[to] > o.losses[i+1] {
				t.Fatalf("step %d: particle %d follows %d, which is worse", s, i+1, to)
			}
		}
	}
	p := 1 - math.Pow(1-1./size, k)
	if got, tol := know/(steps*(size-1)), 5*math.Sqrt(p*(1-p)/(steps*(size-1))); math.Abs(got-p) > tol {
		t.Errorf("share of particles that the best informs = %v, want %v within %v", got, p, tol)
	}
	for range 10 {
		before := o.linked
		loss--
		step(t, o, func(int, []float64) float64 { return loss })
		if o.linked != before {
			t.Fatal("the neighbours change though the best has improved")
		}
	}
}

// SPSO-2011 has no axes: with the swarm and the function turned alike, it takes as
// long as before. The turn is that of Sylvester's matrix over sqrt 8, its own
// inverse, and takes each axis to a diagonal. With constriction the axes help: it
// takes more than twice as long, where it comes there at all.
func TestBallHasNoAxes(t *testing.T) {
	const n, runs, limit, target = 8, 60, 20_000, 3000
	f := opttest.NewFunction("ellipsoid", n)
	turn := func(w []float64) []float64 {
		turned := make([]float64, n)
		for i := range turned {
			for j, x := range w {
				turned[i] += x * float64(1-2*(bits.OnesCount(uint(i&j))%2)) / math.Sqrt(n)
			}
		}
		return turned
	}
	median := func(config string, turned bool) float64 {
		var counts []float64
		for seed := range uint64(runs) {
			o := newOptimizer(t, PSO, config, optimizers.Problem{Init: make([]float64, n), Seed: seed}).(*pso)
			loss := func(_ int, w []float64) float64 { return f.Loss(w, nil) }
			if turned {
				for k := range o.x {
					o.x[k], o.v[k], o.rows[k] = turn(o.x[k]), turn(o.v[k]), turn(o.rows[k])
				}
				loss = func(_ int, w []float64) float64 { return f.Loss(turn(w), nil) }
			}
			used := 0
			for low := math.Inf(1); low >= target && used < limit; {
				_, losses := step(t, o, loss)
				low = slices.Min(losses)
				used += len(losses)
			}
			counts = append(counts, float64(used))
		}
		slices.Sort(counts)
		return counts[runs/2]
	}
	if plain, turned := median("", false), median("", true); !within(turned, plain, 0.25) {
		t.Errorf("spso-2011: %v evaluations with the axes and %v turned, want as many", plain, turned)
	} else {
		t.Logf("spso-2011: %v evaluations with the axes and %v turned", plain, turned)
	}
	if plain, turned := median(constriction, false), median(constriction, true); !(turned > 2*plain) {
		t.Errorf("constriction: %v evaluations with the axes and %v turned, want more than twice as many", plain, turned)
	}
}
