package host

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"

	"github.com/joust-bench/joust/plugins/protocol"
)

// maxHandshake is the longest first line of stdout that is read.
const maxHandshake = 4 << 10

var errNoLine = errors.New("ended its standard output without a handshake")

// firstLine reads the first line of a plugin's stdout, with its end, and
// returns what it has read beyond.
func firstLine(r io.Reader) (line, rest []byte, err error) {
	buf := make([]byte, 0, maxHandshake)
	for len(buf) < maxHandshake {
		n, err := r.Read(buf[len(buf):cap(buf)])
		for i := len(buf); i < len(buf)+n; i++ {
			if buf[:i+1][i] == '\n' {
				return buf[:i+1], buf[i+1 : len(buf)+n], nil
			}
		}
		buf = buf[:len(buf)+n]
		switch {
		case errors.Is(err, io.EOF) && len(buf) == 0:
			return nil, nil, errNoLine
		case err != nil:
			return nil, nil, fmt.Errorf("ended its standard output in the middle of a handshake, %s", quoted(string(buf), 100))
		}
	}
	return nil, nil, fmt.Errorf("wrote %d bytes to its standard output without a line's end, want a handshake: its log goes to standard error", maxHandshake)
}

// checkHandshake says what is wrong with the line by which a plugin says where
// its socket is, before go-plugin believes it:
//
//	1|1|unix|/folder/s/socket|grpc|certificate
func checkHandshake(line, sockets string) error {
	f := strings.Split(strings.TrimSpace(line), "|")
	if len(f) < 5 {
		return fmt.Errorf("wrote %s to its standard output, want a handshake: its log goes to standard error", quoted(line, 100))
	}
	core, err := strconv.Atoi(f[0])
	if err != nil || core != plugin.CoreProtocolVersion {
		return fmt.Errorf("its handshake is of version %s, want %d", quoted(f[0], 20), plugin.CoreProtocolVersion)
	}
	version, err := strconv.Atoi(f[1])
	if err != nil {
		return fmt.Errorf("its handshake has protocol %s, want a number", quoted(f[1], 20))
	}
	if err := checkMajor(version); err != nil {
		return err
	}
	if f[2] != "unix" || filepath.Dir(f[3]) != sockets || f[3] != filepath.Clean(f[3]) {
		return fmt.Errorf("its socket is %s %s, want a unix socket in PLUGIN_UNIX_SOCKET_DIR", harmless(f[2], 20), quoted(f[3], 100))
	}
	if f[4] != string(plugin.ProtocolGRPC) {
		return fmt.Errorf("it talks %s, want %q", quoted(f[4], 20), plugin.ProtocolGRPC)
	}
	if len(f) < 6 || f[5] == "" {
		return errors.New("its handshake has no certificate, want one: PLUGIN_CLIENT_CERT asks for TLS")
	}
	der, err := base64.RawStdEncoding.DecodeString(f[5])
	if err == nil {
		_, err = x509.ParseCertificate(der)
	}
	if err != nil {
		return fmt.Errorf("its certificate: %s", harmless(err.Error(), 100))
	}
	return nil
}

// checkMajor says which side is the older one, and what to do, where plugin and
// host do not talk the same major version of the protocol.
func checkMajor(version int) error {
	switch {
	case version > protocol.Major:
		return fmt.Errorf("it talks protocol %d and this joust, which is older, %d: update joust, or install a version of the plugin for protocol %d",
			version, protocol.Major, protocol.Major)
	case version < protocol.Major:
		return fmt.Errorf("it talks protocol %d, which is older than this joust's, %d: update the plugin, or build it with the current SDK",
			version, protocol.Major)
	}
	return nil
}
