package bench_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/joust-bench/joust/bench"
)

func TestLabelsMentionOnlyWhatVaries(t *testing.T) {
	part := func(name, config string) bench.Part { return bench.Part{Name: name, Config: json.RawMessage(config)} }
	var trials []bench.Trial
	for _, p := range []bench.Part{
		part("plain", `{"depth":8,"width":32,"init":"he"}`),
		part("plain", `{"depth":2,"width":32,"init":"he"}`),
		part("plain", `{"depth":2,"width":32,"init":"xavier"}`),
		part("resnet", `{"depth":8}`),
		part("sgd", `{"lr":0.1}`),
		part("sgd", `{"lr":0.10,"momentum":0.9}`), // a member that the other lacks varies too
		part("bare", ``),
		part("bad", `{"a":`),
		part("bad", `[1]`),
		part("net", `{"path":"a\u001b[31m.yaml","sha256":"12"}`),
		part("net", `{"path":"b.yaml","sha256":"34"}`),
		part("csv", `{"path":"a.csv","target":"x","sha256":"1"}`),
		part("csv", `{"path":"a.csv","target":"y","sha256":"1"}`),
	} {
		trials = append(trials, bench.Trial{Model: p})
	}
	l := bench.NewLabels(trials)
	for i, want := range []string{
		"plain depth=8 init=he", "plain depth=2 init=he", "plain depth=2 init=xavier", "resnet",
		"sgd lr=0.1", "sgd lr=0.10 momentum=0.9", "bare", `bad {"a":`, "bad [1]",
		"net a [31m.yaml", "net b.yaml", "csv target=x", "csv target=y",
	} {
		if got := l.Model(trials[i]); got != want {
			t.Errorf("label of %s %s = %q, want %q", trials[i].Model.Name, trials[i].Model.Config, got, want)
		}
	}
}

// A path alone is the label where it is enough, and the minibatch is one of the
// optimizer's settings.
func TestLabelsOfTasksAndContenders(t *testing.T) {
	trial := func(path, kind string, batch int) bench.Trial {
		return bench.Trial{
			Task:      bench.Part{Name: "csv", Config: json.RawMessage(`{"path":"` + path + `","kind":"` + kind + `"}`)},
			Model:     bench.Part{Name: "plain"},
			Optimizer: bench.Part{Name: "sgd", Config: json.RawMessage(`{"lr":0.1}`)},
			Batch:     batch,
		}
	}
	// Kinds are told apart: a model of an optimizer's name varies by itself.
	if l := bench.NewLabels([]bench.Trial{
		{Model: bench.Part{Name: "sgd", Config: json.RawMessage(`{"lr":1}`)}, Optimizer: bench.Part{Name: "sgd", Config: json.RawMessage(`{"lr":2}`)}},
	}); len(l.Contender(bench.Trial{Model: bench.Part{Name: "sgd"}, Optimizer: bench.Part{Name: "sgd"}})) != len("sgd + sgd") {
		t.Error("a model and an optimizer of one name are mixed up")
	}
	trials := []bench.Trial{trial("a.csv", "regression", 32), trial("b.csv", "classification", 32), trial("b.csv", "classification", 0), trial("a.csv", "regression", bench.AutoBatch)}
	l := bench.NewLabels(trials)
	var got []string
	for _, t := range trials {
		got = append(got, l.Task(t), l.Contender(t))
	}
	want := []string{
		"csv a.csv", "plain + sgd batch=32", "csv b.csv", "plain + sgd batch=32",
		"csv b.csv", "plain + sgd batch=full", "csv a.csv", "plain + sgd batch=auto",
	}
	if !slices.Equal(got, want) {
		t.Errorf("labels %q, want %q", got, want)
	}
}
