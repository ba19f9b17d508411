package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// An entry is what the optimizers of an experiment say of a plugin, in one of
// these forms:
//
//	my-es: {sigma: 0.1}                                      # installed, by its id
//	plugin: {id: my-es, optimizer: es, params: {sigma: 0.1}}  # one of those that it serves
//	plugin: {path: ./my-es, params: {sigma: [0.1, 0.3]}, batch: 64}
//	plugin: ./my-es
//	plugin: {path: my-es.tar.gz, hash: "sha256:..."}          # sent along with the experiment
type entry struct {
	place
	use
	params []pair // of the optimizer, and its minibatch
}

// A use is which plugin, and which optimizer of it.
type use struct {
	id, path  string // one of them
	hash      string // of its files; empty: any
	optimizer string // as the plugin calls it; empty: the only one
}

var treeHash = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// pluginEntry reads an item that starts with the key plugin.
func pluginEntry(item node) (entry, error) {
	e := entry{place: item.place}
	const want = `want such as "plugin: ./my-es" or "plugin: {path: ./my-es, params: {sigma: 0.1}}"`
	if item.kind != mapping {
		return e, item.errorf("plugin: which one? %s", want)
	}
	value := item.pairs[0].value
	pairs := item.pairs[1:]
	switch {
	case value.kind == mapping:
		pairs = append(slices.Clip(value.pairs), pairs...)
	case value.kind == list || value.isNull():
		return e, value.errorf("plugin is %s, %s", value.describe(), want)
	default:
		pairs = append([]pair{{node{place: value.place, text: "path"}, value}}, pairs...)
	}
	f, err := node{place: item.place, kind: mapping, pairs: pairs}.fields("plugin", "path", "id", "hash", "optimizer", "params", "batch")
	if err != nil {
		return e, err
	}
	for name, to := range map[string]*string{"path": &e.path, "id": &e.id, "hash": &e.hash, "optimizer": &e.optimizer} {
		n, ok := f[name]
		if !ok {
			continue
		}
		if *to, ok = n.str(); !ok || *to == "" {
			return e, n.errorf("plugin: %s is %s, want a string", name, n.describe())
		}
	}
	switch {
	case e.path == "" && e.id == "":
		return e, item.errorf("plugin: which one? %s, or {id: my-es} for one that is installed", want)
	case e.path != "" && e.id != "":
		return e, f["id"].errorf("plugin: an id and a path, want one of them")
	case e.hash != "" && !treeHash.MatchString(e.hash):
		return e, f["hash"].errorf("plugin: hash %s, want sha256: and 64 hex digits, as joust plugin info prints it", f["hash"].describe())
	}
	if n, ok := f["params"]; ok && !n.isNull() {
		if n.kind != mapping {
			return e, n.errorf("plugin: params is %s, want a mapping such as {sigma: 0.1}", n.describe())
		}
		e.params = n.pairs
	}
	for _, p := range pairs {
		if p.key.text == "batch" {
			e.params = append(slices.Clip(e.params), p)
		}
	}
	return e, nil
}

// named is the entry as one of an optimizer of that name.
func (e entry) named(name string) node {
	key := node{place: e.place, text: name}
	if len(e.params) == 0 {
		return key
	}
	value := node{place: e.place, kind: mapping, pairs: e.params}
	return node{place: e.place, kind: mapping, pairs: []pair{{key, value}}}
}

// write writes the entry of a choice with nothing left to defaults.
func (u use) write(b *strings.Builder, c bench.Choice, params []optimizers.Param, batch *int) {
	var fields []string
	for _, m := range []bench.Member{{Name: "id", Value: u.id}, {Name: "path", Value: u.path}, {Name: "hash", Value: u.hash}, {Name: "optimizer", Value: u.optimizer}} {
		if m.Value != "" {
			fields = append(fields, m.Name+": "+yamlString(m.Value))
		}
	}
	if values := choiceFields(c, params); len(values) > 0 {
		fields = append(fields, "params: {"+strings.Join(values, ", ")+"}")
	}
	if batch != nil {
		fields = append(fields, "batch: "+bench.BatchName(*batch))
	}
	fmt.Fprintf(b, "  - plugin: {%s}\n", strings.Join(fields, ", "))
}
