package network

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// UnmarshalJSON reads a list of layers, objects with a "type" and the members
// of that spec. Unknown types and members, members given twice, null, and
// values of a wrong type are errors that name the place, as in
// `layers[2].body[0]: unknown member "ouy" of dense, want out, init, gain,
// no_bias, bias`. Whether the layers fit together is for [New] to say.
func (s *Specs) UnmarshalJSON(data []byte) error {
	specs, err := parseSpecs(data, "layers", 0)
	if err != nil {
		return err
	}
	*s = specs
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads, "type" first.
func (s Specs) MarshalJSON() ([]byte, error) {
	b := []byte("[")
	for i, spec := range s {
		if spec == nil {
			return nil, fmt.Errorf("layers[%d]: want a spec, got nil", i)
		}
		members, err := json.Marshal(spec)
		if err != nil {
			return nil, fmt.Errorf("layers[%d]: %w", i, err)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"type":%q`, spec.spec())
		if len(members) > len("{}") {
			b = append(b, ',')
		}
		b = append(b, members[1:]...)
	}
	return append(b, ']'), nil
}

func parseSpecs(data []byte, path string, depth int) (Specs, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: layers nested more than %d deep", path, maxDepth)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil || list == nil {
		return nil, fmt.Errorf("%s: want a list of layers, got %s", path, excerpt(data))
	}
	specs := make(Specs, len(list))
	for i, item := range list {
		var err error
		if specs[i], err = parseSpec(item, fmt.Sprintf("%s[%d]", path, i), depth); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

func parseSpec(data []byte, path string, depth int) (Spec, error) {
	members, err := object(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var name string
	if i := slices.IndexFunc(members, func(m member) bool { return m.name == "type" }); i >= 0 {
		if err := json.Unmarshal(members[i].value, &name); err != nil {
			return nil, fmt.Errorf("%s.type: want a string, got %s", path, excerpt(members[i].value))
		}
		members = slices.Delete(members, i, i+1)
	}
	var names []string
	for _, t := range specTypes {
		if t.zero.spec() == name {
			return fill(t.zero, members, path, depth)
		}
		names = append(names, t.zero.spec())
	}
	if name == "" {
		return nil, fmt.Errorf("%s: no type, want one of %s", path, strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%s: unknown type %q, want one of %s", path, name, strings.Join(names, ", "))
}

// fill returns zero, the zero value of a spec, with members set by their names
// in its json tags, to the letter.
func fill(zero Spec, members []member, path string, depth int) (Spec, error) {
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	var names []string
	for f := range v.Type().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	for _, m := range members {
		i := slices.Index(names, m.name)
		if i < 0 && len(names) == 0 {
			return nil, fmt.Errorf("%s: unknown member %q of %s, which has none", path, m.name, zero.spec())
		}
		if i < 0 {
			return nil, fmt.Errorf("%s: unknown member %q of %s, want %s", path, m.name, zero.spec(), strings.Join(names, ", "))
		}
		at := path + "." + m.name
		field := v.Field(i)
		if body, ok := field.Addr().Interface().(*Specs); ok {
			var err error
			if *body, err = parseSpecs(m.value, at, depth+1); err != nil {
				return nil, err
			}
			continue
		}
		if err := json.Unmarshal(m.value, field.Addr().Interface()); err != nil || string(m.value) == "null" {
			return nil, fmt.Errorf("%s: want %s, got %s", at, kinds[field.Kind()], excerpt(m.value))
		}
	}
	return v.Interface().(Spec), nil
}

// kinds are the types of members in the words of JSON.
var kinds = map[reflect.Kind]string{
	reflect.Bool:    "true or false",
	reflect.Float64: "a number",
	reflect.Int:     "an integer",
	reflect.Slice:   "a list of integers",
	reflect.String:  "a string",
}

// A member is one of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// object reads the members of data, which is valid JSON: an object with each
// member once.
func object(data []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("want an object, got %s", excerpt(data))
	}
	var members []member
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: t.(string)} // the decoder accepts nothing else here
		if seen[m.name] {
			return nil, fmt.Errorf("member %q twice", m.name)
		}
		seen[m.name] = true
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

// excerpt is the beginning of data, for an error.
func excerpt(data []byte) string {
	const most = 40
	data = bytes.TrimSpace(data)
	if len(data) > most {
		return string(data[:most]) + "..."
	}
	return string(data)
}
