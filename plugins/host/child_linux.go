package host

import (
	"fmt"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithHost has the system kill the child when the host dies.
func dieWithHost(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }

// openedPath is the path of a file that the process which opens it has open.
func openedPath(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// limit sets the limits of a process that has just started. A limit that the
// host itself is under stays.
func limit(id int, l Limits) error {
	for _, x := range []struct {
		name  string
		what  int
		value int64
	}{
		{"memory", unix.RLIMIT_DATA, l.Data},
		{"open files", unix.RLIMIT_NOFILE, l.Files},
		{"core file", unix.RLIMIT_CORE, 0},
	} {
		if x.value < 0 {
			continue
		}
		var old unix.Rlimit
		err := unix.Prlimit(id, x.what, nil, &old)
		if err == nil {
			v := min(uint64(x.value), old.Max)
			err = unix.Prlimit(id, x.what, &unix.Rlimit{Cur: v, Max: v}, nil)
		}
		if err == unix.ESRCH {
			return nil // it has ended, which is told elsewhere
		}
		if err != nil {
			return fmt.Errorf("limiting its %s to %d: %w", x.name, x.value, err)
		}
	}
	return nil
}
