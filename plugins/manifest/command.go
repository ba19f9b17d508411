package manifest

import (
	_ "embed"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/joust-bench/joust/plugins/host"
)

//go:embed boot.py
var boot string

// fixed is the environment of every plugin. What numerical libraries compute
// depends on how many threads share a sum, and the order of Python's sets on
// the seed of its hash; a plugin's answers must not.
var fixed = []string{
	"LC_ALL=C.UTF-8",
	"OMP_NUM_THREADS=1",
	"OPENBLAS_NUM_THREADS=1",
	"MKL_NUM_THREADS=1",
	"VECLIB_MAXIMUM_THREADS=1",
	"NUMEXPR_NUM_THREADS=1",
	"PYTHONDONTWRITEBYTECODE=1",
	"PYTHONHASHSEED=0",
	"PYTHONNOUSERSITE=1",
	"PYTHONUTF8=1",
}

// minimalPath is the PATH of a plugin.
const minimalPath = "/usr/local/bin:/usr/bin:/bin"

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// isReserved tells the variables that a plugin has from joust and not from its
// environment: those above, whatever else Python reads, and the transport's.
func isReserved(name string) bool {
	return name == "PATH" || slices.ContainsFunc(fixed, func(s string) bool { return strings.HasPrefix(s, name+"=") }) ||
		strings.HasPrefix(name, "PYTHON") || strings.HasPrefix(name, "PLUGIN_") || strings.HasPrefix(name, "JOUST_")
}

// env is the plugin's whole environment: what is fixed, and what plugin.yaml
// names of environ. There is no HOME, so that what a user keeps there changes
// nothing.
func (m *Manifest) env(environ []string) []string {
	env := append([]string{"PATH=" + minimalPath}, fixed...)
	if runtime.GOOS == "windows" {
		env[0] = "PATH=" + filepath.Join(lookupEnv(environ, "SYSTEMROOT"), "System32")
		env = append(env, "SYSTEMROOT="+lookupEnv(environ, "SYSTEMROOT"))
	}
	for _, name := range m.Env {
		if slices.ContainsFunc(environ, func(s string) bool { return strings.HasPrefix(s, name+"=") }) {
			env = append(env, name+"="+lookupEnv(environ, name))
		}
	}
	return env
}

// Command returns how to start the plugin, of which [Manifest.Pin] has just
// returned p. The environ, as of [os.Environ], is where interpreters are found
// and what the variables are from that plugin.yaml asks for.
//
// A binary is opened and hashed again, and that open file is the command's, for
// the caller to close: what has been hashed is what runs. A script, which its
// interpreter opens by name, is started by its path, and so is Python: there a
// file that is exchanged between Pin and the start goes unnoticed.
func (m *Manifest) Command(environ []string, p Pin) (host.Command, error) {
	c := host.Command{
		ID:        m.ID,
		Version:   m.Version,
		Transport: host.GRPC,
		Path:      filepath.Join(m.Dir, filepath.FromSlash(m.Entry)),
		Env:       m.env(environ),
		Limits:    host.Limits{Data: m.Memory, Files: m.Files},
	}
	if m.Runtime == Frames {
		c.Transport = host.Frames
	}
	if m.Interpreter == "" {
		c.Args = slices.Clone(m.Args)
		var err error
		if c.File, err = m.openEntry(p); err != nil {
			return host.Command{}, m.errorf("%w", err)
		}
		return c, nil
	}
	if p.Interpreter == nil {
		return host.Command{}, m.errorf("no interpreter is given, want what Pin returns")
	}
	if m.Runtime == Python || path.Ext(m.Entry) == ".py" {
		// Not -I, which has Python ignore PYTHONHASHSEED.
		c.Args = []string{"-c", boot, m.Dir}
	}
	c.Args = append(append(c.Args, c.Path), m.Args...)
	c.Path = p.Interpreter.found
	return c, nil
}

// openEntry opens what is executed. A script is closed again.
func (m *Manifest) openEntry(p Pin) (_ *os.File, err error) {
	root, err := os.OpenRoot(m.Dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if err := m.checkEntry(root); err != nil {
		return nil, err
	}
	f, info, err := openRegular(root, m.Entry)
	if err != nil {
		return nil, err
	}
	script := false
	defer func() {
		if err != nil || script {
			err = errors.Join(err, f.Close())
		}
	}()
	file := TreeFile{Path: m.Entry, Executable: isExecutable(info)}
	if file.Hash, err = hashOpen(f, info, io.Discard); err != nil {
		return nil, err
	}
	if !slices.Contains(p.Files, file.String()) {
		return nil, errors.New(m.Entry + " changed since it was hashed")
	}
	if script, err = isScript(f); err != nil || script {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}
