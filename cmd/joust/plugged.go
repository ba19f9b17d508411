package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

// plugged are the plugins of an experiment. What they serve is added to the
// optimizers that there are, under names that no built-in optimizer has: the id,
// or ID/NAME where a plugin serves several, and ID@VERSION where two plugins of
// one id are compared.
type plugged struct {
	find func() ([]*manifest.Manifest, error)
	// open starts a plugin. dir is the experiment's, in which there may be a lock
	// file; vouched says that the experiment has the hash of its files. unpinned
	// is why nothing vouches for them.
	open func(ctx context.Context, m *manifest.Manifest, dir string, vouched bool) (p *host.Plugin, o optimizers.Origin, unpinned string, err error)

	opened []*opened
	uses   map[string]use // by the name that an optimizer has here
}

// An opened plugin is one that runs.
type opened struct {
	*host.Plugin
	manifest *manifest.Manifest
	hash     string
	name     string // what its optimizers are called after
	defs     []optimizers.Definition
}

// plugged are the plugins that these flags find and allow.
func (f *pluginFlags) plugged() *plugged {
	return &plugged{
		find: f.find,
		open: func(ctx context.Context, m *manifest.Manifest, dir string, vouched bool) (*host.Plugin, optimizers.Origin, string, error) {
			if !vouched {
				return f.open(ctx, m, dir)
			}
			p, o, err := openPlugin(ctx, m, func(manifest.Pin) error { return nil })
			return p, o, "", err
		},
	}
}

// Close ends the processes of all plugins.
func (p *plugged) Close() error {
	var errs []error
	for _, o := range p.opened {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}

// extend starts the plugins that an experiment's list of optimizers names, and
// returns the list with their names in place of what it says of them, and all the
// optimizers that there are then.
func (p *plugged) extend(ctx context.Context, n node, dir string, defs []optimizers.Definition) (node, []optimizers.Definition, error) {
	defs = slices.Clip(defs)
	if n.kind != list {
		return n, defs, nil // an error, later
	}
	n.items = slices.Clone(n.items)
	for i, item := range n.items {
		e, ok, err := p.entry(item, defs)
		if err != nil {
			return n, nil, err
		}
		if !ok {
			continue
		}
		o, err := p.start(ctx, e, dir)
		if err != nil {
			return n, nil, err
		}
		def, err := o.choose(e)
		if err != nil {
			return n, nil, err
		}
		e.hash = o.hash
		if p.uses == nil {
			p.uses = make(map[string]use)
		}
		if _, known := p.uses[def.Name]; !known {
			p.uses[def.Name] = e.use
			defs = append(defs, def)
		}
		n.items[i] = e.named(def.Name)
	}
	return n, defs, nil
}

// entry is what an item says of a plugin, if it does: {plugin: ...}, or the id of
// one that is installed.
func (p *plugged) entry(item node, defs []optimizers.Definition) (entry, bool, error) {
	name, value := item, node{place: item.place, kind: mapping}
	if item.kind == mapping && len(item.pairs) > 0 {
		name, value = item.pairs[0].key, item.pairs[0].value
	}
	switch {
	case name.kind != scalar:
		return entry{}, false, nil // an error, later
	case name.text == "plugin":
		e, err := pluginEntry(item)
		return e, true, err
	case slices.ContainsFunc(defs, func(d optimizers.Definition) bool { return d.Name == name.text && d.Origin == nil }):
		return entry{}, false, nil
	}
	found, err := p.find()
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	if slices.Contains(ids, name.text) {
		e := entry{place: name.place, use: use{id: name.text}}
		switch {
		case value.kind == mapping:
			e.params = value.pairs
		case !value.isNull(): // an error, later
			e.params = []pair{{node{place: value.place, text: "path"}, value}}
		}
		if item.kind == mapping {
			e.params = append(slices.Clip(e.params), item.pairs[1:]...)
		}
		return e, true, nil
	}
	if err != nil { // it may be the one that is meant
		return entry{}, false, name.errorf("no optimizer is called %s, and looking for plugins: %v", name.describe(), err)
	}
	if s := optimizers.Suggest(name.text, ids); s != "" {
		return entry{}, false, name.errorf("no optimizer is called %s; did you mean the plugin %s?", name.describe(), s)
	}
	return entry{}, false, nil
}

// start starts the plugin that an entry means, or returns the one that runs.
func (p *plugged) start(ctx context.Context, e entry, dir string) (*opened, error) {
	m, err := p.manifest(e, dir)
	if err != nil {
		return nil, e.errorf("plugin: %v", err)
	}
	tree, err := m.Tree()
	if err != nil {
		return nil, e.errorf("plugin: %v", err)
	}
	hash := tree.Hash
	if e.hash != "" && e.hash != hash {
		return nil, e.errorf("plugin %s: the hash of its files is %s, want %s: it is not what the experiment was made with", m.ID, hash, e.hash)
	}
	for _, o := range p.opened {
		if o.manifest.ID == m.ID && o.hash == hash { // be it in two places
			return o, nil
		}
	}
	plugin, origin, unpinned, err := p.open(ctx, m, dir, e.hash != "")
	if err != nil {
		return nil, e.errorf("%v", err)
	}
	o := &opened{Plugin: plugin, manifest: m, hash: hash, name: p.free(m, hash), defs: plugin.Definitions()}
	p.opened = append(p.opened, o)
	if origin.Hash != hash {
		return nil, e.errorf("plugin %s changed while it was started", m.ID)
	}
	for i := range o.defs {
		o.defs[i].Origin, o.defs[i].Unpinned = &origin, unpinned
	}
	return o, nil
}

// free is a name for the optimizers of a plugin that no other one has.
func (p *plugged) free(m *manifest.Manifest, hash string) string {
	_, hex, _ := strings.Cut(hash, ":")
	for _, name := range []string{m.ID, m.ID + "@" + m.Version, m.ID + "@" + hex[:min(8, len(hex))]} {
		if !slices.ContainsFunc(p.opened, func(o *opened) bool { return o.name == name }) {
			return name
		}
	}
	return m.ID + "@" + hex
}

// manifest finds the plugin that an entry means.
func (p *plugged) manifest(e entry, dir string) (*manifest.Manifest, error) {
	if e.id != "" {
		found, err := p.find()
		var ids []string
		for _, m := range found {
			if m.ID == e.id {
				return m, nil
			}
			ids = append(ids, m.ID)
		}
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("none has the id %s; %s", e.id, hint(e.id, ids))
	}
	path := e.path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s, want the folder or the archive of a plugin", path)
	case err != nil:
		return nil, err
	case info.IsDir():
		return manifest.Load(path)
	}
	return unpacked(path, e.hash)
}

// unpacked is the plugin in an archive, in a folder that is kept for the next time.
// What is in it is what the experiment was made with.
func unpacked(archive, hash string) (*manifest.Manifest, error) {
	_, hex, _ := strings.Cut(hash, ":")
	if hex == "" {
		return nil, fmt.Errorf("%s is an archive, want its hash, too: hash: \"sha256:...\", as joust plugin info prints it", archive)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(cache, "joust", "plugins", hex)
	kept, err := manifest.Find(manifest.Search{Dirs: []string{data}})
	if err == nil && len(kept) == 1 {
		if got, err := manifest.Hash(kept[0].Dir); err == nil && got == hash {
			return kept[0], nil
		}
	}
	return manifest.Install(archive, data, manifest.InstallOptions{Hash: hash, Replace: true})
}

// choose is the optimizer that an entry means.
func (o *opened) choose(e entry) (optimizers.Definition, error) {
	names := make([]string, len(o.defs))
	for i, d := range o.defs {
		names[i] = d.Name
	}
	i := 0
	switch {
	case e.optimizer != "":
		if i = slices.Index(names, e.optimizer); i < 0 {
			return optimizers.Definition{}, e.errorf("plugin %s serves no %s; %s", o.manifest.ID, e.optimizer, hint(e.optimizer, names))
		}
	case len(names) > 1:
		return optimizers.Definition{}, e.errorf("plugin %s serves %s, want one of them: plugin: {id: %[1]s, optimizer: %[3]s}", o.manifest.ID, strings.Join(names, ", "), names[0])
	}
	d := o.defs[i]
	if len(names) > 1 {
		d.Name = o.name + "/" + d.Name
	} else {
		d.Name = o.name
	}
	return d, nil
}

// withoutOptimizers is an experiment file as if the yardstick were its only
// optimizer. What it leaves out may speak of others.
func withoutOptimizers(root node) node {
	var rest []pair
	for _, q := range root.pairs {
		switch q.key.text {
		case "exclude":
		case "optimizers":
			yardstick := node{place: q.value.place, text: bench.Yardstick}
			rest = append(rest, pair{q.key, node{place: q.value.place, kind: list, items: []node{yardstick}}})
		default:
			rest = append(rest, q)
		}
	}
	root.pairs = rest
	return root
}

// lists starts the plugins of an experiment file. What it returns is the file with
// the names of their optimizers in it, and the lists with these.
func (p *plugged) lists(ctx context.Context, root node, dir string, l bench.Lists) (node, bench.Lists, error) {
	i := slices.IndexFunc(root.pairs, func(q pair) bool { return q.key.text == "optimizers" })
	if i < 0 {
		return root, l, nil
	}
	n, defs, err := p.extend(ctx, root.pairs[i].value, dir, l.Optimizers)
	if err != nil {
		return root, l, err
	}
	root.pairs = slices.Clone(root.pairs)
	root.pairs[i].value, l.Optimizers = n, defs
	return root, l, nil
}
