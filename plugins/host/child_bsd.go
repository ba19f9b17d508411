//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package host

import "syscall"

// dieWithHost does nothing: a plugin has to see for itself that the host is
// gone, from the end of its stdin or its connection.
func dieWithHost(*syscall.SysProcAttr) {}

// openedPath is empty: an open file cannot be executed.
func openedPath(int) string { return "" }

// limit does nothing: only Linux sets limits of another process.
func limit(int, Limits) error { return nil }
