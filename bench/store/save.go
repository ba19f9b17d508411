package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/joust-bench/joust/bench"
)

// Has implements [bench.Store]: it reports whether a result for the trial with
// this ID is stored, however the trial ended.
func (db *DB) Has(ctx context.Context, id string) (bool, error) {
	var ok bool
	err := db.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM result WHERE trial = ?)", id).Scan(&ok)
	if err != nil {
		return false, db.fail("look for trial "+id, err)
	}
	return ok, nil
}

// Save implements [bench.Store]: it stores a result with all that belongs to
// it, replacing an earlier one of the same trial. When it has returned nil, the
// result is on the disk, and survives the death of the process and of the
// machine; if it returns an error, the file is as it was. It keeps no reference
// to r. Once ctx ends it stops: to save what is done when the user interrupts
// the program, give it a context that goes on.
func (db *DB) Save(ctx context.Context, r bench.Result) error {
	id, err := trialID(r.Trial)
	if err != nil {
		return fmt.Errorf("results file %q: save a trial: %w", db.path, err)
	}
	if t := r.Goal.Target; t != nil && *t != *t {
		return fmt.Errorf("results file %q: save trial %s: target is NaN, want a number or none", db.path, id)
	}
	err = transact(ctx, db.write, func(tx *sql.Tx) error {
		if err := insertTrial(ctx, tx, id, r.Trial); err != nil {
			return err
		}
		return insertResult(ctx, tx, id, r)
	})
	if err != nil {
		return db.fail("save trial "+id, err)
	}
	return nil
}

// trialID returns the trial's ID, or an error where ID would panic.
func trialID(t bench.Trial) (string, error) {
	if _, err := json.Marshal(t); err != nil {
		return "", fmt.Errorf("seed %d of %s on %s with %s: %w", t.Seed, t.Optimizer.Name, t.Task.Name, t.Model.Name, err)
	}
	return t.ID(), nil
}

// insertTrial stores a trial unless it is there. Its ID is its content, so
// there is nothing to update.
func insertTrial(ctx context.Context, tx *sql.Tx, id string, t bench.Trial) error {
	return execRow(ctx, tx, insert("trial", "id, "+trialColumns)+" ON CONFLICT DO NOTHING", trialFields(&t), id)
}

func insertResult(ctx context.Context, tx *sql.Tx, id string, r bench.Result) error {
	// What belongs to the earlier result goes with it.
	if _, err := tx.ExecContext(ctx, "DELETE FROM result WHERE trial = ?", id); err != nil {
		return err
	}
	var hit optionalWork
	if r.Hit != nil {
		hit = optionalWork{&r.Hit.Forward, &r.Hit.Backward}
	}
	if err := execRow(ctx, tx, insert("result", "trial, "+resultColumns), resultFields(&r, &hit), id); err != nil {
		return err
	}
	if err := execRow(ctx, tx, insert("timing", "trial, "+timingColumns), timingFields(&r.Timing), id); err != nil {
		return err
	}
	if err := insertCurve(ctx, tx, id, r.Curve); err != nil {
		return err
	}
	return insertProbes(ctx, tx, id, r.Probes)
}

func insertCurve(ctx context.Context, tx *sql.Tx, id string, curve []bench.Point) error {
	points, err := tx.PrepareContext(ctx, insert("point", "trial, position, "+pointColumns))
	if err != nil {
		return err
	}
	timings, err := tx.PrepareContext(ctx, insert("point_timing", "trial, position, wall_ns"))
	if err != nil {
		return err
	}
	for i := range curve {
		if err := execPrepared(ctx, points, pointFields(&curve[i]), id, i); err != nil {
			return err
		}
		if _, err := timings.ExecContext(ctx, id, i, curve[i].Wall); err != nil {
			return err
		}
	}
	return nil
}

func insertProbes(ctx context.Context, tx *sql.Tx, id string, samples []bench.Probe) error {
	var probes, layers, diagnostics, surveys, surveyLayers, stages, recurrences *sql.Stmt
	for _, s := range []struct {
		stmt    **sql.Stmt
		table   string
		columns string
	}{
		{&probes, "probe", "trial, position, " + probeColumns},
		{&layers, "layer", "trial, probe, position, " + layerColumns},
		{&diagnostics, "diagnostic", "trial, probe, position, " + diagnosticColumns},
		{&surveys, "survey", "trial, probe, " + surveyColumns},
		{&surveyLayers, "survey_layer", "trial, probe, position, " + surveyLayerColumns},
		{&stages, "stage", "trial, probe, position, " + stageColumns},
		{&recurrences, "recurrence", "trial, probe, position, " + recurrenceColumns},
	} {
		var err error
		if *s.stmt, err = tx.PrepareContext(ctx, insert(s.table, s.columns)); err != nil {
			return err
		}
	}
	for i := range samples {
		p := &samples[i]
		search := nullSearch(p.Search)
		if err := execPrepared(ctx, probes, probeFields(p, &search), id, i); err != nil {
			return err
		}
		if err := execEach(ctx, layers, p.Layers, layerFields, id, i); err != nil {
			return err
		}
		if err := execEach(ctx, diagnostics, p.Diagnostics, diagnosticFields, id, i); err != nil {
			return err
		}
		if p.Survey == nil {
			continue
		}
		if err := execPrepared(ctx, surveys, surveyFields(p.Survey), id, i); err != nil {
			return err
		}
		if err := execEach(ctx, surveyLayers, p.Survey.Layers, surveyLayerFields, id, i); err != nil {
			return err
		}
		if err := execEach(ctx, stages, p.Survey.Stages, stageFields, id, i); err != nil {
			return err
		}
		if err := execEach(ctx, recurrences, p.Survey.Recurrent, recurrenceFields, id, i); err != nil {
			return err
		}
	}
	return nil
}

// execEach writes a row for each of list, by its position.
func execEach[E any](ctx context.Context, s *sql.Stmt, list []E, fields func(*E) []any, key ...any) error {
	for k := range list {
		if err := execPrepared(ctx, s, fields(&list[k]), append(key[:len(key):len(key)], k)...); err != nil {
			return err
		}
	}
	return nil
}

func execRow(ctx context.Context, tx *sql.Tx, query string, fields []any, key ...any) error {
	_, err := tx.ExecContext(ctx, query, append(key, fields...)...)
	return err
}

func execPrepared(ctx context.Context, s *sql.Stmt, fields []any, key ...any) error {
	_, err := s.ExecContext(ctx, append(key, fields...)...)
	return err
}
