package host

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// socketPair returns two ends, on which a thread waits: where the runtime waits,
// it is also woken for each message that the other side has read. Who waits for
// ours is woken by [shutDown].
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "socket of steps"), os.NewFile(uintptr(fds[1]), "socket of steps"), nil
}

// shutDown ends all reading and writing of a socket.
func shutDown(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var shut error
	err = c.Control(func(fd uintptr) { shut = unix.Shutdown(int(fd), unix.SHUT_RDWR) })
	return errors.Join(err, shut)
}
