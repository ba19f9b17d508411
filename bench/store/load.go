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
type loader struct{ trial, result, timing, points, probes, layers *sql.Stmt }

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
		if err := rows.Scan(append([]any{&at}, probeFields(&p)...)...); err != nil {
			return err
		}
		r.Probes = append(r.Probes, p)
		return follows("probe", at, len(r.Probes)-1)
	})
	if err != nil {
		return err
	}
	if rows, err = l.layers.QueryContext(ctx, id); err != nil {
		return err
	}
	return each(rows, func() error {
		var of, at int
		var layer probe.Layer
		if err := rows.Scan(append([]any{&of, &at}, layerFields(&layer)...)...); err != nil {
			return err
		}
		if of < 0 || of >= len(r.Probes) {
			return fmt.Errorf("there is a layer of probe %d, want one of %d probes", of, len(r.Probes))
		}
		p := &r.Probes[of]
		p.Layers = append(p.Layers, layer)
		return follows("layer", at, len(p.Layers)-1)
	})
}

// follows checks that no row was lost: positions count from 0.
func follows(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s %d is missing: the next one is %d", what, want, got)
	}
	return nil
}
