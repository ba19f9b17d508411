package python

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/joust-bench/joust/internal/pythontest"
	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// BenchmarkStep is a tell and an ask of an optimizer that computes nothing: what
// the transport and the SDK cost.
func BenchmarkStep(b *testing.B) {
	pythontest.Need(b, "numpy", "grpc", "google.protobuf")
	for _, size := range []struct{ rows, dim int }{{1, 1000}, {64, 2400}, {256, 51000}} {
		bytes := int64(8 * size.rows * size.dim)
		for _, at := range []struct {
			name, transport string
			shared          int64
		}{{"grpc", host.GRPC, 0}, {"shared", host.GRPC, 2 * bytes}, {"frames", host.Frames, 0}} {
			b.Run(fmt.Sprintf("%dx%d/%s", size.rows, size.dim, at.name), func(b *testing.B) {
				ctx := context.Background()
				p, err := host.Start(ctx, example(b, at.transport, "tests", "idle.py"), at.shared)
				if err != nil {
					b.Fatal(err)
				}
				defer func() {
					if err := p.Stop(time.Minute); err != nil {
						b.Error(err)
					}
				}()
				d, err := begin(ctx, p, "idle", "1", size.dim, fmt.Sprintf(`{"rows": %d}`, size.rows))
				if err != nil {
					b.Fatal(err)
				}
				tell := func(batch uint64) *protocol.Tell {
					return &protocol.Tell{Batch: batch, Losses: make([]float64, size.rows)}
				}
				request := &protocol.StepRequest{Run: d.run, Ask: &protocol.Ask{}}
				b.SetBytes(bytes)
				for b.Loop() {
					answer, err := d.conn.Step(ctx, request)
					if err != nil {
						b.Fatal(err)
					}
					request.Tell = tell(answer.GetAsked().GetBatch())
				}
			})
		}
	}
}
