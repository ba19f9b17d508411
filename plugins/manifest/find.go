package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joust-bench/joust/plugins/protocol"
)

// Where plugins are looked for, beside what the user names.
const (
	pathVariable = "JOUST_PLUGIN_PATH"
	localDir     = ".joust/plugins"
	executable   = "joust-plugin-" // what the names of executables on PATH start with
)

// Dirs returns the folders to look for plugins in, in this order: flags, what
// is in JOUST_PLUGIN_PATH, ./.joust/plugins and [DataDir]. The last two are
// left out if there is no such folder.
func Dirs(flags []string) []string {
	dirs := slices.Clone(flags)
	for _, dir := range filepath.SplitList(os.Getenv(pathVariable)) {
		if dir != "" {
			dirs = append(dirs, dir)
		}
	}
	standard := []string{filepath.FromSlash(localDir)}
	if data, err := DataDir(); err == nil {
		standard = append(standard, data)
	}
	for _, dir := range standard {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// DataDir returns the folder that plugins are installed in,
// $XDG_DATA_HOME/joust/plugins. It need not exist.
func DataDir() (string, error) {
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) { // such are to be ignored, says the XDG specification
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no folder to install plugins in: %w, want that or XDG_DATA_HOME", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "joust", "plugins"), nil
}

// A Search says where plugins are looked for.
type Search struct {
	// Dirs are folders with plugins in them, as of [Dirs], or plugins.
	Dirs []string
	// Path is a list of folders, as in PATH, with executables called
	// joust-plugin-ID. Empty unless the user has allowed that.
	Path string
	// Taken are names that no plugin may have: those of built-in optimizers.
	Taken []string
}

// Find returns the plugins that there are, in the order in which they were
// found. What is wrong with one is in the error, with the place of it, and the
// others are returned all the same: joust works while one of them is broken.
// Two with the same id are both left out.
func Find(s Search) ([]*Manifest, error) {
	var found []*Manifest
	var errs []error
	add := func(m *Manifest, err error) {
		switch {
		case err != nil:
			errs = append(errs, err)
		case slices.Contains(s.Taken, m.ID):
			errs = append(errs, fmt.Errorf("plugin %s: the built-in optimizer %[1]s has this name, want another id in %s", m.ID, m.place()))
		case !slices.ContainsFunc(found, func(o *Manifest) bool { return o.place() == m.place() }): // not by two ways
			found = append(found, m)
		}
	}
	for _, dir := range s.Dirs {
		err := findIn(dir, add)
		if err != nil {
			errs = append(errs, err)
		}
	}
	for _, dir := range filepath.SplitList(s.Path) {
		if filepath.IsAbs(dir) {
			findOnPath(dir, add)
		}
	}
	unique, err := unique(found)
	return unique, errors.Join(append(errs, err)...)
}

// place is where the plugin is, for people.
func (m *Manifest) place() string {
	if m.alone {
		return filepath.Join(m.Dir, m.Entry)
	}
	return filepath.Join(m.Dir, File)
}

// findIn adds the plugin that dir is, or those in it. Hidden folders are
// passed over: an installation that was broken off may have left one.
func findIn(dir string, add func(*Manifest, error)) error {
	if m, err := Load(dir); !errors.Is(err, fs.ErrNotExist) {
		add(m, err)
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("plugin folder %s: %w", dir, cause(err))
	}
	for _, e := range entries {
		sub := filepath.Join(dir, e.Name())
		info, err := os.Stat(sub) // one may be a symbolic link to where it is developed
		if strings.HasPrefix(e.Name(), ".") || err == nil && !info.IsDir() {
			continue
		}
		if err != nil {
			add(nil, fmt.Errorf("plugin folder %s: %w", sub, cause(err)))
			continue
		}
		if _, err := os.Lstat(filepath.Join(sub, File)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		add(Load(sub))
	}
	return nil
}

// findOnPath adds the executables in dir that are plugins. A folder that cannot
// be read has none.
func findOnPath(dir string, add func(*Manifest, error)) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		id, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".exe"), executable)
		if !ok {
			continue
		}
		file := filepath.Join(dir, e.Name())
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() || !isExecutable(info) {
			continue
		}
		add(loadExecutable(id, file))
	}
}

// loadExecutable makes a plugin of a single executable, which has no
// plugin.yaml: it speaks gRPC, and its version is what it says when it runs.
func loadExecutable(id, file string) (*Manifest, error) {
	if !checkID(id) {
		return nil, fmt.Errorf("plugin %s: its id would be %.100q, %s", file, id, wantID)
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", file, cause(err))
	}
	return &Manifest{
		ID: id, Protocol: protocol.Major, Runtime: Binary,
		Dir: filepath.Dir(real), Entry: filepath.Base(real), alone: true,
	}, nil
}

// unique leaves out the plugins whose id another one has, too.
func unique(found []*Manifest) ([]*Manifest, error) {
	places := make(map[string][]string)
	for _, m := range found {
		places[m.ID] = append(places[m.ID], m.place())
	}
	var out []*Manifest
	var errs []error
	for _, m := range found {
		switch p := places[m.ID]; {
		case len(p) == 1:
			out = append(out, m)
		case p[0] == m.place():
			errs = append(errs, fmt.Errorf("plugin %s is there more than once: %s; want one of them", m.ID, strings.Join(p, " and ")))
		}
	}
	return out, errors.Join(errs...)
}
