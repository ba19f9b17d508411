package scaffold

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/manifest"
	"github.com/joust-bench/joust/plugins/protocol"
)

// write makes a new plugin called other-es.
func write(t *testing.T, lang string, o Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "other-es")
	if err := Write(lang, "other-es", dir, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// command runs a program in dir, with these variables added.
func command(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

// pinned returns how joust starts a plugin, and checks at the end of the test
// that running it has changed nothing of it.
func pinned(t *testing.T, dir string, environ []string) host.Command {
	t.Helper()
	m, err := manifest.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	pin, err := m.Pin(environ)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Command(environ, pin)
	if err != nil {
		t.Fatal(err)
	}
	lock := new(manifest.Lock)
	if err := lock.Set(pin); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.File != nil {
			if err := c.File.Close(); err != nil {
				t.Error(err)
			}
		}
		again, err := m.Pin(environ)
		if err != nil || lock.Verify(again).State != manifest.Pinned {
			t.Errorf("after it ran: %v, %v, want it unchanged", lock.Verify(again), err)
		}
	})
	return c
}

// describe runs a plugin as joust does and returns the names of its optimizers.
func describe(t *testing.T, c host.Command) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := host.Start(ctx, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	r, err := p.Conn().Describe(ctx, &protocol.DescribeRequest{Host: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = (manifest.Pin{}).WithRuntime(r.Runtime); err != nil || len(r.Runtime) == 0 {
		t.Errorf("it is made of %q, %v", r.Runtime, err)
	}
	var names []string
	for _, o := range r.Optimizers {
		names = append(names, o.Name)
	}
	if err := p.Stop(10 * time.Second); err != nil {
		t.Error(err)
	}
	return names
}

func wantNames(t *testing.T, got []string) {
	t.Helper()
	if len(got) != 1 || got[0] != "other-es" {
		t.Errorf("it serves %q, want other-es", got)
	}
}

func TestNewPluginInGoWorks(t *testing.T) {
	dir := write(t, "go", Options{Replace: "../../.."})
	// Everything is in the module cache already. Its test, which is that of the
	// template, is run with this module's; here it is compiled.
	offline := []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off"}
	command(t, dir, offline, "go", "vet", ".")
	command(t, dir, offline, "go", "build", "-ldflags=-s -w", "-o", "other-es")
	wantNames(t, describe(t, pinned(t, dir, nil)))
}

// python3 is the interpreter of the tests.
const python3 = pythontest.Interpreter

func TestNewPluginInPythonWorks(t *testing.T) {
	pythontest.Need(t)
	dir := write(t, "python", Options{})
	command(t, dir, []string{"PYTHONPATH="}, python3, "-m", "unittest")
	wantNames(t, describe(t, pinned(t, dir, []string{"JOUST_PYTHON=" + python3})))
}

func TestNewPluginOfFramesWorks(t *testing.T) {
	pythontest.Need(t)
	dir := write(t, "frames", Options{})
	command(t, dir, []string{"PYTHONPATH="}, python3, "-I", "test_es.py")
	wantNames(t, describe(t, pinned(t, dir, []string{"JOUST_PYTHON=" + python3})))
}

func TestNothingOfTheTemplatesNameIsLeft(t *testing.T) {
	for _, lang := range Languages() {
		dir := write(t, lang, Options{})
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(name)
			if strings.Contains(string(content), templateName) && !strings.HasPrefix(name, filepath.Join(dir, "joust")) {
				t.Errorf("%s: %s has the name %s in it", lang, name, templateName)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestGoModule(t *testing.T) {
	source, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	const head = "module example.org/my-own\n\ngo 1.26.0\n"
	const require = "\nrequire github.com/joust-bench/joust "
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{}, head},
		{Options{Version: "v1.2.3"}, head + require + "v1.2.3\n"},
		{Options{Replace: "../../.."}, head + require + "v0.0.0\n\nreplace github.com/joust-bench/joust => \"" + source + "\"\n"},
		{Options{Version: "v1.2.3", Replace: source}, head + require + "v1.2.3\n\nreplace github.com/joust-bench/joust => \"" + source + "\"\n"},
	} {
		if got, err := goMod("my-own", tt.o); err != nil || got != tt.want {
			t.Errorf("%+v:\n%s%v\nwant\n%s", tt.o, got, err, tt.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.org/other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		lang, name, dir string
		o               Options
		want            string
	}{
		{"rust", "a", dir + "/a", Options{}, `no template for "rust", want go, python, frames`},
		{"go", "My-ES", dir + "/a", Options{}, `"My-ES" cannot be the id of a plugin, want lower-case letters, digits and single dashes, at most 60, such as my-es`},
		{"go", "../a", dir + "/a", Options{}, `"../a" cannot be the id of a plugin, want lower-case letters, digits and single dashes, at most 60, such as my-es`},
		{"go", "sgd", dir + "/a", Options{Taken: []string{"adam", "sgd"}}, "the built-in optimizer sgd has this name, want another"},
		{"go", "a", dir, Options{}, dir + " is there already, want a folder to make"},
		{"go", "a", dir + "/a", Options{Replace: other}, other + " is not the source of joust, want a folder with the go.mod of github.com/joust-bench/joust: it is that of another module"},
	} {
		if err := Write(tt.lang, tt.name, tt.dir, tt.o); err == nil || err.Error() != tt.want {
			t.Errorf(" got %v\nwant %s", err, tt.want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("refusals left %v, %v", entries, err)
	}
}
