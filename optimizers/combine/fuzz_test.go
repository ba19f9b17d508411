package combine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/combine"
)

// Whatever is written for a part is taken or refused, and names it if it is taken.
func FuzzPart(f *testing.F) {
	for _, text := range []string{"ga population=4", "sgd  lr=0.1\tschedule=cosine", "rprop =", "ga population=[1]", "sgd lr=1e400", `ga crossover="blx"`, "x=y", "ga elite={}"} {
		f.Add(text)
	}
	def := combine.Restart(base())
	f.Fuzz(func(t *testing.T, text string) {
		config, err := json.Marshal(map[string]string{"optimizer": text})
		if err != nil {
			t.Fatal(err)
		}
		opt, err := def.New(config, optimizers.Problem{Init: []float64{1}, Threads: 1})
		if err != nil {
			return
		}
		name, _, _ := strings.Cut(strings.TrimSpace(text), " ")
		if name == "" || opt == nil {
			t.Errorf("%q is taken", text)
		}
	})
}
