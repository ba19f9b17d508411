package store

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
	"github.com/joust-bench/joust/optimizers"
)

// The columns of each table, and beside them the fields that they hold, in the
// same order. One list serves for writing and for reading.

const trialColumns = "task, task_config, model, model_config, optimizer, optimizer_config," +
	" seed, batch, budget_work, budget_wall_ns, grad_cost, precision, origin"

func trialFields(t *bench.Trial) []any {
	return []any{
		&t.Task.Name, (*document)(&t.Task.Config), &t.Model.Name, (*document)(&t.Model.Config),
		&t.Optimizer.Name, (*document)(&t.Optimizer.Config),
		(*seed)(&t.Seed), &t.Batch, (*number)(&t.Budget.Work), &t.Budget.Wall, (*number)(&t.GradCost), &t.Precision,
		origin{&t.Origin},
	}
}

const resultColumns = "status, reason, dim, examples, batch, metric, metric_higher, metric_unit, target," +
	" work_forward, work_backward, steps, evaluations, hit_forward, hit_backward," +
	" valid_loss, valid_value, test_loss, test_value, constant_loss, constant_value, weights, unpinned"

// optionalWork is a [bench.Work] that may be absent.
type optionalWork struct{ forward, backward *int64 }

func resultFields(r *bench.Result, hit *optionalWork) []any {
	return []any{
		&r.Status, &r.Reason, &r.Dim, &r.Examples, &r.Batch,
		&r.Goal.Metric.Name, &r.Goal.Metric.Higher, &r.Goal.Metric.Unit, &r.Goal.Target,
		&r.Work.Forward, &r.Work.Backward, &r.Steps, &r.Evaluations, &hit.forward, &hit.backward,
		(*number)(&r.Valid.Loss), (*number)(&r.Valid.Value), (*number)(&r.Test.Loss), (*number)(&r.Test.Value),
		(*number)(&r.Constant.Loss), (*number)(&r.Constant.Value), (*vector)(&r.Weights), &r.Unpinned,
	}
}

const timingColumns = "wall_ns, ask_ns, tell_ns, eval_ns, free_ns, pretrain_ns, transport_ns"

func timingFields(t *bench.Timing) []any {
	return []any{&t.Wall, &t.Ask, &t.Tell, &t.Eval, &t.Free, &t.Pretrain, &t.Transport}
}

const pointColumns = "work_forward, work_backward, step, train, valid_loss, valid_value"

func pointFields(p *bench.Point) []any {
	return []any{
		&p.Work.Forward, &p.Work.Backward, &p.Step,
		(*number)(&p.Train), (*number)(&p.Valid.Loss), (*number)(&p.Valid.Value),
	}
}

const probeColumns = "work_forward, work_backward, updates, candidates, spread, better, rank_correlation"

// optionalSearch is a [bench.Search] that may be absent.
type optionalSearch struct {
	candidates           *int
	spread, better, rank number
}

// nullSearch is what is stored of s.
func nullSearch(s *bench.Search) optionalSearch {
	if s == nil {
		nan := number(math.NaN())
		return optionalSearch{spread: nan, better: nan, rank: nan}
	}
	return optionalSearch{&s.Candidates, number(s.Spread), number(s.Better), number(s.Rank)}
}

// search is what was.
func (o optionalSearch) search() *bench.Search {
	if o.candidates == nil {
		return nil
	}
	return &bench.Search{Candidates: *o.candidates, Spread: float64(o.spread), Better: float64(o.better), Rank: float64(o.rank)}
}

func probeFields(p *bench.Probe, s *optionalSearch) []any {
	return []any{
		&p.Work.Forward, &p.Work.Backward, (*vector)(&p.Updates),
		&s.candidates, &s.spread, &s.better, &s.rank,
	}
}

const layerColumns = "name, depth, delta, grad, weight, mean, std, unit_std, pre_std, dead, saturated"

func layerFields(l *probe.Layer) []any {
	return []any{
		&l.Name, &l.Depth, (*number)(&l.Delta), (*number)(&l.Grad), (*number)(&l.Weight),
		(*number)(&l.Mean), (*number)(&l.Std), (*number)(&l.UnitStd), (*number)(&l.PreStd),
		(*number)(&l.Dead), (*number)(&l.Saturated),
	}
}

const diagnosticColumns = "name, value"

func diagnosticFields(d *bench.Diagnostic) []any { return []any{&d.Name, (*number)(&d.Value)} }

const surveyColumns = "chi, largest, smallest, change, range, beta, sharpness"

func surveyFields(s *probe.Survey) []any {
	return []any{
		(*number)(&s.Through.Chi), (*number)(&s.Through.Largest), (*number)(&s.Through.Smallest),
		(*number)(&s.Change), (*number)(&s.Range), (*number)(&s.Beta), (*number)(&s.Sharpness),
	}
}

const surveyLayerColumns = "cosine, sign, snr, confusion, rank, stable"

func surveyLayerFields(l *probe.LayerSurvey) []any {
	return []any{
		(*number)(&l.Cosine), (*number)(&l.Sign), (*number)(&l.SNR), (*number)(&l.Confusion),
		(*number)(&l.Rank), (*number)(&l.Stable),
	}
}

const stageColumns = "name, chi, largest, smallest, norm"

func stageFields(s *probe.Stage) []any {
	return []any{&s.Name, (*number)(&s.Chi), (*number)(&s.Largest), (*number)(&s.Smallest), (*number)(&s.Norm)}
}

const recurrenceColumns = "name, lags, forget, saturated, norm, radius"

func recurrenceFields(r *probe.Recurrence) []any {
	return []any{
		&r.Name, (*vector)(&r.Lags), (*number)(&r.Forget), (*number)(&r.Saturated), (*number)(&r.Norm), (*number)(&r.Radius),
	}
}

// insert is the statement that writes one row.
func insert(table, columns string) string {
	n := strings.Count(columns, ",")
	return "INSERT INTO " + table + " (" + columns + ") VALUES (?" + strings.Repeat(", ?", n) + ")"
}

// A number is a float64 in a REAL column. SQLite has no NaN and no -0: the
// first is NULL there, the second comes back as 0.
type number float64

// Scan implements [database/sql.Scanner].
func (n *number) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n = number(math.NaN())
	case float64:
		*n = number(v)
	default:
		return fmt.Errorf("is %T %v, want a number", src, src)
	}
	return nil
}

// Value implements [driver.Valuer].
func (n number) Value() (driver.Value, error) {
	if math.IsNaN(float64(n)) {
		return nil, nil
	}
	return float64(n), nil
}

// A seed is a uint64 in an INTEGER column, which is signed.
type seed uint64

// Scan implements [database/sql.Scanner].
func (s *seed) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("is %T %v, want an integer", src, src)
	}
	*s = seed(v)
	return nil
}

// Value implements [driver.Valuer].
func (s seed) Value() (driver.Value, error) { return int64(s), nil }

// A document is JSON in a TEXT column; nil is NULL.
type document json.RawMessage

// Scan implements [database/sql.Scanner].
func (d *document) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case string:
		if !json.Valid([]byte(v)) {
			return fmt.Errorf("is %q, want JSON", v)
		}
		*d = document(v)
	default:
		return fmt.Errorf("is %T, want JSON", src)
	}
	return nil
}

// Value implements [driver.Valuer].
func (d document) Value() (driver.Value, error) {
	if d == nil {
		return nil, nil
	}
	return string(d), nil
}

// An origin is JSON in a TEXT column; nil is NULL.
type origin struct{ to **optimizers.Origin }

// Scan implements [database/sql.Scanner].
func (o origin) Scan(src any) error {
	var d document
	if err := d.Scan(src); err != nil || d == nil {
		*o.to = nil
		return err
	}
	*o.to = new(optimizers.Origin)
	if err := json.Unmarshal(d, *o.to); err != nil {
		return fmt.Errorf("is %q, want the origin of an optimizer", d)
	}
	return nil
}

// Value implements [driver.Valuer].
func (o origin) Value() (driver.Value, error) {
	if *o.to == nil {
		return nil, nil
	}
	b, err := json.Marshal(*o.to)
	return string(b), err
}

// A vector is a []float64 in a BLOB column, little-endian; empty is NULL.
type vector []float64

// Scan implements [database/sql.Scanner].
func (v *vector) Scan(src any) error {
	*v = nil
	b, ok := src.([]byte)
	switch {
	case src == nil:
		return nil
	case !ok:
		return fmt.Errorf("is %T, want a blob of 8 bytes per weight", src)
	case len(b)%8 != 0:
		return fmt.Errorf("is a blob of %d bytes, want 8 per weight", len(b))
	case len(b) == 0:
		return nil
	}
	*v = make(vector, len(b)/8)
	for i := range *v {
		(*v)[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return nil
}

// Value implements [driver.Valuer].
func (v vector) Value() (driver.Value, error) {
	if len(v) == 0 {
		return nil, nil
	}
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b, nil
}

// An instant is a time in a TEXT column: UTC, and of fixed width, so that it
// sorts.
type instant time.Time

const instantLayout = "2006-01-02T15:04:05.000000000Z"

// Scan implements [database/sql.Scanner].
func (t *instant) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("is %T %v, want a time such as %s", src, src, instantLayout)
	}
	v, err := time.Parse(instantLayout, s)
	*t = instant(v)
	return err
}

// Value implements [driver.Valuer].
func (t instant) Value() (driver.Value, error) {
	return time.Time(t).UTC().Format(instantLayout), nil
}
