package combine

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/joust-bench/joust/optimizers"
)

// A part is an optimizer of the list with a configuration, and, once it was
// started, what it has come to.
type part struct {
	def    optimizers.Definition
	config json.RawMessage
	opt    optimizers.Optimizer // nil: not started
}

// names are those of the combinators, which are no parts.
var names = []string{"then", "restart", "portfolio"}

// parse reads "name key=value ...".
func parse(base []optimizers.Definition, text string) (*part, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return nil, errors.New(`no optimizer, want one such as "ga population=50"`)
	}
	name := fields[0]
	if slices.Contains(names, name) {
		return nil, fmt.Errorf("%s is a combinator, want a plain optimizer: combinators do not contain each other", name)
	}
	i := slices.IndexFunc(base, func(d optimizers.Definition) bool { return d.Name == name })
	if i < 0 {
		known := make([]string, len(base))
		for i, d := range base {
			known[i] = d.Name
		}
		if near := optimizers.Suggest(name, known); near != "" {
			return nil, fmt.Errorf("no optimizer %q, did you mean %s?", name, near)
		}
		return nil, fmt.Errorf("no optimizer %q, want one of %s", name, strings.Join(known, ", "))
	}
	config, err := object(base[i].Params, fields[1:])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &part{def: base[i], config: config}, nil
}

// object makes a complete configuration of key=value pairs.
func object(params []optimizers.Param, pairs []string) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%q, want key=value", pair)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		raw := []byte(value)
		text := slices.ContainsFunc(params, func(p optimizers.Param) bool { return p.Name == key && p.Type == "string" })
		if text || !json.Valid(raw) { // what is no JSON is refused with the reason
			if raw, err = json.Marshal(value); err != nil {
				return nil, err
			}
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(raw)
	}
	b.WriteByte('}')
	return optimizers.Resolve(params, b.Bytes())
}

// defaultParts returns those of the given names that the list has.
func defaultParts(base []optimizers.Definition, names ...string) []optimizers.Definition {
	var parts []optimizers.Definition
	for _, name := range names {
		if i := slices.IndexFunc(base, func(d optimizers.Definition) bool { return d.Name == name }); i >= 0 {
			parts = append(parts, base[i])
		}
	}
	return parts
}

// needOf is the most that a part may need.
func needOf(base []optimizers.Definition) optimizers.Need {
	need := optimizers.NeedLoss
	for _, d := range base {
		need = max(need, d.Need)
	}
	return need
}

func anyFullBatch(parts []optimizers.Definition) bool {
	return slices.ContainsFunc(parts, func(d optimizers.Definition) bool { return d.FullBatch })
}

// work counts evaluations of the loss alone.
type work = uint64

// cost is the work of an evaluation: back-propagation takes two forward passes.
func cost(need optimizers.Need) work {
	if need == optimizers.NeedGrad {
		return 3
	}
	return 1
}

// start builds the optimizer with w to spend, or an unknown amount if p has no
// budget.
func (q *part) start(p optimizers.Problem, w work) error {
	if p.Budget > 0 {
		p.Budget = max(1, int(min(w/cost(q.def.Need), math.MaxInt)))
	}
	opt, err := q.def.New(q.config, p)
	if err != nil {
		return err
	}
	q.opt = opt
	return nil
}

// need is what it is to be told of the candidates of its last Ask.
func (q *part) need() optimizers.Need {
	if n, ok := q.opt.(optimizers.Needer); ok {
		return min(q.def.Need, n.Needs())
	}
	return q.def.Need
}

// ask returns no candidates if the part has converged or diverged.
func (q *part) ask() ([][]float64, error) {
	rows, err := q.opt.Ask()
	return rows, q.explain(err)
}

// tell reports whether the part goes on.
func (q *part) tell(evals []optimizers.Evaluation) (bool, error) {
	err := q.opt.Tell(evals)
	return err == nil, q.explain(err)
}

// explain passes errors on, but for divergence, which ends the part alone.
func (q *part) explain(err error) error {
	if err == nil || errors.Is(err, optimizers.ErrDiverged) {
		return nil
	}
	return fmt.Errorf("%s: %w", q.def.Name, err)
}

// recommended is the part's answer so far, or nil if it has none.
func (q *part) recommended() []float64 {
	switch o := q.opt.(type) {
	case optimizers.Recommender:
		return o.Recommend()
	case optimizers.Shortlister:
		if list := o.Shortlist(1); len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// diagnose passes on the part's diagnostics, and reports whether to go on.
func (q *part) diagnose(yield func(string, float64) bool) bool {
	if d, ok := q.opt.(optimizers.Diagnoser); ok {
		for name, x := range d.Diagnostics() {
			if !yield(name, x) {
				return false
			}
		}
	}
	return true
}

func (q *part) save() ([]byte, error) {
	m, ok := q.opt.(encoding.BinaryMarshaler)
	if !ok {
		return nil, fmt.Errorf("%s has no checkpoint", q.def.Name)
	}
	data, err := m.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.def.Name, err)
	}
	return data, nil
}

func (q *part) load(data []byte) error {
	m, ok := q.opt.(encoding.BinaryUnmarshaler)
	if !ok {
		return fmt.Errorf("%s has no checkpoint", q.def.Name)
	}
	if err := m.UnmarshalBinary(data); err != nil {
		return fmt.Errorf("%s: %w", q.def.Name, err)
	}
	return nil
}

// close releases the optimizer.
func (q *part) close() error {
	if q.opt == nil {
		return nil
	}
	if c, ok := q.opt.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// loadState is [optimizers.LoadState] for fields that end in checkpoints of
// parts, whose sizes it does not know: it makes room for what the others leave.
// The fields are those of what is saved.
func loadState(name string, data []byte, fields ...any) (parts []byte, err error) {
	alone, err := optimizers.SaveState(name, fields...)
	if err != nil {
		return nil, err
	}
	parts = make([]byte, max(0, len(data)-len(alone)))
	return parts, optimizers.LoadState(name, data, append(slices.Clip(fields), parts)...)
}

// lowest is the least loss, and whose it is.
func lowest(evals []optimizers.Evaluation) (loss float64, k int) {
	for i, e := range evals {
		if e.Loss < evals[k].Loss {
			k = i
		}
	}
	return evals[k].Loss, k
}
