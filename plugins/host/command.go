package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The transports of a [Command].
const (
	GRPC   = "grpc"   // go-plugin's handshake, then gRPC over a socket
	Frames = "frames" // lines of JSON and raw bytes over stdin and stdout
)

// A Command says how to start a plugin.
type Command struct {
	ID, Version string // as its manifest has them: every error names them
	Transport   string // GRPC or Frames
	Path        string // the executable, absolute
	// File, if not nil, is executed instead of Path: the file that was hashed,
	// whatever has since been put in its place. It stays the caller's, who may
	// close it when Start has returned. A script, too, may be one: its
	// interpreter is given the open file. Linux alone can do this; elsewhere
	// Path is executed.
	File *os.File
	Args []string // what follows the name; relative paths would be of the private folder
	// Env is the whole environment. Added to it are only what the transport
	// needs, the name of the plugin's folder, and TMPDIR, unless it is there
	// already, so that temporary files go when the plugin goes.
	Env    []string
	Limits Limits
}

// Limits are what a plugin may use. The zero value of each means its default,
// and a negative one that there is no limit but the host's own.
type Limits struct {
	Data  int64 // bytes of private memory of each process; on Linux only
	Files int64 // open files of each process; on Linux only
	Reply int64 // bytes of one batch of candidates, or of one checkpoint, that come in messages
}

// The defaults of [Limits].
const (
	DefaultData  = 4 << 30
	DefaultFiles = 256
	DefaultReply = 1 << 30
)

func (l Limits) withDefaults() Limits {
	or := func(v, d int64) int64 {
		if v == 0 {
			return d
		}
		return v
	}
	l.Data, l.Files, l.Reply = or(l.Data, DefaultData), or(l.Files, DefaultFiles), or(l.Reply, DefaultReply)
	if l.Reply < 0 {
		l.Reply = 1 << 40
	}
	return l
}

// name is what errors call the plugin.
func (c Command) name() string {
	if c.Version == "" {
		return "plugin " + c.ID
	}
	return "plugin " + c.ID + " " + c.Version
}

func (c Command) validate() error {
	switch {
	case c.ID == "":
		return errors.New("plugin: no id")
	case c.Transport != GRPC && c.Transport != Frames:
		return fmt.Errorf("%s: transport %q, want %q or %q", c.name(), c.Transport, GRPC, Frames)
	case !filepath.IsAbs(c.Path):
		return fmt.Errorf("%s: path %q, want an absolute one", c.name(), c.Path)
	}
	for _, e := range c.Env {
		if name, _, ok := strings.Cut(e, "="); !ok || name == "" || strings.ContainsRune(e, 0) {
			return fmt.Errorf("%s: environment %q, want NAME=value", c.name(), e)
		}
	}
	for _, a := range c.Args {
		if strings.ContainsRune(a, 0) {
			return fmt.Errorf("%s: argument %q has a zero byte", c.name(), a)
		}
	}
	return nil
}
