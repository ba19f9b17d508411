package report

import (
	"encoding/json"
	"math"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// A Summary is what the results of an experiment amount to: everything that
// [Text], [HTML] and [JSON] show, and nothing that they would have to compute.
type Summary struct {
	Name  string `json:"name"`
	Title string `json:"title"` // the question, in words; may be empty
	// Answer says who won on what, by how much, and how sure that is: a
	// paragraph for each task, after one across them if there are several.
	Answer     []Paragraph `json:"answer"`
	Notes      []string    `json:"notes"` // what a reader must know before believing the answer
	Planned    int         `json:"planned"`
	Done       int         `json:"done"`
	GradCost   Number      `json:"grad_cost"` // units of a loss and gradient on one example
	Tasks      []Task      `json:"tasks"`
	Failures   []Failure   `json:"failures"`
	Machine    Machine     `json:"machine"`
	Digest     string      `json:"digest"`     // of the results, timings aside
	Experiment string      `json:"experiment"` // resolved, as YAML
}

// A Paragraph is a sentence that says what matters, and what follows it.
type Paragraph struct {
	Lead   string `json:"lead"`
	Detail string `json:"detail"`
}

// A Machine is where the results come from.
type Machine struct {
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"`
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	Go    string `json:"go"`    // version
	Joust string `json:"joust"` // version
}

// A Task is the comparison of all contenders on one task: a name and a
// configuration.
type Task struct {
	Label        string       `json:"label"`
	Part         bench.Part   `json:"task"`
	Goal         bench.Goal   `json:"goal"`
	Examples     int          `json:"examples"`   // of training data
	Seeds        int          `json:"seeds"`      // distinct ones
	Budget       bench.Budget `json:"budget"`     // of the first trial
	Contenders   []Contender  `json:"contenders"` // in order of rank, those without one last
	Constant     Constant     `json:"constant"`
	EqualWork    Number       `json:"equal_work"` // where [Contender.AtEqualWork] was read
	Stability    []Stability  `json:"stability"`
	HasYardstick bool         `json:"has_yardstick"` // whether random search ran
	Imagined     []Imagined   `json:"-"`             // for [HTML]; none: no model imagines anything, or nobody asked
}

// Constant is what the best constant predictor scores on test data, as a mean
// over the seeds. NaN if no trial got as far as measuring it.
type Constant struct {
	Value Number `json:"value"`
	Loss  Number `json:"loss"`
}

// A Contender is one model with one optimizer, over all of its seeds.
type Contender struct {
	Label          string     `json:"label"`       // names what varies within the experiment
	ModelLabel     string     `json:"model_label"` // its two halves
	OptimizerLabel string     `json:"optimizer_label"`
	Model          bench.Part `json:"model"`
	Optimizer      bench.Part `json:"optimizer"`
	// Origin is the program of an optimizer that is a plugin, and Unpinned why
	// nothing vouched for its files, if nothing did.
	Origin   *optimizers.Origin `json:"origin,omitempty"`
	Unpinned string             `json:"unpinned,omitempty"`
	Rank     int                `json:"rank"` // 1 is best, equals share one; 0: nothing to rank
	Runs     int                `json:"runs"` // trials, skipped ones aside
	Dim      int                `json:"dim"`  // number of weights
	Batch    int                `json:"batch"`
	UsesGrad bool               `json:"uses_gradient"` // whether it was told gradients
	Statuses []StatusCount      `json:"statuses"`

	Solved      int      `json:"solved"`        // runs that reached the target
	SolvedShare Estimate `json:"solved_share"`  // Wilson interval
	ERT         Estimate `json:"ert"`           // units of work; +Inf: never solved
	Value       Estimate `json:"value"`         // mean test metric
	Imputed     int      `json:"imputed"`       // runs without a score, which count as the constant predictor
	Loss        Number   `json:"loss"`          // median test loss
	AtEqualWork Number   `json:"at_equal_work"` // mean validation metric at the task's EqualWork
	Spent       Number   `json:"spent"`         // units of work, all runs
	Wall        Number   `json:"wall_s"`        // mean seconds of a run
	Time        Seconds  `json:"time_s"`        // where they went

	Yardstick   bool    `json:"yardstick"`     // it is random search
	BelowRandom bool    `json:"below_random"`  // it does not beat random search at equal work
	Stuck       int     `json:"stuck"`         // runs that end no better than the constant predictor
	VsWinner    *Versus `json:"versus_winner"` // nil for the winner itself

	Start  *Gradient `json:"gradient_start"` // nil: not measured
	End    *Gradient `json:"gradient_end"`
	Health *Health   `json:"health"` // nil: not measured
	Words  string    `json:"words"`  // gradient at the start, and what came of it

	Hits   []Hit  `json:"hits"`
	Curve  Curve  `json:"curve"`
	Deltas Deltas `json:"deltas"`

	Pictures []bench.Picture `json:"-"` // of test examples, if it makes images; the page alone shows them
}

// An Estimate is a value with its 95 % confidence interval, whose ends are NaN
// where there is none.
type Estimate struct {
	Value Number `json:"value"`
	Lo    Number `json:"lo"`
	Hi    Number `json:"hi"`
}

func estimate(v float64, i stats.Interval) Estimate {
	return Estimate{Number(v), Number(i.Lo), Number(i.Hi)}
}

// unknown is the estimate of what could not be measured.
var unknown = Estimate{Number(math.NaN()), Number(math.NaN()), Number(math.NaN())}

// A StatusCount says how many runs ended in a status.
type StatusCount struct {
	Status bench.Status `json:"status"`
	Runs   int          `json:"runs"`
}

// Versus compares the winner of a task with another contender.
type Versus struct {
	Basis       string `json:"basis"`       // what was compared, such as "work to target"
	Improvement Number `json:"improvement"` // probability that a run of the winner is better, ties one half
	P           Number `json:"p"`           // Mann-Whitney, two-sided; NaN with fewer than 5 runs each
	PHolm       Number `json:"p_holm"`      // corrected for the number of contenders
}

// A Gradient is the health of the gradient over all seeds at one moment.
type Gradient struct {
	Verdict probe.Verdict `json:"verdict"` // the worst of any seed
	Factor  Number        `json:"factor"`  // of the delta's norm a layer, on its way back; median of the seeds that agree
	Ratio   Number        `json:"ratio"`   // delta of the first layer over the last; likewise
	Layers  int           `json:"layers"`
	Agree   int           `json:"agree"` // seeds with this verdict
	Seeds   int           `json:"seeds"`
}

// A Hit is one run's way to the target.
type Hit struct {
	Seed   uint64 `json:"seed"`
	Work   Number `json:"work"` // to the target, or spent without reaching it
	Solved bool   `json:"solved"`
	Value  Number `json:"value"` // test metric; NaN if there is none
}

// Curve holds the learning curves of a contender on validation data: a summary
// over runs, where a run that has ended keeps its last value, and the runs.
type Curve struct {
	Work  []Number   `json:"work"`
	Loss  Band       `json:"loss"`
	Value Band       `json:"value"`
	Runs  []RunCurve `json:"runs"`
}

// A Band is the median over runs and the range of the middle 95 % of them.
type Band struct {
	Median []Number `json:"median"`
	Lo     []Number `json:"lo"`
	Hi     []Number `json:"hi"`
}

// A RunCurve is the learning curve of one run.
type RunCurve struct {
	Seed  uint64   `json:"seed"`
	Work  []Number `json:"work"`
	Loss  []Number `json:"loss"`
	Value []Number `json:"value"`
}

// Deltas is the size of the error signal by layer and work: the RMS delta of
// each layer over that of the last, as the median over runs.
type Deltas struct {
	Work   []Number   `json:"work"`
	Layers []string   `json:"layers"` // from input to output
	Ratio  [][]Number `json:"ratio"`  // [layer][work]; 0 means exactly 0, +Inf not finite
}

// Stability is the ranking of a task if a loss and gradient cost GradCost
// units.
type Stability struct {
	GradCost   Number `json:"grad_cost"`
	Basis      string `json:"basis"` // what is ranked, in words
	Winner     string `json:"winner"`
	SameWinner bool   `json:"same_winner"`
	Tau        Number `json:"tau"`   // Kendall's, with the ranking at the experiment's own cost
	Moved      int    `json:"moved"` // contenders whose rank differs
}

// A Failure is why trials of one contender failed, diverged or were skipped:
// those with the same reason, together.
type Failure struct {
	Task      string       `json:"task"`
	Contender string       `json:"contender"`
	Status    bench.Status `json:"status"`
	Reason    string       `json:"reason"`
	Seeds     []uint64     `json:"seeds"`
	Spent     Number       `json:"spent"` // units of work, together
}

// A Number is a float64 that JSON can hold: NaN is null, and the infinities are
// the strings "+Inf" and "-Inf".
type Number float64

// MarshalJSON implements [json.Marshaler].
func (n Number) MarshalJSON() ([]byte, error) {
	switch v := float64(n); {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"+Inf"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Inf"`), nil
	default:
		return json.Marshal(v)
	}
}
