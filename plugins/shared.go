package plugins

import (
	"errors"
	"fmt"
	"math"
)

// sharedMemory is what the host has handed to this process, for one run at a
// time.
type sharedMemory struct {
	open func(size int) ([]byte, error) // maps it; nil: there is none
	data []byte                         // once it was mapped
	user *run
}

// take returns the memory, both halves of it, for a run to use until it is
// released, or why there is none.
func (m *sharedMemory) take(u *run, half uint64) ([]byte, error) {
	if m.open == nil {
		return nil, errors.New("this transport has none")
	}
	if half > math.MaxInt/2 || half%8 != 0 {
		return nil, fmt.Errorf("half of it has %d bytes, want a multiple of 8", half)
	}
	if m.user != nil {
		return nil, fmt.Errorf("run %q has it", m.user.id)
	}
	size := 2 * int(half)
	if m.data == nil {
		data, err := m.open(size)
		if err != nil {
			return nil, err
		}
		m.data = data
	}
	if len(m.data) != size {
		return nil, fmt.Errorf("it has %d bytes, not %d", len(m.data), size)
	}
	m.user = u
	return m.data, nil
}

func (m *sharedMemory) release(u *run) {
	if m.user == u {
		m.user = nil
	}
}
