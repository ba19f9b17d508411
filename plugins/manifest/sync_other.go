//go:build !unix

package manifest

// syncDir does nothing: here a folder cannot be synced, and a rename is as
// lasting as the system makes it.
func syncDir(string) error { return nil }
