package manifest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// replaceFile gives file the content that write writes. It is written beside
// it and takes its place when it is on the disk: an error of write, a full
// disk and a crash leave the file as it was.
func replaceFile(file string, write func(io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", file, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return cause(err)
	}
	renamed := false
	defer func() {
		if !renamed {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	renamed = true
	return syncDir(filepath.Dir(file))
}
