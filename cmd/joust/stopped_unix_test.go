//go:build unix

package main

import (
	"os"
	"syscall"
)

// stopped stops this process, as ^Z does.
func stopped() error { return syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
