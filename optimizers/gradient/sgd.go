package gradient

import (
	"slices"

	"github.com/joust-bench/joust/network/kernel"
	"github.com/joust-bench/joust/optimizers"
)

// SGDConfig configures [SGD], [Momentum] and [Nesterov].
type SGDConfig struct {
	LR       float64 `json:"lr" doc:"learning rate" range:"(0,100]" scale:"log"`
	Momentum float64 `json:"momentum" doc:"part of the last step that is kept in the next" range:"[0,1)"`
	Nesterov bool    `json:"nesterov" doc:"take the gradient where the momentum leads, not where it starts"`
	Transforms
}

// SGD is gradient descent on minibatches, with or without momentum. Its step is
// the gradient times the learning rate, so it shows the vanishing gradient as
// it is.
//
// With momentum m, learning rate lr and the gradient g, the velocity is V <- m
// V - lr g and the step is w <- w + V (Polyak 1964). Nesterov's variant, as
// Sutskever et al. 2013 write it (eq. 3 and 4), takes g at w + m V: Ask then
// returns that point, and Recommend returns w.
//
// It is made for smooth losses that are curved about alike in all directions, as
// those of shallow networks are: it beats random search on the sphere in 20
// dimensions, at equal work.
var SGD = optimizers.Define(optimizers.Definition{
	Name:    "sgd",
	Summary: "Gradient descent on minibatches, with momentum, Nesterov's variant and learning-rate schedules.",
	Refs:    sgdRefs,
	Need:    optimizers.NeedGrad,
	Memory:  numbers(2),
}, SGDConfig{LR: 0.1, Transforms: plain()}, newSGD)

// Momentum is [SGD] with a momentum of 0.9 and a tenth of its learning rate,
// which ten steps add up to. It is made for what SGD is made for, with valleys,
// and beats random search where SGD does.
var Momentum = optimizers.Define(optimizers.Definition{
	Name:    "momentum",
	Summary: "Gradient descent that keeps nine tenths of its last step: SGD with momentum.",
	Refs:    sgdRefs,
	Need:    optimizers.NeedGrad,
	Memory:  numbers(3),
}, SGDConfig{LR: 0.01, Momentum: 0.9, Transforms: plain()}, newSGD)

// Nesterov is [Momentum] with the gradient taken where the momentum leads: it
// brakes before it has overshot. It is made for what Momentum is made for, and
// beats random search there.
var Nesterov = optimizers.Define(optimizers.Definition{
	Name:    "nesterov",
	Summary: "Gradient descent with momentum that looks ahead: SGD with Nesterov's momentum.",
	Refs:    sgdRefs,
	Need:    optimizers.NeedGrad,
	Memory:  numbers(4),
}, SGDConfig{LR: 0.01, Momentum: 0.9, Nesterov: true, Transforms: plain()}, newSGD)

var sgdRefs = []string{
	"Robbins & Monro 1951, doi:10.1214/aoms/1177729586",
	"Polyak 1964, doi:10.1016/0041-5553(64)90137-5",
	"Nesterov 1983, A method for solving a convex programming problem with convergence rate O(1/k^2), Soviet Mathematics Doklady 27:372-376",
	"Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning, ICML, PMLR 28(3):1139-1147",
	"Loshchilov & Hutter 2017, arXiv:1608.03983",
	"Goyal et al. 2017, arXiv:1706.02677",
	"Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063",
	"Neelakantan et al. 2015, arXiv:1511.06807",
}

// numbers is the memory of n numbers for each weight.
func numbers(n int64) func(dim int) int64 {
	return func(dim int) int64 { return n * 8 * int64(dim) }
}

type sgd struct {
	momentum float64
	rate     float64
	v        []float64 // the velocity, V; nil without momentum
	ahead    []float64 // Nesterov's w + m V; else nil
}

func newSGD(cfg SGDConfig, p optimizers.Problem) (*descent, error) {
	s := &sgd{momentum: cfg.Momentum}
	if cfg.Momentum > 0 {
		s.v = make([]float64, len(p.Init))
		if cfg.Nesterov {
			s.ahead = slices.Clone(p.Init)
		}
	}
	d, err := newDescent("sgd/2", cfg.Transforms, cfg.LR, p, s)
	if err != nil {
		return nil, err
	}
	d.ahead = s.ahead
	return d, nil
}

func (s *sgd) begin(rate float64) { s.rate = rate }

func (s *sgd) move(next, w, g []float64, off int) bool {
	if s.v == nil {
		kernel.Sum2(next, w, g, -s.rate)
		return finite(next)
	}
	v := s.v[off:][:len(w)]
	kernel.Scale(v, s.momentum)
	kernel.Axpy(v, -s.rate, g)
	kernel.Sum2(next, w, v, 1)
	if s.ahead == nil {
		return finite(next)
	}
	ahead := s.ahead[off:][:len(w)]
	kernel.Sum2(ahead, next, v, s.momentum)
	return finite(next) && finite(ahead)
}

func (s *sgd) state() []any { return []any{s.v, s.ahead} }
