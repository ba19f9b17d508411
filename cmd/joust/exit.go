package main

import "fmt"

// Exit statuses, for scripts.
const (
	exitOK          = 0
	exitFailed      = 1   // a verdict failed, or joust could not do its work: a full disk
	exitUsage       = 2   // the command line or an experiment is wrong; nothing was done
	exitTrials      = 3   // some trials failed; the others are compared
	exitInterrupted = 130 // by Ctrl-C or SIGTERM; running again goes on
)

// An exitError ends the program with a status of its own.
type exitError struct {
	status int
	err    error // printed if not nil
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef returns an error in what the user wrote.
func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}
