package manifest

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Pin is everything about a plugin that its results depend on: what a lock
// keeps of it.
type Pin struct {
	ID       string `json:"-"`
	Version  string `json:"version"`
	Protocol int    `json:"protocol"`
	Runtime  string `json:"runtime"`
	// Tree is the hash of all of its files.
	Tree string `json:"tree"`
	// Files has a line for each file, as [TreeFile.String] gives it, in the
	// order of their paths. The hash of the lines, each with a newline at its
	// end, is Tree.
	Files []string `json:"files"`
	// Platform is the system and the architecture, such as "linux/amd64".
	Platform string `json:"platform"`
	// Interpreter is what runs it. Nil: it is executed.
	Interpreter *Interpreter `json:"interpreter,omitempty"`
	// Modules has the versions of what the plugin says it is made of, such as
	// "numpy": "1.24.2". Nil: the plugin has not been asked.
	Modules map[string]string `json:"modules,omitempty"`
}

// Pin hashes the plugin as it is now, and its interpreter, which is looked up
// in environ. What the plugin says of itself is not known before it runs; see
// [Pin.WithRuntime].
func (m *Manifest) Pin(environ []string) (Pin, error) {
	t, err := m.Tree()
	if err != nil {
		return Pin{}, err
	}
	p := Pin{
		ID:       m.ID,
		Version:  m.Version,
		Protocol: m.Protocol,
		Runtime:  m.Runtime,
		Tree:     t.Hash,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	for _, f := range t.Files {
		p.Files = append(p.Files, f.String())
	}
	if m.Interpreter != "" {
		if p.Interpreter, err = m.hashInterpreter(environ); err != nil {
			return Pin{}, err
		}
	}
	return p, nil
}

const maxModules = 1000

// WithRuntime returns p with what the plugin says, when it is described, that
// it is made of: lines such as "numpy 1.24.2".
func (p Pin) WithRuntime(lines []string) (Pin, error) {
	if len(lines) > maxModules {
		return p, fmt.Errorf("plugin %s: it says that it is made of %d modules, want at most %d", p.ID, len(lines), maxModules)
	}
	p.Modules = make(map[string]string)
	for _, l := range lines {
		name, version, _ := strings.Cut(l, " ")
		if !isModule(name, version) {
			return p, fmt.Errorf("plugin %s: it says that it is made of %.100q, want a name and a version, such as numpy 1.24.2", p.ID, l)
		}
		if other, ok := p.Modules[name]; ok {
			return p, fmt.Errorf("plugin %s: it says that it is made of %s %s and of %s %s, want one of them", p.ID, name, other, name, version)
		}
		p.Modules[name] = version
	}
	return p, nil
}

func isModule(name, version string) bool {
	return name != "" && len(name)+len(version) <= 2*maxText && utf8.ValidString(name+version) &&
		!strings.ContainsFunc(name+version, isControl) && !strings.Contains(name, " ")
}

// file splits the line of a file.
func splitLine(line string) (path, rest string) {
	hash, modeAndPath, _ := strings.Cut(line, " ")
	mode, path, _ := strings.Cut(modeAndPath, " ")
	return path, hash + " " + mode
}

// changedFiles says how the files of p differ from those of a lock.
func (p Pin) changedFiles(locked Pin) []string {
	was, is := make(map[string]string), make(map[string]string)
	for _, l := range locked.Files {
		path, rest := splitLine(l)
		was[path] = rest
	}
	for _, l := range p.Files {
		path, rest := splitLine(l)
		is[path] = rest
	}
	var out []string
	all := maps.Clone(was)
	maps.Copy(all, is)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		a, before := was[path]
		b, now := is[path]
		switch {
		case !before:
			out = append(out, path+" is new")
		case !now:
			out = append(out, path+" is gone")
		case a == b:
		case a[:hashLen] != b[:hashLen]:
			out = append(out, fmt.Sprintf("%s changed: %s, locked %s", path, shorten(b), shorten(a)))
		case strings.HasSuffix(b, "x"):
			out = append(out, path+" has become executable")
		default:
			out = append(out, path+" is no longer executable")
		}
	}
	return out
}

// hashLen is the length of a SHA-256 in hex.
const hashLen = 64

// shorten gives the start of a hash: enough to tell two apart, for people.
func shorten(hash string) string { return strings.TrimPrefix(hash, hashPrefix)[:12] }

// elsewhere says how the machine differs from that of a lock.
func (p Pin) elsewhere(locked Pin) []string {
	var out []string
	if p.Platform != locked.Platform {
		out = append(out, fmt.Sprintf("this machine is %s, locked on %s", p.Platform, locked.Platform))
	}
	switch a, b := locked.Interpreter, p.Interpreter; {
	case a == nil || b == nil: // the same plugin.yaml asks for one or not
	case a.Hash != b.Hash && a.Path != b.Path:
		out = append(out, fmt.Sprintf("interpreter %s (%s), locked %s (%s)", b.Path, shorten(b.Hash), a.Path, shorten(a.Hash)))
	case a.Hash != b.Hash:
		out = append(out, fmt.Sprintf("interpreter %s changed: %s, locked %s", b.Path, shorten(b.Hash), shorten(a.Hash)))
	case a.Path != b.Path:
		out = append(out, fmt.Sprintf("interpreter %s, locked %s, which is the same program", b.Path, a.Path))
	}
	if p.Modules == nil || locked.Modules == nil {
		return out
	}
	all := maps.Clone(locked.Modules)
	maps.Copy(all, p.Modules)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, before := locked.Modules[name]
		b, now := p.Modules[name]
		switch {
		case !before:
			out = append(out, strings.TrimSpace(name+" "+b)+" is not in the lock")
		case !now:
			out = append(out, fmt.Sprintf("no %s, locked %s", name, a))
		case a != b:
			out = append(out, fmt.Sprintf("%s %s, locked %s", name, b, a))
		}
	}
	return out
}
