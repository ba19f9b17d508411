package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

func pluginRun(seed uint64, hash, unpinned string) bench.Result {
	r := solvedAt("a", "es", seed, forward(10))
	r.Trial.Origin = &optimizers.Origin{Plugin: "my-es", Version: "0.1.0", Hash: hash, Runtime: []string{"python 3.11.2"}}
	r.Unpinned = unpinned
	r.Timing = bench.Timing{Wall: 10 * time.Second, Ask: time.Second, Tell: 2 * time.Second, Transport: 500 * time.Millisecond, Eval: 6 * time.Second}
	return r
}

// A plugin's version, and that nothing vouches for it, is where a reader cannot
// miss it, and its time is apart from that of the transport.
func TestPluginsAreStamped(t *testing.T) {
	s := analyse(pluginRun(1, "sha256:0123456789", ""), pluginRun(2, "sha256:0123456789", "no lock file"), solvedAt("a", "x", 1, forward(20)))
	want := "es is plugin my-es 0.1.0, files 01234567, python 3.11.2. It is not pinned: no lock file."
	if n := s.Notes[len(s.Notes)-1]; n != want {
		t.Errorf("note %q, want %q", n, want)
	}
	c := row(t, s, "a + es")
	if c.Time.Optimizer != 2.5 || c.Time.Transport != .5 || c.Time.Evaluation != 6 {
		t.Errorf("time %+v, want 2.5 s in the optimizer, 0.5 s in transport, 6 s of evaluation", c.Time)
	}
	var page bytes.Buffer
	if err := HTML(&page, s); err != nil {
		t.Fatal(err)
	}
	for _, w := range []string{`title="plugin my-es 0.1.0, files 01234567, python 3.11.2">plugin<`, `title="no lock file">unpinned<`, "transport 500 ms"} {
		if !strings.Contains(page.String(), w) {
			t.Errorf("the page does not contain %s", w)
		}
	}
	if got := row(t, analyse(pluginRun(1, "sha256:0123456789", "")), "a + es").Unpinned; got != "" {
		t.Errorf("a pinned plugin is said to be unpinned: %s", got)
	}
}

// What a plugin serves is told of together.
func TestOneNoteForAPlugin(t *testing.T) {
	other := pluginRun(1, "sha256:0123456789", "no lock file")
	other.Trial.Optimizer.Name = "other"
	s := analyse(pluginRun(1, "sha256:0123456789", "no lock file"), other)
	want := "es and other are plugin my-es 0.1.0, files 01234567, python 3.11.2. They are not pinned: no lock file."
	if n := s.Notes[len(s.Notes)-1]; n != want {
		t.Errorf("note %q, want %q", n, want)
	}
}

// Runs of other files of a plugin are another contender.
func TestVersionsOfAPluginAreContenders(t *testing.T) {
	s := analyse(pluginRun(1, "sha256:aa", ""), pluginRun(1, "sha256:bb", ""))
	labels, _ := labelsOf(s)
	if len(labels) != 2 || labels[0] != "a + es files=aa" && labels[0] != "a + es files=bb" {
		t.Errorf("contenders %q, want two, told apart by their files", labels)
	}
}
