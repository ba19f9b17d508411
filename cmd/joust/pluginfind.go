package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/builtin"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
)

// pluginFlags say where plugins are found, and which of them may run.
type pluginFlags struct {
	dirs      []string // looked in before all others
	allowPath bool     // executables on PATH are plugins, too
	unlocked  bool     // what no lock vouches for runs, and its results say so
	lock      string   // the lock file; empty: joust.lock
}

// add adds the flags of commands that run plugins.
func (f *pluginFlags) add(flags *pflag.FlagSet) {
	f.addSearch(flags)
	f.addLock(flags)
	flags.BoolVar(&f.unlocked, "plugin-unlocked", false, "run plugins that no lock file vouches for, and stamp their results unpinned")
}

// addSearch adds those that say where plugins are.
func (f *pluginFlags) addSearch(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.dirs, "plugin-dir", nil, "a folder with plugins in it, or a plugin's own; may be repeated")
	flags.BoolVar(&f.allowPath, "allow-path", false, "executables on PATH that are called joust-plugin-ID are plugins, too")
}

func (f *pluginFlags) addLock(flags *pflag.FlagSet) {
	flags.StringVar(&f.lock, "plugin-lock", "", "the lock file (default "+manifest.LockFile+" beside the experiment, or here)")
}

// taken are the names that no plugin may have.
func taken() []string {
	var names []string
	for _, d := range builtin.All() {
		names = append(names, d.Name)
	}
	return names
}

// find returns the plugins that there are. What is wrong with some of them is in
// the error, and the others are returned all the same.
func (f *pluginFlags) find() ([]*manifest.Manifest, error) {
	s := manifest.Search{Dirs: manifest.Dirs(f.dirs), Taken: taken()}
	if f.allowPath {
		s.Path = os.Getenv("PATH")
	}
	return manifest.Find(s)
}

// lockFile is the lock file of what is in a folder; empty: the current one.
func (f *pluginFlags) lockFile(dir string) string {
	if f.lock != "" {
		return f.lock
	}
	return filepath.Join(dir, manifest.LockFile)
}

// open starts a plugin that the lock file in lockDir vouches for, or any if the user
// wants that. It returns what its results come from, and why nothing vouches
// for it: empty if it is pinned. What is not to run is not started.
func (f *pluginFlags) open(ctx context.Context, m *manifest.Manifest, lockDir string) (p *host.Plugin, o optimizers.Origin, unpinned string, err error) {
	lock, err := manifest.ReadLock(f.lockFile(lockDir))
	if err != nil {
		return nil, o, "", usagef("%w", err)
	}
	p, o, err = openPlugin(ctx, m, func(pin manifest.Pin) error {
		v := lock.Verify(pin)
		if err := v.Err(); err != nil && !f.unlocked {
			return usagef("%w", err)
		}
		unpinned = strings.Join(v.Reasons, "; ")
		return nil
	})
	return p, o, unpinned, err
}

// openPlugin hashes and starts a plugin, unless allow has something against it: it is
// asked before, and again when it is known what libraries the plugin has found.
// The origin is for the definitions of what it serves.
//
// The file that was hashed stays open as long as the plugin is in use: each of its
// processes is started from it.
func openPlugin(ctx context.Context, m *manifest.Manifest, allow func(manifest.Pin) error) (*host.Plugin, optimizers.Origin, error) {
	pin, c, err := startable(m)
	if err != nil {
		return nil, optimizers.Origin{}, err
	}
	if err := allow(pin); err != nil {
		return nil, optimizers.Origin{}, closeFile(c, err)
	}
	p, err := host.Open(ctx, c, hostOptions())
	if err != nil {
		return nil, optimizers.Origin{}, closeFile(c, err)
	}
	pin, err = pin.WithRuntime(p.Runtime())
	if err == nil {
		err = allow(pin)
	}
	if err != nil {
		return nil, optimizers.Origin{}, closeFile(c, errors.Join(err, p.Close()))
	}
	return p, optimizers.Origin{Plugin: m.ID, Version: pluginVersion(m, p), Hash: pin.Tree, Runtime: p.Runtime()}, nil
}

// pluginVersion is what the manifest says, or where there is none the plugin itself.
func pluginVersion(m *manifest.Manifest, p *host.Plugin) string {
	if m.Version != "" {
		return m.Version
	}
	return p.Descriptions()[0].GetVersion()
}

// startable hashes a plugin, and says how it is started.
func startable(m *manifest.Manifest) (manifest.Pin, host.Command, error) {
	pin, err := m.Pin(os.Environ())
	if err != nil {
		return pin, host.Command{}, usagef("%w", err)
	}
	c, err := m.Command(os.Environ(), pin)
	if err != nil {
		return pin, c, usagef("%w", err)
	}
	return pin, c, nil
}

// closeFile closes the open executable of a command that is not going to be used.
func closeFile(c host.Command, err error) error {
	if c.File == nil {
		return err
	}
	return errors.Join(err, c.File.Close())
}

func hostOptions() host.Options { return host.Options{Host: "joust " + version()} }
