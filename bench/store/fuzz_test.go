package store

import (
	"math"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
)

// FuzzRow puts anything into a row, as another program or a bad disk might:
// it is an error that names the trial, or a result that can be stored again.
func FuzzRow(f *testing.F) {
	db := openTemp(f)
	execute(f, db, "PRAGMA synchronous = OFF")
	save(f, db, result(1, 2, 2, 2))
	id := result(1, 0, 0, 0).Trial.ID()
	f.Add(`{"lr":0.1}`, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, "solved", int64(-1), int64(1), 0.5)
	f.Add(`{`, []byte{1, 2, 3}, "", int64(1)<<62, int64(0), 1e300)
	f.Add(``, []byte{}, "\x00\xff", int64(0), int64(-5), math.Copysign(0, -1))
	f.Add(`null`, []byte(strings.Repeat("\xff", 16)), "failed", int64(7), int64(2), 5e-324)
	f.Add(`0`, []byte(nil), "", int64(0), int64(0), math.Inf(1))
	f.Fuzz(func(t *testing.T, config string, weights []byte, text string, integer, position int64, number float64) {
		if math.IsNaN(number) {
			number = 0 // a column of the schema takes no NaN
		}
		execute(t, db, "UPDATE trial SET task = ?1, optimizer_config = ?2, seed = ?3, budget_wall_ns = ?3, grad_cost = ?4",
			text, config, integer, number)
		execute(t, db, "UPDATE result SET weights = ?1, status = ?2, dim = ?3, metric_higher = ?3, target = ?4",
			weights, text, integer, number)
		execute(t, db, "UPDATE point SET position = ?1 WHERE step = 1 AND ?1 != 0", position)
		execute(t, db, "UPDATE layer SET name = ?, dead = ?", text, number)
		for r, err := range db.Results(t.Context()) {
			switch {
			case err != nil && !strings.Contains(err.Error(), id):
				t.Errorf("error = %v, want one that names trial %s", err, id)
			case err == nil:
				checkStoredAgain(t, r)
			}
		}
	})
}

// checkStoredAgain checks that a result that was read can be saved and read.
func checkStoredAgain(t *testing.T, r bench.Result) {
	t.Helper()
	other := openTemp(t)
	save(t, other, r)
	if got, want := digest(t, collect(t, other.Results(t.Context()))...), digest(t, r); got != want {
		t.Errorf("digest of %+v when it is stored again = %s, want %s", r, got, want)
	}
}
