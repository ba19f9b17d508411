package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/joust-bench/joust/bench"
)

// An Experiment is what a results file knows of a grid of trials besides its
// results: what was asked for, and what it last ran on.
type Experiment struct {
	Name     string
	Source   string          // the file as its author wrote it
	Resolved string          // the same with every default filled in
	Started  time.Time       // when it was last run
	Version  string          // of joust
	Go       string          // version of Go
	Machine  json.RawMessage // its description; nil: unknown
}

// ID is a hash of the name and the resolved text: an experiment that is run
// again is the same one, and one that asks for something else is another.
func (e Experiment) ID() string {
	sum := sha256.Sum256([]byte(e.Name + "\x00" + e.Resolved))
	return hex.EncodeToString(sum[:8])
}

const experimentColumns = "name, source, resolved, started, version, go, machine"

func experimentFields(e *Experiment) []any {
	return []any{&e.Name, &e.Source, &e.Resolved, (*instant)(&e.Started), &e.Version, &e.Go, (*document)(&e.Machine)}
}

// SaveExperiment stores e, replacing an earlier one with the same ID. Its plan
// and its results stay as they are.
func (db *DB) SaveExperiment(ctx context.Context, e Experiment) error {
	if e.Machine != nil && !json.Valid(e.Machine) {
		return fmt.Errorf("results file %q: save experiment %s: machine is %q, want JSON", db.path, e.Name, e.Machine)
	}
	err := transact(ctx, db.write, func(tx *sql.Tx) error {
		return execRow(ctx, tx, insert("experiment", "id, "+experimentColumns)+` ON CONFLICT DO UPDATE SET
			source = excluded.source, started = excluded.started, version = excluded.version,
			go = excluded.go, machine = excluded.machine`, experimentFields(&e), e.ID())
	})
	if err != nil {
		return db.fail("save experiment "+e.Name, err)
	}
	return nil
}

// Experiments returns the experiments in the file, the one that was started
// last at the end.
func (db *DB) Experiments(ctx context.Context) (list []Experiment, err error) {
	rows, err := db.read.QueryContext(ctx, "SELECT "+experimentColumns+" FROM experiment ORDER BY started, id")
	if err == nil {
		err = each(rows, func() error {
			var e Experiment
			if err := rows.Scan(experimentFields(&e)...); err != nil {
				return err
			}
			list = append(list, e)
			return nil
		})
	}
	if err != nil {
		return nil, db.fail("read experiments", err)
	}
	return list, nil
}

// Plan stores which trials the experiment with this ID consists of, and in
// which order, replacing its earlier plan. Experiments may have trials in
// common; within one, a trial occurs once.
func (db *DB) Plan(ctx context.Context, experiment string, trials []bench.Trial) error {
	doing := "plan experiment " + experiment
	ids := make([]string, len(trials))
	first := make(map[string]int, len(trials))
	for i, t := range trials {
		id, err := trialID(t)
		if err != nil {
			return db.fail(doing, err)
		}
		if k, ok := first[id]; ok {
			return db.fail(doing, fmt.Errorf("trials %d and %d are the same one, %s, want it once", k, i, id))
		}
		ids[i], first[id] = id, i
	}
	err := transact(ctx, db.write, func(tx *sql.Tx) error {
		if err := known(ctx, tx, experiment); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM plan WHERE experiment = ?", experiment); err != nil {
			return err
		}
		for i, t := range trials {
			if err := insertTrial(ctx, tx, ids[i], t); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO plan (experiment, position, trial) VALUES (?, ?, ?)", experiment, i, ids[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return db.fail(doing, err)
	}
	return nil
}

// Missing returns the trials of an experiment that have no result yet, in the
// order of its plan.
func (db *DB) Missing(ctx context.Context, experiment string) (trials []bench.Trial, err error) {
	err = snapshot(ctx, db.read, func(tx *sql.Tx) error {
		if err := known(ctx, tx, experiment); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT "+trialColumns+` FROM plan JOIN trial ON trial = id
			WHERE experiment = ? AND trial NOT IN (SELECT trial FROM result) ORDER BY position`, experiment)
		if err != nil {
			return err
		}
		return each(rows, func() error {
			var t bench.Trial
			if err := scanTrial(rows, &t); err != nil {
				return err
			}
			trials = append(trials, t)
			return nil
		})
	})
	if err != nil {
		return nil, db.fail("read the plan of experiment "+experiment, err)
	}
	return trials, nil
}

// known returns an error unless the file has the experiment with this ID.
func known(ctx context.Context, tx *sql.Tx, experiment string) error {
	var ok bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM experiment WHERE id = ?)", experiment).Scan(&ok)
	if err == nil && !ok {
		err = fmt.Errorf("there is no experiment with the ID %q, want that of a saved one", experiment)
	}
	return err
}
