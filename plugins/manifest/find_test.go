package manifest

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes a folder with plugins of these ids in it, each in one of its own.
func folder(t testing.TB, ids ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	for _, id := range ids {
		put(t, filepath.Join(dir, id, File), strings.Replace(minimal, "my-es", id, 1))
		put(t, filepath.Join(dir, id, "es.py"), "")
	}
	return dir
}

func TestPluginsAreFoundInOrder(t *testing.T) {
	one, two, alone := folder(t, "b", "a"), folder(t, "c"), python(t)
	put(t, filepath.Join(one, "README"), "no folder")
	put(t, filepath.Join(one, "music", "song"), "no plugin")
	put(t, filepath.Join(one, ".install-123", File), "id: [")
	check(t, os.Symlink(filepath.Join(two, "c"), filepath.Join(one, "linked")))
	found, err := Find(Search{Dirs: []string{one, two, alone, one + "/../" + filepath.Base(one)}})
	check(t, err)
	var got []string
	for _, m := range found {
		got = append(got, m.ID+" "+m.Dir)
	}
	want := []string{"a " + one + "/a", "b " + one + "/b", "c " + two + "/c", "my-es " + alone}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOneBrokenPluginDoesNotHideTheOthers(t *testing.T) {
	dir := folder(t, "a", "broken", "sgd")
	put(t, filepath.Join(dir, "broken", File), "id: Broken\n")
	missing := filepath.Join(dir, "missing")
	found, err := Find(Search{Dirs: []string{missing, dir}, Taken: []string{"adam", "sgd"}})
	want := "plugin folder " + missing + ": no such file or directory\n" +
		dir + `/broken/plugin.yaml:1:1: version is missing, want such as "version: 0.1.0"` + "\n" +
		"plugin sgd: the built-in optimizer sgd has this name, want another id in " + dir + "/sgd/plugin.yaml"
	if err == nil || err.Error() != want {
		t.Errorf(" got %v\nwant %s", err, want)
	}
	if len(found) != 1 || found[0].ID != "a" {
		t.Errorf("found %v, want a", found)
	}
}

func TestTheSameIDTwiceIsAnError(t *testing.T) {
	one, two := folder(t, "a", "b"), folder(t, "b")
	found, err := Find(Search{Dirs: []string{one, two}})
	want := "plugin b is there more than once: " + one + "/b/plugin.yaml and " + two + "/b/plugin.yaml; want one of them"
	if err == nil || err.Error() != want {
		t.Errorf(" got %v\nwant %s", err, want)
	}
	if len(found) != 1 || found[0].ID != "a" {
		t.Errorf("found %v, want a alone", found)
	}
}

func TestExecutablesAreFoundOnPathIfThatIsAllowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		skipOffLinux(t, "there are no executable files here")
	}
	dir := folder(t)
	put(t, filepath.Join(dir, "joust-plugin-fast"), "\x7fELF")
	chmod(t, filepath.Join(dir, "joust-plugin-fast"), 0o755)
	put(t, filepath.Join(dir, "joust-plugin-text"), "not executable")
	put(t, filepath.Join(dir, "other"), "")
	put(t, filepath.Join(dir, "joust-plugin-Bad"), "")
	chmod(t, filepath.Join(dir, "joust-plugin-Bad"), 0o755)
	found, err := Find(Search{Path: dir + ":/does/not/exist:."})
	if want := "plugin " + dir + `/joust-plugin-Bad: its id would be "Bad", ` + wantID; err == nil || err.Error() != want {
		t.Errorf(" got %v\nwant %s", err, want)
	}
	if len(found) != 1 || found[0].ID != "fast" || found[0].Runtime != Binary {
		t.Fatalf("found %+v, want fast", found)
	}
	t.Chdir(dir)
	if here, err := Find(Search{Path: "."}); err != nil || len(here) > 0 {
		t.Errorf("in the folder one happens to be in: %v, %v, want nothing", here, err)
	}
	p, err := found[0].Pin(nil)
	check(t, err)
	if len(p.Files) != 1 || !strings.HasSuffix(p.Files[0], " x joust-plugin-fast") {
		t.Errorf("its files are %q, want itself alone", p.Files)
	}
	check(t, locked(t, p).Verify(p).Err())
	c, err := found[0].Command(nil, p)
	check(t, err)
	defer func() { check(t, c.File.Close()) }()
	if c.Path != filepath.Join(dir, "joust-plugin-fast") {
		t.Errorf("path %s, want the executable", c.Path)
	}
}

func TestDirsAreThoseThatPeopleExpect(t *testing.T) {
	dir := folder(t)
	t.Chdir(dir)
	home, data := filepath.Join(dir, "home"), filepath.Join(dir, "data")
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", data)
	t.Setenv("JOUST_PLUGIN_PATH", strings.Join([]string{"/one", "", "/two"}, string(filepath.ListSeparator)))
	if diff := cmp.Diff([]string{"flag", "/one", "/two"}, Dirs([]string{"flag"})); diff != "" {
		t.Errorf("nothing there: %s", diff)
	}
	check(t, os.MkdirAll(filepath.Join(dir, ".joust", "plugins"), 0o755))
	check(t, os.MkdirAll(filepath.Join(data, "joust", "plugins"), 0o755))
	want := []string{"flag", "/one", "/two", filepath.FromSlash(".joust/plugins"), filepath.Join(data, "joust", "plugins")}
	if diff := cmp.Diff(want, Dirs([]string{"flag"})); diff != "" {
		t.Error(diff)
	}
	if runtime.GOOS == "windows" {
		return
	}
	t.Setenv("XDG_DATA_HOME", "relative")
	got, err := DataDir()
	check(t, err)
	if want := filepath.Join(home, ".local", "share", "joust", "plugins"); got != want {
		t.Errorf("data in %s, want %s", got, want)
	}
	t.Setenv("HOME", "")
	if got, err := DataDir(); err == nil {
		t.Errorf("without HOME data is in %s, want an error", got)
	}
}
