package main

import (
	"encoding/json"
	"slices"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// An offer is something that an entry of an experiment can name.
type offer struct {
	name   string
	params []optimizers.Param
}

func offered[T any](list []T, describe func(T) offer) []offer {
	offers := make([]offer, len(list))
	for i, v := range list {
		offers[i] = describe(v)
	}
	return offers
}

// choices reads the entries of one kind of part, and where each is. An entry
// whose minibatch is a list stands for several choices.
func choices(n node, kind string, offers []offer) ([]bench.Choice, []place, error) {
	if n.kind != list || len(n.items) == 0 {
		return nil, nil, n.errorf("%ss is %s, want a list with at least one %s", kind, emptyOr(n), kind)
	}
	var cs []bench.Choice
	var at []place
	for _, item := range n.items {
		c, batches, err := choice(item, kind, offers)
		if err != nil {
			return nil, nil, err
		}
		for _, b := range batches {
			c.Batch = b
			cs = append(cs, c)
			at = append(at, item.place)
		}
	}
	return cs, at, nil
}

func emptyOr(n node) string {
	if n.kind == list {
		return "empty"
	}
	return n.describe()
}

// choice reads one entry, in any of these forms:
//
//	rprop
//	sgd: {lr: [0.01, 0.1], momentum: 0.9}
//	{csv: wine.csv, target: quality}
//
// The first key names the thing, a value that is not a mapping is its
// parameter "path", and all other keys are parameters. The second result is
// one minibatch, or several.
func choice(n node, kind string, offers []offer) (bench.Choice, []*int, error) {
	none := bench.Choice{}
	name, params := n, []pair(nil)
	switch {
	case n.kind == mapping && len(n.pairs) > 0:
		first := n.pairs[0]
		name = first.key
		switch {
		case first.value.kind == mapping:
			params = append(params, first.value.pairs...)
		case !first.value.isNull():
			params = append(params, pair{node{place: first.value.place, text: "path"}, first.value})
		}
		params = append(params, n.pairs[1:]...)
	case n.kind != scalar || n.isNull():
		return none, nil, n.errorf("%s is %s, want a name or a mapping such as {name: {parameter: value}}", kind, n.describe())
	}
	names := make([]string, len(offers))
	for i, o := range offers {
		names[i] = o.name
	}
	if err := name.oneOf(names, "no %s is called %s", kind, name.describe()); err != nil {
		return none, nil, err
	}
	o := offers[slices.Index(names, name.text)]
	c := bench.Choice{Name: o.name}
	batches := []*int{nil}
	seen := make(map[string]bool)
	for _, p := range params {
		if seen[p.key.text] {
			return none, nil, p.key.errorf("%s: %s is given twice", o.name, p.key.text)
		}
		seen[p.key.text] = true
		values := []node{p.value}
		if p.value.kind == list {
			values = p.value.items
		}
		if len(values) == 0 {
			return none, nil, p.value.errorf("%s: %s has no values, want at least one", o.name, p.key.text)
		}
		if kind == "optimizer" && p.key.text == "batch" {
			batches = nil
			for _, v := range values {
				b, err := batch(v)
				if err != nil {
					return none, nil, err
				}
				batches = append(batches, &b)
			}
			continue
		}
		axis, err := o.axis(kind, p.key, values)
		if err != nil {
			return none, nil, err
		}
		c.Axes = append(c.Axes, axis)
	}
	return c, batches, nil
}

// axis checks the values of one parameter, each at its own place.
func (o offer) axis(kind string, key node, values []node) (bench.Axis, error) {
	i := slices.IndexFunc(o.params, func(p optimizers.Param) bool { return p.Name == key.text })
	if i < 0 {
		names := make([]string, len(o.params))
		for i, p := range o.params {
			names[i] = p.Name
		}
		if kind == "optimizer" {
			names = append(names, "batch")
		}
		if key.text == "path" {
			return bench.Axis{}, key.errorf("%s is not read from a file, want %s or {%s: {parameter: value}}", o.name, o.name, o.name)
		}
		return bench.Axis{}, key.oneOf(names, "%s has no parameter %s", o.name, key.describe())
	}
	axis := bench.Axis{Param: key.text}
	for _, v := range values {
		if v.kind != scalar {
			return bench.Axis{}, v.errorf("%s: %s is %s, want a value or a list of values", o.name, key.text, v.describe())
		}
		raw, err := v.raw()
		if err != nil {
			return bench.Axis{}, err
		}
		config, err := json.Marshal(map[string]json.RawMessage{key.text: raw})
		if err != nil {
			return bench.Axis{}, err
		}
		if _, err := optimizers.Resolve(o.params, config); err != nil {
			return bench.Axis{}, v.errorf("%s: %v", o.name, err)
		}
		axis.Values = append(axis.Values, raw)
	}
	return axis, nil
}
