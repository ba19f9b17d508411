package host

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	folderPrefix = "joust-plugin-"
	folderVar    = "JOUST_PLUGIN_FOLDER" // in the environment of a plugin and of what it starts
	// The longest path of a socket that every system takes, and the longest
	// name that go-plugin gives one.
	maxSocketPath, maxSocketName = 103, 20
)

// A folder is a plugin's own while it runs: it works in one part of it, and its
// socket is in another. Its name is in the plugin's environment, which marks
// the plugin and what it starts. It is locked as long as its host lives.
type folder struct {
	path string
	lock io.Closer
}

func (f *folder) work() string   { return filepath.Join(f.path, "work") }
func (f *folder) socket() string { return filepath.Join(f.path, "s") }
func (f *folder) mark() string   { return folderVar + "=" + f.path }

// newFolder makes a folder that only this user can enter, having removed those
// of hosts that were killed.
func newFolder() (*folder, error) {
	temp, err := filepath.Abs(os.TempDir())
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	sweep(temp)
	var f *folder
	// Between making a folder and locking it another host may take it for a
	// dead one's.
	for range 10 {
		if f, err = lockedFolder(temp); err != nil {
			return nil, fmt.Errorf("folder: %w", err)
		}
		if f != nil {
			break
		}
	}
	if f == nil {
		return nil, fmt.Errorf("folder: what is made in %s is removed by others", temp)
	}
	if n := len(f.socket()) + 1 + maxSocketName; n > maxSocketPath {
		err = fmt.Errorf("TMPDIR: %s is too long for a socket in it: want at most %d bytes, not %d", temp, len(temp)-n+maxSocketPath, len(temp))
	}
	for _, dir := range []string{f.work(), f.socket()} {
		err = errors.Join(err, os.Mkdir(dir, 0o700))
	}
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return f, nil
}

func lockedFolder(temp string) (*folder, error) {
	path, err := os.MkdirTemp(temp, folderPrefix) // mode 0700
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(path, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	here, err := lock.Stat()
	there, err2 := os.Lstat(path)
	if err != nil || err2 != nil || !os.SameFile(here, there) {
		return nil, lock.Close()
	}
	return &folder{path: path, lock: lock}, nil
}

// remove removes the folder and all that was put into it.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	if err != nil {
		// A plugin may have forbidden it.
		_ = filepath.WalkDir(f.path, func(path string, d fs.DirEntry, _ error) error {
			if d != nil && d.IsDir() {
				_ = os.Chmod(path, 0o700) //nolint:gosec // what it does not mend, RemoveAll reports
			}
			return nil
		})
		err = os.RemoveAll(f.path)
	}
	return closing(f.lock, err)
}

// sweep removes the folders of hosts that were killed, and kills what their
// plugins had started. It does what it can: what it cannot do is not an error
// of the plugin that is about to start.
func sweep(temp string) {
	paths, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	if err != nil {
		return // a strange TMPDIR
	}
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || !ours(info) {
			continue
		}
		lock, err := lockFolder(path, false)
		if err != nil {
			continue // its host lives
		}
		f := &folder{path: path, lock: lock}
		_ = killMarked(0, f.mark())
		_ = f.remove()
	}
}

// closing closes c and joins its error to err.
func closing(c io.Closer, err error) error {
	return errors.Join(err, c.Close())
}
