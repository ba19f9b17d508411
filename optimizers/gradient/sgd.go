package gradient

import (
	"iter"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers"
)

// SGDConfig configures [SGD].
type SGDConfig struct {
	LR       float64 `json:"lr" doc:"learning rate" range:"(0,100]" scale:"log"`
	Momentum float64 `json:"momentum" doc:"part of the last step that is kept in the next" range:"[0,1)"`
	Nesterov bool    `json:"nesterov" doc:"take the gradient where the momentum leads, not where it starts"`
	Schedule string  `json:"schedule" doc:"how the learning rate changes over the budget" choices:"constant,step,cosine"`
	Decay    float64 `json:"decay" doc:"schedule step: factor of the learning rate at each drop" range:"(0,1]" scale:"log"`
	Every    float64 `json:"every" doc:"schedule step: part of the budget between drops" range:"[0.001,1]"`
	Final    float64 `json:"final" doc:"schedule cosine: last learning rate as a part of the first" range:"[0,1]"`
	Warmup   float64 `json:"warmup" doc:"part of the budget in which the learning rate rises to its full value" range:"[0,1)"`
}

// SGD is gradient descent on minibatches, with or without momentum. Its step is
// the gradient times the learning rate, so it shows the vanishing gradient as
// it is.
//
// With momentum m, learning rate lr and the gradient g, the velocity is V <- m
// V - lr g and the step is w <- w + V (Polyak 1964). Nesterov's variant, as
// Sutskever et al. 2013 write it (eq. 3 and 4), takes g at w + m V: Ask then
// returns that point, and Recommend returns w.
var SGD = optimizers.Define(optimizers.Definition{
	Name:    "sgd",
	Summary: "Gradient descent on minibatches, with momentum, Nesterov's variant and learning-rate schedules.",
	Refs: []string{
		"Robbins & Monro 1951, doi:10.1214/aoms/1177729586",
		"Polyak 1964, doi:10.1016/0041-5553(64)90137-5",
		"Sutskever, Martens, Dahl & Hinton 2013, On the importance of initialization and momentum in deep learning, ICML, PMLR 28(3):1139-1147",
		"Loshchilov & Hutter 2017, arXiv:1608.03983",
		"Goyal et al. 2017, arXiv:1706.02677",
	},
	Need:   optimizers.NeedGrad,
	Memory: func(dim int) int64 { return 3 * 8 * int64(dim) },
}, SGDConfig{LR: 0.1, Schedule: "constant", Decay: 0.1, Every: 0.3}, newSGD)

type sgd struct {
	cfg  SGDConfig
	plan schedule
	step uint64
	w    []float64 // the iterate
	v    []float64 // the velocity, V
	ask  []float64 // where the gradient is taken: w itself unless Nesterov
	rows [][]float64
}

func newSGD(cfg SGDConfig, p optimizers.Problem) (*sgd, error) {
	plan, err := newSchedule(cfg.Schedule, cfg.Decay, cfg.Every, cfg.Final, cfg.Warmup, p.Budget)
	if err != nil {
		return nil, err
	}
	s := &sgd{cfg: cfg, plan: plan, w: slices.Clone(p.Init), v: make([]float64, len(p.Init))}
	s.ask = s.w
	if cfg.Nesterov {
		s.ask = slices.Clone(s.w)
	}
	s.rows = [][]float64{s.ask}
	return s, nil
}

func (s *sgd) Ask() ([][]float64, error) { return s.rows, nil }

func (s *sgd) Tell(evals []optimizers.Evaluation) error {
	lr, m := s.rate(), s.cfg.Momentum
	grad := evals[0].Grad
	finite := true
	for i, v := range s.v {
		v = float64(m*v) - float64(lr*grad[i])
		s.v[i] = v
		w := s.w[i] + v
		finite = finite && isFinite(w) && isFinite(w+float64(m*v))
	}
	if !finite {
		return optimizers.ErrDiverged
	}
	for i, v := range s.v {
		s.w[i] += v
	}
	s.step++
	s.lookAhead()
	return nil
}

// lookAhead moves Nesterov's point to w + m V.
func (s *sgd) lookAhead() {
	if !s.cfg.Nesterov {
		return
	}
	for i, w := range s.w {
		s.ask[i] = w + float64(s.cfg.Momentum*s.v[i])
	}
}

// rate is the learning rate of the next step.
func (s *sgd) rate() float64 { return s.cfg.LR * s.plan.factor(s.step) }

func (s *sgd) Recommend() []float64 { return s.w }

func (s *sgd) Diagnostics() iter.Seq2[string, float64] {
	return func(yield func(string, float64) bool) { yield("lr", s.rate()) }
}

func (s *sgd) state() []any { return []any{&s.step, s.w, s.v} }

func (s *sgd) MarshalBinary() ([]byte, error) { return optimizers.SaveState("sgd/1", s.state()...) }

func (s *sgd) UnmarshalBinary(data []byte) error {
	if err := optimizers.LoadState("sgd/1", data, s.state()...); err != nil {
		return err
	}
	s.lookAhead()
	return nil
}

func isFinite(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }
