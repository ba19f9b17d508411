package report

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/joust-bench/joust/bench"
)

// configText writes out all of a configuration on one line.
func configText(config json.RawMessage) string {
	var parts []string
	for _, m := range bench.Members(config) {
		if m.Value != "" {
			parts = append(parts, m.String())
		}
	}
	return bench.Printable(strings.Join(parts, ", "))
}

// samePart reports whether two parts are one contender's.
func samePart(a, b bench.Part) bool {
	return a.Name == b.Name && bytes.Equal(a.Config, b.Config)
}

// partKey identifies a part in a map.
func partKey(p bench.Part) string { return p.Name + "\x00" + string(p.Config) }

// contenderKey identifies a contender in a map. The minibatch is one of the
// optimizer's settings, and two versions of a plugin are two contenders.
func contenderKey(t bench.Trial) string {
	key := partKey(t.Model) + "\x00\x00" + partKey(t.Optimizer) + "\x00\x00" + bench.BatchName(t.Batch)
	if o := t.Origin; o != nil {
		key += "\x00\x00" + strings.Join(append([]string{o.Plugin, o.Version, o.Hash}, o.Runtime...), "\x00")
	}
	return key
}
