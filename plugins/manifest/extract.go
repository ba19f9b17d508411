package manifest

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// limits bound what an archive may unpack to.
type limits struct {
	files int
	bytes int64
}

var standardLimits = limits{files: maxFiles, bytes: maxBytes}

// extractor writes the files of an archive below root, and nowhere else. The
// archive is a stranger's: names, kinds, sizes and numbers are checked before
// anything is written.
type extractor struct {
	root  *os.Root
	left  limits
	names map[string]string // by their lower case, which on some systems is the same file
}

// extract unpacks a .tar.gz or a .zip, told apart by how it starts.
func extract(archive *os.File, root *os.Root, l limits) error {
	x := &extractor{root: root, left: l, names: make(map[string]string)}
	var start [4]byte
	n, err := archive.ReadAt(start[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return cause(err)
	}
	switch s := string(start[:n]); {
	case strings.HasPrefix(s, "\x1f\x8b"):
		return x.tarGz(archive)
	case s == "PK\x03\x04":
		info, err := archive.Stat()
		if err != nil {
			return cause(err)
		}
		return x.zip(archive, info.Size())
	}
	return errors.New("not an archive of a plugin, want a .tar.gz or a .zip")
}

func (x *extractor) tarGz(r io.Reader) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("damaged: %w", err)
	}
	// Headers can be packed as tightly as contents: with 8 KiB for each file's,
	// whatever the archive unpacks to is bounded.
	whole := io.LimitReader(z, x.left.bytes+8192*int64(x.left.files))
	t := tar.NewReader(whole)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, whole) // to the checksum, at the end
			if err == nil {
				return nil
			}
		}
		switch {
		case err != nil:
			return fmt.Errorf("damaged or too large: %w", err)
		case h.Typeflag == tar.TypeXGlobalHeader: // of git archive: the commit
			continue
		case h.Typeflag != tar.TypeDir && h.Typeflag != tar.TypeReg:
			return notPlain(h.Name)
		}
		if err := x.add(h.Name, h.FileInfo(), t); err != nil {
			return err
		}
	}
}

func (x *extractor) zip(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("damaged: %w", err)
	}
	for _, f := range z.File {
		info := f.FileInfo()
		if !info.IsDir() && !info.Mode().IsRegular() {
			return notPlain(f.Name)
		}
		content, err := f.Open()
		if err != nil {
			return fmt.Errorf("%.200q: %w", f.Name, err)
		}
		if err := errors.Join(x.add(f.Name, info, content), content.Close()); err != nil {
			return err
		}
	}
	return nil
}

func notPlain(name string) error {
	return fmt.Errorf("%.200q is a link or a device, want files and folders alone", name)
}

// add makes one file or folder.
func (x *extractor) add(raw string, info fs.FileInfo, content io.Reader) error {
	if x.left.files--; x.left.files < 0 {
		return errors.New("more files than a plugin may have")
	}
	if strings.HasPrefix(raw, "/") || slices.Contains(strings.Split(raw, "/"), "..") {
		return fmt.Errorf("%.200q is outside of the plugin's folder", raw)
	}
	name := path.Clean(raw)
	if name == "." && info.IsDir() {
		return nil // as in archives of "."
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("%.200q: %w", raw, err)
	}
	if slices.ContainsFunc(strings.Split(name, "/"), ignored) {
		return nil
	}
	if err := x.claim(name); err != nil {
		return err
	}
	if info.IsDir() {
		if err := x.root.MkdirAll(name, 0o755); err != nil {
			return fmt.Errorf("%s: %w", name, cause(err))
		}
		return nil
	}
	if info.Size() > x.left.bytes {
		return errors.New("more bytes than a plugin may have, when it is unpacked")
	}
	x.left.bytes -= info.Size()
	if err := writeFile(x.root, name, isExecutableMode(info.Mode()), content, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// claim notes a name and those of the folders it is in, and refuses one that
// differs from another only in upper and lower case.
func (x *extractor) claim(name string) error {
	for ; name != "."; name = path.Dir(name) {
		lower := strings.ToLower(name)
		if other, ok := x.names[lower]; ok && other != name {
			return fmt.Errorf("%q and %q are the same file on some systems", other, name)
		}
		x.names[lower] = name
	}
	return nil
}

// writeFile makes a file of size bytes, which is not there yet.
func writeFile(root *os.Root, name string, executable bool, content io.Reader, size int64) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return cause(err)
	}
	mode := fs.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return cause(err)
	}
	n, err := io.Copy(f, io.LimitReader(content, size+1))
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes, want %d: damaged", n, size)
	}
	return errors.Join(err, f.Close())
}
