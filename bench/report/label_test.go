package report

import (
	"encoding/json"
	"testing"
)

func TestConfigurationOnOneLine(t *testing.T) {
	config := json.RawMessage(`{"depth":8,"target":"","init":"a\u001b[31m"}`)
	if got, want := configText(config), "depth=8, init=a [31m"; got != want {
		t.Errorf("configuration = %q, want %q", got, want)
	}
}

// Two sizes of minibatch are two contenders, which must not share a row.
func TestMinibatchesAreContendersOfTheirOwn(t *testing.T) {
	small, large := ends("a", "x", 1, .3, .8), ends("a", "x", 1, .2, .9)
	small.Trial.Batch, large.Trial.Batch = 32, 0
	s := analyse(small, large)
	var got []string
	for _, c := range s.Tasks[0].Contenders {
		got = append(got, c.Label)
		if c.Runs != 1 {
			t.Errorf("%s has %d runs, want 1", c.Label, c.Runs)
		}
	}
	if len(got) != 2 || got[0] != "a + x batch=full" || got[1] != "a + x batch=32" {
		t.Errorf("contenders %q, want one for each minibatch", got)
	}
}
