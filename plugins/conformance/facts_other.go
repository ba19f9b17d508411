//go:build !linux

package conformance

import (
	"errors"
	"fmt"
	"runtime"
)

// factsOf needs what only Linux tells of another process.
func factsOf(int) (Facts, error) {
	return Facts{}, fmt.Errorf("processes are looked at on Linux, not on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
