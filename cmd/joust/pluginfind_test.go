package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/plugins/manifest"
)

// markedPlugin is a plugin that leaves a file where it was started.
func markedPlugin(t *testing.T) (m *manifest.Manifest, started func() bool) {
	t.Helper()
	joust, err := exec.LookPath("joust") // the test's own; see TestMain
	if err != nil {
		t.Fatal(err)
	}
	dir, mark := t.TempDir(), filepath.Join(t.TempDir(), "started")
	for name, content := range map[string]string{
		"run.sh":      fmt.Sprintf("#!/bin/sh\necho >'%s'\nexec '%s' plugin serve random-search --as marked\n", mark, joust),
		"plugin.yaml": "id: marked\nversion: 1.2.3\nprotocol: 1\nruntime: binary\nentry: run.sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if m, err = manifest.Load(dir); err != nil {
		t.Fatal(err)
	}
	return m, func() bool {
		err := os.Remove(mark)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return err == nil
	}
}

// openClosed opens a plugin and closes it again.
func openClosed(t *testing.T, f pluginFlags, m *manifest.Manifest, lockDir string) (optimizers.Origin, string, error) {
	t.Helper()
	p, o, unpinned, err := f.open(t.Context(), m, lockDir)
	if err == nil {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	return o, unpinned, err
}

func TestOnlyWhatIsLockedIsStarted(t *testing.T) {
	m, started := markedPlugin(t)
	lockDir := t.TempDir()
	refused := func(what, want string) {
		t.Helper()
		_, _, err := openClosed(t, pluginFlags{}, m, lockDir)
		e, ok := errors.AsType[*exitError](err)
		if !ok || e.status != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q and exit status 2", what, err, want)
		}
		if started() {
			t.Errorf("%s: it was started", what)
		}
	}
	opened := func(what string, f pluginFlags, unpinned string) {
		t.Helper()
		o, why, err := openClosed(t, f, m, lockDir)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !started() {
			t.Errorf("%s: it was not started", what)
		}
		hash, err := manifest.Hash(m.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if why != unpinned || o.Plugin != "marked" || o.Version != "1.2.3" || o.Hash != hash || len(o.Runtime) == 0 {
			t.Errorf("%s: origin %+v, unpinned %q, want hash %s, %q", what, o, why, hash, unpinned)
		}
	}

	refused("not locked", "plugin marked is not in joust.lock; joust plugin lock marked locks it")
	opened("not locked, but wanted", pluginFlags{unlocked: true}, "not in joust.lock")

	pin, err := fullPin(t.Context(), m, func(manifest.Pin) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	started()
	var lock manifest.Lock
	if err := errors.Join(lock.Set(pin), lock.Write(filepath.Join(lockDir, manifest.LockFile))); err != nil {
		t.Fatal(err)
	}
	opened("locked", pluginFlags{}, "")

	// Another version of what it says that it runs on: that is known once it runs.
	wrong := pin
	wrong.Modules = map[string]string{"go": "1.0"}
	if err := errors.Join(lock.Set(wrong), lock.Write(filepath.Join(lockDir, manifest.LockFile))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := openClosed(t, pluginFlags{}, m, lockDir); err == nil || !strings.Contains(err.Error(), "locked 1.0") {
		t.Errorf("other modules: error %v, want one that names them", err)
	}
	if err := errors.Join(lock.Set(pin), lock.Write(filepath.Join(lockDir, manifest.LockFile))); err != nil {
		t.Fatal(err)
	}
	started()

	if err := os.WriteFile(filepath.Join(m.Dir, "new.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	refused("changed", "plugin marked is not what was locked: new.txt is new")
	opened("changed, but wanted", pluginFlags{unlocked: true}, "new.txt is new")
}

func TestLockFileOfTheUserComesFirst(t *testing.T) {
	m, started := markedPlugin(t)
	lock := filepath.Join(t.TempDir(), "broken.lock")
	if err := os.WriteFile(lock, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, err := openClosed(t, pluginFlags{lock: lock, unlocked: true}, m, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "broken.lock") || started() {
		t.Errorf("error %v, want one of the lock file, and nothing started", err)
	}
}
