package models_test

import (
	"encoding/json"
	"fmt"

	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/network"
)

// The layers of a residual network of depth 3 for two inputs and one output.
func ExampleAll() {
	for _, m := range models.All() {
		if m.Name != "resnet" {
			continue
		}
		specs, err := m.Layers(json.RawMessage(`{"depth":3,"width":8}`), "", network.Shape{2}, network.Shape{1})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, s := range specs {
			b, err := json.Marshal(network.Specs{s})
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(string(b))
		}
	}
	// Output:
	// [{"type":"dense","out":8,"init":"he-normal","no_bias":true}]
	// [{"type":"residual","body":[{"type":"batchnorm"},{"type":"activation","func":"relu"},{"type":"dense","out":8,"init":"he-normal","no_bias":true}]}]
	// [{"type":"residual","body":[{"type":"batchnorm"},{"type":"activation","func":"relu"},{"type":"dense","out":8,"init":"he-normal","no_bias":true}]}]
	// [{"type":"batchnorm"}]
	// [{"type":"activation","func":"relu"}]
	// [{"type":"dense","out":1,"init":"he-normal"}]
}
