package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

func all(results ...bench.Result) iter.Seq2[bench.Result, error] {
	return func(yield func(bench.Result, error) bool) {
		for _, r := range results {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func digest(tb testing.TB, results ...bench.Result) string {
	tb.Helper()
	d, err := Digest(all(results...))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// changes calls f with v changed in one place at a time, and the name of it.
func changes(name string, v reflect.Value, f func(name string)) {
	change := func(set func()) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		set()
		f(name)
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			changes(name+"."+v.Type().Field(i).Name, v.Field(i), f)
		}
	case reflect.Pointer:
		changes(name, v.Elem(), f)
		change(v.SetZero)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			change(func() { v.SetBytes([]byte(`{"other":0}`)) })
			return
		}
		for i := range v.Len() {
			changes(fmt.Sprintf("%s[%d]", name, i), v.Index(i), f)
		}
		change(func() { v.Set(v.Slice(0, v.Len()-1)) })
	case reflect.String:
		change(func() { v.SetString(v.String() + "!") })
	case reflect.Bool:
		change(func() { v.SetBool(!v.Bool()) })
	case reflect.Int, reflect.Int64:
		change(func() { v.SetInt(v.Int() + 1) })
	case reflect.Uint64:
		change(func() { v.SetUint(v.Uint() + 1) })
	case reflect.Float64:
		change(func() { v.SetFloat(math.Nextafter(v.Float(), math.Inf(1))) })
	default:
		panic(fmt.Sprintf("changes does not know %v yet", v.Type()))
	}
}

func TestDigestCoversAllButTimings(t *testing.T) {
	r := full()
	seen := map[string]string{digest(t, r): "nothing"}
	timings := 0
	changes("Result", reflect.ValueOf(&r).Elem(), func(name string) {
		got := digest(t, r)
		switch name {
		case "Result.Timing.Wall", "Result.Timing.Ask", "Result.Timing.Tell", "Result.Timing.Eval", "Result.Timing.Free", "Result.Timing.Pretrain", "Result.Timing.Transport",
			"Result.Curve[0].Wall", "Result.Curve[1].Wall":
			timings++
			if seen[got] != "nothing" {
				t.Errorf("a change of %s, a timing, changes the digest", name)
			}
		default:
			if other, ok := seen[got]; ok {
				t.Errorf("a change of %s gives the same digest as a change of %s", name, other)
			}
			seen[got] = name
		}
	})
	if timings != 9 {
		t.Errorf("%d timings changed, want 9", timings)
	}
	if got := digest(t, r); seen[got] != "nothing" {
		t.Error("the digest of the same result changed")
	}
	if r.Curve[0].Wall == 0 || r.Timing == (bench.Timing{}) {
		t.Error("Digest modified its argument")
	}
}

func TestDigestSurvivesTheFile(t *testing.T) {
	odd := result(3, 2, 2, 2)
	odd.Valid.Loss = math.Copysign(0, -1)
	odd.Test.Value = math.Float64frombits(0x7ff8000000000123)
	odd.Weights = []float64{math.Copysign(0, -1), math.Float64frombits(0x7ff8000000000123)}
	results := []bench.Result{full(), {Curve: []bench.Point{}}, odd}
	db := openTemp(t)
	save(t, db, results...)
	got, err := Digest(db.Results(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if want := digest(t, results...); got != want {
		t.Errorf("digest of the file = %s, want that of what was saved, %s", got, want)
	}
}

func TestDigestOfWeightsSeesEveryBit(t *testing.T) {
	seen := make(map[string]uint64)
	for _, bits := range []uint64{0, 1 << 63, 0x7ff8000000000001, 0x7ff8000000000002, 1} {
		d := digest(t, bench.Result{Weights: []float64{math.Float64frombits(bits)}})
		if other, ok := seen[d]; ok {
			t.Errorf("weights with bits %#x and %#x have the same digest", bits, other)
		}
		seen[d] = bits
	}
}

func TestDigestIgnoresOrderButCounts(t *testing.T) {
	a, b := result(1, 2, 2, 2), result(2, 2, 2, 2)
	want := digest(t, a, b)
	if got := digest(t, b, a); got != want {
		t.Errorf("in the other order: %s, want %s", got, want)
	}
	for name, other := range map[string][]bench.Result{"one": {a}, "none": {}, "one twice": {a, b, b}} {
		if digest(t, other...) == want {
			t.Errorf("%s has the same digest as both", name)
		}
	}
	// With nothing to tell where a text ends, these two would be equal.
	c, d := bench.Result{Status: "ab", Reason: "c"}, bench.Result{Status: "a", Reason: "bc"}
	if digest(t, c) == digest(t, d) {
		t.Error("texts that differ in where they are cut have the same digest")
	}
}

func TestDigestReportsTheErrorOfItsInput(t *testing.T) {
	want := errors.New("broken")
	_, err := Digest(func(yield func(bench.Result, error) bool) { yield(bench.Result{}, want) })
	if !errors.Is(err, want) {
		t.Errorf("error = %v, want %v", err, want)
	}
}

// What is in the file apart from its two tables of timings does not depend on
// the machine, and is a whole results file without them.
func TestTimingsAreInTheirTablesOnly(t *testing.T) {
	fast, slow := full(), full()
	slow.Timing.Wall += time.Hour
	slow.Curve[1].Wall += time.Hour
	var dumps [][]string
	for _, r := range []bench.Result{fast, slow} {
		db := openTemp(t)
		save(t, db, r)
		execute(t, db, "DELETE FROM timing; DELETE FROM point_timing")
		dumps = append(dumps, dump(t, db))
		got := collect(t, db.Results(t.Context()))
		if len(got) != 1 || digest(t, got...) != digest(t, r) || got[0].Timing != (bench.Timing{}) || got[0].Curve[1].Wall != 0 {
			t.Errorf("without timings the file reads %+v, want the same result, without timings", got)
		}
	}
	if !slices.Equal(dumps[0], dumps[1]) {
		t.Errorf("results that differ in timings are stored as\n%q\nand\n%q", dumps[0], dumps[1])
	}
}

// dump returns every row of every table as text.
func dump(tb testing.TB, db *DB) (lines []string) {
	tb.Helper()
	tables, err := db.read.Query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		tb.Fatal(err)
	}
	err = each(tables, func() error {
		var table string
		if err := tables.Scan(&table); err != nil {
			return err
		}
		rows, err := db.read.Query("SELECT * FROM " + table)
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		return each(rows, func() error {
			if err := rows.Scan(cells...); err != nil {
				return err
			}
			line := table
			for _, c := range cells {
				line += fmt.Sprintf(" %v", *c.(*any))
			}
			lines = append(lines, line)
			return nil
		})
	})
	if err != nil {
		tb.Fatal(err)
	}
	return lines
}
