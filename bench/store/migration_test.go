package store

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// A file of version 1 is read, with nothing lost and nothing made up, is added to,
// and is of the current version then.
func TestFileOfVersion1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	old := raw(t, path)
	want := bench.Result{
		Trial:  bench.Trial{Task: bench.Part{Name: "a"}, Model: bench.Part{Name: "b"}, Optimizer: bench.Part{Name: "c"}, Seed: 7, GradCost: 3, Precision: "float64"},
		Status: bench.Exhausted, Dim: 2, Examples: 10, Batch: 5, Work: bench.Work{Forward: 8, Backward: 9}, Steps: 4, Evaluations: 4,
		Probes: []bench.Probe{
			{Work: bench.Work{}, Layers: []probe.Layer{
				{Name: "0.dense", Depth: 1, Delta: 1, Grad: 2, Weight: 3, Mean: 4, Std: 5, UnitStd: math.NaN(), PreStd: math.NaN(), Dead: 6, Saturated: 7},
			}},
			{Work: bench.Work{Forward: 8, Backward: 9}},
		},
	}
	id := want.Trial.ID()
	for _, q := range []string{
		schema1,
		"PRAGMA application_id = 0x6a6f7573; PRAGMA user_version = 1",
		"INSERT INTO trial VALUES ('" + id + "', 'a', NULL, 'b', NULL, 'c', NULL, 7, 0, 0, 0, 3, 'float64')",
		"INSERT INTO result VALUES ('" + id + "', 'exhausted', '', 2, 10, 5, '', 0, '', NULL, 8, 9, 4, 4, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL)",
		"INSERT INTO probe VALUES ('" + id + "', 0, 0, 0), ('" + id + "', 1, 8, 9)",
		"INSERT INTO layer VALUES ('" + id + "', 0, 0, '0.dense', 1, 1, 2, 3, 4, 5, 6, 7)",
	} {
		if _, err := old.Exec(q); err != nil {
			t.Fatalf("%.60s: %v", q, err)
		}
	}
	db := openFile(t, path)
	if d := cmp.Diff([]bench.Result{want}, collect(t, db.Results(t.Context())), cmpopts.EquateNaNs()); d != "" {
		t.Errorf("written by version 1 (-), read (+):\n%s", d)
	}
	next := full()
	save(t, db, next)
	if d := cmp.Diff(next, collect(t, db.Results(t.Context()))[1]); d != "" {
		t.Errorf("added (-), read (+):\n%s", d)
	}
	var version int
	if err := db.read.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != len(migrations) {
		t.Errorf("version %d (%v), want %d", version, err, len(migrations))
	}
}

// What was not measured stays that: no search, no survey, no smallest singular value.
func TestUnmeasuredSurvives(t *testing.T) {
	db := openTemp(t)
	want := bench.Result{Probes: []bench.Probe{
		{Search: &bench.Search{Candidates: 0, Rank: math.NaN()}},
		{Updates: []float64{0, math.Inf(1)}, Survey: &probe.Survey{}},
		{Survey: &probe.Survey{
			Stages:    []probe.Stage{{Name: "wide", Spectrum: probe.Spectrum{Chi: 1, Largest: math.NaN(), Smallest: math.NaN()}}},
			Recurrent: []probe.Recurrence{{Name: "r", Lags: []float64{1, 1e-300}, Forget: math.NaN()}},
		}},
		{},
	}}
	save(t, db, want)
	if d := cmp.Diff([]bench.Result{want}, collect(t, db.Results(t.Context())), cmpopts.EquateNaNs()); d != "" {
		t.Errorf("saved (-), read (+):\n%s", d)
	}
}

// Rows of probes that were tampered with are errors that name them.
func TestCorruptSurveys(t *testing.T) {
	for query, want := range map[string]string{
		"DELETE FROM diagnostic WHERE position = 0":                    "diagnostic 0 is missing: the next one is 1",
		"DELETE FROM stage WHERE position = 0":                         "stage 0 is missing: the next one is 1",
		"DELETE FROM survey_layer WHERE position = 0":                  "survey_layer 0 is missing",
		"DELETE FROM recurrence WHERE position = 0":                    "recurrence 0 is missing",
		"PRAGMA foreign_keys = 0; DELETE FROM survey":                  "there is a survey_layer of probe 0, which has no survey",
		"PRAGMA foreign_keys = 0; UPDATE survey SET probe = probe + 9": "there is a survey of probe 9, want one of 2 probes",
		"PRAGMA foreign_keys = 0; UPDATE stage SET probe = probe - 9":  "there is a stage of probe -9, want one of 2 probes",
		"UPDATE recurrence SET lags = x'00'":                           `"lags": is a blob of 1 bytes, want 8 per weight`,
		"UPDATE probe SET updates = x'0011'":                           `"updates": is a blob of 2 bytes`,
	} {
		db := openTemp(t)
		save(t, db, full())
		execute(t, db, query)
		var err error
		for _, e := range db.Results(t.Context()) {
			err = e
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", query, err, want)
		}
	}
}

// Replacing a result leaves nothing of the earlier one's probes.
func TestProbesAreReplaced(t *testing.T) {
	db := openTemp(t)
	r := full()
	save(t, db, r)
	r.Probes = nil
	save(t, db, r)
	for _, table := range []string{"probe", "layer", "diagnostic", "survey", "survey_layer", "stage", "recurrence"} {
		n := -1
		if err := db.read.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows (%v) are left in %s, want none", n, err, table)
		}
	}
}
