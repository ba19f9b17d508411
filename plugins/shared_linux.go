package plugins

import (
	"fmt"
	"syscall"

	"github.com/joust-bench/joust/plugins/protocol"
)

// openShared maps the memory that the host has handed to this process.
func openShared(size int) ([]byte, error) { return mapFile(protocol.SharedFD, size) }

// mapFile maps a file of exactly this size. Any other is not the memory: a
// program that was handed none may have opened something else at the same
// number. No child of this process inherits it.
func mapFile(fd, size int) ([]byte, error) {
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return nil, fmt.Errorf("file descriptor %d: %w", fd, err)
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFREG || stat.Size != int64(size) {
		return nil, fmt.Errorf("file descriptor %d has %d bytes and mode %o, want a memory file of %d bytes", fd, stat.Size, stat.Mode, size)
	}
	data, err := syscall.Mmap(fd, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("file descriptor %d: map %d bytes: %w", fd, size, err)
	}
	syscall.CloseOnExec(fd)
	return data, nil
}
