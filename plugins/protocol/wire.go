package protocol

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/proto"
)

// FeatureSocket is the feature of steps over a socket: where both sides name it,
// the host may send a StepRequest over the socket that the plugin has as file
// descriptor [SocketFD] instead of the stream Step, and has its answers there,
// as a [Wire] writes them. Everything else is as it is without.
const FeatureSocket = "socket"

// Descriptors of what the host has left a plugin that talks gRPC: shared memory
// and a stream socket, where the system has them.
const (
	SharedFD = 3
	SocketFD = 4
)

// A Wire is one end of a stream of messages. Each is preceded by its length, 4
// bytes, little-endian. One goroutine sends and one receives.
type Wire struct {
	out  io.Writer
	in   *bufio.Reader
	most int
	sent []byte
	got  []byte
}

// NewWire returns an end that takes messages of at most so many bytes.
func NewWire(rw io.ReadWriter, most int) *Wire {
	return &Wire{out: rw, in: bufio.NewReaderSize(rw, wireBuffer), most: most}
}

const (
	wireHead   = 4
	wireBuffer = 64 << 10
	wireStep   = 1 << 20 // memory is made for at most so much that has not come
)

// Buffered is how many bytes have been read that no message was made of yet.
func (w *Wire) Buffered() int { return w.in.Buffered() }

// Send writes a message in one piece.
func (w *Wire) Send(m proto.Message) (err error) {
	buf := append(w.sent[:0], make([]byte, wireHead)...)
	if buf, err = (proto.MarshalOptions{}).MarshalAppend(buf, m); err != nil {
		return err
	}
	size := len(buf) - wireHead
	if uint64(size) > 1<<32-1 {
		return fmt.Errorf("a message of %d bytes, want at most %d", size, uint32(1<<32-1))
	}
	binary.LittleEndian.PutUint32(buf, uint32(size))
	if w.sent = buf; cap(buf) > wireStep {
		w.sent = nil
	}
	_, err = w.out.Write(buf)
	return err
}

// Recv reads the next message into m. [io.EOF]: there is none.
func (w *Wire) Recv(m proto.Message) error {
	head, err := w.in.Peek(wireHead)
	if err != nil {
		if len(head) > 0 && errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	size := uint64(binary.LittleEndian.Uint32(head))
	if size > uint64(w.most) {
		return fmt.Errorf("a message of %d bytes, want at most %d", size, w.most)
	}
	if _, err := w.in.Discard(wireHead); err != nil {
		return err
	}
	body := w.got[:0]
	for have := 0; have < int(size); have = len(body) {
		n := min(int(size)-have, max(have, wireStep))
		body = slices.Grow(body, n)[:have+n]
		if _, err := io.ReadFull(w.in, body[have:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	if w.got = body; cap(body) > wireStep {
		w.got = nil
	}
	return proto.Unmarshal(body, m)
}
