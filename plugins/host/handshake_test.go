package host

import (
	"encoding/base64"
	"encoding/pem"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// certificate is one as a plugin sends it.
func certificate(t testing.TB) string {
	t.Helper()
	_, text, err := clientCert()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(text))
	return base64.RawStdEncoding.EncodeToString(block.Bytes)
}

func TestHandshake(t *testing.T) {
	cert := certificate(t)
	for _, line := range []string{
		"1|1|unix|/f/s/plugin1|grpc|" + cert + "\n",
		"1|1|unix|/f/s/plugin1|grpc|" + cert + "|true\r\n", // go-plugin's, where it can multiplex
	} {
		if err := checkHandshake(line, "/f/s"); err != nil {
			t.Errorf("%.60q: %v", line, err)
		}
	}
	for line, want := range map[string]string{
		"1|1|unix|/f/s/../../etc/s|grpc|" + cert: `its socket is unix "/f/s/../../etc/s", want a unix socket in PLUGIN_UNIX_SOCKET_DIR`,
		"1|1|unix|/f/s/a/b|grpc|" + cert:         `its socket is unix "/f/s/a/b", want a unix socket in PLUGIN_UNIX_SOCKET_DIR`,
		"1|1|unix|/f/s|grpc|" + cert:             `its socket is unix "/f/s", want a unix socket in PLUGIN_UNIX_SOCKET_DIR`,
		"1|1|unix|/f/s/p|grpc|AAAA" + cert:       `its certificate: x509: malformed certificate`,
		"1|1|unix|/f/s/p|grpc|" + cert + "=":     `its certificate: illegal base64 data at input byte ` + "at the end",
		"1|one|unix|/f/s/p|grpc|" + cert:         `its handshake has protocol "one", want a number`,
		"1|1|unix":                               `wrote "1|1|unix" to its standard output, want a handshake: its log goes to standard error`,
	} {
		err := checkHandshake(line, "/f/s")
		want, _, _ = strings.Cut(want, "at the end")
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", line, err, want)
		}
	}
}

func TestFirstLine(t *testing.T) {
	long := strings.Repeat("x", maxHandshake-1)
	for _, f := range []struct{ text, line, rest, err string }{
		{"a\nb\nc", "a\n", "b\nc", ""},
		{long + "\n", long + "\n", "", ""},
		{long + "x\n", "", "", "wrote 4096 bytes to its standard output without a line's end, want a handshake: its log goes to standard error"},
		{"", "", "", errNoLine.Error()},
		{"1|1|un", "", "", `ended its standard output in the middle of a handshake, "1|1|un"`},
	} {
		for name, r := range map[string]io.Reader{
			"at once":      strings.NewReader(f.text),
			"byte by byte": iotest.OneByteReader(strings.NewReader(f.text)),
			"with its end": iotest.DataErrReader(strings.NewReader(f.text)),
		} {
			line, rest, err := firstLine(r)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if string(line) != f.line || name == "at once" && string(rest) != f.rest || got != f.err {
				t.Errorf("%.20q %s: %.20q, %q, %v, want %.20q, %q, %q", f.text, name, line, rest, err, f.line, f.rest, f.err)
			}
		}
	}
}

// Whatever a plugin writes first is either a handshake with a socket in its own
// folder, or an error of one line.
func FuzzHandshake(f *testing.F) {
	cert := certificate(f)
	f.Add("1|1|unix|/f/s/plugin1|grpc|CERT\n")
	f.Add("1|1|unix|/f/s/plugin1|grpc|CERT|true\nmore")
	f.Add("1|2|tcp|127.0.0.1:10000|netrpc|\n")
	f.Add("hello \x1b[2J\n")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.Replace(text, "CERT", cert, 1) // which is another each time
		line, _, err := firstLine(strings.NewReader(text))
		if err == nil {
			err = checkHandshake(string(line), "/f/s")
		}
		if err != nil {
			if e := err.Error(); len(e) > 500 || harmless(e, len(e)) != e {
				t.Errorf("%q: error %q", text, e)
			}
			return
		}
		fields := strings.Split(text, "|")
		if len(line) > maxHandshake || fields[2] != "unix" || !strings.HasPrefix(fields[3], "/f/s/") || strings.Contains(fields[3], "/.") || fields[4] != "grpc" {
			t.Errorf("%q is taken for a handshake", text)
		}
	})
}
