package manifest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const minimal = `id: my-es
version: 0.1.0
protocol: 1
runtime: python
entry: es.py
`

// write makes the files of a plugin in a new folder. A name that ends in * is
// that of an executable.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "my-es")
	for name, content := range files {
		name, executable := strings.CutSuffix(name, "*")
		put(t, filepath.Join(dir, name), content)
		if executable {
			chmod(t, filepath.Join(dir, name), 0o755)
		}
	}
	return dir
}

func put(t testing.TB, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func chmod(t testing.TB, file string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, dir string) *Manifest {
	t.Helper()
	m, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryKeyIsRead(t *testing.T) {
	dir := write(t, map[string]string{"bin/es.py": "", File: `# The optimizer of a paper.
id: my-es
version: 1.10       # not the number 1.1
protocol: 1
runtime: frames
entry: ./bin/es.py
args: [--fast, 3, "two words"]
env:
  - CUDA_VISIBLE_DEVICES
  - HOME
interpreter: pypy3
license: MIT OR Apache-2.0
homepage: https://example.org/es
summary: >-
  A small
  evolution strategy.
limits: {memory: 2 GiB, files: 64}
`})
	want := &Manifest{
		ID: "my-es", Version: "1.10", Protocol: 1, Runtime: Frames, Entry: "bin/es.py",
		Args: []string{"--fast", "3", "two words"}, Env: []string{"CUDA_VISIBLE_DEVICES", "HOME"},
		Interpreter: "pypy3", License: "MIT OR Apache-2.0", Homepage: "https://example.org/es",
		Summary: "A small evolution strategy.", Memory: 2 << 30, Files: 64, Dir: dir,
	}
	if diff := cmp.Diff(want, load(t, dir), cmpopts.IgnoreUnexported(Manifest{})); diff != "" {
		t.Error(diff)
	}
}

func TestPythonIsTheDefaultInterpreter(t *testing.T) {
	for _, tt := range []struct{ runtime, entry, want string }{
		{"python", "es.py", "python3"},
		{"python", "es", "python3"},
		{"frames", "es.py", "python3"},
		{"frames", "es", ""},
		{"binary", "es.py", ""},
	} {
		m, _, err := parse("x.yaml", []byte("id: a\nversion: 1\nprotocol: 1\nruntime: "+tt.runtime+"\nentry: "+tt.entry+"\n"))
		if err != nil || m.Interpreter != tt.want {
			t.Errorf("runtime %s, entry %s: interpreter %q, %v, want %q", tt.runtime, tt.entry, m.Interpreter, err, tt.want)
		}
	}
}

func TestWrongManifestsAreRefusedInOneLine(t *testing.T) {
	with := func(lines string) string { // in place of those with the same keys
		src := minimal
		for _, l := range strings.Split(strings.TrimSuffix(lines, "\n"), "\n") {
			key, _, _ := strings.Cut(l, ":")
			for _, old := range strings.SplitAfter(minimal, "\n") {
				if strings.HasPrefix(old, key+":") {
					src = strings.Replace(src, old, "", 1)
				}
			}
		}
		return lines + src
	}
	const keys = "id, version, protocol, runtime, entry, args, env, interpreter, license, homepage, summary, limits"
	for _, tt := range []struct{ src, want string }{
		{"", "x.yaml:1:1: the file is empty, want id, version, protocol, runtime and entry"},
		{"# nothing\n", "x.yaml:1:1: the file is empty, want id, version, protocol, runtime and entry"},
		{"\x7fELF\x00", "x.yaml:1:1: not a text file, want YAML in UTF-8"},
		{"id: \xff\n", "x.yaml:1:1: not a text file, want YAML in UTF-8"},
		{strings.Repeat("# long\n", 10_000), "x.yaml:1:1: more than 65536 bytes: is this the description of a plugin?"},
		{strings.Repeat("- a\n", 2000), "x.yaml:1:1: 4000 YAML tokens, want at most 2000"},
		{"- a\n", "x.yaml:1:1: the plugin is a list, want a mapping with " + keys},
		{"my-es\n", "x.yaml:1:1: the plugin is my-es, want a mapping with " + keys},
		{"id: [a\n", "x.yaml:1:5: sequence end token ']' not found"},
		{minimal + "---\nid: b\n", "x.yaml:6:1: a second document starts here, want one plugin a file"},
		{"id: &a b\n", "x.yaml:1:5: anchors and aliases are not supported, write the value again"},
		{"id: !!str b\n", "x.yaml:1:5: tags are not supported, want the value without !!str"},
		{"<<: {id: a}\n", "x.yaml:1:1: want a key of one word before the colon"},
		{"id: a\tb\n", "x.yaml:1:5: a tab inside a value, want spaces, or quotes around it"},
		{minimal + "id: b\n", "x.yaml:6:1: id is given twice, first in line 1"},
		{minimal + "entri: b\n", "x.yaml:6:1: the plugin has no key entri; did you mean entry?"},
		{minimal + "colour: b\n", "x.yaml:6:1: the plugin has no key colour; want id, version, protocol, runtime, entry, args, env, interpreter, license, homepage, summary or limits"},
		{"id: a\nversion: 1\nprotocol: 1\nruntime: binary\n", `x.yaml:1:1: entry is missing, want such as "entry: es.py"`},
		{"version: 1\n", `x.yaml:1:1: id is missing, want such as "id: my-es"`},

		{with("id: My-ES\n"), "x.yaml:1:5: id: My-ES, want lower-case letters, digits and single dashes, at most 60, such as my-es"},
		{with("id: ../es\n"), "x.yaml:1:5: id: ../es, want lower-case letters, digits and single dashes, at most 60, such as my-es"},
		{with("id: a--b\n"), "x.yaml:1:5: id: a--b, want lower-case letters, digits and single dashes, at most 60, such as my-es"},
		{with("id: " + strings.Repeat("a", 61) + "\n"), `x.yaml:1:5: id: "` + strings.Repeat("a", 60) + `", want lower-case letters, digits and single dashes, at most 60, such as my-es`},
		{with("id: [a]\n"), "x.yaml:1:5: id: a list, want lower-case letters, digits and single dashes, at most 60, such as my-es"},
		{with("id:\n"), "x.yaml:1:4: id: empty, want lower-case letters, digits and single dashes, at most 60, such as my-es"},
		{with("version: one two\n"), "x.yaml:1:10: version: one two, want such as 0.1.0"},
		{with("protocol: 2\n"), "x.yaml:1:11: protocol: 2 is newer than this joust, which speaks 1: update joust"},
		{with("protocol: 0\n"), "x.yaml:1:11: protocol: 0, want 1"},
		{with("protocol: one\n"), "x.yaml:1:11: protocol: one, want 1"},
		{with("runtime: pyton\n"), "x.yaml:1:10: runtime: pyton; did you mean python?"},
		{with("runtime: java\n"), "x.yaml:1:10: runtime: java; want binary, python or frames"},
		{with("entry: ../es.py\n"), "x.yaml:1:8: entry: ../es.py is outside of the plugin's folder, want a path inside it"},
		{with("entry: a/../../es.py\n"), "x.yaml:1:8: entry: a/../../es.py is outside of the plugin's folder, want a path inside it"},
		{with("entry: /bin/sh\n"), "x.yaml:1:8: entry: /bin/sh is outside of the plugin's folder, want a path inside it"},
		{with("entry: 'bin\\es'\n"), `x.yaml:1:8: entry: bin\es, want a path in the plugin's folder, such as bin/es, with slashes`},
		{with("entry: .\n"), "x.yaml:1:8: entry: ., want a file in the plugin's folder"},
		{with("entry: .git/hook\n"), "x.yaml:1:8: entry: .git/hook is in .git, which is no part of a plugin"},
		{with("runtime: binary\ninterpreter: python3\n"), "x.yaml:2:14: interpreter: a binary has none, want runtime python or frames, or no interpreter"},
		{with("interpreter: /usr/bin/python3\n"), "x.yaml:1:14: interpreter: /usr/bin/python3, want the name of a program, such as python3, which is looked up on PATH"},
		{with("args: --fast\n"), "x.yaml:1:7: args: --fast, want a list of at most 100 arguments, such as [--fast]"},
		{with("args: [[a]]\n"), "x.yaml:1:8: args: a list, want text of at most 4096 bytes"},
		{with(`args: ["a\0b"]` + "\n"), `x.yaml:1:8: args: "a\x00b" has a zero byte, which no argument can have`},
		{with("env: [KEY=secret]\n"), "x.yaml:1:7: env: KEY is given a value, want its name alone: the value is that of joust's own environment"},
		{with("env: {KEY: secret}\n"), "x.yaml:1:6: env: a mapping, want a list of at most 100 names of variables, such as [CUDA_VISIBLE_DEVICES]"},
		{with("env: [A-B]\n"), "x.yaml:1:7: env: A-B, want the name of a variable, such as CUDA_VISIBLE_DEVICES"},
		{with("env: [A, A]\n"), "x.yaml:1:10: env: A is there twice"},
		{with("env: [PATH]\n"), "x.yaml:1:7: env: PATH is set by joust, want it left out"},
		{with("env: [PYTHONPATH]\n"), "x.yaml:1:7: env: PYTHONPATH is set by joust, want it left out"},
		{with("env: [OMP_NUM_THREADS]\n"), "x.yaml:1:7: env: OMP_NUM_THREADS is set by joust, want it left out"},
		{with("env: [PLUGIN_CLIENT_CERT]\n"), "x.yaml:1:7: env: PLUGIN_CLIENT_CERT is set by joust, want it left out"},
		{with("homepage: example.org\n"), "x.yaml:1:11: homepage: example.org, want an address that starts with https://"},
		{with("homepage: javascript:alert(1)\n"), "x.yaml:1:11: homepage: javascript:alert(1), want an address that starts with https://"},
		{with(`summary: "\e[31mred"` + "\n"), `x.yaml:1:10: summary: "\x1b[31mred", want one line of at most 500 characters`},
		{with("license: [MIT]\n"), "x.yaml:1:10: license: a list, want one line of at most 500 characters"},
		{with("limits: 2GiB\n"), "x.yaml:1:9: limits is 2GiB, want a mapping with memory, files"},
		{with("limits: {memroy: 2GiB}\n"), "x.yaml:1:10: limits has no key memroy; did you mean memory?"},
		{with("limits: {memory: 2GB}\n"), "x.yaml:1:18: memory: 2GB, want a size from 64MiB to 1TiB, such as 2GiB"},
		{with("limits: {memory: 9TiB}\n"), "x.yaml:1:18: memory: 9TiB, want a size from 64MiB to 1TiB, such as 2GiB"},
		{with("limits: {files: 3}\n"), "x.yaml:1:17: files: 3, want a number from 32 to 65536"},
	} {
		_, _, err := parse("x.yaml", []byte(tt.src))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.200q:\n got %v\nwant %s", tt.src, err, tt.want)
		}
	}
}

func TestEntryIsAFileOfThePlugin(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.py")
	put(t, outside, "")
	for _, tt := range []struct {
		name, yaml string
		change     func(dir string) error
		want       string
	}{
		{"missing", minimal, func(dir string) error { return os.Remove(dir + "/es.py") }, "5:8: entry: es.py: no such file or directory"},
		{"folder", minimal, func(dir string) error {
			return errors.Join(os.Remove(dir+"/es.py"), os.Mkdir(dir+"/es.py", 0o755))
		}, "5:8: entry: es.py is not a file"},
		{"link out", minimal, func(dir string) error {
			return errors.Join(os.Remove(dir+"/es.py"), os.Symlink(outside, dir+"/es.py"))
		}, "5:8: entry: es.py is a symbolic link, want a copy of what it points to"},
		{"linked folder", strings.Replace(minimal, "es.py", "sub/outside.py", 1), func(dir string) error {
			return os.Symlink(filepath.Dir(outside), dir+"/sub")
		}, "5:8: entry: sub is a symbolic link, want a copy of what it points to"},
		{"not executable", strings.Replace(minimal, "python", "binary", 1), nil, "5:8: entry: es.py is not executable, want chmod +x on it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, map[string]string{"es.py": "", File: tt.yaml})
			if tt.change != nil {
				if err := tt.change(dir); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Load(dir)
			if want := filepath.Join(dir, File) + ":" + tt.want; err == nil || err.Error() != want {
				t.Errorf(" got %v\nwant %s", err, want)
			}
		})
	}
}

func TestManifestItselfIsAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no plugin.yaml: %v, want fs.ErrNotExist", err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, File)); err != nil {
		skipOffLinux(t, "no symbolic links here: ", err)
	}
	_, err := Load(dir)
	if want := filepath.Join(dir, File) + ": a symbolic link, want a copy of what it points to"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte("id: a\nargs: [a, {b: c}]\nlimits: {memory: 2GiB}\nenv:\n- A\n"))
	f.Add([]byte("? [a]\n: |\n  x\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, _, err := parse("x.yaml", src)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.yaml:") || strings.ContainsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == 0x1b }) {
				t.Errorf("error %q, want one line that says where", err)
			}
			return
		}
		if !checkID(m.ID) || !filepath.IsLocal(m.Entry) || m.Protocol != 1 {
			t.Errorf("%+v was accepted", m)
		}
		for _, v := range m.Env {
			if isReserved(v) || strings.Contains(v, "=") {
				t.Errorf("variable %q was accepted", v)
			}
		}
	})
}
