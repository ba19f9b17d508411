package conformance

import (
	"errors"
	"fmt"

	"github.com/joust-bench/joust/plugins/protocol"
	"google.golang.org/protobuf/proto"
)

// mostDescribed is the size of a description that fits into a line of frames
// with room to spare.
const mostDescribed = 256 << 10

func describing() []Check {
	return []Check{
		probing("describe/schema", "the description is complete and true to itself: names, types, defaults within their ranges; "+
			"users are shown it, and configurations are checked by it", func(p *probe) error {
			r, err := p.describe()
			if err != nil {
				return err
			}
			_, err = protocol.Definitions(r)
			return err
		}),
		probing("describe/stable", "two descriptions are equal: what is checked now is what is run later", checkStable),
		probing("describe/bounded", fmt.Sprintf("the description takes at most %d KiB: it is kept and shown", mostDescribed>>10), checkBounded),
	}
}

// checkStable describes with runs under way, too.
func checkStable(p *probe) error {
	before, err := p.describe()
	if err != nil {
		return err
	}
	before = proto.CloneOf(before)
	r, err := p.init(p.dimension(5), 1)
	if err != nil {
		return err
	}
	if err := r.ask(); err != nil {
		return err
	}
	after, err := p.describe()
	if err != nil {
		return err
	}
	if !proto.Equal(before, after) {
		return errors.New("two answers differ")
	}
	return nil
}

func checkBounded(p *probe) error {
	r, err := p.describe()
	if err != nil {
		return err
	}
	if size := proto.Size(r); size > mostDescribed {
		return fmt.Errorf("takes %d bytes, want at most %d", size, mostDescribed)
	}
	return nil
}
