package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

// migrations is the history of the schema. Entry i takes a file from version
// i to i+1. Entries are appended, and never changed once released.
var migrations = []string{schema1, schema2, schema3}

//go:embed schema1.sql
var schema1 string

//go:embed schema2.sql
var schema2 string

//go:embed schema3.sql
var schema3 string

// applicationID marks an SQLite file as ours ("jous"), so that the database
// of another program is not taken for an empty results file.
const applicationID = 0x6a6f7573

// inspect returns the schema version of the file, 0 if it is empty, and an
// error if it is not for this program to read or write. It changes nothing.
func inspect(ctx context.Context, tx *sql.Tx) (version int, err error) {
	var app, tables int
	for query, dst := range map[string]*int{
		"PRAGMA application_id":              &app,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := tx.QueryRowContext(ctx, query).Scan(dst); err != nil {
			return 0, err
		}
	}
	if app != applicationID && (app != 0 || version != 0 || tables != 0) {
		return 0, fmt.Errorf("is an SQLite database of another program (application id %#x), want a results file or a new one", app)
	}
	if version > len(migrations) {
		return 0, fmt.Errorf("was written by a newer joust: schema version %d, want at most %d; update joust, or use another file", version, len(migrations))
	}
	return version, nil
}

// migrate brings the file to the current version, in one transaction. Of
// several processes that try at once, the first one does it.
func migrate(ctx context.Context, db *sql.DB) error {
	return transact(ctx, db, func(tx *sql.Tx) error {
		version, err := inspect(ctx, tx)
		if err != nil || version == len(migrations) {
			return err
		}
		for i, m := range migrations[version:] {
			if _, err := tx.ExecContext(ctx, m); err != nil {
				return fmt.Errorf("change schema from version %d: %w", version+i, err)
			}
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
			applicationID, len(migrations)))
		return err
	})
}
