package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/joust-bench/joust/bench"
)

// A DB is a results file, open. It is safe for concurrent use, also by several
// processes at once. Its errors name the file.
type DB struct {
	path  string
	read  *sql.DB // any number of connections: readers do not wait for writers
	write *sql.DB // one connection: writers of this process queue up in order
}

var _ bench.Store = (*DB)(nil)

// patience is how long to wait for another process that writes to the file.
// To save takes milliseconds; this is for slow disks, and many processes.
const patience = 30 * time.Second

// Open opens the results file at path, and creates it if there is none. A file
// of an older version is brought up to date; one that is not a results file is
// an error, and left as it is. The caller closes the DB.
func Open(ctx context.Context, path string) (*DB, error) {
	return open(ctx, path, patience)
}

func open(ctx context.Context, path string, patience time.Duration) (*DB, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("results file %q: %w", path, err)
	}
	db := &DB{path: path}
	if db.write, err = connect(abs, patience, "_txlock=immediate"); err != nil {
		return nil, db.fail("open", err)
	}
	db.write.SetMaxOpenConns(1)
	if db.read, err = connect(abs, patience, "_query_only=1"); err != nil {
		return nil, errors.Join(db.fail("open", err), db.write.Close())
	}
	if err := persist(ctx, patience, func() error { return db.prepare(ctx) }); err != nil {
		return nil, errors.Join(db.fail("open", err), db.Close())
	}
	return db, nil
}

// checkPath finds the mistakes that SQLite would report in riddles.
func checkPath(path string) error {
	if path == "" {
		return errors.New("results file: the path is empty, want one such as results.db")
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("results file %q: is a directory, want a file such as %s", path, filepath.Join(path, "results.db"))
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("results file %q: is a %v, want a regular file", path, info.Mode().Type())
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("results file %q: %w", path, err)
	case err == nil:
		return nil
	}
	if dir := filepath.Dir(path); !isDir(dir) {
		return fmt.Errorf("results file %q: there is no directory %s; create it first", path, dir)
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// connect returns a pool of connections to the file at an absolute path, with
// the given setting and those that all connections share.
func connect(path string, patience time.Duration, setting string) (*sql.DB, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/...
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: setting + strings.Join([]string{
		fmt.Sprintf("&_busy_timeout=%d", patience.Milliseconds()),
		"_synchronous=FULL", // see Design
		"_foreign_keys=1",
		"_dqs=0",      // "x" is a column, and never a string
		"_error_rc=1", // no messages left over from other operations
	}, "&")}
	return sql.Open("sqlite", name.String())
}

// prepare makes the file one of the current version, or fails and leaves it
// as it is.
func (db *DB) prepare(ctx context.Context) error {
	// The journal mode is written to the file, so look at whose it is first.
	err := snapshot(ctx, db.write, func(tx *sql.Tx) error {
		_, err := inspect(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	// A file system without shared memory keeps its rollback journal: slower,
	// and as safe.
	if _, err := db.write.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return migrate(ctx, db.write)
}

// persist calls f until it succeeds or patience is at an end. Where waiting
// could mean a deadlock, SQLite does not wait for a lock by itself: it can be
// busy at once when several processes create the file at the same time.
func persist(ctx context.Context, patience time.Duration, f func() error) error {
	for end := time.Now().Add(patience); ; {
		err := f()
		if !isBusy(err) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Close closes the file. What was saved stays saved without it; it leaves one
// file where there were three.
func (db *DB) Close() error {
	if err := errors.Join(db.read.Close(), db.write.Close()); err != nil {
		return db.fail("close", err)
	}
	return nil
}
