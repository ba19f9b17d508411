package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// InstallOptions say what may be installed.
type InstallOptions struct {
	// Hash is the hash that the plugin's tree must have, as of [Pack]. Empty:
	// any.
	Hash string
	// Replace has the plugin take the place of one that is installed already.
	Replace bool
	// Taken are names that no plugin may have: those of built-in optimizers.
	Taken []string
}

// Install copies a plugin, a folder or an archive (.tar.gz or .zip), to
// data/ID, where data is as of [DataDir]. An archive has plugin.yaml at its
// top or in its only folder. Nothing of the plugin is run. On an error
// everything is as it was.
func Install(source, data string, o InstallOptions) (_ *Manifest, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("installing %s: %w", source, err)
		}
	}()
	if o.Hash != "" && !hexHash.MatchString(o.Hash) {
		return nil, fmt.Errorf("hash %.100q, want sha256: and 64 hex digits", o.Hash)
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(data, ".install-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	dir, err := unpack(source, filepath.Join(temp, "new"), standardLimits)
	if err != nil {
		return nil, err
	}
	m, err := Load(dir)
	if err != nil {
		return nil, err
	}
	if slices.Contains(o.Taken, m.ID) {
		return nil, fmt.Errorf("the built-in optimizer %s has this id, want another", m.ID)
	}
	t, err := m.Tree()
	if err != nil {
		return nil, err
	}
	if o.Hash != "" && t.Hash != o.Hash {
		return nil, fmt.Errorf("plugin %s: its hash is %s, want %s: not the plugin that was meant", m.ID, t.Hash, o.Hash)
	}
	if err := moveIn(dir, filepath.Join(data, m.ID), filepath.Join(temp, "old"), o.Replace); err != nil {
		return nil, err
	}
	return Load(filepath.Join(data, m.ID))
}

// unpack copies a folder or the content of an archive to dir, which it makes,
// and returns the folder in which plugin.yaml is.
func unpack(source, dir string, l limits) (plugin string, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	info, err := os.Stat(source)
	if err != nil {
		return "", cause(err)
	}
	if info.IsDir() {
		return dir, copyTree(source, root)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("neither a folder nor an archive")
	}
	f, err := os.Open(source)
	if err != nil {
		return "", cause(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := extract(f, root, l); err != nil {
		return "", err
	}
	return top(dir)
}

// copyTree copies the files of the plugin in source.
func copyTree(source string, to *os.Root) (err error) {
	m, err := Load(source)
	if err != nil {
		return err
	}
	t, err := m.Tree()
	if err != nil {
		return err
	}
	from, err := os.OpenRoot(m.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	for _, f := range t.Files {
		in, _, err := openRegular(from, f.Path)
		if err == nil {
			err = errors.Join(writeFile(to, f.Path, f.Executable, in, f.Size), in.Close())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

// top returns the folder with plugin.yaml: dir, or the only one in it.
func top(dir string) (string, error) {
	_, err := os.Lstat(filepath.Join(dir, File))
	if !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(entries) != 1 || !entries[0].IsDir() {
		return "", fmt.Errorf("no %s in it, want one at its top or in its only folder", File)
	}
	return filepath.Join(dir, entries[0].Name()), nil
}

// moveIn makes dir the folder to. What is there already is moved to old if it may be
// replaced, and back if something goes wrong.
func moveIn(dir, to, old string, replace bool) error {
	_, err := os.Lstat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.Rename(dir, to)
	case err != nil:
		return err
	case !replace:
		return fmt.Errorf("%s is there already, want it removed or replaced", to)
	}
	if err := os.Rename(to, old); err != nil {
		return err
	}
	if err := os.Rename(dir, to); err != nil {
		return errors.Join(err, os.Rename(old, to))
	}
	return nil
}

// Remove removes an installed plugin from data. Of one that is a symbolic link
// it removes the link.
func Remove(id, data string) (err error) {
	if !checkID(id) {
		return fmt.Errorf("plugin %.100q: not the id of a plugin, %s", id, wantID)
	}
	dir := filepath.Join(data, id)
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("plugin %s is not installed in %s", id, data)
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return os.Remove(dir)
	}
	if _, err := os.Lstat(filepath.Join(dir, File)); err != nil {
		return fmt.Errorf("%s is no plugin: %w", dir, err)
	}
	// Gone at once: a removal that is broken off leaves no half of a plugin.
	temp, err := os.MkdirTemp(data, ".remove-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	return os.Rename(dir, filepath.Join(temp, id))
}
