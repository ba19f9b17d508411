package optimizers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// SaveState writes the state of an optimizer as a checkpoint. The fields are
// pointers to numbers of a fixed size (uint64, float64, bool, not int) and
// slices of them, whose lengths follow from the configuration and the Problem.
// The same list given to [LoadState] restores them, so an optimizer keeps one:
//
//	func (s *sgd) state() []any { return []any{&s.step, s.w, s.v} }
//
// The name, that of the type and its version, tells checkpoints apart; it is
// shorter than 256 bytes.
func SaveState(name string, fields ...any) ([]byte, error) {
	data := stateHeader(name)
	for i, field := range fields {
		var err error
		if data, err = binary.Append(data, binary.LittleEndian, field); err != nil {
			return nil, fmt.Errorf("checkpoint of %s: field %d: %w", name, i, err)
		}
	}
	return binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli)), nil
}

// LoadState reads what [SaveState] wrote into the same fields. Data that is
// damaged, of another type or of another size is an error, and then nothing is
// changed.
func LoadState(name string, data []byte, fields ...any) error {
	header := stateHeader(name)
	if !bytes.HasPrefix(data, header) {
		return fmt.Errorf("checkpoint starts with %q, want one of %s: %q", data[:min(len(data), len(header))], name, header)
	}
	want := len(header) + crc32.Size
	for i, field := range fields {
		size := binary.Size(field)
		if size < 0 {
			return fmt.Errorf("checkpoint of %s: field %d is a %T, want numbers of a fixed size", name, i, field)
		}
		want += size
	}
	if len(data) != want {
		return fmt.Errorf("checkpoint of %s has %d bytes, want %d: another configuration or dimension, or cut off", name, len(data), want)
	}
	body, sum := data[:want-crc32.Size], binary.LittleEndian.Uint32(data[want-crc32.Size:])
	if got := crc32.Checksum(body, castagnoli); got != sum {
		return fmt.Errorf("checkpoint of %s is damaged: checksum %08x, want %08x", name, got, sum)
	}
	body = body[len(header):]
	for i, field := range fields {
		n, err := binary.Decode(body, binary.LittleEndian, field)
		if err != nil {
			return fmt.Errorf("checkpoint of %s: field %d: %w", name, i, err)
		}
		body = body[n:]
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stateHeader is the name with its length in front, so that no name is the
// beginning of another.
func stateHeader(name string) []byte {
	return append([]byte{byte(len(name))}, name...)
}
