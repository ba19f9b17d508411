package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/data"
	"github.com/joust-bench/joust/network"
	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

type poleConfig struct {
	Poles  int     `json:"poles" doc:"on the cart: one of 1 m, or with it one of 0.1 m" range:"[1,2]"`
	Limit  int     `json:"limit" doc:"steps of 0.02 s to balance for" range:"[10,100000]" scale:"log"`
	Starts int     `json:"starts" doc:"states that every evaluation balances from" range:"[1,1000]" scale:"log"`
	Spread float64 `json:"spread" doc:"how far states are from rest in the middle: 1 is 2.16 m, 1.35 m/s, 3.6 degrees and 8.6 degrees a second, uniformly" range:"[0,1]"`
	Fresh  int     `json:"fresh" doc:"states to validate on, and as many to test on" range:"[1,1e4]" scale:"log"`
	Goal   float64 `json:"goal" doc:"share of episodes balanced to the limit that counts as solved; 0: none" range:"[0,1]"`
}

// pole is a task without a gradient: the loss is the share of the steps after which the
// cart had failed.
func pole() bench.Task {
	defaults := poleConfig{Poles: 1, Limit: 1000, Starts: 4, Spread: 0.5, Fresh: 20, Goal: 0.9}
	return bench.Task{
		Name:    "pole-balancing",
		Summary: "push a cart so that its pole, or two of them, does not fall, knowing the state; there is no gradient, and without a force no episode is balanced",
		Refs: []string{
			"Barto, Sutton & Anderson 1983, Neuronlike adaptive elements that can solve difficult learning control problems, doi:10.1109/TSMC.1983.6313077",
			"Wieland 1991, Evolving neural network controllers for unstable systems, IJCNN",
			"Gomez & Miikkulainen 1999, Solving non-Markovian control tasks with neuroevolution, IJCAI",
		},
		Goal:   "90 % of episodes from fresh states balanced for 1000 steps",
		Params: optimizers.Params(defaults),
		New: func(config json.RawMessage, s bench.Setup) (bench.Objective, error) {
			c, err := optimizers.Configure(defaults, config)
			if err != nil {
				return nil, fmt.Errorf("pole-balancing: %w", err)
			}
			o, err := c.pose(s)
			if err != nil {
				return nil, fmt.Errorf("pole-balancing: %w", err)
			}
			return o, nil
		},
	}
}

// pose wires a network from the state to the force.
func (c poleConfig) pose(s bench.Setup) (bench.Objective, error) {
	specs, err := s.Layers(network.Shape{data.CartValues(c.Poles)}, network.Shape{1})
	if err != nil {
		return nil, err
	}
	switch s.Precision {
	case "float64":
		return newBalancing[float64](c, s, specs)
	case "float32":
		return newBalancing[float32](c, s, specs)
	}
	return nil, fmt.Errorf("precision %q, want float64 or float32", s.Precision)
}

func newBalancing[T network.Float](c poleConfig, s bench.Setup, specs network.Specs) (*balancing[T], error) {
	net, err := network.New[T](network.Shape{data.CartValues(c.Poles)}, specs...)
	switch {
	case err != nil:
		return nil, err
	case net.Out().Len() != 1:
		return nil, fmt.Errorf("the network's output has shape %v, want (1)", net.Out())
	case net.Dim() == 0:
		return nil, errors.New("the network has no weights to train")
	case net.BatchStatistics():
		return nil, bench.Unsuited("it normalises over a minibatch, and a cart is alone")
	}
	seed := bench.Stream(s.Seed, bench.StreamData)
	starts := func(n int, which uint64) []float64 {
		return data.CartStarts(n, c.Poles, c.Spread, stream(seed, which))
	}
	o := &balancing[T]{
		config: c, seed: s.Seed, net: net, parallel: optimizers.Problem{Threads: s.Threads},
		train: starts(c.Starts, streamTrain), valid: starts(c.Fresh, streamValid), test: starts(c.Fresh, streamTest),
	}
	for range max(1, s.Threads) {
		o.pilots = append(o.pilots, newPilot(net.Clone(), c))
	}
	o.free = make(chan *pilot[T], len(o.pilots))
	for _, p := range o.pilots {
		o.free <- p
	}
	o.evaluate = o.evaluateOne
	return o, nil
}

// balancing is a [bench.Objective]: episodes from fixed states, by every candidate. A
// minibatch is all of them, whatever size is asked for, and an example is a step of
// one: what an evaluation costs is how many steps were simulated.
type balancing[T network.Float] struct {
	config             poleConfig
	seed               uint64
	net                *network.Network[T]
	train, valid, test []float64 // states
	parallel           optimizers.Problem
	pilots             []*pilot[T]
	free               chan *pilot[T] // those that nobody uses

	// Of the current evaluation.
	evaluate   func(i int)
	candidates [][]float64
	evals      []optimizers.Evaluation
	steps      []int // simulated, by candidate
}

func (o *balancing[T]) Goal() bench.Goal {
	return towards(bench.Metric{Name: "balanced", Higher: true}, o.config.Goal)
}

func (o *balancing[T]) Init() []float64 {
	return o.net.Init(rand.New(rand.NewPCG(bench.Stream(o.seed, bench.StreamInit), 0)))
}

func (o *balancing[T]) Blocks() []optimizers.Block {
	var blocks []optimizers.Block
	for _, b := range o.net.Blocks() {
		blocks = append(blocks, optimizers.Block(b))
	}
	return blocks
}

// Examples is the steps of all episodes, if none fails.
func (o *balancing[T]) Examples() int { return o.config.Starts * o.config.Limit }

// Batch is all of them.
func (o *balancing[T]) Batch() int { return o.Examples() }

// HasGrad says that there is none.
func (o *balancing[T]) HasGrad() (bool, string) {
	return false, "when a pole falls is a step function of the weights"
}

// Probe measures nothing.
func (o *balancing[T]) Probe([]float64) []probe.Layer { return nil }

// Evaluate is a candidate after another, each on one core.
func (o *balancing[T]) Evaluate(_ optimizers.Need, candidates [][]float64, _ int, evals []optimizers.Evaluation) {
	o.candidates, o.evals = candidates, evals
	o.steps = slices.Grow(o.steps[:0], len(candidates))[:len(candidates)]
	o.parallel.Parallel(len(candidates), o.evaluate)
	o.candidates, o.evals = nil, nil // they are the caller's
}

func (o *balancing[T]) evaluateOne(i int) {
	p := <-o.free
	steps, _ := p.balance(o.candidates[i], o.train)
	o.free <- p
	o.evals[i].Loss = o.loss(steps, o.config.Starts)
	o.steps[i] = steps
}

// loss is the share of the steps of so many episodes that were not balanced.
func (o *balancing[T]) loss(steps, episodes int) float64 {
	return 1 - float64(steps)/float64(episodes*o.config.Limit)
}

// Spent implements [bench.Metered].
func (o *balancing[T]) Spent() bench.Work {
	var w bench.Work
	for _, n := range o.steps {
		w.Forward += int64(n)
	}
	return w
}

func (o *balancing[T]) split(s bench.Split) []float64 {
	if s == bench.Valid {
		return o.valid
	}
	return o.test
}

// Score is the loss, and the share of episodes balanced to the limit.
func (o *balancing[T]) Score(w []float64, s bench.Split) bench.Score {
	return o.score(o.pilots[0].balance(w, o.split(s)))
}

func (o *balancing[T]) score(steps, balanced int) bench.Score {
	return bench.Score{Loss: o.loss(steps, o.config.Fresh), Value: float64(balanced) / float64(o.config.Fresh)}
}

// ScoreWork is what it costs if no episode fails.
func (o *balancing[T]) ScoreWork(bench.Split) (part, calibration bench.Work) {
	return bench.Work{Forward: int64(o.config.Fresh * o.config.Limit)}, bench.Work{}
}

// Constant is no force at all: a cart that is always pushed leaves its track.
func (o *balancing[T]) Constant() bench.Score {
	return o.score(o.pilots[0].balance(nil, o.test))
}

// A pilot steers carts with a network.
type pilot[T network.Float] struct {
	net     *network.Network[T]
	limit   int
	carts   *data.Carts
	scales  []float64
	w       []T
	inputs  network.Tensor[T]
	outputs []float64
}

func newPilot[T network.Float](net *network.Network[T], c poleConfig) *pilot[T] {
	room := max(c.Starts, c.Fresh)
	return &pilot[T]{
		net: net, limit: c.Limit, carts: data.NewCarts(room, c.Poles), scales: data.CartScales(c.Poles),
		inputs: network.NewTensor[T](net.In(), room), outputs: make([]float64, room),
	}
}

// balance balances from each of states, one beside the other, with weights w, or with no
// force if they are nil. It returns the steps that were balanced, in all, and the number
// of episodes that were to the limit.
func (p *pilot[T]) balance(w []float64, states []float64) (steps, balanced int) {
	p.w = slices.Grow(p.w[:0], len(w))[:len(w)]
	kernel.Narrow(p.w, w)
	p.carts.Reset(states)
	for t := 0; t < p.limit && p.carts.N > 0; t++ {
		steps += p.carts.N
		p.steer(w != nil)
		p.carts.Step(p.outputs[:p.carts.N])
		for i := p.carts.N - 1; i >= 0; i-- {
			if p.carts.Failed(i) {
				p.carts.Remove(i)
			}
		}
	}
	return steps, p.carts.N
}

// steer computes the force on every cart, tanh of the network's output.
func (p *pilot[T]) steer(on bool) {
	n := p.carts.N
	push := p.outputs[:n]
	clear(push)
	if !on {
		return
	}
	p.inputs.N = n
	for v, scale := range p.scales {
		row := p.inputs.Row(v)
		for i, x := range p.carts.State[v*p.carts.Stride:][:n] {
			row[i] = T(x / scale)
		}
	}
	z := p.net.Forward(network.Pass{Mode: network.Infer}, p.w, p.inputs)
	kernel.Widen(push, z.Data)
	kernel.Tanh(push, push)
}
