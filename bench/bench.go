package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// A Part is one ingredient of a trial: a task, a model or an optimizer, and
// its configuration. A Part of a trial is resolved: Config holds every
// parameter, defaults included, in the order in which they are declared.
type Part struct {
	Name   string          `json:"name"`
	Config json.RawMessage `json:"config"`
}

// A Budget ends a trial at whichever limit comes first. Zero is no limit.
type Budget struct {
	Work float64       `json:"work"` // units of work; see [Work]
	Wall time.Duration `json:"wall"` // time of the whole trial
}

// A Trial is one run to be made: one contender, one task, one seed, one
// budget. It is plain data, and its content is its identity.
type Trial struct {
	Task      Part    `json:"task"`
	Model     Part    `json:"model"`
	Optimizer Part    `json:"optimizer"`
	Seed      uint64  `json:"seed"`
	Batch     int     `json:"batch"` // examples of a minibatch; 0: all of the training data
	Budget    Budget  `json:"budget"`
	GradCost  float64 `json:"grad_cost"` // units that a loss and gradient cost per example
	Precision string  `json:"precision"` // of the network: "float64" or "float32"
	// Origin is the program that the optimizer comes from; nil: this one.
	Origin *optimizers.Origin `json:"origin,omitempty"`
}

// format numbers the arithmetic of a trial and what is noted down of it. It goes up
// when the same trial would give other numbers or more of them, so that old results are
// not taken for new ones: they stay in their file, and are not found under the new ID.
//
//	1  deltas and gradients alone are probed
//	2  surveys; products are rounded before they are added, on every processor; probes
//	   of recurrent layers of every kind
const format = 2

// ID is a hash of the trial's content. Equal trials, and no others, have the
// same: results are stored, found again and merged under it.
func (t Trial) ID() string {
	b, err := json.Marshal(struct {
		Format int `json:"format"`
		Trial
	}{format, t})
	if err != nil {
		panic(fmt.Sprintf("bench: trial %+v cannot be encoded: %v", t, err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// A Status says how a trial ended.
type Status string

// The ways in which a trial ends.
const (
	Solved    Status = "solved"    // a validation reached the target
	Exhausted Status = "exhausted" // the budget ran out
	Converged Status = "converged" // the optimizer asked for nothing more
	Diverged  Status = "diverged"  // the gradient was not finite
	Skipped   Status = "skipped"   // the pairing makes no sense; Reason says why
	Failed    Status = "failed"    // a crash, a time-out, an error; Reason says which
)

// A Metric is what contenders are compared by.
type Metric struct {
	Name   string `json:"name"`   // such as "accuracy"
	Higher bool   `json:"higher"` // whether more is better
	Unit   string `json:"unit"`   // of its values, if they have one
}

// Better reports whether a beats b. NaN never does.
func (m Metric) Better(a, b float64) bool {
	if m.Higher {
		return a > b || a == a && b != b
	}
	return a < b || a == a && b != b
}

// A Goal is what is asked of a contender.
type Goal struct {
	Metric Metric `json:"metric"`
	// Target is the value at which the task counts as solved; nil: there is
	// none, and trials run until their budget is spent.
	Target *float64 `json:"target"`
}

// Reached reports whether value solves the task.
func (g Goal) Reached(value float64) bool {
	return g.Target != nil && (value == *g.Target || g.Metric.Better(value, *g.Target))
}

// A Score is what one weight vector achieves on one set of data.
type Score struct {
	// Loss is the mean over the examples of the loss of the outputs, without losses that
	// layers have by themselves; +Inf if it is not finite.
	Loss  float64
	Value float64 // of the goal's metric; NaN if it cannot be computed
}

// A Point is one sample of a learning curve: the state at the end of the first
// step that reached a checkpoint.
type Point struct {
	Work  Work
	Step  int           // steps made so far: an Ask and a Tell each
	Train float64       // lowest loss told in the last step, on its minibatch; NaN before the first
	Valid Score         // of the point that the optimizer recommended then
	Wall  time.Duration // since the trial began; not part of what a digest covers
}

// A Probe is the health of the gradient and of the search at the recommended point,
// on a fixed batch of training data. It is free, and tells the optimizer nothing.
type Probe struct {
	Work   Work
	Layers []probe.Layer // from the input to the output
	// Updates are, for each of these layers, the root mean square of the change of its
	// weights in the last step, over that of the weights: 1e-4 to 1e-2 is usual.
	// Nil: the step was not watched, as before the first one.
	Updates     []float64
	Search      *Search       // nil: the last step was not watched, or had one candidate
	Diagnostics []Diagnostic  // what the optimizer says of itself
	Survey      *probe.Survey // at the start and at the end; else nil
}

// A Search is how well the candidates of a step can be told apart.
type Search struct {
	Candidates int
	// Spread is the standard deviation of their losses over the size of the mean, of
	// those that are finite.
	Spread float64
	// Better is the share of all candidates whose loss is below that mean.
	Better float64
	// Rank is Spearman's rank correlation of the losses on the step's minibatch and on
	// that of the next step, of at most 64 candidates: above a half, what is selected
	// is more than luck (1 if all of the data are used each time). It is measured where
	// a probe was due, and NaN where one was made because the target was reached.
	Rank float64
}

// A Diagnostic is one figure that an optimizer reports of itself, such as "sigma".
type Diagnostic struct {
	Name  string
	Value float64
}

// Timing is where the time of a trial went. It is kept apart from results,
// which do not depend on the machine.
type Timing struct {
	Wall time.Duration `json:"wall"` // the whole trial
	Ask  time.Duration `json:"ask"`  // in the optimizer
	Tell time.Duration `json:"tell"`
	// Transport is the part of the time in the optimizer's methods, whenever they
	// were called, that it took to reach it; 0 for one in this process.
	Transport time.Duration `json:"transport"`
	Eval      time.Duration `json:"eval"` // computing losses and gradients
	Free      time.Duration `json:"free"` // validation and probes, which cost no work
	// Pretrain is the time in which starting weights were made better, before the
	// first Ask.
	Pretrain time.Duration `json:"pretrain"`
}

// A Result is what came of a trial.
type Result struct {
	Trial       Trial
	Status      Status
	Reason      string // why it was skipped, failed, diverged, or exhausted before the first Ask; else empty
	Dim         int    // number of weights
	Examples    int    // of training data
	Batch       int    // examples of a minibatch, resolved
	Goal        Goal
	Work        Work  // spent in all
	Steps       int   // an Ask and a Tell each
	Evaluations int   // candidates
	Hit         *Work // work at the first checkpoint whose validation reached the target; nil: none did
	Curve       []Point
	Probes      []Probe
	Valid, Test Score     // of the final weights
	Constant    Score     // of the best constant predictor, on test data
	Weights     []float64 // the final weights
	Timing      Timing
	// Unpinned says why nothing vouched for the files of the optimizer's plugin;
	// empty: they were pinned, or it is built in.
	Unpinned string
}

// A Store remembers results. It is declared here, by its user; package store
// implements it over SQLite. Its methods may be called concurrently.
type Store interface {
	// Has reports whether a result for the trial with this ID is stored.
	Has(ctx context.Context, id string) (bool, error)
	// Save stores a result, replacing an earlier one of the same trial. When
	// it has returned, the result survives the death of the process.
	Save(ctx context.Context, r Result) error
}
