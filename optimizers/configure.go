package optimizers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Configure returns defaults with the members of config, a JSON object, in
// their place. An empty config changes nothing.
//
// It is strict, because a misspelt setting that is silently ignored makes a
// comparison wrong: an unknown member, a member given twice, null, a value of
// another type, out of its range or not among its choices is an error that
// names the member, the value, and what would be right. C is a configuration
// struct as [Params] wants it.
func Configure[C any](defaults C, config json.RawMessage) (C, error) {
	if len(bytes.TrimSpace(config)) == 0 {
		return defaults, nil
	}
	c := defaults
	params := Params(defaults)
	fields := members(reflect.ValueOf(&c).Elem())
	err := eachGiven(params, config, func(i int, raw json.RawMessage) error {
		return params[i].set(fields[i].value, raw)
	})
	if err != nil {
		return defaults, err
	}
	return c, nil
}

// eachGiven calls do with each member of config and the index of its parameter.
// A member that is not one of params, or is given twice, is an error.
func eachGiven(params []Param, config json.RawMessage, do func(i int, raw json.RawMessage) error) error {
	given := make([]bool, len(params))
	return eachMember(config, func(name string, raw json.RawMessage) error {
		i := slices.IndexFunc(params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return unknownMember(name, params)
		}
		if given[i] {
			return fmt.Errorf("%s: given twice", name)
		}
		given[i] = true
		return do(i, raw)
	})
}

// eachMember calls do with each member of a JSON object, in order. The standard
// decoder would match names in any case and keep the last of two.
func eachMember(object json.RawMessage, do func(name string, raw json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(object))
	malformed := func(err error) error {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("configuration is not JSON: %w", err)
	}
	open, err := dec.Token()
	if err != nil {
		return malformed(err)
	}
	if open != json.Delim('{') {
		return fmt.Errorf("configuration starts with %v, want a JSON object", open)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return malformed(err)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return malformed(err)
		}
		if err := do(name.(string), raw); err != nil { // in an object, the decoder insists on it
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return malformed(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("configuration goes on after the end of its JSON object")
	}
	return nil
}

func unknownMember(name string, params []Param) error {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	switch near := Suggest(name, names); {
	case len(names) == 0:
		return fmt.Errorf("%s: no such member, there are none", strconv.Quote(name))
	case near != "":
		return fmt.Errorf("%s: no such member, did you mean %s? (members: %s)", strconv.Quote(name), near, strings.Join(names, ", "))
	default:
		return fmt.Errorf("%s: no such member (members: %s)", strconv.Quote(name), strings.Join(names, ", "))
	}
}

// set stores a JSON value in the field that p describes, if it is a right one.
// Of the JSON values, the strconv functions take only numbers.
func (p Param) set(field reflect.Value, raw json.RawMessage) error {
	switch field.Kind() {
	case reflect.Float64:
		x, err := strconv.ParseFloat(string(raw), 64)
		if err != nil || !p.contains(x) {
			return p.want(raw)
		}
		field.SetFloat(x)
	case reflect.Int:
		x, err := strconv.ParseInt(string(raw), 10, strconv.IntSize)
		if err != nil {
			var ok bool
			if x, ok = parseWhole(raw); !ok {
				return p.want(raw)
			}
		}
		if !p.contains(float64(x)) {
			return p.want(raw)
		}
		field.SetInt(x)
	case reflect.Uint64:
		x, err := strconv.ParseUint(string(raw), 10, 64)
		if err != nil {
			whole, ok := parseWhole(raw)
			if !ok || whole < 0 {
				return p.want(raw)
			}
			x = uint64(whole)
		}
		if !p.contains(float64(x)) {
			return p.want(raw)
		}
		field.SetUint(x)
	case reflect.Bool:
		if s := string(raw); s != "true" && s != "false" {
			return p.want(raw)
		}
		field.SetBool(string(raw) == "true")
	case reflect.String:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil || raw[0] != '"' { // it takes null
			return p.want(raw)
		}
		if p.Choices != nil && !slices.Contains(p.Choices, s) {
			return p.want(raw)
		}
		field.SetString(s)
	}
	return nil
}

// parseWhole reads a whole number written as 1e3 or 100.0, as programs that
// know only floats write it.
func parseWhole(raw json.RawMessage) (int64, bool) {
	const exact = 1 << 53 // below it, a float64 is the whole number that was written
	x, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || x != math.Trunc(x) || math.Abs(x) >= exact {
		return 0, false
	}
	return int64(x), true
}
