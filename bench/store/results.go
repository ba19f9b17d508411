package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/joust-bench/joust/bench"
)

// Results yields every stored result, ordered by the names of task, model and
// optimizer, their configurations, the seed, and the ID: the same trials come
// in the same order from any file. It reads the file as it is when the loop
// begins; results may be saved meanwhile, also from inside the loop. It ends
// after the first error. Of a row that cannot be right it yields an error that
// names the trial. What was empty is nil.
func (db *DB) Results(ctx context.Context) iter.Seq2[bench.Result, error] {
	return db.results(ctx, func(tx *sql.Tx) ([]string, error) {
		return column(ctx, tx, `
			SELECT id FROM trial JOIN result ON trial = id
			ORDER BY task, model, optimizer, task_config, model_config, optimizer_config,
				seed < 0, seed, id`) // as unsigned numbers
	})
}

// ResultsOf yields the results of one experiment, by [Experiment.ID], in the
// order of its plan. Trials without a result are left out; see [DB.Missing].
func (db *DB) ResultsOf(ctx context.Context, experiment string) iter.Seq2[bench.Result, error] {
	return db.results(ctx, func(tx *sql.Tx) ([]string, error) {
		if err := known(ctx, tx, experiment); err != nil {
			return nil, err
		}
		return column(ctx, tx, `
			SELECT trial FROM plan JOIN result USING (trial)
			WHERE experiment = ? ORDER BY position`, experiment)
	})
}

// results yields the results of the trials that list names, from one snapshot.
func (db *DB) results(ctx context.Context, list func(*sql.Tx) ([]string, error)) iter.Seq2[bench.Result, error] {
	return func(yield func(bench.Result, error) bool) {
		stopped := false
		err := snapshot(ctx, db.read, func(tx *sql.Tx) error {
			ids, err := list(tx)
			if err != nil {
				return err
			}
			l, err := newLoader(ctx, tx)
			if err != nil {
				return err
			}
			for _, id := range ids {
				r, err := l.load(ctx, id)
				if err != nil {
					return fmt.Errorf("trial %s: %w", id, err)
				}
				if !yield(r, nil) {
					stopped = true
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(bench.Result{}, db.fail("read results", err))
		}
	}
}

// column returns the text in the first column of every row.
func column(ctx context.Context, tx *sql.Tx, query string, args ...any) (texts []string, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		texts = append(texts, s)
		return nil
	})
	return texts, err
}

// each calls f for every row, and closes rows.
func each(rows *sql.Rows, f func() error) error {
	for rows.Next() {
		if err := f(); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
