package store

import (
	"context"
	"database/sql"
	"errors"
)

// transact runs f in a transaction of db: all of it, or nothing.
func transact(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// snapshot runs f in a transaction of db that only reads: f sees the file as
// it is at its first query.
func snapshot(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rollback(tx)) }()
	return f(tx)
}

// rollback ends a transaction, unless it has ended: committed, or undone when
// its context ended.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
