package host

import (
	"os"

	"golang.org/x/sys/unix"
)

// socketPair returns two ends. Reading ours waits for no thread and ends when
// it is closed.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "socket of steps"), os.NewFile(uintptr(fds[1]), "socket of steps"), nil
}
