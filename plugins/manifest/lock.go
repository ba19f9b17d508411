package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// LockFile is the name of the file with the plugins that may run.
const LockFile = "joust.lock"

// lockFormat is the version of the lock's form.
const lockFormat = 1

const maxLockBytes = 32 << 20

// A Lock has the plugins that may run, as they were when they were locked.
type Lock struct {
	Plugins map[string]Pin // by id
}

// lockJSON is the form of the file.
type lockJSON struct {
	Lock    int            `json:"lock"`
	Plugins map[string]Pin `json:"plugins"`
}

// ReadLock reads a lock. If there is no such file, nothing is locked. A lock
// is a program's: one that was edited, or merged from two, such that it is no
// longer as [Lock.Write] writes it, is refused.
func ReadLock(file string) (_ *Lock, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Lock{Plugins: make(map[string]Pin)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, cause(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	src, err := io.ReadAll(io.LimitReader(f, maxLockBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, cause(err))
	}
	return parseLock(file, src)
}

func parseLock(file string, src []byte) (*Lock, error) {
	if len(src) > maxLockBytes {
		return nil, fmt.Errorf("%s: more than %d MiB: not a lock", file, maxLockBytes>>20)
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")) // git does that on Windows
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.DisallowUnknownFields()
	var j lockJSON
	if err := dec.Decode(&j); err != nil {
		where := file
		if e, ok := errors.AsType[*json.SyntaxError](err); ok { // others do not say where
			where = fmt.Sprintf("%s:%d", file, 1+bytes.Count(src[:max(e.Offset-1, 0)], []byte("\n")))
		}
		return nil, fmt.Errorf("%s: not a lock: %s; %s", where, strings.TrimPrefix(err.Error(), "json: "), relock)
	}
	if j.Lock != lockFormat {
		return nil, fmt.Errorf("%s: a lock of form %d, which is not known to this joust, want %d", file, j.Lock, lockFormat)
	}
	l := &Lock{Plugins: j.Plugins}
	for _, id := range slices.Sorted(maps.Keys(l.Plugins)) {
		p := l.Plugins[id]
		p.ID = id
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%s: plugin %.100q: %w; %s", file, id, err, relock)
		}
		l.Plugins[id] = p
	}
	// This finds keys that are there twice, too, of which JSON takes the last.
	want, err := l.encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if !bytes.Equal(src, want) {
		got, want := bytes.Split(src, []byte("\n")), bytes.Split(want, []byte("\n"))
		line := 0
		for line < min(len(got), len(want)) && bytes.Equal(got[line], want[line]) {
			line++
		}
		return nil, fmt.Errorf("%s:%d: not as joust writes it: edited, or merged from two?; %s", file, line+1, relock)
	}
	return l, nil
}

const relock = "joust plugin lock writes it anew"

var (
	hexHash  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	fileLine = regexp.MustCompile(`^[0-9a-f]{64} [-x] `)
)

// check says what could not have been written by [Lock.Write].
func (p Pin) check() error {
	switch {
	case !checkID(p.ID):
		return errors.New("id: " + wantID)
	case !hexHash.MatchString(p.Tree):
		return errors.New("tree: want sha256: and 64 hex digits")
	case p.Interpreter != nil && !hexHash.MatchString(p.Interpreter.Hash):
		return errors.New("interpreter: want a hash, sha256: and 64 hex digits")
	}
	before := ""
	for i, l := range p.Files {
		if !fileLine.MatchString(l) {
			return fmt.Errorf("file %d: %.100q, want a hash, - or x, and a path", i+1, l)
		}
		path, _ := splitLine(l)
		if err := checkName(path); err != nil {
			return fmt.Errorf("file %d: %.100q: %w", i+1, path, err)
		}
		if path <= before {
			return fmt.Errorf("file %d: %.100q is after %.100q, want them in order and once", i+1, path, before)
		}
		before = path
	}
	if got := treeHash(p.Files); got != p.Tree {
		return fmt.Errorf("the files' hash is %s, and tree says %s", shorten(got), shorten(p.Tree))
	}
	for name, version := range p.Modules {
		if !isModule(name, version) {
			return fmt.Errorf("modules: %.100q %.100q, want a name and a version", name, version)
		}
	}
	return nil
}

// encode returns the file: JSON, a line for each thing that can change, and
// everything in order.
func (l *Lock) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	plugins := l.Plugins
	if plugins == nil {
		plugins = make(map[string]Pin)
	}
	if err := enc.Encode(lockJSON{lockFormat, plugins}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Set locks a plugin as p has it, in place of what was locked of it.
func (l *Lock) Set(p Pin) error {
	if !utf8.ValidString(p.Version) {
		return fmt.Errorf("plugin %s: version %q is not UTF-8", p.ID, p.Version)
	}
	if err := p.check(); err != nil {
		return fmt.Errorf("plugin %s: %w", p.ID, err)
	}
	if l.Plugins == nil {
		l.Plugins = make(map[string]Pin)
	}
	l.Plugins[p.ID] = p
	return nil
}

// Write writes the lock. Whatever goes wrong, the file is the old one or the
// new one and never a part of one.
func (l *Lock) Write(file string) error {
	data, err := l.encode()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return replaceFile(file, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
