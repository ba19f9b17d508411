//go:build !linux

package host_test

import "testing"

// The faults that need Linux are tested there.
func systemFault(string) error { return nil }

func misuseShared() string { return "" }

// processes is none: what is marked is found in /proc alone.
func (dir place) processes(*testing.T) []int { return nil }
