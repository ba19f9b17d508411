package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
)

func saveExperiment(t *testing.T, db *DB, e Experiment) {
	t.Helper()
	if err := db.SaveExperiment(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func experiments(t *testing.T, db *DB) []Experiment {
	t.Helper()
	list, err := db.Experiments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestExperimentSurvives(t *testing.T) {
	db := openTemp(t)
	want := Experiment{
		Name: "deep", Source: "name: deep # mine\n\x00\xff", Resolved: "name: deep\nseed: 1\n",
		Started: time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("east", 3600)),
		Version: "v1.2.3", Go: "go1.26.0", Machine: []byte(`{"cores": 2}`),
	}
	for v, i := reflect.ValueOf(want), 0; i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("the test leaves %s out", v.Type().Field(i).Name)
		}
	}
	saveExperiment(t, db, want)
	if diff := cmp.Diff([]Experiment{want}, experiments(t, db)); diff != "" {
		t.Errorf("saved (-), read (+):\n%s", diff)
	}
	saveExperiment(t, db, Experiment{})
	if diff := cmp.Diff([]Experiment{{}, want}, experiments(t, db)); diff != "" {
		t.Errorf("saved (-), read (+):\n%s", diff)
	}
}

func TestExperimentRunAgainIsTheSame(t *testing.T) {
	db := openTemp(t)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a := Experiment{Name: "a", Resolved: "x", Started: day}
	b := Experiment{Name: "b", Resolved: "x", Started: day.Add(time.Nanosecond)}
	saveExperiment(t, db, b)
	saveExperiment(t, db, a)
	if diff := cmp.Diff([]Experiment{a, b}, experiments(t, db)); diff != "" {
		t.Errorf("in order of their start (-), read (+):\n%s", diff)
	}
	again := Experiment{
		Name: "a", Resolved: "x", Source: "now with a comment", Started: day.Add(time.Hour),
		Version: "v2", Go: "go2", Machine: []byte(`{}`),
	}
	saveExperiment(t, db, again)
	if diff := cmp.Diff([]Experiment{b, again}, experiments(t, db)); diff != "" {
		t.Errorf("after a ran again (-), read (+):\n%s", diff)
	}
	if a.ID() == (Experiment{Name: "a", Resolved: "y"}).ID() || a.ID() == b.ID() {
		t.Error("experiments with another name or content have the same ID")
	}
}

func TestPlanSaysWhatAnExperimentHasAndLacks(t *testing.T) {
	db := openTemp(t)
	one, two := Experiment{Name: "one"}, Experiment{Name: "two"}
	saveExperiment(t, db, one)
	saveExperiment(t, db, two)
	trials := make([]bench.Trial, 6)
	for i := range trials {
		trials[i] = result(uint64(i), 0, 0, 0).Trial
	}
	pick := func(seeds ...int) (list []bench.Trial) {
		for _, s := range seeds {
			list = append(list, trials[s])
		}
		return list
	}
	plan := func(e Experiment, trials []bench.Trial) {
		t.Helper()
		if err := db.Plan(t.Context(), e.ID(), trials); err != nil {
			t.Fatal(err)
		}
	}
	check := func(e Experiment, done, missing []bench.Trial) {
		t.Helper()
		var got []bench.Trial
		for _, r := range collect(t, db.ResultsOf(t.Context(), e.ID())) {
			got = append(got, r.Trial)
		}
		if diff := cmp.Diff(done, got); diff != "" {
			t.Errorf("%s has want (-), got (+):\n%s", e.Name, diff)
		}
		got, err := db.Missing(t.Context(), e.ID())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(missing, got); diff != "" {
			t.Errorf("%s lacks want (-), got (+):\n%s", e.Name, diff)
		}
	}
	check(one, nil, nil)
	plan(one, pick(4, 0, 3, 1))
	plan(two, pick(5, 4))
	check(one, nil, pick(4, 0, 3, 1))
	if n := len(collect(t, db.Results(t.Context()))); n != 0 {
		t.Errorf("a plan alone gives %d results, want 0", n)
	}
	for _, s := range []uint64{1, 2, 3, 4} { // 2 is in nobody's plan
		save(t, db, result(s, 1, 1, 1))
	}
	check(one, pick(4, 3, 1), pick(0))
	check(two, pick(4), pick(5))
	plan(one, pick(1, 5, 2))
	check(one, pick(1, 2), pick(5))
	check(two, pick(4), pick(5))
	saveExperiment(t, db, one)
	check(one, pick(1, 2), pick(5))
}

func TestPlanRefusesWhatCannotBeRight(t *testing.T) {
	db := openTemp(t)
	e := Experiment{Name: "e"}
	saveExperiment(t, db, e)
	a, b := result(1, 0, 0, 0).Trial, result(2, 0, 0, 0).Trial
	if err := db.Plan(t.Context(), e.ID(), []bench.Trial{a, b}); err != nil {
		t.Fatal(err)
	}
	bad := b
	bad.Task.Config = []byte("{")
	for want, err := range map[string]error{
		"trials 0 and 2 are the same one":   db.Plan(t.Context(), e.ID(), []bench.Trial{a, b, a}),
		"seed 2 of sgd on xor with plain":   db.Plan(t.Context(), e.ID(), []bench.Trial{a, bad}),
		`no experiment with the ID "other"`: db.Plan(t.Context(), "other", []bench.Trial{a}),
		`machine is "{", want JSON`:         db.SaveExperiment(t.Context(), Experiment{Machine: []byte("{")}),
	} {
		wantError(t, db.path, want, err)
	}
	for _, err := range db.ResultsOf(t.Context(), "other") {
		wantError(t, db.path, `no experiment with the ID "other"`, err)
	}
	_, err := db.Missing(t.Context(), "other")
	wantError(t, db.path, `no experiment with the ID "other"`, err)
	missing, err := db.Missing(t.Context(), e.ID())
	if diff := cmp.Diff([]bench.Trial{a, b}, missing); diff != "" || err != nil {
		t.Errorf("after the refusals: %v\nthe plan that was (-), is (+):\n%s", err, diff)
	}
}

// wantError checks that err says which file and what is wrong.
func wantError(t *testing.T, path, want string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v\nwant one with %q and %q", err, path, want)
	}
}
