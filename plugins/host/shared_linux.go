package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A region is memory that host and plugin have both mapped. It has no name
// that another process could open, is of a fixed size, which the plugin cannot
// change under the host's feet, and is given memory only where it is written.
type region struct {
	file *os.File // the plugin's file descriptor 3
	mem  []byte
}

// newRegion returns a region of at least size bytes, rounded up so that both
// halves are whole pages; of none if size is 0.
func newRegion(size int64) (*region, error) {
	if size == 0 {
		return &region{}, nil
	}
	if size < 0 || size > 1<<46 {
		return nil, fmt.Errorf("shared memory: %d bytes, want at least 0 and at most %d", size, int64(1)<<46)
	}
	step := 2 * int64(os.Getpagesize())
	size = (size + step - 1) / step * step
	fd, err := unix.MemfdCreate("joust", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("shared memory: %w", err)
	}
	r := &region{file: os.NewFile(uintptr(fd), "shared memory")}
	if err := r.file.Truncate(size); err != nil {
		return nil, fmt.Errorf("shared memory of %d bytes: %w", size, closing(r.file, err))
	}
	// Unsealed, a plugin that makes the file shorter would crash the host.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		return nil, fmt.Errorf("shared memory: sealing it: %w", closing(r.file, err))
	}
	if r.mem, err = unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, fmt.Errorf("shared memory of %d bytes: %w", size, closing(r.file, err))
	}
	return r, nil
}

// clear gives the memory back; it reads as zeros again.
func (r *region) clear() error {
	if r.mem == nil {
		return nil
	}
	err := unix.Fallocate(int(r.file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, int64(len(r.mem)))
	if err != nil {
		return fmt.Errorf("shared memory: giving it back: %w", err)
	}
	return nil
}

// close unmaps the region: nothing may refer to it any more.
func (r *region) close() error {
	if r.mem == nil {
		return nil
	}
	err := unix.Munmap(r.mem)
	r.mem = nil
	return closing(r.file, err)
}
