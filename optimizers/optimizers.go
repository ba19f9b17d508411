package optimizers

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// An Optimizer proposes weight vectors and learns from their losses.
// Calls alternate, Ask then Tell, from one goroutine. Lower loss is better.
//
// An Optimizer may also implement [Recommender], [Shortlister], [Diagnoser],
// [Needer], [io.Closer] (to release a process or a goroutine), and
// [encoding.BinaryMarshaler] with [encoding.BinaryUnmarshaler]: a checkpoint,
// taken between a Tell and the next Ask, that a newly built optimizer of the
// same configuration and Problem continues from with the same bits. Every
// built-in has it.
type Optimizer interface {
	// Ask returns the candidates to evaluate next, each of length
	// len(Problem.Init). They belong to the optimizer, stay valid and
	// unchanged until Tell returns, and are not modified by the caller.
	// Every weight is finite, whatever was told: an optimizer whose next
	// iterate would not be says so with ErrDiverged.
	// No candidates: the search has converged.
	Ask() ([][]float64, error)

	// Tell reports the evaluation of each candidate of the last Ask, in the
	// same order. It keeps no reference to evals or to its gradients.
	Tell(evals []Evaluation) error
}

// ErrDiverged is wrapped in the error of a Tell or an Ask after which there is
// no finite candidate to ask about: the learning rate was too high, and the
// trial ends as diverged. What the optimizer recommends is still finite.
var ErrDiverged = errors.New("diverged: the next iterate is not finite")

// An Evaluation is what the world answers about one candidate.
type Evaluation struct {
	// Loss is the mean over the minibatch. It is +Inf for a candidate that
	// diverged, and never NaN.
	Loss float64
	// Grad is the gradient of Loss with respect to the weights. It is nil
	// unless the definition says [NeedGrad], and then finite.
	Grad []float64
}

// Need says what an optimizer has to be told about each candidate. It is
// known before the optimizer is built, so that a pairing with a task that has
// no gradient is skipped with a reason instead of failing half-way.
type Need uint8

// What an optimizer may need.
const (
	NeedLoss Need = iota // the loss alone: gradient-free
	NeedGrad             // the loss and its gradient
)

// String is "loss" or "gradient".
func (n Need) String() string {
	if n == NeedGrad {
		return "gradient"
	}
	return "loss"
}

// A Needer does not need the same at every step, as a genetic algorithm that a
// gradient method follows does not. Its definition says [NeedGrad], and Needs,
// which is called after each Ask, says what is to be told, and charged, of the
// candidates of that Ask: their gradients or only their losses. Where it says
// [NeedLoss], what is in Grad is of no use.
type Needer interface {
	Needs() Need
}

// A Problem is what an optimizer is given to start from.
type Problem struct {
	// Init holds the starting weights, x0 of every optimizer. Its length is
	// the dimension of the search. The optimizer does not modify it.
	Init []float64
	// Blocks names the ranges of the weight vector, in order and without
	// gaps. Nil: nothing is known of its structure.
	Blocks []Block
	// Budget is the number of evaluations to expect in all, for schedules.
	// Zero: not known.
	Budget int
	// Seed selects the optimizer's own random stream.
	Seed uint64
	// Threads is the number of cores it may use inside Ask and Tell, at least
	// 1. What it computes does not depend on it.
	Threads int
	// Memory, unless it is nil, returns n numbers, all 0, that whoever evaluates
	// candidates reads where they are, or nil if there is no such memory left.
	// [Problem.Candidates] asks it.
	Memory func(n int) []float64
}

// A Block is a named range of a flat weight vector, such as one weight matrix.
type Block struct {
	Name string `json:"name"` // path of the layer and parameter, such as "3.dense.w"
	Off  int    `json:"off"`  // index of its first weight
	Len  int    `json:"len"`  // number of weights
	// Layer numbers the layer it belongs to, from the input. Row r of every
	// block of a layer with the same number of rows belongs to the same unit:
	// a neuron is a row of "w" and an element of "b".
	Layer int     `json:"layer"`
	Rows  int     `json:"rows"`   // units; Len/Rows weights each, one unit after another
	FanIn int     `json:"fan_in"` // inputs that each unit sums over; 0 for biases and gains
	Scale float64 `json:"scale"`  // standard deviation of its initial weights
}

// A Recommender has a better final answer than the best candidate it asked
// about: an evolution strategy recommends the mean of its distribution, a
// gradient method the iterate it has just computed. The slice belongs to the
// optimizer and lasts until the next Ask. Recommend may be called at any time,
// also between Ask and Tell and before the first Tell, when it may be the
// starting weights; like Shortlist and Diagnostics it changes nothing.
type Recommender interface {
	Recommend() []float64
}

// A Shortlister can name the best of the candidates it holds now, best first,
// at most n of them. A population method implements it, and the referee
// evaluates the list again on other data before it settles on one: the lowest
// loss of a population on one minibatch is partly luck. The slices belong to
// the optimizer and last until the next Ask. Before the first Tell there is
// nothing to name.
type Shortlister interface {
	Shortlist(n int) [][]float64
}

// A Diagnoser reports scalars worth plotting against work, such as the step
// size "sigma", in a fixed order.
type Diagnoser interface {
	Diagnostics() iter.Seq2[string, float64]
}

// A Definition names an optimizer and knows how to build one. Lists of
// definitions are what users choose from: one type may be defined twice under
// two names with different defaults. [Define] fills in Params and New.
type Definition struct {
	Name    string   // what users type: lower case, such as "cma-es"
	Summary string   // one sentence for lists and reports
	Refs    []string // the papers implemented, with DOI or arXiv number
	Need    Need
	// FullBatch says that noise in the loss breaks the method, as it does
	// Rprop: unless the user says otherwise it is given all of the training
	// data at every step.
	FullBatch bool
	Params    []Param
	// MinDim and MaxDim are the least and the greatest dimension that the
	// method takes; 0 is no limit. Others are refused with the reason.
	MinDim, MaxDim int
	// Origin is the program it comes from, if that is not this one; else nil.
	// Unpinned then says why nothing, such as a lock file, vouches for its files;
	// empty: they are pinned.
	Origin   *Origin
	Unpinned string
	// Memory is the number of bytes held at dimension dim with the default
	// configuration. What does not fit is refused with the reason.
	Memory func(dim int) int64
	// New builds an optimizer. The members of config, a JSON object, override
	// the defaults; an unknown member and a value out of range are errors.
	New func(config json.RawMessage, p Problem) (Optimizer, error)
}

// Refuses says why the optimizer does not take dim weights, or nothing if it
// does: `takes at most 100 weights, not 321`.
func (d Definition) Refuses(dim int) string {
	switch {
	case d.MinDim > 0 && dim < d.MinDim:
		return fmt.Sprintf("takes at least %d weights, not %d", d.MinDim, dim)
	case d.MaxDim > 0 && dim > d.MaxDim:
		return fmt.Sprintf("takes at most %d weights, not %d", d.MaxDim, dim)
	}
	return ""
}
