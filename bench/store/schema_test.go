package store

import (
	"path/filepath"
	"testing"
)

// A file of version 1 is read and written as before; its trials had no pretraining.
func TestFileOfVersion1IsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	all := migrations
	defer func() { migrations = all }()
	migrations = migrations[:1]
	old := openFile(t, path)
	execute(t, old, "INSERT INTO trial VALUES ('t', 'xor', '{}', 'plain', '{}', 'sgd', '{}', 1, 0, 100, 0, 3, 'float64')")
	execute(t, old, "INSERT INTO result VALUES ('t', 'exhausted', '', 3, 4, 4, 'accuracy', 1, '', NULL, 9, 0, 1, 1, NULL, NULL, 1, 1, 1, 1, 1, 1, NULL)")
	execute(t, old, "INSERT INTO timing VALUES ('t', 7, 1, 2, 3, 4)")

	migrations = all
	db := openFile(t, path)
	got := collect(t, db.Results(t.Context()))
	if len(got) != 1 || got[0].Timing.Wall != 7 || got[0].Timing.Free != 4 || got[0].Timing.Pretrain != 0 {
		t.Errorf("results %+v, want the one with its times, and 0 of pretraining", got)
	}
	save(t, db, result(1, 1, 1, 1))
	if n := len(collect(t, db.Results(t.Context()))); n != 2 {
		t.Errorf("%d results after one more is saved, want 2", n)
	}
}
