//go:build unix

package manifest

import (
	"errors"
	"os"
)

// syncDir puts a rename in dir on the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
