package scaling

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/joust-bench/joust/optimizers"
)

// searches are W8 and W9, optimizers by themselves: the sphere costs nearly
// nothing. Other libraries are measured on the same.
var searchList = []struct {
	workload, optimizer, config string
	dim                         int
	summary                     string
}{
	{
		"W8", "ga", `{"population": 100, "tournament": 3, "elite": 0, "crossover": "weight", "crossover_rate": 0.5, "mutation_rate": 0.2, "weight_rate": 0.05}`,
		1000, "population 100, tournaments of 3, uniform crossover of half, a fifth mutates in 5 % of the weights",
	},
	{"W9", "cma-es", "", 10, "default population"},
	{"W9", "cma-es", "", 100, "default population"},
	{"W9", "cma-es", "", 500, "default population"},
}

// searches measures those of the list whose optimizer there is.
func (m *measurer) searches(d time.Duration) ([]Search, error) {
	var all []Search
	for _, s := range searchList {
		i := slices.IndexFunc(m.Optimizers, func(def optimizers.Definition) bool { return def.Name == s.optimizer })
		if i < 0 {
			continue
		}
		if m.stopped() {
			break
		}
		m.Progress(PartWorkloads, fmt.Sprintf("%s %s, %d dimensions", s.workload, s.optimizer, s.dim))
		start := make([]float64, s.dim)
		for i := range start {
			start[i] = 1
		}
		u, err := m.drive(d/time.Duration(len(searchList)),
			func() (optimizers.Optimizer, error) {
				return m.Optimizers[i].New(json.RawMessage(s.config), optimizers.Problem{Init: start, Seed: 1, Threads: 1})
			},
			func(_ optimizers.Optimizer, candidates [][]float64, evals []optimizers.Evaluation) {
				for i, w := range candidates {
					evals[i].Loss = sphere(w)
				}
			})
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.workload, err)
		}
		if u.generations == 0 {
			break // stopped
		}
		all = append(all, Search{
			Workload: s.workload, Optimizer: s.optimizer, Summary: s.summary, Dim: s.dim,
			GenerationsPerSecond: float64(u.generations) / (u.askTell + u.evaluate).Seconds(),
			MicrosPerCandidate:   micros(u.askTell, u.candidates),
		})
	}
	return all, nil
}

func sphere(w []float64) float64 {
	sum := 0.0
	for _, x := range w {
		sum += float64(x * x)
	}
	return sum
}
