package optimizers

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A Param describes one member of a configuration: what users may set, to
// what, and what it is when they do not. It is derived from the tags of the
// configuration struct, so that one place validates, documents, completes and
// tunes:
//
//	type SGDConfig struct {
//		LR       float64 `json:"lr" doc:"learning rate" range:"(0,10]" scale:"log"`
//		Schedule string  `json:"schedule" doc:"how it changes" choices:"constant,cosine"`
//	}
//
// A range is an interval: a round bracket leaves the bound out, a missing bound
// is infinite, as in "[1,)". Scale "log" says that a search over the member
// should be even in its logarithm.
type Param struct {
	Name    string          `json:"name"`
	Doc     string          `json:"doc"`
	Type    string          `json:"type"` // "float", "int", "bool" or "string"
	Default json.RawMessage `json:"default"`
	Min     *float64        `json:"min,omitempty"` // nil: no bound
	Max     *float64        `json:"max,omitempty"`
	MinOpen bool            `json:"min_open,omitempty"` // Min itself is out of range
	MaxOpen bool            `json:"max_open,omitempty"`
	Log     bool            `json:"log,omitempty"`
	Choices []string        `json:"choices,omitempty"` // nil: any string
}

// Params describes every member of a configuration struct, in the order of its
// fields. The values of defaults are the defaults.
//
// A configuration is flat: its fields are float64, int, uint64, bool or string,
// each with a json name and a doc tag. An embedded struct counts as its fields,
// so that what several optimizers share is described once. Params panics, naming
// the field, on anything else and on a default that is out of its own range:
// these are bugs in the program.
func Params(defaults any) []Param {
	v := reflect.ValueOf(defaults)
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("optimizers: configuration is a %T, want a struct", defaults))
	}
	var params []Param
	for _, f := range members(v) {
		p, err := newParam(f.StructField, f.value)
		if err == nil && slices.ContainsFunc(params, func(q Param) bool { return q.Name == p.Name }) {
			err = fmt.Errorf("json name %q is taken", p.Name)
		}
		if err != nil {
			panic(fmt.Sprintf("optimizers: field %s of %T: %v", f.Name, defaults, err))
		}
		params = append(params, p)
	}
	return params
}

// A member is a field of a configuration, or of a struct embedded in it.
type member struct {
	reflect.StructField
	value reflect.Value
}

// members lists them in the order in which they are declared.
func members(v reflect.Value) []member {
	var ms []member
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			ms = append(ms, members(v.Field(i))...)
		} else {
			ms = append(ms, member{f, v.Field(i)})
		}
	}
	return ms
}

func newParam(field reflect.StructField, value reflect.Value) (Param, error) {
	p := Param{Name: field.Tag.Get("json"), Doc: field.Tag.Get("doc")}
	if !field.IsExported() || p.Name == "" || p.Name == "-" || strings.Contains(p.Name, ",") {
		return p, fmt.Errorf("want it exported, with a plain json name, not %q", p.Name)
	}
	if p.Doc == "" {
		return p, fmt.Errorf("want a doc tag")
	}
	switch field.Type {
	case reflect.TypeFor[float64]():
		p.Type = "float"
	case reflect.TypeFor[int]():
		p.Type = "int"
	case reflect.TypeFor[uint64]():
		p.Type = "int"
		p.Min = new(float64)
	case reflect.TypeFor[bool]():
		p.Type = "bool"
	case reflect.TypeFor[string]():
		p.Type = "string"
	default:
		return p, fmt.Errorf("type %v, want float64, int, uint64, bool or string", field.Type)
	}
	number := p.Type == "float" || p.Type == "int"
	if tag, ok := field.Tag.Lookup("range"); ok {
		if !number {
			return p, fmt.Errorf("a range is for numbers, not for a %s", p.Type)
		}
		if err := p.parseRange(tag); err != nil {
			return p, err
		}
	}
	if tag, ok := field.Tag.Lookup("choices"); ok {
		if p.Type != "string" {
			return p, fmt.Errorf("choices are for strings, not for a %s", p.Type)
		}
		p.Choices = strings.Split(tag, ",")
	}
	if tag, ok := field.Tag.Lookup("scale"); ok {
		if tag != "log" || !number || p.Min == nil || *p.Min < 0 {
			return p, fmt.Errorf("scale %q, want log, for a number with a range that is not negative", tag)
		}
		p.Log = true
	}
	raw, err := json.Marshal(value.Interface())
	if err != nil {
		return p, fmt.Errorf("default %v: %w", value, err)
	}
	p.Default = raw
	if err := p.set(reflect.New(field.Type).Elem(), raw); err != nil {
		return p, fmt.Errorf("default: %w", err)
	}
	return p, nil
}

// parseRange reads an interval such as "(0,10]" or "[1,)".
func (p *Param) parseRange(tag string) error {
	inner, ok := strings.CutPrefix(tag, "(")
	p.MinOpen = ok
	if !ok {
		inner, ok = strings.CutPrefix(tag, "[")
	}
	low, high, comma := strings.Cut(inner, ",")
	high, round := strings.CutSuffix(high, ")")
	p.MaxOpen = round
	high, square := strings.CutSuffix(high, "]")
	if !ok || !comma || round == square {
		return fmt.Errorf("range %q, want an interval such as (0,10] or [1,)", tag)
	}
	for _, bound := range []struct {
		text string
		to   **float64
	}{{low, &p.Min}, {high, &p.Max}} {
		if bound.text == "" {
			continue
		}
		x, err := strconv.ParseFloat(bound.text, 64)
		if err != nil {
			return fmt.Errorf("range %q: %w", tag, err)
		}
		*bound.to = &x
	}
	return nil
}

// Range is what the member may be, for documentation and errors: "(0, 10]",
// "[1, inf)", "constant, step, cosine", or "" if its type says it all.
func (p Param) Range() string {
	if p.Choices != nil {
		return strings.Join(p.Choices, ", ")
	}
	if p.Min == nil && p.Max == nil {
		return ""
	}
	low, high := "(-inf", "inf)"
	if p.Min != nil {
		low = "[" + formatBound(*p.Min)
		if p.MinOpen {
			low = "(" + low[1:]
		}
	}
	if p.Max != nil {
		high = formatBound(*p.Max) + "]"
		if p.MaxOpen {
			high = high[:len(high)-1] + ")"
		}
	}
	return low + ", " + high
}

// formatBound writes 1000000 as a person would, and 1e-06 as 1e-6.
func formatBound(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if plain := strconv.FormatFloat(x, 'f', -1, 64); len(plain) <= 7 {
		return plain
	}
	return strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(s)
}

// contains reports whether x is in the range.
func (p Param) contains(x float64) bool {
	if p.Min != nil && (x < *p.Min || p.MinOpen && x == *p.Min) {
		return false
	}
	return p.Max == nil || x < *p.Max || !p.MaxOpen && x == *p.Max
}

// want is the error for a value that the member cannot have.
func (p Param) want(raw json.RawMessage) error {
	var want string
	switch {
	case p.Choices != nil:
		want = "one of " + p.Range()
	case p.Type == "bool":
		want = "true or false"
	case p.Type == "string":
		want = "a string"
	default:
		want = map[string]string{"float": "a number", "int": "an integer"}[p.Type]
		if r := p.Range(); r != "" {
			want += " in " + r
		}
	}
	got := string(raw)
	if len(got) > 40 {
		got = strings.ToValidUTF8(got[:40], "") + "..."
	}
	return fmt.Errorf("%s: %s, want %s", p.Name, got, want)
}
