//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package host

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"
)

const drain = 200 * time.Millisecond

type child struct {
	stdin, stdout, stderr *os.File
	exited                chan struct{}
	state                 *os.ProcessState
	err                   error
}

func startChild(Command, []string, *folder, []*os.File, bool) (*child, error) {
	return nil, fmt.Errorf("plugins do not run on %s: want Linux, macOS or a BSD", runtime.GOOS)
}

func (*child) kill()                                   {}
func (*child) closePipes() error                       { return nil }
func ending(s *os.ProcessState) string                 { return s.String() }
func killMarked(int, string) error                     { return nil }
func lockFolder(path string, _ bool) (*os.File, error) { return os.Open(path) }
func ours(fs.FileInfo) bool                            { return false }
func killed(*os.ProcessState) bool                     { return false }
func (*child) id() int                                 { return 0 }
