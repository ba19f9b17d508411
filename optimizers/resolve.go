package optimizers

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Resolve completes a configuration from its schema alone: the result is a JSON
// object with every member of params, in their order, each as config has it or
// else its default, and each value written in one way only. Two configurations
// that mean the same resolve to the same bytes, so that the result can be
// hashed and compared. It is as strict as [Configure].
func Resolve(params []Param, config json.RawMessage) (json.RawMessage, error) {
	values := make([]json.RawMessage, len(params))
	for i, p := range params {
		values[i] = p.Default
	}
	if len(bytes.TrimSpace(config)) > 0 {
		err := eachGiven(params, config, func(i int, raw json.RawMessage) (err error) {
			values[i], err = params[i].canonical(raw)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range params {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(p.Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(values[i])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// canonical checks a value and writes it as its type is written: 1e2 and 100.0
// become 100.
func (p Param) canonical(raw json.RawMessage) (json.RawMessage, error) {
	var t reflect.Type
	switch {
	case p.Type == "float":
		t = reflect.TypeFor[float64]()
	case p.Type == "int" && p.Min != nil && *p.Min == 0 && p.Max == nil:
		t = reflect.TypeFor[uint64]() // as Params describes one
	case p.Type == "int":
		t = reflect.TypeFor[int]()
	case p.Type == "bool":
		t = reflect.TypeFor[bool]()
	default:
		t = reflect.TypeFor[string]()
	}
	v := reflect.New(t).Elem()
	if err := p.set(v, raw); err != nil {
		return nil, err
	}
	return json.Marshal(v.Interface())
}
