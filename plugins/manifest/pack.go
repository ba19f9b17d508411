package manifest

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Pack writes the plugin in dir to w as a .tar.gz that [Install] takes, and
// returns the hash of its tree, to be handed on with it. The same files give
// the same bytes: they are in order, without owners or times, in a folder
// called as the plugin's id.
func Pack(dir string, w io.Writer) (hash string, err error) {
	m, err := Load(dir)
	if err != nil {
		return "", err
	}
	t, err := m.Tree()
	if err != nil {
		return "", err
	}
	if err := m.pack(t, w); err != nil {
		return "", m.errorf("packing: %w", err)
	}
	return t.Hash, nil
}

func (m *Manifest) pack(t *Tree, w io.Writer) (err error) {
	root, err := os.OpenRoot(m.Dir)
	if err != nil {
		return cause(err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	a := tar.NewWriter(z)
	for _, f := range t.Files {
		h := &tar.Header{
			Typeflag: tar.TypeReg,
			Name:     m.ID + "/" + f.Path,
			Size:     f.Size,
			Mode:     0o644,
			ModTime:  time.Unix(0, 0),
			Format:   tar.FormatPAX,
		}
		if f.Executable {
			h.Mode = 0o755
		}
		if err := a.WriteHeader(h); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		got, err := hashFile(root, f.Path, a, maxBytes)
		if err == nil && got != f {
			err = fmt.Errorf("%s: changed while it was packed", f.Path)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(a.Close(), z.Close())
}
