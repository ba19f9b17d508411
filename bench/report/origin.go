package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// Seconds is where the time of a contender's runs went, as means. Optimizer,
// Transport and Evaluation are apart: the first is inside the optimizer's own
// Ask and Tell, the second is what it took to reach a plugin.
type Seconds struct {
	Optimizer  Number `json:"optimizer"`
	Transport  Number `json:"transport"`
	Evaluation Number `json:"evaluation"`
	Free       Number `json:"free"` // validation and probes
	Pretrain   Number `json:"pretrain"`
}

// spentTime measures them over runs, of which there is at least one.
func spentTime(runs []run) Seconds {
	var ask, transport, eval, free, pretrain time.Duration
	for _, r := range runs {
		t := r.Timing
		ask += t.Ask + t.Tell
		transport += t.Transport
		eval += t.Eval
		free += t.Free
		pretrain += t.Pretrain
	}
	mean := func(d time.Duration) Number { return Number(d.Seconds() / float64(len(runs))) }
	// A little of the transport may have been in what is free.
	return Seconds{mean(max(0, ask-transport)), mean(transport), mean(eval), mean(free), mean(pretrain)}
}

// String lists what there is of it: "optimizer 12 ms, evaluation 3.1 s".
func (s Seconds) String() string {
	var parts []string
	for _, p := range []struct {
		name    string
		seconds Number
	}{{"optimizer", s.Optimizer}, {"transport", s.Transport}, {"evaluation", s.Evaluation}, {"validation and probes", s.Free}, {"pretraining", s.Pretrain}} {
		if p.seconds > 0 {
			parts = append(parts, p.name+" "+formatSeconds(float64(p.seconds)))
		}
	}
	return strings.Join(parts, ", ")
}

// describeOrigin names the program of a plugin: "plugin es 0.1.0, files
// 01234567, python 3.11.2".
func describeOrigin(o optimizers.Origin) string {
	_, hash, _ := strings.Cut(o.Hash, ":")
	parts := []string{"plugin " + o.Plugin + " " + o.Version, "files " + hash[:min(8, len(hash))]}
	return bench.Printable(strings.Join(append(parts, o.Runtime...), ", "))
}

// pluginNotes says of each plugin in the comparison what ran, and whether
// anything vouches for it.
func pluginNotes(tasks []Task) []string {
	type kind struct{ what, unpinned string }
	names := make(map[kind][]string)
	var kinds []kind
	for _, t := range tasks {
		for _, c := range t.Contenders {
			if c.Origin == nil {
				continue
			}
			k := kind{describeOrigin(*c.Origin), bench.Printable(c.Unpinned)}
			if !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
			if !slices.Contains(names[k], c.Optimizer.Name) {
				names[k] = append(names[k], c.Optimizer.Name)
			}
		}
	}
	var notes []string
	for _, k := range kinds {
		verb, not := "is", "It is not pinned"
		if len(names[k]) > 1 {
			verb, not = "are", "They are not pinned"
		}
		note := fmt.Sprintf("%s %s %s.", join(names[k]), verb, k.what)
		if k.unpinned != "" {
			note += fmt.Sprintf(" %s: %s.", not, k.unpinned)
		}
		notes = append(notes, note)
	}
	return notes
}
