//go:build unix

package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Open as a user who may only look. Permissions do not stop root, so if the
// tests run as root another user opens the file: this program again, from a
// place that everybody can reach.
func TestReadOnlyPlace(t *testing.T) {
	dir, err := os.MkdirTemp("", "joust-store-test-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	program, err := os.ReadFile(command(t, "open").Path)
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "program")
	if err := os.WriteFile(exe, program, 0o755); err != nil {
		t.Fatal(err)
	}
	results := filepath.Join(dir, "results.db")
	db, err := Open(t.Context(), results)
	if err != nil {
		t.Fatal(err)
	}
	save(t, db, result(1, 1, 1, 1))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for _, path := range []string{filepath.Join(dir, "new.db"), results} {
		cmd := command(t, "open", path)
		cmd.Path = exe
		if os.Geteuid() == 0 {
			const nobody = 65534
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		out, err := cmd.CombinedOutput()
		if got := string(out); err == nil || !strings.Contains(got, path) ||
			!strings.Contains(got, "allow it for the file and its directory, or use another one") {
			t.Errorf("open %s: %v\n%s\nwant an error that says what to allow", path, err, got)
		}
		if after := contents(t, dir); len(after) != len(before) || after["results.db"] != before["results.db"] {
			t.Errorf("open %s changed the directory", path)
		}
	}
}

func TestOpenRefusesAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path)
	wantError(t, path, "want a regular file", err)
}
