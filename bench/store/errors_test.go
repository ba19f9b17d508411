package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

// wantOpenError checks that Open fails with such an error and changes nothing
// in the directory of the file.
func wantOpenError(t *testing.T, path string, want ...string) {
	t.Helper()
	before := contents(t, filepath.Dir(path))
	db, err := open(t.Context(), path, 50*time.Millisecond)
	if err == nil {
		t.Fatalf("Open succeeds, want an error with %q", want)
	}
	if db != nil {
		t.Error("Open returns a DB and an error")
	}
	for _, w := range append(want, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error = %v\nwant one with %q", err, w)
		}
	}
	if after := contents(t, filepath.Dir(path)); !maps.Equal(before, after) {
		t.Errorf("files were %q, are %q", slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	}
}

// contents returns what the files in a directory contain.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesWhatIsNotAResultsFile(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"short.csv":  "a,b\n",
		"long.csv":   strings.Repeat("1,2,3\n", 10_000),
		"zeros":      strings.Repeat("\x00", 8192),
		"header.db":  "SQLite format 3\x00" + strings.Repeat("x", 5000),
		"header2.db": "SQLite format 3\x00",
	} {
		path := filepath.Join(dir, name)
		write(t, path, content)
		wantOpenError(t, path, "is not a results file")
	}
	wantOpenError(t, dir, "is a directory, want a file such as "+filepath.Join(dir, "results.db"))
	wantOpenError(t, filepath.Join(dir, "no", "results.db"), "there is no directory "+filepath.Join(dir, "no"), "create it first")
	wantOpenError(t, filepath.Join(dir, "long.csv", "results.db"), "not a directory")
	if _, err := Open(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "the path is empty") {
		t.Errorf("error = %v, want one that says that the path is empty", err)
	}
	if _, err := Open(t.Context(), "a\x00b"); err == nil || !strings.Contains(err.Error(), `a\x00b`) {
		t.Errorf("error = %v, want one that names the path", err)
	}
}

func TestOpenTakesAnyFileName(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "50%.db", "%41.db", "what?mode=memory", "#1.db", "Größe & Co;.db", ":memory:", "no-extension"} {
		path := filepath.Join(dir, name)
		save(t, openFile(t, path), result(1, 1, 1, 1))
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	t.Chdir(dir)
	if n := len(collect(t, openFile(t, "a b.db").Results(t.Context()))); n != 1 {
		t.Errorf("by its relative path the file has %d results, want 1", n)
	}
}

func TestOpenMakesAnEmptyFileAResultsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty")
	write(t, path, "")
	save(t, openFile(t, path), result(1, 1, 1, 1))
}

// raw opens a SQLite file without the store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpenRefusesTheDatabaseOfAnotherProgram(t *testing.T) {
	for name, query := range map[string]string{
		"tables":  "CREATE TABLE bookmark (url)",
		"version": "PRAGMA user_version = 1",
		"id":      "PRAGMA application_id = 7",
	} {
		path := filepath.Join(t.TempDir(), name)
		if _, err := raw(t, path).Exec(query); err != nil {
			t.Fatal(err)
		}
		wantOpenError(t, path, "is an SQLite database of another program")
	}
}

func TestOpenRefusesANewerVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, db, "PRAGMA user_version = 99")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantOpenError(t, path, "newer joust", fmt.Sprintf("schema version 99, want at most %d", len(migrations)), "update joust")
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	save(t, openFile(t, path), result(1, 1, 1, 1))
	before := dump(t, openFile(t, path))
	defer func(old []string) { migrations = old }(migrations)
	version := len(migrations)
	migrations = append(slices.Clone(migrations), "DELETE FROM result; CREATE TABLE extra (x); mistake")
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), fmt.Sprint("change schema from version ", version)) {
		t.Errorf("error = %v, want one that names the migration", err)
	}
	migrations[version] = "DELETE FROM point; CREATE TABLE extra (x)"
	db := openFile(t, path)
	if n := len(collect(t, db.Results(t.Context()))[0].Curve); n != 0 {
		t.Errorf("after a migration that empties them, curves have %d points", n)
	}
	migrations = migrations[:version]
	wantOpenError(t, path, fmt.Sprintf("schema version %d, want at most %d", version+1, version))
	if len(before) == 0 {
		t.Error("the file was empty, the test shows nothing")
	}
}

func TestLockedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	save(t, openFile(t, path), result(1, 1, 1, 1))
	db, err := open(t.Context(), path, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	other := raw(t, path)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	wantError(t, path, "another program keeps it locked", db.Save(t.Context(), result(2, 1, 1, 1)))
	wantOpenError(t, path, "another program keeps it locked")
	// Readers do not mind.
	if n := len(collect(t, db.Results(t.Context()))); n != 1 {
		t.Errorf("%d results, want 1", n)
	}
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	save(t, db, result(2, 1, 1, 1))
}

// Several processes that create a file at the same time get in each other's
// way in a state in which SQLite does not wait; here it lasts for long.
func TestOpenWaitsForAnotherThatCreatesTheFile(t *testing.T) {
	for _, begin := range []string{"BEGIN; SELECT * FROM sqlite_schema", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"} {
		path := filepath.Join(t.TempDir(), "results.db")
		other := raw(t, path)
		if _, err := other.Exec(begin); err != nil {
			t.Fatal(err)
		}
		released := make(chan error)
		go func() {
			time.Sleep(50 * time.Millisecond)
			// Refused, and to be tried again, at a moment at which Open reads.
			_, err := other.Exec("COMMIT")
			for isBusy(err) {
				_, err = other.Exec("COMMIT")
			}
			released <- err
		}()
		db, err := open(t.Context(), path, 10*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", begin, err)
		}
		if err := errors.Join(db.Close(), <-released); err != nil {
			t.Error(err)
		}
	}
}

func TestSaveGivesUpWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	db := openFile(t, path)
	other := raw(t, path)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := db.Save(ctx, result(1, 1, 1, 1))
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > patience/2 {
		t.Errorf("error = %v after %v, want %v at once", err, time.Since(start), context.DeadlineExceeded)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	save(t, db, result(1, 1, 1, 1))
}

func TestFullDisk(t *testing.T) {
	db := openTemp(t)
	save(t, db, result(1, 3, 3, 3))
	before := dump(t, db)
	execute(t, db, "PRAGMA max_page_count = 60")
	for seed := range uint64(2) { // one replaces what is there, one is new
		wantError(t, db.path, "the disk is full; make room and run again", db.Save(t.Context(), result(seed, 40, 20, 20_000)))
		if after := dump(t, db); !slices.Equal(before, after) {
			t.Fatalf("rows were %d, are %d", len(before), len(after))
		}
	}
	save(t, db, result(2, 3, 3, 3))
	execute(t, db, "PRAGMA max_page_count = 1000000")
	save(t, db, result(0, 40, 20, 20_000))
	if n := len(collect(t, db.Results(t.Context()))); n != 3 {
		t.Errorf("%d results, want 3", n)
	}
}

func TestFailedSaveChangesNothing(t *testing.T) {
	db := openTemp(t)
	save(t, db, result(1, 3, 3, 3))
	before := dump(t, db)
	// Unlike a full disk, this failure leaves it to us to undo what was done.
	execute(t, db, "CREATE TRIGGER fail BEFORE INSERT ON layer WHEN NEW.probe = 1 BEGIN SELECT RAISE(FAIL, 'no more'); END")
	for seed := range uint64(2) {
		wantError(t, db.path, "no more", db.Save(t.Context(), result(seed, 3, 3, 3)))
		if after := dump(t, db); !slices.Equal(before, after) {
			t.Errorf("rows were\n%q\nare\n%q", before, after)
		}
	}
}

func TestSaveRefusesWhatCannotBeStored(t *testing.T) {
	db := openTemp(t)
	nan := math.NaN()
	config, budget, target := result(1, 1, 1, 1), result(2, 1, 1, 1), result(3, 1, 1, 1)
	config.Trial.Optimizer.Config = []byte("{lr:1}")
	budget.Trial.Budget.Work = math.Inf(1)
	target.Goal.Target = &nan
	for want, r := range map[string]bench.Result{
		"seed 1 of sgd on xor with plain": config,
		"+Inf":                            budget,
		"target is NaN, want a number":    target,
	} {
		wantError(t, db.path, want, db.Save(t.Context(), r))
	}
	if lines := dump(t, db); len(lines) != 0 {
		t.Errorf("the file has %q, want nothing", lines)
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(10) {
		save(t, db, big(seed))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := func(from int) {
		write(t, path, string(file[:from])+strings.Repeat("\xa5", len(file)-from))
	}
	damage(len(file) / 2) // among the rows
	db = openFile(t, path)
	var damaged error
	for _, err := range db.Results(t.Context()) {
		damaged = err
	}
	wantError(t, path, "is damaged; restore a copy", damaged)
	damage(4096) // after the first page: in the schema
	wantOpenError(t, path, "is damaged; restore a copy")
}

func TestCorruptRowIsAnError(t *testing.T) {
	for query, want := range map[string]string{
		"UPDATE result SET weights = x'0011223344556677889900'":                  `"weights": is a blob of 11 bytes, want 8 per weight`,
		"UPDATE trial SET grad_cost = 9e999":                                     "unsupported value: +Inf",
		"UPDATE trial SET model_config = '{'":                                    `"model_config": is "{", want JSON`,
		"DELETE FROM point WHERE position = 1":                                   "point 1 is missing: the next one is 2",
		"DELETE FROM probe WHERE position = 0":                                   "probe 0 is missing: the next one is 1",
		"DELETE FROM layer WHERE position = 1 AND probe = 2":                     "layer 1 is missing: the next one is 2",
		"PRAGMA foreign_keys = 0; DELETE FROM probe":                             "there is a layer of probe 0, want one of 0 probes",
		"PRAGMA foreign_keys = 0; DELETE FROM trial":                             "",
		"PRAGMA ignore_check_constraints = 1; UPDATE result SET hit_forward = 1": "work at which the target was reached",
		"UPDATE result SET steps = 9223372036854775807":                          "",
	} {
		db := openTemp(t)
		save(t, db, result(1, 3, 3, 3))
		execute(t, db, query)
		var got error
		for r, err := range db.Results(t.Context()) {
			got = err
			if err != nil && r.Status != "" {
				t.Errorf("%s: there is an error and a result", query)
			}
		}
		switch {
		case want == "" && got != nil:
			t.Errorf("%s: %v", query, got)
		case want != "":
			wantError(t, db.path, want, got)
			wantError(t, "trial "+result(1, 0, 0, 0).Trial.ID(), "read results", got)
		}
	}
}
