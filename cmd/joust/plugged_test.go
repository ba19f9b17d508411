package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

type stillConfig struct {
	Sigma float64 `json:"sigma" doc:"a number" range:"(0,)"`
}

// still asks about its starting point.
type still struct{ w [][]float64 }

func (s still) Ask() ([][]float64, error)          { return s.w, nil }
func (s still) Tell([]optimizers.Evaluation) error { return nil }

func stillDefinition(name string) optimizers.Definition {
	return optimizers.Define(optimizers.Definition{Name: name, Summary: "Stays."}, stillConfig{0.5},
		func(_ stillConfig, p optimizers.Problem) (still, error) { return still{[][]float64{p.Init}}, nil })
}

// writePlugin makes a folder that is a plugin, as far as files go.
func writePlugin(t *testing.T, dir, id, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		manifest.File: "id: " + id + "\nversion: " + version + "\nprotocol: 1\nruntime: binary\nentry: run\n",
		"run":         "#!/bin/false " + version + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// pluggedIn has the plugins of some folders installed, which serve in this
// process: each the optimizers of its id.
func pluggedIn(t *testing.T, serve map[string][]optimizers.Definition, dirs ...string) *plugged {
	p := &plugged{
		find: func() ([]*manifest.Manifest, error) { return manifest.Find(manifest.Search{Dirs: dirs}) },
		open: func(ctx context.Context, m *manifest.Manifest, _ string, vouched bool) (*host.Plugin, optimizers.Origin, string, error) {
			tree, err := m.Tree()
			if err != nil {
				return nil, optimizers.Origin{}, "", err
			}
			plugin, err := host.Attach(ctx, m.ID, plugins.NewServer(serve[m.ID]...), host.Options{})
			unpinned := "not in joust.lock"
			if vouched {
				unpinned = ""
			}
			return plugin, optimizers.Origin{Plugin: m.ID, Version: m.Version, Hash: tree.Hash}, unpinned, err
		},
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func servedHere() map[string][]optimizers.Definition {
	return map[string][]optimizers.Definition{
		"my-es": {stillDefinition("es")},
		"many":  {stillDefinition("one"), stillDefinition("two")},
	}
}

// entries reads an experiment with these optimizers in dir.
func entries(t *testing.T, p *plugged, dir, list string) (*experiment, bench.Lists, error) {
	t.Helper()
	file := filepath.Join(dir, "x.yaml")
	if err := os.WriteFile(file, []byte(with("optimizers", list)), 0o644); err != nil {
		t.Fatal(err)
	}
	x, _, l, err := loadExperiment(t.Context(), file, testLists(), p)
	return x, l, err
}

func TestPluginsOfAnExperiment(t *testing.T) {
	dir := t.TempDir()
	mine := writePlugin(t, filepath.Join(dir, "plugins", "my-es"), "my-es", "0.1.0")
	writePlugin(t, filepath.Join(dir, "plugins", "many"), "many", "1.0.0")
	writePlugin(t, filepath.Join(dir, "newer"), "my-es", "0.2.0")
	changed := []string{writePlugin(t, filepath.Join(dir, "same"), "my-es", "0.1.0"), writePlugin(t, filepath.Join(dir, "again"), "my-es", "0.1.0")}
	for i, d := range changed {
		if err := os.WriteFile(filepath.Join(d, "more"), []byte{byte(i)}, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hash, err := manifest.Hash(mine)
	if err != nil {
		t.Fatal(err)
	}
	writePlugin(t, filepath.Join(dir, "copy"), "my-es", "0.1.0")
	hashAgain, err := manifest.Hash(changed[1])
	if err != nil {
		t.Fatal(err)
	}
	p := pluggedIn(t, servedHere(), filepath.Join(dir, "plugins"))
	x, l, err := entries(t, p, dir, strings.Join([]string{
		"sgd", "my-es: {sigma: [0.1, 0.2]}", "plugin: {id: many, optimizer: two, params: {sigma: 3}, batch: 16}", "plugin: ./newer",
		"{plugin: {path: plugins/my-es, params: {sigma: 0.7}, hash: \"" + hash + "\"}}", "{plugin: same, batch: 8}", "plugin: again", "plugin: copy",
	}, ", "))
	if err != nil {
		t.Fatal(err)
	}
	trials, err := x.trials(l, dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tr := range trials {
		if tr.Origin == nil {
			continue
		}
		s := tr.Optimizer.Name + " " + string(tr.Optimizer.Config) + " " + tr.Origin.Plugin + " " + tr.Origin.Version + " " + bench.BatchName(tr.Batch)
		if len(got) == 0 || got[len(got)-1] != s {
			got = append(got, s)
		}
	}
	want := []string{
		`my-es {"sigma":0.1} my-es 0.1.0 auto`, `my-es {"sigma":0.2} my-es 0.1.0 auto`,
		`many/two {"sigma":3} many 1.0.0 16`, `my-es@0.2.0 {"sigma":0.5} my-es 0.2.0 auto`,
		`my-es {"sigma":0.7} my-es 0.1.0 auto`, `my-es@0.1.0 {"sigma":0.5} my-es 0.1.0 8`,
		"my-es@" + hashAgain[len("sha256:"):][:8] + ` {"sigma":0.5} my-es 0.1.0 auto`, `my-es {"sigma":0.5} my-es 0.1.0 auto`,
	}
	if strings.Join(got[:min(len(got), len(want))], "\n") != strings.Join(want, "\n") {
		t.Errorf("contenders\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// The resolved file says what ran, down to the files, and means the same.
	resolved := x.resolved(l)
	if !strings.Contains(resolved, `plugin: {id: many, hash: "sha256:`) || !strings.Contains(resolved, `optimizer: two, params: {sigma: 3}, batch: 16}`) {
		t.Errorf("resolved:\n%s", resolved)
	}
	if err := os.WriteFile(filepath.Join(dir, "again.yaml"), []byte(resolved), 0o644); err != nil {
		t.Fatal(err)
	}
	q := pluggedIn(t, servedHere(), filepath.Join(dir, "plugins"))
	y, _, m, err := loadExperiment(t.Context(), filepath.Join(dir, "again.yaml"), testLists(), q)
	if err != nil {
		t.Fatal(err)
	}
	again, err := y.trials(m, dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(trials)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("the resolved experiment has other trials:\n%s\n%s", a, b)
	}
	// An experiment with the hash of a plugin vouches for it.
	for _, d := range m.Optimizers {
		if d.Origin != nil && d.Unpinned != "" {
			t.Errorf("%s is unpinned though the resolved experiment has its hash: %s", d.Name, d.Unpinned)
		}
	}
}

func TestPluginSentAlongWithAnExperiment(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	var archive bytes.Buffer
	hash, err := manifest.Pack(writePlugin(t, filepath.Join(t.TempDir(), "my-es"), "my-es", "0.1.0"), &archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "my-es.tar.gz"), archive.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is there
		p := pluggedIn(t, servedHere())
		_, l, err := entries(t, p, dir, `plugin: {path: my-es.tar.gz, hash: "`+hash+`"}`)
		if err != nil {
			t.Fatal(err)
		}
		if d := l.Optimizers[len(l.Optimizers)-1]; d.Origin.Hash != hash || d.Unpinned != "" {
			t.Errorf("origin %+v, unpinned %q, want the hash of the experiment", d.Origin, d.Unpinned)
		}
	}
	other := "sha256:" + strings.Repeat("0", 64)
	for list, want := range map[string]string{
		`plugin: my-es.tar.gz`:                                "is an archive, want its hash, too",
		`plugin: {path: my-es.tar.gz, hash: "` + other + `"}`: "its hash is " + hash + ", want " + other,
	} {
		if _, _, err := entries(t, pluggedIn(t, servedHere()), dir, list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", list, err, want)
		}
	}
}

func TestPluginEntryErrors(t *testing.T) {
	dir := t.TempDir()
	writePlugin(t, filepath.Join(dir, "plugins", "my-es"), "my-es", "0.1.0")
	writePlugin(t, filepath.Join(dir, "plugins", "many"), "many", "1.0.0")
	other := "sha256:" + strings.Repeat("0", 64)
	for _, tt := range []struct{ list, want string }{
		{`plugin`, `plugin: which one? want such as "plugin: ./my-es"`},
		{`plugin: {}`, "plugin: which one?"},
		{`plugin: [a]`, "plugin is a list"},
		{`plugin: ~`, "plugin is nothing"},
		{`plugin: {path: 3}`, "plugin: path is 3, want a string"},
		{`plugin: {pth: x}`, "plugin has no key pth; did you mean path?"},
		{`plugin: {path: x, id: my-es}`, "an id and a path, want one of them"},
		{`plugin: {path: nowhere}`, "nowhere, want the folder or the archive of a plugin"},
		{`plugin: {id: my-ess}`, "none has the id my-ess; did you mean my-es?"},
		{`plugin: {id: my-es, hash: abc}`, "hash abc, want sha256: and 64 hex digits"},
		{`plugin: {id: my-es, hash: "` + other + `"}`, ", want " + other + ": it is not what the experiment was made with"},
		{`plugin: {id: my-es, params: 3}`, "params is 3, want a mapping"},
		{`plugin: {id: my-es, params: {sigmo: 1}}`, "my-es has no parameter sigmo; did you mean sigma?"},
		{`plugin: {id: my-es, params: {sigma: 0}}`, "sigma"},
		{`plugin: {id: many}`, "plugin many serves one, two, want one of them"},
		{`plugin: {id: many, optimizer: onne}`, "plugin many serves no onne; did you mean one?"},
		{`my-es: {sigma: 0}`, "sigma"},
		{`my-ez`, "no optimizer is called my-ez; did you mean the plugin my-es?"},
		{`my-es: 3`, "is not read from a file"},
	} {
		x, l, err := entries(t, pluggedIn(t, servedHere(), filepath.Join(dir, "plugins")), dir, tt.list)
		if err == nil {
			_, err = x.trials(l, dir)
		}
		var status *exitError
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), filepath.Join(dir, "x.yaml")+":") ||
			!errors.As(err, &status) || status.status != exitUsage || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with its place and %q", tt.list, err, tt.want)
		}
	}
}
