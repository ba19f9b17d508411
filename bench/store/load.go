package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// A loader reads results one by one. Its statements belong to a transaction,
// and are closed with it.
type loader struct {
	trial, result, timing, points, probes, layers, diagnostics *sql.Stmt
	surveys, surveyLayers, stages, recurrences                 *sql.Stmt
}

func newLoader(ctx context.Context, tx *sql.Tx) (l loader, err error) {
	for _, s := range []struct {
		stmt  **sql.Stmt
		query string
	}{
		{&l.trial, "SELECT " + trialColumns + " FROM trial WHERE id = ?"},
		{&l.result, "SELECT " + resultColumns + " FROM result WHERE trial = ?"},
		{&l.timing, "SELECT " + timingColumns + " FROM timing WHERE trial = ?"},
		{&l.points, "SELECT position, " + pointColumns + ", coalesce(wall_ns, 0)" +
			" FROM point LEFT JOIN point_timing USING (trial, position) WHERE trial = ? ORDER BY position"},
		{&l.probes, "SELECT position, " + probeColumns + " FROM probe WHERE trial = ? ORDER BY position"},
		{&l.layers, "SELECT probe, position, " + layerColumns + " FROM layer WHERE trial = ? ORDER BY probe, position"},
		{&l.diagnostics, "SELECT probe, position, " + diagnosticColumns + " FROM diagnostic WHERE trial = ? ORDER BY probe, position"},
		{&l.surveys, "SELECT probe, " + surveyColumns + " FROM survey WHERE trial = ? ORDER BY probe"},
		{&l.surveyLayers, "SELECT probe, position, " + surveyLayerColumns + " FROM survey_layer WHERE trial = ? ORDER BY probe, position"},
		{&l.stages, "SELECT probe, position, " + stageColumns + " FROM stage WHERE trial = ? ORDER BY probe, position"},
		{&l.recurrences, "SELECT probe, position, " + recurrenceColumns + " FROM recurrence WHERE trial = ? ORDER BY probe, position"},
	} {
		if *s.stmt, err = tx.PrepareContext(ctx, s.query); err != nil {
			return loader{}, err
		}
	}
	return l, nil
}

// load returns the result of the trial with this ID.
func (l loader) load(ctx context.Context, id string) (bench.Result, error) {
	var r bench.Result
	var hit optionalWork
	if err := scanTrial(l.trial.QueryRowContext(ctx, id), &r.Trial); err != nil {
		return bench.Result{}, err
	}
	if err := l.result.QueryRowContext(ctx, id).Scan(resultFields(&r, &hit)...); err != nil {
		return bench.Result{}, err
	}
	switch {
	case (hit.forward == nil) != (hit.backward == nil):
		return bench.Result{}, errors.New("half of the work at which the target was reached is missing, want both hit_forward and hit_backward")
	case hit.forward != nil:
		r.Hit = &bench.Work{Forward: *hit.forward, Backward: *hit.backward}
	}
	// A file whose timings were deleted, to compare or to publish it, is whole.
	err := l.timing.QueryRowContext(ctx, id).Scan(timingFields(&r.Timing)...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return bench.Result{}, err
	}
	if err := l.loadCurve(ctx, id, &r); err != nil {
		return bench.Result{}, err
	}
	if err := l.loadProbes(ctx, id, &r); err != nil {
		return bench.Result{}, err
	}
	return r, nil
}

// scanTrial reads a trial that has an ID: one that the file cannot have got
// from us would panic later.
func scanTrial(row interface{ Scan(...any) error }, t *bench.Trial) error {
	if err := row.Scan(trialFields(t)...); err != nil {
		return err
	}
	_, err := trialID(*t)
	return err
}

func (l loader) loadCurve(ctx context.Context, id string, r *bench.Result) error {
	rows, err := l.points.QueryContext(ctx, id)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var at int
		var p bench.Point
		if err := rows.Scan(append(append([]any{&at}, pointFields(&p)...), &p.Wall)...); err != nil {
			return err
		}
		r.Curve = append(r.Curve, p)
		return follows("point", at, len(r.Curve)-1)
	})
}

func (l loader) loadProbes(ctx context.Context, id string, r *bench.Result) error {
	rows, err := l.probes.QueryContext(ctx, id)
	if err != nil {
		return err
	}
	err = each(rows, func() error {
		var at int
		var p bench.Probe
		var search optionalSearch
		if err := rows.Scan(append([]any{&at}, probeFields(&p, &search)...)...); err != nil {
			return err
		}
		p.Search = search.search()
		r.Probes = append(r.Probes, p)
		return follows("probe", at, len(r.Probes)-1)
	})
	if err != nil {
		return err
	}
	err = loadRows(ctx, l.layers, id, "layer", r.Probes, layerFields, func(p *bench.Probe) *[]probe.Layer { return &p.Layers })
	if err != nil {
		return err
	}
	err = loadRows(ctx, l.diagnostics, id, "diagnostic", r.Probes, diagnosticFields, func(p *bench.Probe) *[]bench.Diagnostic { return &p.Diagnostics })
	if err != nil {
		return err
	}
	return l.loadSurveys(ctx, id, r.Probes)
}

func (l loader) loadSurveys(ctx context.Context, id string, probes []bench.Probe) error {
	rows, err := l.surveys.QueryContext(ctx, id)
	if err != nil {
		return err
	}
	err = each(rows, func() error {
		var of int
		s := new(probe.Survey)
		if err := rows.Scan(append([]any{&of}, surveyFields(s)...)...); err != nil {
			return err
		}
		if of < 0 || of >= len(probes) {
			return fmt.Errorf("there is a survey of probe %d, want one of %d probes", of, len(probes))
		}
		probes[of].Survey = s
		return nil
	})
	if err != nil {
		return err
	}
	err = loadRows(ctx, l.surveyLayers, id, "survey_layer", probes, surveyLayerFields, inSurvey(func(s *probe.Survey) *[]probe.LayerSurvey { return &s.Layers }))
	if err != nil {
		return err
	}
	err = loadRows(ctx, l.stages, id, "stage", probes, stageFields, inSurvey(func(s *probe.Survey) *[]probe.Stage { return &s.Stages }))
	if err != nil {
		return err
	}
	return loadRows(ctx, l.recurrences, id, "recurrence", probes, recurrenceFields, inSurvey(func(s *probe.Survey) *[]probe.Recurrence { return &s.Recurrent }))
}

// inSurvey finds a list in a probe's survey; nil if there is none.
func inSurvey[E any](list func(*probe.Survey) *[]E) func(*bench.Probe) *[]E {
	return func(p *bench.Probe) *[]E {
		if p.Survey == nil {
			return nil
		}
		return list(p.Survey)
	}
}

// loadRows appends each row of a table to a list of the probe that it names.
func loadRows[E any](ctx context.Context, s *sql.Stmt, id, table string, probes []bench.Probe, fields func(*E) []any, list func(*bench.Probe) *[]E) error {
	rows, err := s.QueryContext(ctx, id)
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var of, at int
		var e E
		if err := rows.Scan(append([]any{&of, &at}, fields(&e)...)...); err != nil {
			return err
		}
		if of < 0 || of >= len(probes) {
			return fmt.Errorf("there is a %s of probe %d, want one of %d probes", table, of, len(probes))
		}
		to := list(&probes[of])
		if to == nil {
			return fmt.Errorf("there is a %s of probe %d, which has no survey", table, of)
		}
		*to = append(*to, e)
		return follows(table, at, len(*to)-1)
	})
}

// follows checks that no row was lost: positions count from 0.
func follows(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s %d is missing: the next one is %d", what, want, got)
	}
	return nil
}
