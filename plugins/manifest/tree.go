package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Limits on what a plugin may consist of. They are for archives above all, and
// the same for folders, so that what can be packed can be installed.
const (
	maxFiles = 20_000
	maxBytes = 1 << 30
	maxName  = 1024 // bytes of a path inside the folder
	maxDepth = 32
)

// A Tree is the content of a plugin's folder at one moment.
type Tree struct {
	// Hash is "sha256:" and the SHA-256, in hex, of the files' lines.
	Hash string
	// Files are all files, sorted by their paths.
	Files []TreeFile
}

// A TreeFile is one file of a tree.
type TreeFile struct {
	Path       string // inside the folder, with slashes
	Hash       string // SHA-256 of its content, in hex
	Executable bool
	Size       int64
}

// String is the file's line in the hash of its tree and in joust.lock: its
// hash, x if it is executable or -, and its path.
func (f TreeFile) String() string {
	mode := "-"
	if f.Executable {
		mode = "x"
	}
	return f.Hash + " " + mode + " " + f.Path
}

// treeHash is the hash of a tree from the lines of its files.
func treeHash(lines []string) string {
	h := sha256.New()
	for _, l := range lines {
		io.WriteString(h, l+"\n") //nolint:errcheck // a hash takes every write
	}
	return hashPrefix + hex.EncodeToString(h.Sum(nil))
}

const hashPrefix = "sha256:"

// Hash returns the hash of the plugin in dir, the one of its [Tree].
func Hash(dir string) (string, error) {
	m, err := Load(dir)
	if err != nil {
		return "", err
	}
	t, err := m.Tree()
	if err != nil {
		return "", err
	}
	return t.Hash, nil
}

// Tree reads and hashes every file of the plugin, but for what is in folders
// called __pycache__ and .git. Whatever is neither a file nor a folder is an
// error, and so is a file that changes meanwhile.
func (m *Manifest) Tree() (_ *Tree, err error) {
	root, err := os.OpenRoot(m.Dir)
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	var t *Tree
	if m.alone {
		t, err = hashFiles(root, []string{m.Entry})
	} else {
		t, err = hashTree(root)
	}
	if err != nil {
		return nil, m.errorf("%w", err)
	}
	return t, nil
}

// errorf names the plugin and where it is.
func (m *Manifest) errorf(format string, args ...any) error {
	return fmt.Errorf("plugin %s (%s): "+format, append([]any{m.ID, m.Dir}, args...)...)
}

func hashTree(root *os.Root) (*Tree, error) {
	names, err := listFiles(root)
	if err != nil {
		return nil, err
	}
	t, err := hashFiles(root, names)
	if err != nil {
		return nil, err
	}
	return t, checkFiles(root, names)
}

// checkFiles says if a file came or went since names were listed.
func checkFiles(root *os.Root, names []string) error {
	again, err := listFiles(root)
	if err == nil && !slices.Equal(names, again) {
		err = errors.New("files were added or removed while they were read, want a folder that nobody writes to")
	}
	return err
}

func hashFiles(root *os.Root, names []string) (*Tree, error) {
	t := new(Tree)
	var lines []string
	left := int64(maxBytes)
	for _, name := range names {
		f, err := hashFile(root, name, io.Discard, left)
		if err != nil {
			return nil, err
		}
		left -= f.Size
		t.Files = append(t.Files, f)
		lines = append(lines, f.String())
	}
	t.Hash = treeHash(lines)
	return t, nil
}

// hashFile hashes a file of at most so many bytes and copies what it reads to w.
func hashFile(root *os.Root, name string, w io.Writer, most int64) (_ TreeFile, err error) {
	f, before, err := openRegular(root, name)
	if err != nil {
		return TreeFile{}, fmt.Errorf("%s: %w", name, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if before.Size() > most {
		return TreeFile{}, fmt.Errorf("more than %d MiB in all: keep data out of a plugin's folder", maxBytes>>20)
	}
	out := TreeFile{Path: name, Executable: isExecutable(before), Size: before.Size()}
	if out.Hash, err = hashOpen(f, before, w); err != nil {
		return TreeFile{}, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// hashOpen reads f to its end. It is an error if f is no longer what before
// says of it.
func hashOpen(f *os.File, before fs.FileInfo, w io.Writer) (string, error) {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(h, w), io.LimitReader(f, before.Size()+1))
	if err != nil {
		return "", cause(err)
	}
	after, err := f.Stat()
	if err != nil {
		return "", cause(err)
	}
	if n != before.Size() || after.Size() != n || !after.ModTime().Equal(before.ModTime()) || after.Mode() != before.Mode() {
		return "", errors.New("changed while it was read, want a folder that nobody writes to")
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openRegular opens a file that is no symbolic link, pipe or device.
func openRegular(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	link, err := root.Lstat(name)
	if err != nil {
		return nil, nil, cause(err)
	}
	if !link.Mode().IsRegular() {
		return nil, nil, notRegular(link.Mode())
	}
	// Not to hang on a pipe that took the file's place just now.
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, cause(err)
	}
	info, err := f.Stat()
	if err == nil && !os.SameFile(link, info) {
		err = errors.New("changed while it was opened")
	}
	if err != nil {
		return nil, nil, errors.Join(cause(err), f.Close())
	}
	return f, info, nil
}

func notRegular(mode fs.FileMode) error {
	if mode&fs.ModeSymlink != 0 {
		return errors.New("a symbolic link, want a copy of what it points to")
	}
	return errors.New("neither a file nor a folder, want it out of the plugin's folder")
}

// isExecutable says if anyone may execute the file. Windows does not know.
func isExecutable(info fs.FileInfo) bool {
	return runtime.GOOS == "windows" || isExecutableMode(info.Mode())
}

func isExecutableMode(mode fs.FileMode) bool { return mode&0o111 != 0 }

// ignored are folders (and, in a git worktree, a file) that are no part of a
// plugin: they change without the plugin changing. Python is started such that
// it reads nothing from __pycache__.
func ignored(name string) bool { return name == "__pycache__" || name == ".git" }

// listFiles returns the paths of all files, sorted as strings.
func listFiles(root *os.Root) ([]string, error) {
	var names []string
	entries := 0
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, cause(err))
		case name == ".":
			return nil
		case ignored(d.Name()) && d.IsDir():
			return fs.SkipDir
		case ignored(d.Name()):
			return nil
		}
		if entries++; entries > maxFiles {
			return fmt.Errorf("more than %d files: keep data out of a plugin's folder", maxFiles)
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("%.200q: %w", name, err)
		}
		switch {
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s: %w", name, notRegular(d.Type()))
		}
		names = append(names, name)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// checkName says why a path cannot be that of a file of a plugin: it is the
// same on every system, is inside the folder, and has its line in a lock.
func checkName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return errors.New("a name that is not UTF-8")
	case strings.ContainsFunc(name, isControl):
		return errors.New("a name with control characters")
	case strings.ContainsAny(name, `\:`):
		return errors.New("a name with a backslash or a colon, which not every system takes")
	case path.IsAbs(name) || !fs.ValidPath(name) || name == "." || !filepath.IsLocal(filepath.FromSlash(name)):
		return errors.New("not a path inside the folder")
	case len(name) > maxName || strings.Count(name, "/") >= maxDepth:
		return fmt.Errorf("a path of more than %d bytes or %d folders", maxName, maxDepth)
	}
	return nil
}
