package manifest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An entry is a file, folder or link of an archive.
type entry struct {
	name, content string
	mode          fs.FileMode
	link          string
}

func tarGz(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: int64(e.mode.Perm()), Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		switch {
		case e.mode.IsDir():
			h.Typeflag = tar.TypeDir
		case e.mode&fs.ModeSymlink != 0:
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		case e.mode&fs.ModeIrregular != 0:
			h.Typeflag, h.Linkname = tar.TypeLink, e.link
		case e.mode&fs.ModeNamedPipe != 0:
			h.Typeflag = tar.TypeFifo
		}
		check(t, w.WriteHeader(h))
		_, err := io.WriteString(w, e.content)
		check(t, err)
	}
	check(t, w.Close())
	check(t, z.Close())
	return b.Bytes()
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		check(t, err)
		content := e.content
		if e.mode&fs.ModeSymlink != 0 {
			content = e.link
		}
		_, err = io.WriteString(f, content)
		check(t, err)
	}
	check(t, w.Close())
	return b.Bytes()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree lists the files below dir, with their contents.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	check(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return files
}

func TestInstall(t *testing.T) {
	plain := []entry{{name: File, content: minimal, mode: 0o644}, {name: "es.py", content: "1", mode: 0o644}, {name: "lib/tool", content: "2", mode: 0o755}}
	in := func(dir string, entries []entry) (out []entry) {
		for _, e := range entries {
			e.name = dir + e.name
			out = append(out, e)
		}
		return out
	}
	junk := append([]entry{{name: "__pycache__/es.pyc", content: "evil", mode: 0o644}, {name: ".git/HEAD", content: "h", mode: 0o644}}, plain...)
	want := map[string]string{"my-es/" + File: minimal, "my-es/es.py": "1", "my-es/lib/tool": "2"}
	var hashes []string
	for name, archive := range map[string][]byte{
		"plain.tar.gz":  tarGz(t, plain...),
		"folder.tar.gz": tarGz(t, append([]entry{{name: "es-1.0/", mode: fs.ModeDir | 0o755}}, in("es-1.0/", plain)...)...),
		"dot.tar.gz":    tarGz(t, append([]entry{{name: "./", mode: fs.ModeDir | 0o755}}, in("./", plain)...)...),
		"junk.tar.gz":   tarGz(t, junk...),
		"plain.zip":     zipped(t, plain...),
		"folder.zip":    zipped(t, append([]entry{{name: "es-1.0/", mode: fs.ModeDir | 0o755}}, in("es-1.0/", plain)...)...),
	} {
		file, data := filepath.Join(t.TempDir(), name), t.TempDir()
		check(t, os.WriteFile(file, archive, 0o644))
		m, err := Install(file, data, InstallOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, tree(t, data)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		hashes = append(hashes, hash(t, m.Dir))
	}
	dir, data := write(t, map[string]string{File: minimal, "es.py": "1", "lib/tool*": "2", "__pycache__/es.pyc": "c"}), t.TempDir()
	m, err := Install(dir, data, InstallOptions{})
	check(t, err)
	if diff := cmp.Diff(want, tree(t, data)); diff != "" {
		t.Errorf("folder: %s", diff)
	}
	for _, h := range append(hashes, hash(t, m.Dir)) {
		if want := hash(t, dir); h != want {
			t.Errorf("installed with hash %s, want that of the folder, %s", h, want)
		}
	}
}

func TestInstallByHash(t *testing.T) {
	dir, data := python(t), t.TempDir()
	file := filepath.Join(t.TempDir(), "es.tar.gz")
	f, err := os.Create(file)
	check(t, err)
	want, err := Pack(dir, f)
	check(t, errors.Join(err, f.Close()))
	if got := hash(t, dir); got != want {
		t.Errorf("Pack returns hash %s, want %s", want, got)
	}
	wrong := "sha256:" + strings.Repeat("0", 64)
	_, err = Install(file, data, InstallOptions{Hash: wrong})
	if msg := "installing " + file + ": plugin my-es: its hash is " + want + ", want " + wrong + ": not the plugin that was meant"; err == nil || err.Error() != msg {
		t.Errorf(" got %v\nwant %s", err, msg)
	}
	if left := tree(t, data); len(left) > 0 {
		t.Errorf("a plugin with another hash left %v", left)
	}
	if _, err := Install(file, data, InstallOptions{Hash: "1234"}); err == nil || !strings.HasSuffix(err.Error(), `hash "1234", want sha256: and 64 hex digits`) {
		t.Errorf("no hash: %v", err)
	}
	if _, err := Install(file, data, InstallOptions{Hash: want}); err != nil {
		t.Error(err)
	}
}

func TestInstallReplacesOnlyWhenToldTo(t *testing.T) {
	data := t.TempDir()
	one := write(t, map[string]string{File: minimal, "es.py": "1"})
	two := write(t, map[string]string{File: minimal, "es.py": "2", "more": ""})
	_, err := Install(one, data, InstallOptions{})
	check(t, err)
	want := "installing " + two + ": " + filepath.Join(data, "my-es") + " is there already, want it removed or replaced"
	if _, err := Install(two, data, InstallOptions{}); err == nil || err.Error() != want {
		t.Errorf(" got %v\nwant %s", err, want)
	}
	if got := tree(t, data)["my-es/es.py"]; got != "1" {
		t.Errorf("a refused installation left es.py %q, want 1", got)
	}
	_, err = Install(two, data, InstallOptions{Replace: true})
	check(t, err)
	if diff := cmp.Diff(map[string]string{"my-es/" + File: minimal, "my-es/es.py": "2", "my-es/more": ""}, tree(t, data)); diff != "" {
		t.Error(diff)
	}
	if _, err := Install(one, data, InstallOptions{Replace: true, Taken: []string{"my-es"}}); err == nil || !strings.HasSuffix(err.Error(), "the built-in optimizer my-es has this id, want another") {
		t.Errorf("a built-in optimizer's name: %v", err)
	}
}

// The second of the two renames fails: the old plugin is back.
func TestFailedReplacementKeepsTheOldPlugin(t *testing.T) {
	data := t.TempDir()
	put(t, filepath.Join(data, "my-es", "es.py"), "1")
	err := moveIn(filepath.Join(data, "missing"), filepath.Join(data, "my-es"), filepath.Join(data, "old"), true)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that there is nothing to move in", err)
	}
	if diff := cmp.Diff(map[string]string{"my-es/es.py": "1"}, tree(t, data)); diff != "" {
		t.Error(diff)
	}
}

func TestHostileArchivesAreRefused(t *testing.T) {
	plugin := []entry{{name: File, content: minimal, mode: 0o644}, {name: "es.py", mode: 0o644}}
	with := func(more ...entry) []entry { return append(more, plugin...) }
	link := fs.ModeSymlink | 0o777
	zeros := strings.Repeat("\x00", 2<<20)
	for _, tt := range []struct {
		name    string
		entries []entry
		want    string
	}{
		{"up", with(entry{name: "../evil", mode: 0o644}), `"../evil" is outside of the plugin's folder`},
		{"up in the middle", with(entry{name: "a/../../evil", mode: 0o644}), `"a/../../evil" is outside of the plugin's folder`},
		{"absolute", with(entry{name: "/tmp/evil", mode: 0o644}), `"/tmp/evil" is outside of the plugin's folder`},
		{"drive", with(entry{name: "c:evil", mode: 0o644}), `"c:evil": a name with a backslash or a colon, which not every system takes`},
		{"backslash", with(entry{name: `..\evil`, mode: 0o644}), `"..\\evil": a name with a backslash or a colon, which not every system takes`},
		{"control", with(entry{name: "a\x1b[2J", mode: 0o644}), `"a\x1b[2J": a name with control characters`},
		{"empty name", with(entry{name: "", mode: 0o644}), `"": not a path inside the folder`},
		{"link out", with(entry{name: "etc", mode: link, link: "/etc"}, entry{name: "etc/passwd", mode: 0o644}), `"etc" is a link or a device, want files and folders alone`},
		{"link inside", with(entry{name: "b", mode: link, link: "es.py"}), `"b" is a link or a device, want files and folders alone`},
		{"twice", with(entry{name: "es.py", content: "evil", mode: 0o644}), "es.py: file exists"},
		{"upper case", with(entry{name: "ES.py", mode: 0o644}), `"ES.py" and "es.py" are the same file on some systems`},
		{"upper case folder", with(entry{name: "A/x", mode: 0o644}, entry{name: "a/y", mode: 0o644}), `"A" and "a" are the same file on some systems`},
		{"file as folder", with(entry{name: "a", mode: 0o644}, entry{name: "a/y", mode: 0o644}), "a/y: file exists"},
		{"too many", with(entry{name: "1", mode: 0o644}, entry{name: "2", mode: 0o644}, entry{name: "3", mode: 0o644}, entry{name: "4", mode: 0o644}), "more files than a plugin may have"},
		{"bomb", with(entry{name: "zeros", content: zeros, mode: 0o644}), "more bytes than a plugin may have, when it is unpacked"},
		{"bomb in two", with(entry{name: "1", content: zeros[:700_000], mode: 0o644}, entry{name: "2", content: zeros[:700_000], mode: 0o644}), "more bytes than a plugin may have, when it is unpacked"},
		{"bomb in what is left out", with(entry{name: "__pycache__/zeros", content: zeros + zeros, mode: 0o644}, entry{name: "zeros", content: zeros, mode: 0o644}), ""},
		{"deep", with(entry{name: strings.Repeat("d/", 40) + "x", mode: 0o644}), `"` + strings.Repeat("d/", 40) + `x": a path of more than 1024 bytes or 32 folders`},
		{"no plugin", []entry{{name: "a/es.py", mode: 0o644}, {name: "b/es.py", mode: 0o644}}, "no plugin.yaml in it, want one at its top or in its only folder"},
	} {
		for kind, archive := range map[string][]byte{"x.tar.gz": tarGz(t, tt.entries...), "x.zip": zipped(t, tt.entries...)} {
			if kind == "x.zip" && tt.name == "empty name" {
				continue // a folder's, for zip
			}
			dir := t.TempDir()
			file := filepath.Join(dir, kind)
			check(t, os.WriteFile(file, archive, 0o644))
			_, err := unpack(file, filepath.Join(dir, "new"), limits{files: 5, bytes: 1 << 20})
			if err == nil || tt.want != "" && err.Error() != tt.want {
				t.Errorf("%s in %s:\n got %v\nwant %s", tt.name, kind, err, tt.want)
			}
			for name := range tree(t, dir) {
				if name != kind && !strings.HasPrefix(name, "new/") {
					t.Errorf("%s in %s: wrote %s", tt.name, kind, name)
				}
			}
		}
	}
	for _, e := range []entry{{name: "b", mode: fs.ModeIrregular, link: "es.py"}, {name: "b", mode: fs.ModeNamedPipe}} {
		dir := t.TempDir()
		check(t, os.WriteFile(filepath.Join(dir, "x"), tarGz(t, with(e)...), 0o644))
		_, err := unpack(filepath.Join(dir, "x"), filepath.Join(dir, "new"), standardLimits)
		if want := `"b" is a link or a device, want files and folders alone`; err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", e.mode, err, want)
		}
	}
}

func TestDamagedArchivesLeaveNothing(t *testing.T) {
	good := tarGz(t, entry{name: File, content: minimal, mode: 0o644}, entry{name: "es.py", content: "1", mode: 0o644})
	zip := zipped(t, entry{name: File, content: minimal, mode: 0o644}, entry{name: "es.py", content: "1", mode: 0o644})
	for name, src := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("Dear joust"),
		"cut off gzip":   good[:len(good)/2],
		"cut off zip":    zip[:len(zip)/2],
		"damaged gzip":   append(append([]byte{}, good[:len(good)-8]...), 1, 2, 3, 4, 5, 6, 7, 8),
		"manifest wrong": tarGz(t, entry{name: File, content: "id: [", mode: 0o644}),
		"a bare tar":     make([]byte, 1024),
	} {
		data := t.TempDir()
		file := filepath.Join(t.TempDir(), "x")
		check(t, os.WriteFile(file, src, 0o644))
		if _, err := Install(file, data, InstallOptions{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want an error in one line", name, err)
		}
		entries, err := os.ReadDir(data)
		if err != nil || len(entries) > 0 {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
	}
}

func TestPackIsTheSameEachTime(t *testing.T) {
	pack := func(dir string) []byte {
		var b bytes.Buffer
		_, err := Pack(dir, &b)
		check(t, err)
		return b.Bytes()
	}
	one, two := python(t), python(t)
	put(t, two+"/__pycache__/more.pyc", "")
	if runtime.GOOS != "windows" {
		chmod(t, two+"/es.py", 0o600)
	}
	if !bytes.Equal(pack(one), pack(two)) {
		t.Error("two copies of one plugin are packed differently")
	}
	z, err := gzip.NewReader(bytes.NewReader(pack(one)))
	check(t, err)
	r := tar.NewReader(z)
	var got []string
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		check(t, err)
		got = append(got, h.FileInfo().Mode().String()+" "+h.Name+" "+h.Uname+h.Gname)
		if h.Uid != 0 || h.Gid != 0 || h.ModTime.Unix() != 0 {
			t.Errorf("%s: owner %d:%d, time %v, want none", h.Name, h.Uid, h.Gid, h.ModTime)
		}
	}
	want := []string{"-rw-r--r-- my-es/a-b ", "-rw-r--r-- my-es/a/b ", "-rw-r--r-- my-es/es.py ", "-rw-r--r-- my-es/plugin.yaml ", "-rwxr-xr-x my-es/tool.sh "}
	if diff := cmp.Diff(want, got); diff != "" && runtime.GOOS != "windows" {
		t.Error(diff)
	}
}

// full is a disk with so much space left.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestPackToAFullDiskIsAnError(t *testing.T) {
	dir := python(t)
	var b bytes.Buffer
	_, err := Pack(dir, &b)
	check(t, err)
	for space := 0; space < b.Len(); space += 7 {
		if _, err := Pack(dir, new(full(space))); err == nil {
			t.Fatalf("no error with space for %d of %d bytes", space, b.Len())
		}
	}
	if _, err := Pack(dir, new(full(b.Len()))); err != nil {
		t.Error(err)
	}
}

func TestRemove(t *testing.T) {
	data := t.TempDir()
	_, err := Install(python(t), data, InstallOptions{})
	check(t, err)
	check(t, Remove("my-es", data))
	if entries, err := os.ReadDir(data); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
	put(t, filepath.Join(data, "music", "song"), "")
	for id, want := range map[string]string{
		"my-es":  "plugin my-es is not installed in " + data,
		"../x":   `plugin "../x": not the id of a plugin, ` + wantID,
		"music":  filepath.Join(data, "music") + " is no plugin: ",
		"":       `plugin "": not the id of a plugin, ` + wantID,
		".hide":  `plugin ".hide": not the id of a plugin, ` + wantID,
		"my-es/": `plugin "my-es/": not the id of a plugin, ` + wantID,
	} {
		if err := Remove(id, data); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", id, err, want)
		}
	}
	// A link goes, what it points to stays.
	dir := python(t)
	if err := os.Symlink(dir, filepath.Join(data, "my-es")); err != nil {
		skipOffLinux(t, "no symbolic links here: ", err)
	}
	check(t, Remove("my-es", data))
	load(t, dir)
}

func FuzzArchive(f *testing.F) {
	plugin := []entry{{name: File, content: minimal, mode: 0o644}, {name: "es.py", content: "1", mode: 0o755}}
	f.Add(tarGz(f, plugin...))
	f.Add(zipped(f, plugin...))
	f.Add(tarGz(f, entry{name: "a", mode: fs.ModeSymlink, link: ".."}, entry{name: "a/b", mode: 0o644}))
	f.Fuzz(func(t *testing.T, archive []byte) {
		dir := t.TempDir()
		file := filepath.Join(dir, "x")
		check(t, os.WriteFile(file, archive, 0o644))
		l := limits{files: 10, bytes: 1 << 16}
		_, err := unpack(file, filepath.Join(dir, "new"), l)
		total, files := 0, 0
		for name, content := range tree(t, dir) {
			if name == "x" {
				continue
			}
			if !strings.HasPrefix(name, "new/") {
				t.Errorf("wrote %q, outside of the folder", name)
			}
			total += len(content)
			files++
		}
		if total > int(l.bytes)+1 || files > l.files {
			t.Errorf("wrote %d bytes in %d files, want at most %+v (%v)", total, files, l, err)
		}
	})
}
