package data

import (
	"bytes"
	"compress/gzip"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a file in dir, which it returns the path of.
func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	// The hash of "abc" is the first example of FIPS 180-2, appendix B.1.
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	got, sum, err := Load(write(t, dir, "plain", []byte("abc")))
	if err != nil || string(got) != "abc" || sum != abc {
		t.Errorf("plain: %q, %s, %v", got, sum, err)
	}
	got, sum, err = Load(write(t, dir, "zipped", zipped(t, []byte("abc"))))
	if err != nil || string(got) != "abc" || sum == abc {
		t.Errorf("zipped: %q, %s, %v, want abc and the hash of the compressed file", got, sum, err)
	}
	got, _, err = Load(write(t, dir, "empty", nil))
	if err != nil || len(got) != 0 {
		t.Errorf("empty: %q, %v", got, err)
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "wine.csv", []byte("0123456789"))
	write(t, dir, "bomb.gz", zipped(t, make([]byte, 100)))
	whole := zipped(t, bytes.Repeat([]byte("text"), 3))
	write(t, dir, "cut.gz", whole[:len(whole)-3])
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := socket.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range []struct{ path, want string }{
		{"socket", "not a regular file"},
		{"wine.cvs", "no such file or directory, did you mean " + filepath.Join(dir, "wine.csv") + "?"},
		{"something else", "no such file or directory"},
		{"nowhere/wine.csv", "no such file or directory (nor can its directory be read)"},
		{"", "a directory, want a file"},
		{"wine.csv", "more than 9 bytes, want at most that"},
		{"bomb.gz", "more than 60 bytes when unpacked, want at most that"},
		{"cut.gz", "begins as gzip does, but is damaged: unexpected EOF"},
	} {
		path := filepath.Join(dir, c.path)
		limit := int64(60)
		if c.path == "wine.csv" {
			limit = 9
		}
		_, _, err := load(path, limit)
		if err == nil || err.Error() != path+": "+c.want {
			t.Errorf("%s:\n got %v\nwant %s: %s", c.path, err, path, c.want)
		}
	}
	if _, _, err := load(filepath.Join(dir, "wine.csv"), 10); err != nil {
		t.Errorf("a file as large as the limit: %v", err)
	}
	if _, _, err := Load(filepath.Join(dir, "wine.csv", "x")); err == nil || !strings.HasSuffix(err.Error(), "not a directory") {
		t.Errorf("a path through a file: %v, want not a directory", err)
	}
}
