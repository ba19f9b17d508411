package swarm

import (
	"iter"
	"math"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/noise"
)

// PSOConfig configures [PSO]. The names in parentheses are the papers'.
type PSOConfig struct {
	Particles  int     `json:"particles" doc:"size of the swarm (S)" range:"[2,100000]" scale:"log"`
	Variant    string  `json:"variant" doc:"spso-2011: the next point is drawn from a ball, whatever the axes are; constriction: each coordinate is drawn alone" choices:"spso-2011,constriction"`
	Informed   int     `json:"informed" doc:"particles that each one tells its best point, drawn at random (K)" range:"[1,1000]" scale:"log"`
	Inertia    float64 `json:"inertia" doc:"part of the velocity that is kept (w, chi)" range:"[0,1)"`
	Pull       float64 `json:"pull" doc:"towards the own best point, and towards the best that it was told of (c)" range:"(0,4]"`
	Radius     float64 `json:"radius" doc:"how far around the starting weights the first particles are drawn" range:"(0,1e6]" scale:"log"`
	Reevaluate bool    `json:"reevaluate" doc:"evaluate the best point of each particle again with its new one, for losses on minibatches"`
}

// PSO is particle swarm optimization, the standard of 2011 (Clerc 2012;
// Zambrano-Bigiarini, Clerc & Rojas 2013). A particle keeps part of its
// velocity and jumps to a random point of a ball, whose center lies between
// where it is, its best point p, and the best l that it was told of:
//
//	G = x + c ((p - x) + (l - x))/3, or x + c (p - x)/2 if it knows none better
//	v <- w v + x' - x,  x' from the ball around G through x
//	x <- x + v
//
// Its distance from G is uniform, and so is its direction. The ball makes the
// search the same in any orthogonal basis, where earlier standards favour the
// axes: variant "constriction" is one of these (Clerc & Kennedy 2002), with
// 0.7298 for inertia and 1.49618 for pull, and the same neighbours. Each particle
// tells its best point to K others, which are drawn again whenever the best of
// all has not improved.
//
// There are no bounds; the cube is where the swarm starts, with velocities that
// would stay within it. Best points keep their losses, as in the paper; the
// definition asks for the whole of the training data at each step, and reevaluate
// is for when that is too much, at twice the evaluations. Losses are only compared.
//
// It is made for up to some hundreds of weights, and a wide region to be searched.
// On Rosenbrock's function of dimension 10, 10,000 evaluations bring it under a
// tenth of what as many guesses of random search reach.
var PSO = optimizers.Define(optimizers.Definition{
	Name:    "pso",
	Summary: "Particle swarm (SPSO-2011): particles fly around the best points that they know.",
	Refs: []string{
		"Kennedy & Eberhart 1995, doi:10.1109/ICNN.1995.488968",
		"Clerc & Kennedy 2002, doi:10.1109/4235.985692",
		"Clerc 2012, Standard Particle Swarm Optimisation, hal-00764996",
		"Zambrano-Bigiarini, Clerc & Rojas 2013, doi:10.1109/CEC.2013.6557848",
	},
	FullBatch: true,
	Memory:    func(dim int) int64 { return 4 * 40 * 8 * int64(dim) },
}, PSOConfig{
	Particles: 40, Variant: "spso-2011", Informed: 3,
	Inertia: 0.7213475204444817, // 1/(2 ln 2)
	Pull:    1.1931471805599454, // 1/2 + ln 2
	Radius:  5,
}, newPSO)

type pso struct {
	population // the best points
	cfg        PSOConfig
	generation uint64
	linked     uint64      // the generation in which neighbours were drawn
	x, v       [][]float64 // of each particle
	next       [][]float64 // x of the next generation
	known      []int       // whose best point each particle follows
	asked      [][]float64 // x, and with reevaluate the best points
	src        noise.Source
	fly        func(k int) // made once
}

func newPSO(cfg PSOConfig, p optimizers.Problem) (*pso, error) {
	n, dim := cfg.Particles, len(p.Init)
	o := &pso{
		population: newPopulation(matrix(n, dim), cfg.Radius, p), cfg: cfg,
		v:     matrix(n, dim),
		known: make([]int, n), asked: make([][]float64, 0, 2*n),
	}
	if cfg.Reevaluate { // then x and the best points are asked about, which change places
		o.x, o.next = matrix(n, dim), matrix(n, dim)
	} else {
		_, o.x = p.Candidates(n)
		_, o.next = p.Candidates(n)
	}
	seed := noise.Mix(p.Seed, streamSpeed)
	p.Parallel(n, func(k int) {
		copy(o.x[k], o.rows[k])
		// To a random point of the cube (Clerc 2012, eq. 3.3).
		noise.Uniform(o.v[k], seed, 0, uint32(k))
		for i, u := range o.v[k] {
			o.v[k][i] = math.FMA(cfg.Radius, 2*u-1, p.Init[i]-o.x[k][i])
		}
	})
	o.fly = o.jump
	if cfg.Variant == "constriction" {
		o.fly = o.pull
	}
	return o, nil
}

func (o *pso) Ask() ([][]float64, error) {
	if o.generation > 0 {
		o.inform()
		o.p.Parallel(len(o.x), o.fly)
		o.x, o.next = o.next, o.x
	}
	o.asked = append(o.asked[:0], o.x...)
	if o.cfg.Reevaluate && o.generation > 0 {
		o.asked = append(o.asked, o.rows...)
	}
	return o.asked, nil
}

// inform tells the best points to the neighbours, the particle itself among
// them.
func (o *pso) inform() {
	for k := range o.known {
		o.known[k] = k
	}
	start(&o.src, o.p.Seed, streamChoice, o.linked)
	for k := range o.known {
		for range o.cfg.Informed {
			if to := below(&o.src, len(o.known)); o.losses[k] < o.losses[o.known[to]] {
				o.known[to] = k
			}
		}
	}
}

// jump is the move of SPSO-2011 (Zambrano-Bigiarini et al. 2013, eq. 5 to 9).
func (o *pso) jump(k int) {
	x, v, p, l, next := o.x[k], o.v[k], o.rows[k], o.rows[o.known[k]], o.next[k]
	seed := noise.Mix(o.p.Seed, streamPull)
	noise.Normal(next, seed, o.generation, uint32(k))
	var u [1]float64
	noise.Uniform(u[:], noise.Mix(o.p.Seed, streamRate), o.generation, uint32(k))

	share, pulls := o.cfg.Pull/3, 1.0
	if o.known[k] == k {
		share, pulls = o.cfg.Pull/2, 0
	}
	radius, length := 0.0, 0.0
	for i, z := range next {
		d := share * (p[i] - x[i] + float64(pulls*(l[i]-x[i])))
		radius = math.FMA(d, d, radius)
		length = math.FMA(z, z, length)
	}
	scale := 0.0
	if length > 0 {
		scale = u[0] * math.Sqrt(radius) / math.Sqrt(length)
	}
	for i, z := range next {
		d := share * (p[i] - x[i] + float64(pulls*(l[i]-x[i])))
		o.move(k, i, math.FMA(o.cfg.Inertia, v[i], math.FMA(scale, z, d)))
	}
}

// pull is the move with constriction (Clerc & Kennedy 2002, type 1").
func (o *pso) pull(k int) {
	x, v, p, l, u := o.x[k], o.v[k], o.rows[k], o.rows[o.known[k]], o.next[k]
	for i := range v {
		v[i] *= o.cfg.Inertia
	}
	for row, to := range [2][]float64{p, l} {
		noise.Uniform(u, noise.Mix(o.p.Seed, streamPull, uint64(row)), o.generation, uint32(k))
		for i, u := range u {
			v[i] = math.FMA(o.cfg.Pull*u, to[i]-x[i], v[i])
		}
	}
	for i, v := range v {
		o.move(k, i, v)
	}
}

// move lets particle k move by v along a coordinate, or rest where that is out of
// the range of the finite numbers.
func (o *pso) move(k, i int, v float64) {
	x := o.x[k][i]
	next := x + v
	if !(math.Abs(next) <= math.MaxFloat64) {
		next, v = x, 0
	}
	o.next[k][i], o.v[k][i] = next, v
}

func (o *pso) Tell(evals []optimizers.Evaluation) error {
	before := math.Inf(1)
	if o.generation > 0 {
		if o.cfg.Reevaluate {
			for k := range o.rows {
				o.losses[k] = evals[len(o.rows)+k].Loss
			}
			o.rank()
		}
		before = o.losses[o.order[0]]
	}
	for k, x := range o.x {
		if loss := evals[k].Loss; o.generation == 0 || loss < o.losses[k] {
			copy(o.rows[k], x)
			o.losses[k] = loss
		}
	}
	o.rank()
	o.generation++
	if !(o.losses[o.order[0]] < before) {
		o.linked = o.generation
	}
	return nil
}

// Diagnostics reports the best and the median loss of the best points.
func (o *pso) Diagnostics() iter.Seq2[string, float64] { return o.diagnostics }

func (o *pso) state() []any {
	fields := append([]any{&o.generation, &o.linked}, o.population.state()...)
	for k := range o.x {
		fields = append(fields, o.x[k], o.v[k])
	}
	return fields
}

func (o *pso) MarshalBinary() ([]byte, error) { return optimizers.SaveState("pso/1", o.state()...) }

func (o *pso) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("pso/1", data, o.state()...); err != nil {
		return err
	}
	o.restored(len(o.rows), o.generation > 0)
	return nil
}
