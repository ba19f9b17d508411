package manifest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/plugins/host"
)

func command(t testing.TB, dir string, environ []string) host.Command {
	t.Helper()
	m := load(t, dir)
	p, err := m.Pin(environ)
	check(t, err)
	c, err := m.Command(environ, p)
	check(t, err)
	if c.File != nil {
		t.Cleanup(func() { check(t, c.File.Close()) })
	}
	return c
}

func TestCommandOfEachRuntime(t *testing.T) {
	environ, interpreter := machine(t, "program")
	node := filepath.Join(filepath.Dir(interpreter), "node")
	if runtime.GOOS == "windows" {
		node += ".exe"
	}
	put(t, node, "program")
	chmod(t, node, 0o755)
	for _, tt := range []struct {
		name, yaml, transport, path string
		args                        []string // DIR stands for the plugin's folder, BOOT for the text of boot.py
		file                        bool
	}{
		{"binary", "runtime: binary\nentry: bin/es\nargs: [-a, b]", "grpc", "DIR/bin/es", []string{"-a", "b"}, true},
		{"binary that is a script", "runtime: binary\nentry: script", "grpc", "DIR/script", nil, false},
		{"python", "runtime: python\nentry: es.py\nargs: [-a]", "grpc", interpreter, []string{"-c", "BOOT", "DIR", "DIR/es.py", "-a"}, false},
		{"frames in Python", "runtime: frames\nentry: es.py", "frames", interpreter, []string{"-c", "BOOT", "DIR", "DIR/es.py"}, false},
		{"frames in another language", "runtime: frames\nentry: es.js\ninterpreter: node", "frames", node, []string{"DIR/es.js"}, false},
		{"frames, executed", "runtime: frames\nentry: bin/es", "frames", "DIR/bin/es", nil, true},
	} {
		dir := write(t, map[string]string{
			"es.py": "", "es.js": "", "bin/es*": "\x7fELF", "script*": "#!/bin/sh\n",
			File: "id: my-es\nversion: 1.2\nprotocol: 1\nlimits: {memory: 1GiB, files: 99}\n" + tt.yaml + "\n",
		})
		c := command(t, dir, environ)
		if (c.File != nil) != tt.file {
			t.Errorf("%s: open file: %v, want one: %v", tt.name, c.File, tt.file)
		}
		if c.File != nil {
			if data, err := io.ReadAll(c.File); err != nil || string(data) != "\x7fELF" {
				t.Errorf("%s: file %q, %v, want the entry from its start", tt.name, data, err)
			}
		}
		c.File, c.Env = nil, nil
		fill := strings.NewReplacer("DIR", dir, "BOOT", boot)
		want := host.Command{ID: "my-es", Version: "1.2", Transport: tt.transport, Path: fill.Replace(tt.path), Limits: host.Limits{Data: 1 << 30, Files: 99}}
		for _, a := range tt.args {
			want.Args = append(want.Args, fill.Replace(a))
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestEnvironmentHasNothingElse(t *testing.T) {
	environ, _ := machine(t, "program")
	environ = append(environ, "HOME=/home/me", "SECRET=1", "LD_PRELOAD=x.so", "PYTHONPATH=/evil", "TOKEN=a", "TOKEN=b=c", "OMP_NUM_THREADS=8", "JOUST_PYTHON=")
	c := command(t, write(t, map[string]string{File: minimal + "env: [TOKEN, MISSING]\n", "es.py": ""}), environ)
	if runtime.GOOS == "windows" {
		c.Env = slices.DeleteFunc(c.Env, func(s string) bool { return strings.HasPrefix(s, "SYSTEMROOT=") || strings.HasPrefix(s, "PATH=") })
		c.Env = slices.Insert(c.Env, 0, "PATH=/usr/local/bin:/usr/bin:/bin")
	}
	want := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
		"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1", "VECLIB_MAXIMUM_THREADS=1", "NUMEXPR_NUM_THREADS=1",
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=0", "PYTHONNOUSERSITE=1", "PYTHONUTF8=1",
		"TOKEN=b=c",
	}
	if diff := cmp.Diff(want, c.Env); diff != "" {
		t.Error(diff)
	}
}

// What was hashed is what runs: a file that is exchanged after it was hashed is
// an error, and one that is exchanged after it was opened does not matter.
func TestExchangedBinaryDoesNotRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		skipOffLinux(t, "an open file cannot be exchanged here")
	}
	dir := write(t, map[string]string{"es*": "\x7fELF good", File: "id: my-es\nversion: 1\nprotocol: 1\nruntime: binary\nentry: es\n"})
	m := load(t, dir)
	p, err := m.Pin(nil)
	check(t, err)
	exchange := func() {
		put(t, dir+"/new", "\x7fELF evil")
		chmod(t, dir+"/new", 0o755)
		check(t, os.Rename(dir+"/new", dir+"/es"))
	}
	c, err := m.Command(nil, p)
	check(t, err)
	defer func() { check(t, c.File.Close()) }()
	exchange()
	if data, err := io.ReadAll(c.File); err != nil || string(data) != "\x7fELF good" {
		t.Errorf("the open file is %q, %v, want the one that was hashed", data, err)
	}
	_, err = m.Command(nil, p)
	if want := "plugin my-es (" + dir + "): es changed since it was hashed"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	chmod(t, dir+"/es", 0o644)
	_, err = m.Command(nil, p)
	if want := "plugin my-es (" + dir + "): es is not executable, want chmod +x on it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestInterpreterIsAProgramOnPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		skipOffLinux(t, "there are no scripts here")
	}
	_, program := machine(t, "\x7fELF")
	_, shim := machine(t, "#!/bin/sh\n")
	empty := t.TempDir()
	m := load(t, python(t))
	t.Chdir(filepath.Dir(program))
	for _, tt := range []struct {
		environ []string
		want    string // the interpreter, or the end of the error
	}{
		{[]string{"PATH=" + filepath.Dir(program)}, program},
		{[]string{"PATH=" + empty + ":" + filepath.Dir(shim) + ":" + filepath.Dir(program)}, program},
		{[]string{"PATH=.:" + filepath.Dir(program)}, program},
		{[]string{"PATH=" + filepath.Dir(shim)}, "no python3 on PATH, which it needs (" + shim + " is no interpreter: a script)"},
		{[]string{"PATH=" + empty}, "no python3 on PATH, which it needs"},
		{nil, "no python3 on PATH, which it needs"},
		{[]string{"PATH=" + empty, "JOUST_PYTHON=" + program}, program},
		{[]string{"PATH=" + empty, "JOUST_PYTHON=python3"}, `JOUST_PYTHON is "python3", want the absolute path of an interpreter`},
		{[]string{"PATH=" + empty, "JOUST_PYTHON=" + shim}, "JOUST_PYTHON is " + shim + ": a script"},
		{[]string{"PATH=" + empty, "JOUST_PYTHON=" + empty}, "JOUST_PYTHON is " + empty + ": not an executable file"},
	} {
		got, err := m.findInterpreter(tt.environ)
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "plugin my-es ("+m.Dir+"): ")
		}
		if got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.environ, got, tt.want)
		}
	}
}

// A virtual environment's Python is a link, and knows its packages by the
// link's place. What is locked is what the link points to.
func TestInterpreterIsStartedByTheNameItWasFoundBy(t *testing.T) {
	_, program := machine(t, "program")
	bin := t.TempDir()
	link := filepath.Join(bin, filepath.Base(program))
	if err := os.Symlink(program, link); err != nil {
		skipOffLinux(t, "no symbolic links here: ", err)
	}
	environ, dir := []string{"PATH=" + bin}, python(t)
	if c := command(t, dir, environ); c.Path != link {
		t.Errorf("started as %s, want %s", c.Path, link)
	}
	if p := pin(t, dir, environ); p.Interpreter.Path != program {
		t.Errorf("locked as %s, want %s", p.Interpreter.Path, program)
	}
}

// systemPython is the interpreter that tests run plugins with.
func systemPython(t testing.TB) []string {
	t.Helper()
	pythontest.Need(t)
	return []string{"JOUST_PYTHON=" + pythontest.Interpreter}
}

func run(t testing.TB, dir string, environ []string) string {
	t.Helper()
	c := command(t, dir, environ)
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env, cmd.Dir = c.Env, t.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestPythonRunsAsItIsToldTo(t *testing.T) {
	environ := systemPython(t)
	dir := write(t, map[string]string{
		File: strings.Replace(minimal, "es.py", "bin/es.py", 1) + "args: [-a, b c]\n",
		"bin/es.py": `import sys, os, near, pkg.far, site
print(__name__, os.path.basename(__file__), sys.argv[1:], near.WHERE, pkg.far.WHERE)
print(sys.flags.dont_write_bytecode, sys.flags.hash_randomization, site.ENABLE_USER_SITE, "HOME" in os.environ, "" in sys.path)
`,
		"bin/near.py": "WHERE = 'near'\n", "pkg/__init__.py": "", "pkg/far.py": "WHERE = 'far'\n",
	})
	want := "__main__ es.py ['-a', 'b c'] near far\n1 0 False False False\n"
	if got := run(t, dir, environ); got != want {
		t.Errorf(" got %q\nwant %q", got, want)
	}
	for name := range tree(t, dir) {
		if strings.HasSuffix(name, ".pyc") {
			t.Errorf("wrote %s", name)
		}
	}
}

// A compiled module with the time and the size of its source is what Python
// itself would run, without a look at the source.
func TestCompiledPythonIsNotRun(t *testing.T) {
	environ := systemPython(t)
	dir := write(t, map[string]string{File: minimal, "es.py": "import lib\nprint(lib.WHAT)\n", "lib.py": "WHAT = 'good'\n"})
	evil := "import os, py_compile\n" +
		"s = os.stat('lib.py')\n" +
		"open('lib.py', 'w').write(\"WHAT = 'evil'\\n\")\n" +
		"os.utime('lib.py', ns=(s.st_atime_ns, s.st_mtime_ns))\n" +
		"py_compile.compile('lib.py')\n" +
		"open('lib.py', 'w').write(\"WHAT = 'good'\\n\")\n" +
		"os.utime('lib.py', ns=(s.st_atime_ns, s.st_mtime_ns))\n"
	before := hash(t, dir)
	for _, args := range [][]string{{"-c", evil}, {"es.py"}} {
		cmd := exec.Command("/usr/bin/python3", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || args[0] == "es.py" && string(out) != "evil\n" {
			t.Fatalf("%v, %s, want Python to fall for it", err, out)
		}
	}
	if after := hash(t, dir); after != before {
		t.Errorf("hash %s, want the same as before, %s", after, before)
	}
	if got := run(t, dir, environ); got != "good\n" {
		t.Errorf("what ran said %q, want what the source says", got)
	}
}
