package manifest

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// python is a plugin with a little of everything.
func python(t testing.TB) string {
	return write(t, map[string]string{
		File: minimal, "es.py": "print(1)\n", "a-b": "", "a/b": "x", "tool.sh*": "#!/bin/sh\n",
		"__pycache__/es.pyc": "c", "a/__pycache__/b.pyc": "c", ".git/HEAD": "h",
	})
}

func hash(t testing.TB, dir string) string {
	t.Helper()
	h, err := Hash(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The form of the hash is told in doc.go, so that others can compute it.
func TestTreeHashIsThatOfItsLines(t *testing.T) {
	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	lines := sum("") + " - a-b\n" + // "-" sorts before "/", though a folder's walk has a/ first or last
		sum("x") + " - a/b\n" +
		sum("print(1)\n") + " - es.py\n" +
		sum(minimal) + " - plugin.yaml\n" +
		sum("#!/bin/sh\n") + " x tool.sh\n"
	if got, want := hash(t, python(t)), "sha256:"+sum(lines); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
}

func TestHashChangesWithThePluginAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		same   bool
		change func(dir string)
	}{
		{"nothing", true, func(string) {}},
		{"time", true, func(dir string) {
			if err := os.Chtimes(dir+"/es.py", time.Unix(1, 0), time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		}},
		{"who may read", true, func(dir string) { chmod(t, dir+"/es.py", 0o600) }},
		{"compiled Python", true, func(dir string) { put(t, dir+"/__pycache__/new.pyc", "other") }},
		{"git", true, func(dir string) { put(t, dir+"/.git/HEAD", "other") }},
		{"an empty folder", true, func(dir string) {
			if err := os.Mkdir(dir+"/empty", 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"content", false, func(dir string) { put(t, dir+"/es.py", "print(2)\n") }},
		{"executable", false, func(dir string) { chmod(t, dir+"/es.py", 0o755) }},
		{"new file", false, func(dir string) { put(t, dir+"/a/new", "") }},
		{"hidden file", false, func(dir string) { put(t, dir+"/.hidden", "") }},
		{"renamed", false, func(dir string) {
			if err := os.Rename(dir+"/a/b", dir+"/a/c"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		dir := python(t)
		before := hash(t, dir)
		tt.change(dir)
		if same := hash(t, dir) == before; same != tt.same {
			t.Errorf("%s: the same hash: %v, want %v", tt.name, same, tt.same)
		}
	}
}

func TestTreeHasFilesAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(dir string) error
		want   string
	}{
		{"link out", func(dir string) error { return os.Symlink("/etc/passwd", dir+"/users") }, "users: a symbolic link, want a copy of what it points to"},
		{"link inside", func(dir string) error { return os.Symlink("es.py", dir+"/a/link") }, "a/link: a symbolic link, want a copy of what it points to"},
		{"linked folder", func(dir string) error { return os.Symlink("/tmp", dir+"/tmp") }, "tmp: a symbolic link, want a copy of what it points to"},
		{"control characters", func(dir string) error { return os.WriteFile(dir+"/a\nb", nil, 0o644) }, `"a\nb": a name with control characters`},
		{"not UTF-8", func(dir string) error { return os.WriteFile(dir+"/\xff", nil, 0o644) }, `"\xff": a name that is not UTF-8`},
		{"colon", func(dir string) error { return os.WriteFile(dir+"/c:d", nil, 0o644) }, `"c:d": a name with a backslash or a colon, which not every system takes`},
		{"deep", func(dir string) error { return os.MkdirAll(dir+strings.Repeat("/d", 40), 0o755) }, `"` + strings.Repeat("d/", 32) + `d": a path of more than 1024 bytes or 32 folders`},
		{"huge", func(dir string) error { // a file with a hole: it takes no space
			if err := os.WriteFile(dir+"/zeros", nil, 0o644); err != nil {
				return err
			}
			return os.Truncate(dir+"/zeros", 5<<30)
		}, "more than 1024 MiB in all: keep data out of a plugin's folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := python(t)
			if err := tt.change(dir); err != nil {
				skipOffLinux(t, "not possible on this system: ", err)
			}
			_, err := Hash(dir)
			if want := fmt.Sprintf("plugin my-es (%s): %s", dir, tt.want); err == nil || err.Error() != want {
				t.Errorf(" got %v\nwant %s", err, want)
			}
		})
	}
}

// changing is a writer that changes a file while it is hashed.
type changing func()

func (c changing) Write(p []byte) (int, error) {
	c()
	return len(p), nil
}

func TestFileThatChangesWhileItIsReadIsAnError(t *testing.T) {
	if runtime.GOOS == "windows" {
		skipOffLinux(t, "an open file cannot be changed here")
	}
	dir := python(t)
	file := filepath.Join(dir, "es.py")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, root.Close()) }()
	for name, change := range map[string]func(){
		"longer":  func() { put(t, file, "print(1)\nprint(2)\n") },
		"shorter": func() { put(t, file, "") },
		"touched": func() {
			if err := os.Chtimes(file, time.Time{}, time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		put(t, file, "print(1)\n")
		_, err := hashFile(root, "es.py", changing(change), 1000)
		if want := "es.py: changed while it was read, want a folder that nobody writes to"; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := hashFile(root, "es.py", changing(func() {}), 1000); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestFileThatComesOrGoesWhileOthersAreReadIsAnError(t *testing.T) {
	dir := python(t)
	root, err := os.OpenRoot(dir)
	check(t, err)
	defer func() { check(t, root.Close()) }()
	names, err := listFiles(root)
	check(t, err)
	check(t, checkFiles(root, names))
	const want = "files were added or removed while they were read, want a folder that nobody writes to"
	put(t, dir+"/new", "")
	if err := checkFiles(root, names); err == nil || err.Error() != want {
		t.Errorf("added: %v, want %s", err, want)
	}
	remove(t, dir+"/new")
	remove(t, dir+"/es.py")
	if err := checkFiles(root, names); err == nil || err.Error() != want {
		t.Errorf("removed: %v, want %s", err, want)
	}
}
