package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// shortHash is a hash as messages show it.
var shortHash = regexp.MustCompile(`\b[0-9a-f]{12}\b`)

func remove(t testing.TB, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// machine makes a PATH with a python3 that is no script.
func machine(t testing.TB, content string) (environ []string, interpreter string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	interpreter = filepath.Join(dir, "python3")
	if runtime.GOOS == "windows" {
		interpreter += ".exe"
	}
	put(t, interpreter, content)
	chmod(t, interpreter, 0o755)
	return []string{"PATH=" + dir}, interpreter
}

func pin(t testing.TB, dir string, environ []string, modules ...string) Pin {
	t.Helper()
	p, err := load(t, dir).Pin(environ)
	if err != nil {
		t.Fatal(err)
	}
	if modules == nil {
		return p
	}
	p, err = p.WithRuntime(modules)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func locked(t testing.TB, pins ...Pin) *Lock {
	t.Helper()
	l := new(Lock)
	for _, p := range pins {
		if err := l.Set(p); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestLockIsReadableAndInOrder(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	p := Pin{
		ID: "my-es", Version: "0.1.0", Protocol: 1, Runtime: Python, Platform: "linux/amd64",
		Files:       []string{sum + " - es.py", sum + " x tool.sh"},
		Interpreter: &Interpreter{Path: "/usr/bin/python3.11", Hash: "sha256:" + sum},
		Modules:     map[string]string{"python": "3.11.2", "numpy": "1.24.2"},
	}
	p.Tree = treeHash(p.Files)
	q := Pin{ID: "a", Version: "1", Protocol: 1, Runtime: Binary, Platform: "linux/arm64", Files: []string{sum + " x a"}}
	q.Tree = treeHash(q.Files)
	file := filepath.Join(t.TempDir(), LockFile)
	if err := locked(t, p, q).Write(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{
  "lock": 1,
  "plugins": {
    "a": {
      "version": "1",
      "protocol": 1,
      "runtime": "binary",
      "tree": "%s",
      "files": [
        "%[2]s x a"
      ],
      "platform": "linux/arm64"
    },
    "my-es": {
      "version": "0.1.0",
      "protocol": 1,
      "runtime": "python",
      "tree": "%[3]s",
      "files": [
        "%[2]s - es.py",
        "%[2]s x tool.sh"
      ],
      "platform": "linux/amd64",
      "interpreter": {
        "path": "/usr/bin/python3.11",
        "hash": "sha256:%[2]s"
      },
      "modules": {
        "numpy": "1.24.2",
        "python": "3.11.2"
      }
    }
  }
}
`, q.Tree, sum, p.Tree)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	again, err := ReadLock(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(locked(t, p, q), again, cmpopts.IgnoreUnexported(Interpreter{})); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(want, "\n", "\r\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLock(file); err != nil {
		t.Errorf("with the line ends of Windows: %v", err)
	}
}

func TestVerdicts(t *testing.T) {
	dir := python(t)
	environ, interpreter := machine(t, "one")
	modules := []string{"python 3.11.2", "numpy 1.24.2"}
	l := locked(t, pin(t, dir, environ, modules...))
	for _, tt := range []struct {
		name   string
		change func(p *Pin)
		state  State
		want   string // with sums left out
	}{
		{"as it was", func(*Pin) {}, Pinned, "pinned"},
		{"content", func(*Pin) { put(t, dir+"/es.py", "print(2)\n") }, Changed, "unpinned: es.py changed: #, locked #"},
		{"description", func(*Pin) { put(t, dir+"/"+File, minimal+"args: [--evil]\n") }, Changed, "unpinned: plugin.yaml changed: #, locked #"},
		{"new file", func(*Pin) { put(t, dir+"/numpy.py", "") }, Changed, "unpinned: numpy.py is new"},
		{"file gone", func(*Pin) { remove(t, dir+"/a/b") }, Changed, "unpinned: a/b is gone"},
		{"executable", func(*Pin) { chmod(t, dir+"/es.py", 0o755) }, Changed, "unpinned: es.py has become executable"},
		{"not executable", func(*Pin) { chmod(t, dir+"/tool.sh", 0o644) }, Changed, "unpinned: tool.sh is no longer executable"},
		{"compiled Python", func(*Pin) { put(t, dir+"/__pycache__/es.cpython-311.pyc", "") }, Pinned, "pinned"},
		{"not locked", func(p *Pin) { p.ID = "other" }, Unlocked, "unpinned: not in joust.lock"},
		{"other system", func(p *Pin) { p.Platform = "darwin/arm64" }, Elsewhere, "unpinned: this machine is darwin/arm64, locked on " + runtime.GOOS + "/" + runtime.GOARCH},
		{"interpreter swapped", func(*Pin) { put(t, interpreter, "two") }, Elsewhere, "unpinned: interpreter python3 changed: #, locked #"},
		{"interpreter elsewhere", func(p *Pin) { environ, _ = machine(t, "one") }, Elsewhere, "unpinned: interpreter python3, locked python3, which is the same program"},
		{"other interpreter elsewhere", func(p *Pin) { environ, _ = machine(t, "two") }, Elsewhere, "unpinned: interpreter python3 (#), locked python3 (#)"},
		{"not asked yet", func(*Pin) { modules = nil }, Pinned, "pinned"},
		{"other module", func(*Pin) { modules = []string{"python 3.11.2", "numpy 2.0.0"} }, Elsewhere, "unpinned: numpy 2.0.0, locked 1.24.2"},
		{"new module", func(*Pin) { modules = append(modules, "scipy 1.10.1") }, Elsewhere, "unpinned: scipy 1.10.1 is not in the lock"},
		{"module gone", func(*Pin) { modules = modules[:1] }, Elsewhere, "unpinned: no numpy, locked 1.24.2"},
		{"tampered with elsewhere", func(p *Pin) { put(t, dir+"/es.py", "print(2)\n"); p.Platform = "plan9/386" }, Changed, "unpinned: es.py changed: #, locked #; this machine is plan9/386, locked on " + runtime.GOOS + "/" + runtime.GOARCH},
		{"many", func(p *Pin) {
			for i := range 8 {
				put(t, fmt.Sprintf("%s/new%d", dir, i), "")
			}
		}, Changed, "unpinned: new0 is new; new1 is new; new2 is new; new3 is new; new4 is new; and 3 more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.name, "executable") {
				skipOffLinux(t, "there are no executable files here")
			}
			savedDir, savedEnviron, savedModules := dir, environ, modules
			dir = python(t)
			put(t, interpreter, "one")
			chmod(t, interpreter, 0o755)
			// A change of a file comes before the plugin is pinned, one of the pin after.
			tt.change(new(Pin))
			p := pin(t, dir, environ, modules...)
			tt.change(&p)
			v := l.Verify(p)
			got := shortHash.ReplaceAllString(v.String(), "#")
			got = strings.ReplaceAll(strings.ReplaceAll(got, filepath.Dir(interpreter)+"/", ""), filepath.Dir(p.Interpreter.Path)+"/", "")
			if got != tt.want || v.State != tt.state {
				t.Errorf("state %d, %s\nwant %d, %s", v.State, got, tt.state, tt.want)
			}
			if err := v.Err(); (err == nil) != (tt.state == Pinned) {
				t.Errorf("error %v, want one: %v", err, tt.state != Pinned)
			}
			dir, environ, modules = savedDir, savedEnviron, savedModules
		})
	}
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		state State
		want  string
	}{
		{Unlocked, "plugin a is why; joust plugin lock a locks it, --plugin-unlocked runs it unpinned"},
		{Changed, "plugin a is not what was locked: why; joust plugin lock a locks it if that is meant, --plugin-unlocked runs it unpinned"},
		{Elsewhere, "plugin a is as it was locked, but not what it runs on: why; joust plugin lock a locks it for this machine, --plugin-unlocked runs it unpinned"},
	} {
		if err := (Verdict{"a", tt.state, []string{"why"}}).Err(); err == nil || err.Error() != tt.want {
			t.Errorf(" got %v\nwant %s", err, tt.want)
		}
	}
}

func TestWhatAPluginSaysOfItselfIsChecked(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{[]string{"numpy 1", "numpy 2"}, "plugin a: it says that it is made of numpy 1 and of numpy 2, want one of them"},
		{[]string{""}, `plugin a: it says that it is made of "", want a name and a version, such as numpy 1.24.2`},
		{[]string{"nu\nmpy 1"}, `plugin a: it says that it is made of "nu\nmpy 1", want a name and a version, such as numpy 1.24.2`},
		{[]string{"\xff 1"}, `plugin a: it says that it is made of "\xff 1", want a name and a version, such as numpy 1.24.2`},
		{make([]string, 1001), "plugin a: it says that it is made of 1001 modules, want at most 1000"},
	} {
		if _, err := (Pin{ID: "a"}).WithRuntime(tt.lines); err == nil || err.Error() != tt.want {
			t.Errorf(" got %v\nwant %s", err, tt.want)
		}
	}
	p, err := Pin{ID: "a"}.WithRuntime([]string{"go go1.26.0 linux/amd64", "tool"})
	if diff := cmp.Diff(map[string]string{"go": "go1.26.0 linux/amd64", "tool": ""}, p.Modules); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestDamagedLocksAreRefused(t *testing.T) {
	environ, _ := machine(t, "one")
	data, err := locked(t, pin(t, python(t), environ, "numpy 1.24.2")).encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	replace := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in %s", old, good)
		}
		return strings.Replace(good, old, with, 1)
	}
	const again = "; joust plugin lock writes it anew"
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "x.lock: not a lock: EOF" + again},
		{"cut off", good[:len(good)/2], "x.lock: not a lock: unexpected EOF" + again},
		{"merged with conflicts", replace("  \"plugins\"", "<<<<<<< ours\n  \"plugins\""), "x.lock:3: not a lock: invalid character '<' looking for beginning of object key string" + again},
		{"unknown member", replace(`"tree"`, `"three"`), `x.lock: not a lock: unknown field "three"` + again},
		{"other form", replace(`"lock": 1`, `"lock": 2`), "x.lock: a lock of form 2, which is not known to this joust, want 1"},
		{"bad id", replace(`"my-es"`, `"../es"`), `x.lock: plugin "../es": id: ` + wantID + again},
		{"bad tree", replace(`"tree": "sha256:`, `"tree": "md5:`), `x.lock: plugin "my-es": tree: want sha256: and 64 hex digits` + again},
		{"bad interpreter", replace(`"hash": "sha256:`, `"hash": "`), `x.lock: plugin "my-es": interpreter: want a hash, sha256: and 64 hex digits` + again},
		{"bad file", replace(" - es.py", " es.py"), `x.lock: plugin "my-es": file 3: "` + fileSum(t, good, "es.py") + ` es.py", want a hash, - or x, and a path` + again},
		{"file outside", replace(" - es.py", " - ../es.py"), `x.lock: plugin "my-es": file 3: "../es.py": not a path inside the folder` + again},
		{"file twice", replace(" - es.py", " - a/b"), `x.lock: plugin "my-es": file 3: "a/b" is after "a/b", want them in order and once` + again},
		{"mode edited", replace(" - es.py", " x es.py"), `x.lock: plugin "my-es": the files' hash is #, and tree says #` + again},
		{"spaces", replace(`"protocol": 1`, `"protocol":  1`), "x.lock:6: not as joust writes it: edited, or merged from two?" + again},
		{"key twice", replace("      \"protocol\": 1,\n", "      \"protocol\": 1,\n      \"protocol\": 1,\n"), "x.lock:7: not as joust writes it: edited, or merged from two?" + again},
		{"more after it", good + "{}\n", fmt.Sprintf("x.lock:%d: not as joust writes it: edited, or merged from two?", strings.Count(good, "\n")+1) + again},
	} {
		_, err := parseLock("x.lock", []byte(tt.src))
		if err == nil || !strings.Contains(tt.want, "#") && err.Error() != tt.want || shortHash.ReplaceAllString(err.Error(), "#") != shortHash.ReplaceAllString(tt.want, "#") {
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// fileSum returns the hash of a file in a lock.
func fileSum(t *testing.T, lock, file string) string {
	before, _, ok := strings.Cut(lock, " - "+file)
	if !ok {
		t.Fatalf("no %s in %s", file, lock)
	}
	return before[len(before)-hashLen:]
}

func TestNoLockIsAnEmptyOne(t *testing.T) {
	l, err := ReadLock(filepath.Join(t.TempDir(), LockFile))
	if err != nil || len(l.Plugins) != 0 {
		t.Errorf("%v, %v, want an empty lock", l, err)
	}
	if v := l.Verify(Pin{ID: "a"}); v.State != Unlocked {
		t.Errorf("%v, want unlocked", v)
	}
}

func TestFailedWriteLeavesTheOldLock(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, LockFile)
	old := &Lock{}
	if err := old.Write(file); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	err = replaceFile(file, func(w io.Writer) error {
		if _, err := io.WriteString(w, `{"lock": 1, "plu`); err != nil {
			return err
		}
		// What a crash now would leave.
		if got, err := os.ReadFile(file); err != nil || string(got) != string(want) {
			t.Errorf("half-way the lock is %q, %v, want the old one", got, err)
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != string(want) {
		t.Errorf("afterwards the lock is %q, %v, want the old one", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := old.Write(filepath.Join(dir, "no", "such", LockFile)); err == nil {
		t.Error("a folder that does not exist is no error")
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := old.Write(filepath.Join(dir, "folder")); err == nil {
		t.Error("a folder in the lock's place is no error")
	}
	if entries, err = os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func FuzzLock(f *testing.F) {
	environ, _ := machine(f, "one")
	data, err := locked(f, pin(f, python(f), environ, "numpy 1.24.2")).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"lock": 1, "plugins": {"a": {"files": null}}}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		l, err := parseLock("x", src)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line", err)
			}
			return
		}
		for _, p := range l.Plugins {
			if v := l.Verify(p); v.State != Pinned {
				t.Errorf("what is locked is not pinned: %v", v)
			}
			p.Files = nil
			l.Verify(p)
		}
		if again, err := l.encode(); err != nil || string(again) != strings.ReplaceAll(string(src), "\r\n", "\n") {
			t.Errorf("%q is read and written as %q, %v", src, again, err)
		}
	})
}
