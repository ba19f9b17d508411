package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/joust-bench/joust/optimizers"
)

// The most that a description may hold: many times what any optimizer has, and
// little enough to print and to keep with every result.
const (
	maxOptimizers = 1000
	maxParams     = 256
	maxChoices    = 256
	maxRefs       = 64
	maxWord       = 64      // bytes of a name, a version, a licence
	maxLine       = 1000    // bytes of a sentence, a reference, a default
	maxDoc        = 1 << 16 // bytes of Markdown
	maxDim        = 1 << 48 // weights: more than there is memory for
)

// Definitions returns what the answer to Describe says of each optimizer, as
// [Definition] does. The names are distinct, and there is at least one.
func Definitions(r *DescribeResponse) ([]optimizers.Definition, error) {
	if n := len(r.GetOptimizers()); n == 0 || n > maxOptimizers {
		return nil, fmt.Errorf("describes %d optimizers, want 1 to %d", n, maxOptimizers)
	}
	for member, list := range map[string][]string{"runtime": r.GetRuntime(), "features": r.GetFeatures()} {
		if err := checkLines(list, maxRefs, maxLine); err != nil {
			return nil, fmt.Errorf("%s: %w", member, err)
		}
	}
	defs := make([]optimizers.Definition, len(r.GetOptimizers()))
	taken := map[string]bool{}
	for i, d := range r.GetOptimizers() {
		var err error
		if defs[i], err = Definition(d); err != nil {
			return nil, fmt.Errorf("optimizer %d: %w", i+1, err)
		}
		if taken[defs[i].Name] {
			return nil, fmt.Errorf("optimizer %d: name %q is that of another one, too", i+1, defs[i].Name)
		}
		taken[defs[i].Name] = true
	}
	return defs, nil
}

// Definition returns what a description says, without New, which is nil.
//
// A description comes from another process, so that every member is checked: by
// the rules of [optimizers.Params] and [optimizers.Define] and against what
// would spoil a list, a report or a terminal. The error names the optimizer, if
// its name is right, and the member.
func Definition(d *Description) (optimizers.Definition, error) {
	var def optimizers.Definition
	if err := checkName(d.GetName(), optimizerName); err != nil {
		return def, fmt.Errorf("name: %w", err)
	}
	def, err := definition(d)
	if err != nil {
		return optimizers.Definition{}, fmt.Errorf("%s: %w", d.GetName(), err)
	}
	return def, nil
}

func definition(d *Description) (def optimizers.Definition, err error) {
	for _, m := range []struct {
		name, text string
		most       int
	}{
		{"version", d.GetVersion(), maxWord},
		{"summary", d.GetSummary(), maxLine},
		{"license", d.GetLicense(), maxWord},
		{"homepage", d.GetHomepage(), maxLine},
	} {
		if err := checkLine(m.text, m.most); err != nil {
			return def, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if d.GetSummary() == "" {
		return def, errors.New("summary: none, want a sentence")
	}
	if err := checkText(d.GetDoc(), maxDoc, "\n\t"); err != nil {
		return def, fmt.Errorf("doc: %w", err)
	}
	if err := checkLines(d.GetRefs(), maxRefs, maxLine); err != nil {
		return def, fmt.Errorf("refs: %w", err)
	}
	def = optimizers.Definition{
		Name: d.GetName(), Summary: d.GetSummary(), Refs: slices.Clone(d.GetRefs()), FullBatch: d.GetFullBatch(),
	}
	switch d.GetNeed() {
	case Need_NEED_LOSS:
		def.Need = optimizers.NeedLoss
	case Need_NEED_GRAD:
		def.Need = optimizers.NeedGrad
	default:
		return def, fmt.Errorf("need: %v, want loss or gradient", d.GetNeed())
	}
	if err := checkDims(d.GetMinDim(), d.GetMaxDim()); err != nil {
		return def, err
	}
	def.MinDim, def.MaxDim = int(d.GetMinDim()), int(d.GetMaxDim())
	if def.Memory, err = memory(d.GetMemory()); err != nil {
		return def, fmt.Errorf("memory: %w", err)
	}
	if err := checkAbilities(d.GetAbilities()); err != nil {
		return def, fmt.Errorf("abilities: %w", err)
	}
	def.Params, err = params(d.GetParams())
	return def, err
}

func checkDims(least, most uint64) error {
	switch {
	case least > maxDim:
		return fmt.Errorf("min_dim: %d, want at most %d, or 0 for no limit", least, uint64(maxDim))
	case most > maxDim:
		return fmt.Errorf("max_dim: %d, want at most %d, or 0 for no limit", most, uint64(maxDim))
	case most > 0 && most < least:
		return fmt.Errorf("max_dim: %d, want at least min_dim, %d", most, least)
	}
	return nil
}

// memory returns the polynomial, which is 0 where nothing is known.
func memory(m *Memory) (func(dim int) int64, error) {
	for _, c := range []struct {
		name string
		x    float64
	}{{"fixed", m.GetFixed()}, {"per_dim", m.GetPerDim()}, {"per_dim2", m.GetPerDim2()}} {
		if !(c.x >= 0) || math.IsInf(c.x, 1) {
			return nil, fmt.Errorf("%s: %v bytes, want a finite number that is not negative", c.name, c.x)
		}
	}
	fixed, perDim, perDim2 := m.GetFixed(), m.GetPerDim(), m.GetPerDim2()
	return func(dim int) int64 {
		d := float64(dim)
		if bytes := fixed + float64(perDim*d) + float64(perDim2*d*d); bytes < math.MaxInt64 {
			return int64(bytes)
		}
		return math.MaxInt64
	}, nil
}

func checkAbilities(list []Ability) error {
	for i, a := range list {
		if _, known := Ability_name[int32(a)]; !known || a == Ability_ABILITY_UNSPECIFIED {
			return fmt.Errorf("%v is not known", a)
		}
		if slices.Contains(list[:i], a) {
			return fmt.Errorf("%v is there twice", a)
		}
	}
	return nil
}

func params(list []*Param) ([]optimizers.Param, error) {
	if len(list) > maxParams {
		return nil, fmt.Errorf("params: %d, want at most %d", len(list), maxParams)
	}
	var ps []optimizers.Param
	for i, m := range list {
		if err := checkName(m.GetName(), paramName); err != nil {
			return nil, fmt.Errorf("params: member %d: name: %w", i+1, err)
		}
		p, err := param(m)
		if err == nil && slices.ContainsFunc(ps, func(q optimizers.Param) bool { return q.Name == p.Name }) {
			err = errors.New("the name is that of another one, too")
		}
		if err != nil {
			return nil, fmt.Errorf("params: %s: %w", m.GetName(), err)
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func param(m *Param) (optimizers.Param, error) {
	p := optimizers.Param{
		Name: m.GetName(), Doc: m.GetDoc(), Type: m.GetType(), Min: m.Min, Max: m.Max,
		MinOpen: m.GetMinOpen(), MaxOpen: m.GetMaxOpen(), Log: m.GetLog(),
	}
	if p.Name == "batch" {
		return p, errors.New("the name is the referee's, who sets the size of the minibatch by it")
	}
	if err := checkLine(p.Doc, maxLine); err != nil {
		return p, fmt.Errorf("doc: %w", err)
	}
	if p.Doc == "" {
		return p, errors.New("doc: none, want a few words")
	}
	number := p.Type == "float" || p.Type == "int"
	if !number && p.Type != "bool" && p.Type != "string" {
		return p, fmt.Errorf("type: %s, want float, int, bool or string", quote(p.Type))
	}
	if err := checkRange(p, number); err != nil {
		return p, err
	}
	if n := len(m.GetChoices()); n > 0 {
		if p.Type != "string" {
			return p, fmt.Errorf("choices: they are for strings, not for a %s", p.Type)
		}
		if err := checkLines(m.GetChoices(), maxChoices, maxLine); err != nil {
			return p, fmt.Errorf("choices: %w", err)
		}
		p.Choices = slices.Clone(m.GetChoices())
		for i, c := range p.Choices {
			if c == "" || slices.Contains(p.Choices[:i], c) {
				return p, fmt.Errorf("choices: %q, want them distinct and not empty", c)
			}
		}
	}
	return p, setDefault(&p, m.GetDefault())
}

func checkRange(p optimizers.Param, number bool) error {
	if !number && (p.Min != nil || p.Max != nil || p.MinOpen || p.MaxOpen || p.Log) {
		return fmt.Errorf("min, max, log: they are for numbers, not for a %s", p.Type)
	}
	for name, bound := range map[string]*float64{"min": p.Min, "max": p.Max} {
		if bound != nil && (math.IsNaN(*bound) || math.IsInf(*bound, 0)) {
			return fmt.Errorf("%s: %v, want a finite number, or none", name, *bound)
		}
	}
	if p.Min != nil && p.Max != nil && (*p.Min > *p.Max || *p.Min == *p.Max && (p.MinOpen || p.MaxOpen)) {
		return fmt.Errorf("max: no number is in %s", p.Range())
	}
	if p.Log && (p.Min == nil || *p.Min < 0) {
		return errors.New("log: want it for a number whose min is not negative")
	}
	return nil
}

// setDefault sets the default as the schema writes it, which has to take it.
func setDefault(p *optimizers.Param, text string) error {
	if len(text) > maxLine {
		return fmt.Errorf("default: %d bytes, want at most %d", len(text), maxLine)
	}
	given, err := json.Marshal(map[string]json.RawMessage{p.Name: json.RawMessage(text)})
	if err != nil || text == "" {
		return fmt.Errorf("default: %s, want JSON", quote(text))
	}
	all, err := optimizers.Resolve([]optimizers.Param{*p}, given)
	if err != nil {
		return fmt.Errorf("default: %w", err)
	}
	value := bytes.TrimPrefix(all, fmt.Appendf(nil, `{"%s":`, p.Name)) // the name needs no escapes
	p.Default = json.RawMessage(bytes.TrimSuffix(value, []byte("}")))
	return nil
}

var (
	optimizerName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	paramName     = regexp.MustCompile(`^[a-z][a-z0-9]*([_-][a-z0-9]+)*$`)
)

func checkName(name string, form *regexp.Regexp) error {
	if len(name) > maxWord || !form.MatchString(name) {
		return fmt.Errorf("%s, want a lower-case word of at most %d letters, digits and dashes, such as cma-es", quote(name), maxWord)
	}
	return nil
}

func checkLines(list []string, most, bytes int) error {
	if len(list) > most {
		return fmt.Errorf("%d, want at most %d", len(list), most)
	}
	for _, s := range list {
		if err := checkLine(s, bytes); err != nil {
			return err
		}
	}
	return nil
}

func checkLine(s string, most int) error { return checkText(s, most, "") }

// checkText lets no control characters through but those given: on a terminal
// they could do anything.
func checkText(s string, most int, control string) error {
	if len(s) > most {
		return fmt.Errorf("%d bytes, want at most %d", len(s), most)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%s is not UTF-8", quote(s))
	}
	for _, r := range s {
		if !strings.ContainsRune(control, r) && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.In(r, unicode.Zl, unicode.Zp)) {
			return fmt.Errorf("%s has the character %U in it, want plain text", quote(s), r)
		}
	}
	return nil
}

// quote is the text, or its beginning, for an error.
func quote(s string) string {
	if len(s) > 40 {
		return fmt.Sprintf("%q...", s[:40])
	}
	return fmt.Sprintf("%q", s)
}
