//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package host

import (
	"errors"
	"fmt"
	"syscall"
)

// killMarked kills, by SIGKILL, the group of a plugin. What left the group is
// not found: that needs Linux's /proc.
func killMarked(leader int, _ string) error {
	if leader <= 0 {
		return nil
	}
	// A group of which only the dead are left is not permitted to be signalled.
	err := syscall.Kill(-leader, syscall.SIGKILL)
	if err != nil && !errors.Is(err, syscall.ESRCH) && !errors.Is(err, syscall.EPERM) {
		return fmt.Errorf("killing group %d: %w", leader, err)
	}
	return nil
}

// awaitExit does nothing: Wait does.
func awaitExit(int) {}
