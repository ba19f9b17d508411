package data

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/joust-bench/joust/optimizers"
)

// MaxBytes is the size up to which files are read, before and after they are
// unpacked.
const MaxBytes = 1 << 30

// Load reads a regular file of at most [MaxBytes], and unpacks it if it begins
// as gzip does. It also returns the SHA-256 of the file as it is on disk, in
// hex. Errors begin with the path.
func Load(path string) (content []byte, sum string, err error) {
	return load(path, MaxBytes)
}

func load(path string, limit int64) ([]byte, string, error) {
	raw, err := read(path, limit)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(raw)
	content := raw
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		if content, err = gunzip(raw, limit); err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
	}
	return content, hex.EncodeToString(sum[:]), nil
}

func read(path string, limit int64) (_ []byte, err error) {
	// The kind of file is looked at first: to open a pipe would wait for
	// someone to write to it.
	info, err := os.Stat(path)
	if err != nil {
		return nil, missing(path, err)
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s: a directory, want a file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case info.Size() > limit:
		return nil, tooLarge(path, limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, missing(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	// The file may grow while it is read.
	if n, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, missing(path, err)
	} else if n > limit {
		return nil, tooLarge(path, limit)
	}
	return b.Bytes(), nil
}

func gunzip(raw []byte, limit int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("begins as gzip does, but is damaged: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(z, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("begins as gzip does, but is damaged: %w", err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("more than %d bytes when unpacked, want at most that", limit)
	}
	return b, nil
}

func tooLarge(path string, limit int64) error {
	return fmt.Errorf("%s: more than %d bytes, want at most that", path, limit)
}

// missing rewrites an error of package os, which has the path inside, and
// suggests a file that is there for one that is not.
func missing(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, err)
	}
	dir := filepath.Dir(path)
	entries, dirErr := os.ReadDir(dir)
	if dirErr != nil {
		return fmt.Errorf("%s: %w (nor can its directory be read)", path, err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if near := optimizers.Suggest(filepath.Base(path), names); near != "" {
		return fmt.Errorf("%s: %w, did you mean %s?", path, err, filepath.Join(dir, near))
	}
	return fmt.Errorf("%s: %w", path, err)
}
