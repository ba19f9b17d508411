package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/joust-bench/joust/plugins/protocol"
)

// File is the name of the file that makes a folder a plugin.
const File = "plugin.yaml"

// How a plugin is run.
const (
	Binary = "binary" // the entry is executed and speaks gRPC
	Python = "python" // a Python interpreter runs the entry, which speaks gRPC
	Frames = "frames" // the entry speaks frames: executed, or run by an interpreter
)

// A Manifest is what plugin.yaml says about a plugin.
type Manifest struct {
	ID       string // lower case, such as "my-es"
	Version  string // such as "0.1.0"
	Protocol int    // 1
	Runtime  string // Binary, Python or Frames
	Entry    string // path of the file to run, in the folder, with slashes
	Args     []string
	Env      []string // names of the variables passed on from the host's environment
	// Interpreter is the name of the program that runs the entry. Empty: the
	// entry is executed.
	Interpreter string

	License, Homepage, Summary string // may be empty

	Memory int64 // bytes of data that the process may hold; 0: the host's default
	Files  int64 // files that it may have open; 0: the host's default

	Dir string // the plugin's folder: absolute, without symbolic links

	alone bool // an executable found on PATH: the entry is all there is of it
}

// slug is what an id looks like: what users type, and a folder's name.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const (
	maxID     = 60
	maxText   = 500  // runes of a line
	maxArgs   = 100  // arguments, and variables
	maxArg    = 4096 // bytes of an argument
	wantID    = "want lower-case letters, digits and single dashes, at most 60, such as my-es"
	minMemory = 64 << 20
	maxMemory = 1 << 40
)

func checkID(id string) bool { return len(id) <= maxID && slug.MatchString(id) }

// CheckID says why id cannot be the id of a plugin.
func CheckID(id string) error {
	if !checkID(id) {
		return fmt.Errorf("%.100q cannot be the id of a plugin, %s", id, wantID)
	}
	return nil
}

// Load reads dir/plugin.yaml and checks that the entry is there. Every error
// is one line that names the file, and line and column of what is wrong in it.
// An error that there is no plugin.yaml wraps [fs.ErrNotExist].
func Load(dir string) (_ *Manifest, err error) {
	name := filepath.Join(dir, File)
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return nil, fmt.Errorf("plugin folder %s: %w", dir, cause(err))
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, fmt.Errorf("plugin folder %s: %w", dir, cause(err))
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	src, err := readManifest(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m, entry, err := parse(name, src)
	if err != nil {
		return nil, err
	}
	m.Dir = real
	if err := m.checkEntry(root); err != nil {
		return nil, entry.errorf("entry: %v", err)
	}
	return m, nil
}

// cause is the reason alone, where the caller has said for which file.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func readManifest(root *os.Root) (_ []byte, err error) {
	f, _, err := openRegular(root, File)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, maxYAMLBytes+1))
}

// checkEntry says what is wrong with the file that is run.
func (m *Manifest) checkEntry(root *os.Root) error {
	// Each folder on the way is looked at, too: what is in the hash of the
	// tree has no symbolic links, and what runs is in it.
	parts := strings.Split(m.Entry, "/")
	for i := range parts {
		name := path.Join(parts[:i+1]...)
		switch info, err := root.Lstat(name); {
		case err != nil:
			return fmt.Errorf("%s: %w", m.Entry, cause(err))
		case info.Mode()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s is a symbolic link, want a copy of what it points to", name)
		case i < len(parts)-1 && info.IsDir():
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a file", name)
		case i == len(parts)-1 && m.Interpreter == "" && !isExecutable(info):
			return fmt.Errorf("%s is not executable, want chmod +x on it%s", name, map[bool]string{true: ", or an interpreter"}[m.Runtime == Frames])
		}
	}
	return nil
}

// parse reads plugin.yaml, but for what is on the disk. It returns the place
// of the entry.
func parse(file string, src []byte) (*Manifest, place, error) {
	root, err := parseYAML(file, src)
	if err != nil {
		return nil, place{}, err
	}
	f, err := root.keys("the plugin", "id", "version", "protocol", "runtime", "entry", "args", "env",
		"interpreter", "license", "homepage", "summary", "limits")
	if err != nil {
		return nil, place{}, err
	}
	start := place{file, 1, 1}
	for _, need := range []struct{ key, such string }{
		{"id", "id: my-es"},
		{"version", "version: 0.1.0"},
		{"protocol", "protocol: 1"},
		{"runtime", "runtime: binary, python or frames"},
		{"entry", "entry: es.py"},
	} {
		if _, ok := f[need.key]; !ok {
			return nil, place{}, start.errorf("%s is missing, want such as %q", need.key, need.such)
		}
	}
	m := new(Manifest)
	for _, read := range []func(map[string]value) error{m.readIdentity, m.readEntry, m.readLists, m.readLimits} {
		if err := read(f); err != nil {
			return nil, place{}, err
		}
	}
	return m, f["entry"].place, nil
}

var version = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,59}$`)

// readIdentity reads what the plugin is.
func (m *Manifest) readIdentity(f map[string]value) error {
	id := f["id"]
	if id.kind != scalar || !checkID(id.text) {
		return id.errorf("id: %v, %s", id, wantID)
	}
	m.ID = id.text
	v := f["version"]
	if v.kind != scalar || !version.MatchString(v.text) {
		return v.errorf("version: %v, want such as 0.1.0", v)
	}
	m.Version = v.text
	p := f["protocol"]
	n, err := strconv.Atoi(p.text)
	switch {
	case p.kind != scalar || err != nil || n < 1:
		return p.errorf("protocol: %v, want %d", p, protocol.Major)
	case n > protocol.Major:
		return p.errorf("protocol: %d is newer than this joust, which speaks %d: update joust", n, protocol.Major)
	}
	m.Protocol = n
	for _, t := range []struct {
		key string
		to  *string
	}{{"license", &m.License}, {"homepage", &m.Homepage}, {"summary", &m.Summary}} {
		v, ok := f[t.key]
		if !ok {
			continue
		}
		if v.kind != scalar || v.text == "" || utf8.RuneCountInString(v.text) > maxText || strings.ContainsFunc(v.text, isControl) {
			return v.errorf("%s: %v, want one line of at most %d characters", t.key, v, maxText)
		}
		*t.to = v.text
	}
	if h, ok := f["homepage"]; ok {
		if u, err := url.Parse(m.Homepage); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return h.errorf("homepage: %v, want an address that starts with https://", h)
		}
	}
	return nil
}

// program is the name of an interpreter. It is no path: a plugin is written
// for other machines, too.
var program = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,59}$`)

// readEntry reads how it is run.
func (m *Manifest) readEntry(f map[string]value) error {
	r := f["runtime"]
	runtimes := []string{Binary, Python, Frames}
	if r.kind != scalar || !slices.Contains(runtimes, r.text) {
		return r.errorf("runtime: %v; %s", r, hint(r.text, runtimes))
	}
	m.Runtime = r.text
	e := f["entry"]
	switch {
	case e.kind != scalar || e.text == "" || e.text == ".":
		return e.errorf("entry: %v, want a file in the plugin's folder", e)
	case path.IsAbs(e.text) || filepath.IsAbs(e.text) || slices.Contains(strings.Split(e.text, "/"), ".."):
		return e.errorf("entry: %v is outside of the plugin's folder, want a path inside it", e)
	case checkName(path.Clean(e.text)) != nil:
		return e.errorf("entry: %v, want a path in the plugin's folder, such as bin/es, with slashes", e)
	}
	m.Entry = path.Clean(e.text)
	for _, part := range strings.Split(m.Entry, "/") {
		if ignored(part) {
			return e.errorf("entry: %v is in %s, which is no part of a plugin", e, part)
		}
	}
	i, ok := f["interpreter"]
	switch {
	case ok && m.Runtime == Binary:
		return i.errorf("interpreter: a binary has none, want runtime python or frames, or no interpreter")
	case ok && (i.kind != scalar || !program.MatchString(i.text)):
		return i.errorf("interpreter: %v, want the name of a program, such as python3, which is looked up on PATH", i)
	case ok:
		m.Interpreter = i.text
	case m.Runtime == Python || m.Runtime == Frames && path.Ext(m.Entry) == ".py":
		m.Interpreter = python3
	}
	return nil
}

// readLists reads args and env.
func (m *Manifest) readLists(f map[string]value) error {
	args, ok := f["args"]
	if ok && (args.kind != list || len(args.items) > maxArgs) {
		return args.errorf("args: %v, want a list of at most %d arguments, such as [--fast]", args, maxArgs)
	}
	for _, a := range args.items {
		if a.kind != scalar || len(a.text) > maxArg {
			return a.errorf("args: %v, want text of at most %d bytes", a, maxArg)
		}
		if strings.ContainsRune(a.text, 0) {
			return a.errorf("args: %v has a zero byte, which no argument can have", a)
		}
		m.Args = append(m.Args, a.text)
	}
	env, ok := f["env"]
	if ok && (env.kind != list || len(env.items) > maxArgs) {
		return env.errorf("env: %v, want a list of at most %d names of variables, such as [CUDA_VISIBLE_DEVICES]", env, maxArgs)
	}
	for _, e := range env.items {
		switch name, _, given := strings.Cut(e.text, "="); {
		case given && e.kind == scalar:
			return e.errorf("env: %s is given a value, want its name alone: the value is that of joust's own environment", value{text: name})
		case e.kind != scalar || !variable.MatchString(name):
			return e.errorf("env: %v, want the name of a variable, such as CUDA_VISIBLE_DEVICES", e)
		case isReserved(name):
			return e.errorf("env: %s is set by joust, want it left out", name)
		case slices.Contains(m.Env, name):
			return e.errorf("env: %s is there twice", name)
		}
		m.Env = append(m.Env, e.text)
	}
	return nil
}

// readLimits reads {memory: 2GiB, files: 256}.
func (m *Manifest) readLimits(f map[string]value) error {
	l, ok := f["limits"]
	if !ok {
		return nil
	}
	f, err := l.keys("limits", "memory", "files")
	if err != nil {
		return err
	}
	if v, ok := f["memory"]; ok {
		if m.Memory, ok = parseSize(v.text); !ok || v.kind != scalar || m.Memory < minMemory || m.Memory > maxMemory {
			return v.errorf("memory: %v, want a size from 64MiB to 1TiB, such as 2GiB", v)
		}
	}
	if v, ok := f["files"]; ok {
		if m.Files, err = strconv.ParseInt(v.text, 10, 64); err != nil || v.kind != scalar || m.Files < 32 || m.Files > 65536 {
			return v.errorf("files: %v, want a number from 32 to 65536", v)
		}
	}
	return nil
}

var size = regexp.MustCompile(`^([0-9]{1,6}) ?([MGT])iB$`)

// parseSize reads a size such as 512MiB.
func parseSize(s string) (int64, bool) {
	match := size.FindStringSubmatch(s)
	if match == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil {
		return 0, false
	}
	return n << map[string]int{"M": 20, "G": 30, "T": 40}[match[2]], true
}
