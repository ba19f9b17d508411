package report

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/stats"
)

// level of all confidence intervals.
const level = .95

// An Input is what there is to analyse.
type Input struct {
	Name, Title string         // of the experiment; the title is its question, in words
	Results     []bench.Result // in the order of the plan; not modified
	Planned     int            // trials, with or without a result
	Experiment  string         // resolved, as YAML
	Machine     Machine
	Digest      string // of the results, timings aside
	// Pictures shows n test examples of a result whose task makes images, and nothing
	// of others; nil: there are none to show.
	Pictures func(r bench.Result, n int) ([]bench.Picture, error)
}

// Analyse compares contenders on each task. It takes any results, none
// included: what cannot be said is left out, and Notes say so. The same input
// gives the same summary. It refers to the configurations in the results.
func Analyse(in Input) Summary {
	s := Summary{
		Name: in.Name, Title: in.Title, Planned: max(in.Planned, len(in.Results)), Done: len(in.Results),
		Notes: []string{}, Tasks: []Task{}, Failures: []Failure{}, // JSON has [] for none
		GradCost: bench.DefaultGradCost, Machine: in.Machine, Digest: in.Digest, Experiment: in.Experiment,
	}
	if len(in.Results) > 0 {
		s.GradCost = Number(priceOr(0, in.Results[0].Trial.GradCost))
	}
	trials := make([]bench.Trial, len(in.Results))
	for i, r := range in.Results {
		trials[i] = r.Trial
	}
	names := bench.NewLabels(trials)
	for _, results := range byTask(in.Results) {
		t, f := analyseTask(results, names)
		if in.Pictures != nil {
			s.Notes = append(s.Notes, t.draw(f, in.Pictures)...)
		}
		s.Tasks = append(s.Tasks, t)
		s.Failures = append(s.Failures, failures(t.Label, f)...)
	}
	s.Answer = answer(s)
	s.Notes = append(s.Notes, notes(s)...)
	s.Notes = append(s.Notes, pluginNotes(s.Tasks)...)
	return s
}

// byTask splits results by task, in order of first appearance.
func byTask(results []bench.Result) [][]*bench.Result {
	var groups [][]*bench.Result
	index := make(map[string]int)
	for i := range results {
		r := &results[i]
		key := partKey(r.Trial.Task)
		at, ok := index[key]
		if !ok {
			at = len(groups)
			index[key] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], r)
	}
	return groups
}

// newField groups the results of one task by contender, in order of first
// appearance.
func newField(results []*bench.Result, names bench.Labels) *field {
	f := &field{}
	index := make(map[string]*contender)
	for _, r := range results {
		key := contenderKey(r.Trial)
		c, ok := index[key]
		if !ok {
			c = &contender{
				modelLabel: names.Model(r.Trial), optimizerLabel: names.Optimizer(r.Trial),
				model: r.Trial.Model, optimizer: r.Trial.Optimizer,
			}
			c.label = c.modelLabel + " + " + c.optimizerLabel
			index[key] = c
			f.contenders = append(f.contenders, c)
		}
		c.results = append(c.results, r)
	}
	f.finish()
	return f
}

// analyseTask compares the contenders of one task, whose results are not empty.
func analyseTask(results []*bench.Result, names bench.Labels) (Task, *field) {
	f := newField(results, names)
	first := results[0]
	t := Task{
		Label: names.Task(first.Trial), Part: first.Trial.Task, Goal: f.goal, Budget: first.Trial.Budget,
		Constant:  Constant{Number(f.constant.Value), Number(f.constant.Loss)},
		EqualWork: Number(f.equalWork(0)), Stability: f.stability(),
	}
	seeds := make(map[uint64]bool)
	for _, r := range results {
		seeds[r.Trial.Seed] = true
		t.Examples = max(t.Examples, r.Examples)
	}
	t.Seeds = len(seeds)

	indices, ranks := order(f.standings(0, byTest))
	winner := -1
	if ranks[indices[0]] > 0 {
		winner = indices[0]
	}
	for _, i := range indices {
		c := f.contenders[i]
		row := f.row(c, float64(t.EqualWork))
		row.Rank = ranks[i]
		row.Yardstick = c.optimizer.Name == bench.Yardstick
		t.HasYardstick = t.HasYardstick || row.Yardstick && row.Rank > 0
		if row.Rank == 0 {
			row.Value, row.AtEqualWork = unknown, unknown.Value // it would be the constant predictor's
		}
		if y := f.yardstick(c, indices, ranks); y >= 0 && !row.Yardstick && row.Rank > 0 {
			row.BelowRandom = !f.beats(c.runs(0), f.contenders[y].runs(0))
		}
		if winner >= 0 && i != winner && row.Rank > 0 {
			row.VsWinner = f.versus(f.contenders[winner].runs(0), c.runs(0), float64(t.EqualWork))
		}
		t.Contenders = append(t.Contenders, row)
	}
	correct(t.Contenders)
	for i := range t.Contenders {
		t.Contenders[i].Words = verdict(t, t.Contenders[i])
	}
	return t, f
}

// correct fills in the P values corrected for the number of contenders that the
// winner is compared with.
func correct(rows []Contender) {
	var with []*Versus
	var p []float64
	for i := range rows {
		if v := rows[i].VsWinner; v != nil && !math.IsNaN(float64(v.P)) {
			with, p = append(with, v), append(p, float64(v.P))
		}
	}
	for i, adjusted := range stats.Holm(p) {
		with[i].PHolm = Number(adjusted)
	}
}

// row measures one contender on its own.
func (f *field) row(c *contender, equal float64) Contender {
	runs := c.runs(0)
	row := Contender{
		Label: c.label, ModelLabel: c.modelLabel, OptimizerLabel: c.optimizerLabel,
		Model: c.model, Optimizer: c.optimizer, Runs: len(runs),
		Statuses: statusCounts(c.results), Solved: solvedCount(runs),
		Start: gradient(runs, firstProbe), End: gradient(runs, lastProbe), Health: health(runs),
		AtEqualWork: Number(f.meanValueAt(runs, equal)),
		Curve:       f.curve(runs), Deltas: deltas(runs),
	}
	row.SolvedShare = estimate(solvedShare(runs), stats.Wilson(row.Solved, row.Runs, level))
	if row.Runs == 0 {
		row.SolvedShare.Value = Number(math.NaN())
	}
	targets := toTargets(runs)
	row.ERT = estimate(stats.ERT(targets), stats.BootstrapERT(stream(), targets, level))
	values, imputed := f.testValues(runs)
	row.Imputed = imputed
	row.Value = unknown
	if !math.IsNaN(stats.Mean(values)) {
		row.Value = estimate(stats.Mean(values), stats.BootstrapMean(stream(), values, level))
	}
	var losses []float64
	var spent, wall float64
	for i, r := range runs {
		row.Dim, row.Batch = max(row.Dim, r.Dim), max(row.Batch, r.Batch)
		row.UsesGrad = row.UsesGrad || r.Work.Backward > 0
		spent += r.spent()
		wall += r.Timing.Wall.Seconds()
		if l := r.testLoss(); !math.IsNaN(l) {
			losses = append(losses, l)
		}
		if f.stuck(r) {
			row.Stuck++
		}
		row.Hits = append(row.Hits, Hit{r.Trial.Seed, Number(targets[i].Work), targets[i].Solved, Number(r.testValue())})
	}
	row.Loss, row.Spent = Number(stats.Median(losses)), Number(spent)
	row.Wall = Number(wall / float64(len(runs)))
	row.Time = spentTime(runs)
	row.Origin = c.results[0].Trial.Origin
	for _, r := range c.results {
		row.Unpinned = cmp.Or(row.Unpinned, r.Unpinned)
	}
	return row
}

// stream is the random stream of one bootstrap interval: the same for all, so
// that adding a contender changes no other's.
func stream() *rand.Rand { return rand.New(rand.NewPCG(0x6a6f757374, 1)) }

// stuckWithin is how close to the constant predictor's loss a loss counts as no
// better.
const stuckWithin = .02

// stuck reports whether a run that never reached the target was at no time
// better than the constant predictor: no validation loss below 98 % of its
// loss. A run that learned and then overfitted was not stuck, though its last
// loss may be worse; one that diverged or failed has other trouble.
func (f *field) stuck(r run) bool {
	if r.Hit != nil || r.Status == bench.Failed || r.Status == bench.Diverged || math.IsInf(r.Valid.Loss, 0) {
		return false
	}
	lowest := r.Valid.Loss
	for _, p := range r.Curve {
		lowest = min(lowest, p.Valid.Loss)
	}
	constant := f.constantFor(r.Trial.Seed).Loss
	return constant > 0 && lowest >= (1-stuckWithin)*constant
}

// statuses in the order in which they are counted.
var statuses = [...]bench.Status{bench.Solved, bench.Exhausted, bench.Converged, bench.Diverged, bench.Failed, bench.Skipped}

func statusCounts(results []*bench.Result) []StatusCount {
	var counts []StatusCount
	for _, s := range statuses {
		n := 0
		for _, r := range results {
			if r.Status == s {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, StatusCount{s, n})
		}
	}
	return counts
}

// failures collects the trials of a task that failed, diverged or were
// skipped, those of a contender with the same reason together.
func failures(task string, f *field) []Failure {
	var list []Failure
	for _, c := range f.contenders {
		from := len(list)
		for _, r := range c.results {
			if r.Status != bench.Failed && r.Status != bench.Diverged && r.Status != bench.Skipped {
				continue
			}
			spent := Number(run{r, priceOr(0, r.Trial.GradCost)}.spent())
			at := slices.IndexFunc(list[from:], func(e Failure) bool { return e.Status == r.Status && e.Reason == r.Reason })
			if at < 0 {
				list = append(list, Failure{task, c.label, r.Status, r.Reason, []uint64{r.Trial.Seed}, spent})
				continue
			}
			e := &list[from+at]
			e.Seeds, e.Spent = append(e.Seeds, r.Trial.Seed), e.Spent+spent
		}
	}
	return list
}

// notes lists what limits the answer.
func notes(s Summary) []string {
	var list []string
	if 0 < s.Done && s.Done < s.Planned {
		list = append(list, fmt.Sprintf("Incomplete: %d of %d planned trials have a result; what follows is about those.", s.Done, s.Planned))
	}
	var few, blind []string
	for _, t := range s.Tasks {
		if t.Seeds < minRuns {
			few = append(few, t.Label)
		}
		if !t.HasYardstick {
			blind = append(blind, t.Label)
		}
	}
	if len(few) > 0 {
		list = append(list, fmt.Sprintf("Fewer than %d seeds on %s: no significance is claimed there.", minRuns, join(few)))
	}
	if len(blind) > 0 {
		list = append(list, fmt.Sprintf("Random search has no score on %s: nothing is flagged there.", join(blind)))
	}
	return list
}
