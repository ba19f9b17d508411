package models

import (
	"github.com/joust-bench/joust/network"
)

// normalise appends the normalisation that norm names: "batch", "layer" or "none".
func normalise(s network.Specs, norm string) network.Specs {
	switch norm {
	case "batch":
		return append(s, network.BatchNorm{})
	case "layer":
		return append(s, network.LayerNorm{})
	}
	return s
}

// needless says that norm cancels a bias below it. A layer norm does not: it takes
// away what the biases of all units have in common.
func needless(norm string) bool { return norm == "batch" }
