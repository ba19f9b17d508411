package conformance

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/joust-bench/joust/optimizers"
)

// Population is a configuration that asks an optimizer with these parameters for n
// candidates, or as near to that as it can have, and nil if it has no parameter for
// the number. Other parameters may not suit it: then it is refused.
func Population(params []optimizers.Param, n int) json.RawMessage {
	for _, name := range []string{"population", "popsize", "candidates", "offspring", "lambda"} {
		for _, p := range params {
			if p.Name != name || p.Type != "int" {
				continue
			}
			near := n
			if p.Min != nil { // a bound that is open leaves the default
				near = max(near, int(math.Ceil(*p.Min)))
			}
			if p.Max != nil {
				near = min(near, int(math.Floor(*p.Max)))
			}
			config := json.RawMessage(fmt.Sprintf(`{"%s": %d}`, name, near))
			if _, err := optimizers.Resolve(params, config); err == nil {
				return config
			}
		}
	}
	return nil
}
