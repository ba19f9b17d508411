package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// fail says what could not be done with which file, why, and what would help.
// It wraps err.
func (db *DB) fail(doing string, err error) error {
	if a := advice(err); a != "" {
		err = fmt.Errorf("%s: %w", a, err)
	}
	return fmt.Errorf("results file %q: %s: %w", db.path, doing, err)
}

// code returns what SQLite reports (sqlite.org/rescode.html), 0 if err is not
// from there.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff // the rest is a detail of it
	}
	return 0
}

func isBusy(err error) bool { return code(err) == sqlite3.SQLITE_BUSY }

// advice translates what SQLite reports.
func advice(err error) string {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return "is not a results file; give the path of one, or of a new file"
	case sqlite3.SQLITE_CORRUPT:
		return "is damaged; restore a copy, or run the experiment again into a new file"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "another program keeps it locked; wait until it has finished, or use another file"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return "cannot be written; allow it for the file and its directory, or use another one"
	case sqlite3.SQLITE_CANTOPEN:
		return "cannot be opened for writing; allow it for the file and its directory, or use another one"
	case sqlite3.SQLITE_FULL:
		return "the disk is full; make room and run again, what was saved before is kept"
	case sqlite3.SQLITE_IOERR:
		return "the disk cannot be read or written; what was saved before is kept"
	}
	return ""
}
